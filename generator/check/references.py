"""Rules of references: each leads to a component of this document, and none leads back to where it began."""

import re
from collections.abc import Iterator
from typing import Any

from generator.breaches import Breach
from generator.check.places import Place, escape, mapping, sequence, walk
from generator.load import Document

_SECTIONS = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "request body": "requestBodies",
    "header": "headers",
    "security scheme": "securitySchemes",
}
_BESIDE = {"$ref", "summary", "description", "deprecated"}


def _written(document: Document) -> Iterator[Place]:
    for place in walk(document):
        if "$ref" in place.fields:
            yield place
        for index, view in enumerate(sequence(place.fields.get("x-views")) if place.kind == "schema" else []):
            schema = mapping(view).get("schema")
            yield Place("schema", place.at("x-views", index, "schema"), schema, "x-views", place)


def references_are_local(document: Document) -> Iterator[Breach]:
    """A reference names a component of its own kind that is there."""
    for place in _written(document):
        reference = str(place.fields["$ref"])
        section = _SECTIONS.get(place.kind)
        if section is None:
            yield Breach(place.at("$ref"), f"a {place.kind} by reference is not supported; write it out")
        elif not re.fullmatch(rf"#/components/{section}/[A-Za-z0-9._-]+", reference):
            yield Breach(
                place.at("$ref"),
                f"reference {reference!r} is not supported; move its target to '#/components/{section}/<name>'",
            )
        elif reference.rpartition("/")[2] not in mapping(mapping(document.raw.get("components")).get(section)):
            yield Breach(place.at("$ref"), f"reference {reference!r} leads nowhere; correct it or add the component")


def references_stand_alone(document: Document) -> Iterator[Breach]:
    """Beside a reference stands only what describes the place, for generators leave out the rest."""
    for place in walk(document):
        for key in place.fields if "$ref" in place.fields else ():
            if key not in _BESIDE and not key.startswith("x-"):
                yield Breach(place.at(key), f"{key!r} beside '$ref' is not supported; move it to what '$ref' names")


def references_stand_in_their_place(document: Document) -> Iterator[Breach]:
    """`$ref` stands nowhere else, as in a default: tools would follow it, into files and networks too."""
    known = {place.pointer for place in _written(document)}
    waiting: list[tuple[str, Any]] = [("", document.raw)]
    while waiting:
        pointer, node = waiting.pop()
        if "$ref" in mapping(node) and pointer not in known:
            yield Breach(f"{pointer}/$ref", "'$ref' has no meaning here; rename the key")
        below = [*mapping(node).items(), *enumerate(sequence(node))]
        waiting.extend((f"{pointer}/{escape(key)}", child) for key, child in reversed(below))


def components_are_no_references(document: Document) -> Iterator[Breach]:
    """A component is the thing itself, not another name of a component."""
    for place in walk(document):
        if "$ref" in place.fields and place.owner is not None and place.owner.kind == "components":
            yield Breach(
                place.at("$ref"), "a component that is a reference is not supported yet; use its target directly"
            )


def schemas_are_not_recursive(document: Document) -> Iterator[Breach]:
    """No schema contains itself, at any depth."""
    uses: dict[str, list[str]] = {}
    for place in walk(document, "schema"):
        owner: Place | None = place
        while owner is not None and owner.role != "schemas":
            owner = owner.owner
        if owner is not None and "$ref" in place.fields:
            uses.setdefault(owner.name, []).append(str(place.fields["$ref"]).rpartition("/")[2])
    for name in uses:
        loop = _loop(name, uses)
        if loop:
            shown = " -> ".join(loop)
            yield Breach(
                f"/components/schemas/{name}", f"schema contains itself ({shown}), not supported yet; cut the loop"
            )


def _loop(start: str, uses: dict[str, list[str]]) -> list[str]:
    """The shortest way from a schema to itself, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for name in uses.get(way[-1], ()):
            if name == start:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
