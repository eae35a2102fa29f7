"""Finds which results of a play another view already reports: a difference of the documents at the same operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any

from attrs import evolve

from strict_clients.bump.documents import Difference
from strict_clients.bump.play.compare import Finding, Played
from strict_clients.check.places import mapping, sequence
from strict_clients.load import Document
from strict_clients.pointers import keys

_EARLY = r": raises \w+ before anything is sent"
_SHARED = {
    "/servers": rf"(host|path): .*|{_EARLY}",
    "/security": rf"(header|query) .*|{_EARLY}",
    "/components/securitySchemes": rf"(header|query) .*|{_EARLY}",
    "/x-": r"\w+Error\..*|: raises (?!.* before anything).*",
    "/info/x-sdk": rf"\w+Error: .*|{_EARLY}",
}
"""The places of a document that affect all calls, with the findings that they can cause."""


def named(played: Played, differences: Iterable[Difference], *documents: Document) -> Played:
    """The same, each finding with the reason of a difference that names it with at least its rating, if there is one.

    A difference names an operation if it is inside it, around it, or in a part that it refers to. One of the same
    attribute is preferred, then one of the whole operation.
    """
    known, parts = list(differences), cache(partial(_parts, documents))
    return evolve(played, findings=tuple(evolve(one, named=_named(one, known, parts)) for one in played.findings))


def _named(finding: Finding, differences: list[Difference], parts: Callable[[str], set[str]]) -> str:
    places = {place for operation in finding.pointers for place in parts(operation)}
    as_high = [one for one in differences if one.rating >= finding.rating]
    own = [one for one in as_high if any(_is_of(pointer, places) for pointer in one.pointers)]
    shared = [one for one in as_high if any(_is_shared(pointer, finding) for pointer in one.pointers)]
    found = [*sorted(own, key=partial(_distance, finding)), *shared]
    return found[0].why if found else ""


def _distance(finding: Finding, difference: Difference) -> int:
    """The distance of a difference from a finding: lower is nearer."""
    if difference.name == finding.place != "":
        return 0
    return next((1 for one in difference.pointers if one in finding.pointers), 2)


def _is_of(pointer: str, places: set[str]) -> bool:
    return bool(pointer) and any(f"{pointer}/".startswith(f"{one}/") or one.startswith(f"{pointer}/") for one in places)


def _is_shared(pointer: str, finding: Finding) -> bool:
    said = f"{finding.place}: {finding.why}"
    return any(pointer.startswith(start) and re.fullmatch(pattern, said) for start, pattern in _SHARED.items())


def _parts(documents: tuple[Document, ...], operation: str) -> set[str]:
    """The pointers of an operation, and of everything that it refers to in these documents."""
    found = {operation, f"{operation.rpartition('/')[0]}/parameters"}
    _, path, verb = keys(operation)
    for document in documents:
        item = mapping(mapping(document.raw["paths"]).get(path))
        waiting: list[Any] = [item.get(verb), item.get("parameters")]
        while waiting:
            for reference in _references(waiting.pop()):
                if reference not in found:
                    found.add(reference)
                    waiting.append(document.at(reference))
    return found


def _references(node: Any) -> Iterator[str]:
    """The pointers that an object of a document refers to."""
    fields = mapping(node)
    if isinstance(fields.get("$ref"), str):
        yield fields["$ref"].removeprefix("#")
    for inner in [*fields.values(), *sequence(node)]:
        yield from _references(inner)
