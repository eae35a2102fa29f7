"""Rules for references: each leads to a component of this document, and none forms a loop."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from strict_clients.breaches import Breach
from strict_clients.check.places import Place, mapping, sequence, walk
from strict_clients.load import Document
from strict_clients.loops import find_knots, is_loop, longest_chains, sizes
from strict_clients.pointers import escape

_SECTIONS = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "request body": "requestBodies",
    "header": "headers",
    "security scheme": "securitySchemes",
}
LONGEST_CHAIN = 100
"""Components that lead to each other in a row; Python follows imports and calls to a bounded depth."""
LARGEST_SCHEMA = 1000
"""Components that a schema without a class of its own is made of, each counted as often as it is used."""
_BESIDE = {"$ref", "summary", "description", "default", "deprecated", "readOnly", "writeOnly"}


def references(document: Document) -> Iterator[Place]:
    """Every reference of the document, those of typed views too."""
    for place in walk(document):
        if "$ref" in place.fields:
            yield place
        for index, view in enumerate(sequence(place.fields.get("x-views")) if place.kind == "schema" else []):
            schema = mapping(view).get("schema")
            yield Place("schema", place.at("x-views", index, "schema"), schema, "x-views", place)


def references_are_local(document: Document) -> Iterator[Breach]:
    """A reference names an existing component of its own kind."""
    for place in references(document):
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


def references_stand_in_their_place(document: Document) -> Iterator[Breach]:
    """`$ref` is not used elsewhere, such as in a default: tools would follow it, even into files and networks."""
    known = {place.pointer for place in references(document)}
    waiting: list[tuple[str, Any]] = [("", document.raw)]
    while waiting:
        pointer, node = waiting.pop()
        if "$ref" in mapping(node) and pointer not in known:
            yield Breach(f"{pointer}/$ref", "'$ref' has no meaning here; rename the key")
        below = [*mapping(node).items(), *enumerate(sequence(node))]
        waiting.extend((f"{pointer}/{escape(key)}", child) for key, child in reversed(below))


def references_come_to_an_end(document: Document) -> Iterator[Breach]:
    """A component that is a reference leads, over a few others, to one that is not a reference."""
    uses: dict[str, list[str]] = {}
    for place in walk(document):
        if "$ref" in place.fields and place.owner is not None and place.owner.kind == "components":
            uses[place.pointer] = [str(place.fields["$ref"])[1:]]
    for loop in _loops(uses):
        shown = " -> ".join(f"#{one}" for one in loop)
        yield Breach(f"{loop[0]}/$ref", f"the reference leads back to itself ({shown:.400}); cut the loop")
    for pointer, length in longest_chains(uses).items():
        if length == LONGEST_CHAIN:
            yield Breach(f"{pointer}/$ref", f"the reference leads over {length} others; name its target directly")


def inheritance_comes_to_an_end(document: Document) -> Iterator[Breach]:
    """No schema has itself in its `allOf`, and none is made of too many others."""
    uses: dict[str, list[str]] = {}
    for owner, place in _references_of_schemas(document):
        inner: Place | None = place
        while inner is not None and inner.role == "allOf":
            inner = inner.owner
        uses.setdefault(owner, []).extend([_target(place)] if inner is not None and inner.role == "schemas" else [])
    loops = list(_loops(uses))
    for loop in loops:
        shown = " -> ".join(loop)
        yield Breach(f"/components/schemas/{loop[0]}", f"schema inherits from itself ({shown:.400}); cut the loop")
    if not loops:
        yield from _too_large(uses)
        yield from _too_long(uses)


def loops_without_a_class(document: Document) -> Iterator[list[Place]]:
    """For each loop of components that contain themselves other than as a property, the references that make it."""
    uses = _uses_at_once(document)
    for loop in _loops({name: [_target(place) for place in places] for name, places in uses.items()}):
        steps = pairwise(loop)
        yield [next(place for place in uses[name] if _target(place) == target) for name, target in steps]


def schemas_are_small(document: Document) -> Iterator[Breach]:
    """A schema without a class of its own does not contain too many others at once."""
    uses = _uses_at_once(document)
    yield from _too_large({name: [_target(place) for place in places] for name, places in uses.items()})


def _too_large(uses: dict[str, list[str]]) -> Iterator[Breach]:
    for name, size in sizes(uses).items():
        if size > LARGEST_SCHEMA:
            yield Breach(f"/components/schemas/{name}", f"schema is made of {size} others at once; make it smaller")


def _uses_at_once(document: Document) -> dict[str, list[Place]]:
    """By component, the references to those that it contains other than as a property."""
    uses: dict[str, list[Place]] = {}
    for owner, place in _references_of_schemas(document):
        inner: Place | None = place
        while inner is not None and inner.role not in {"schemas", "properties"} and not _is_left_open(inner):
            inner = inner.owner
        found = uses.setdefault(owner, [])
        if inner is not None and inner.role == "schemas" and place.role != "x-views":
            found.append(place)
    return uses


def chains_are_short(document: Document) -> Iterator[Breach]:
    """Schemas contain each other over a bounded number of steps, because their modules import each other as deeply."""
    uses: dict[str, list[str]] = {}
    for owner, place in _references_of_schemas(document):
        uses.setdefault(owner, []).append(_target(place))
        uses.setdefault(_target(place), [])
    yield from _too_long(uses)


def _too_long(uses: dict[str, list[str]]) -> Iterator[Breach]:
    for name, length in longest_chains(uses).items():
        if length == LONGEST_CHAIN:
            yield Breach(f"/components/schemas/{name}", f"schema leads over {length} others; flatten what it contains")


def _references_of_schemas(document: Document) -> Iterator[tuple[str, Place]]:
    """Every reference inside a component of schemas, with that component's name."""
    for place in references(document):
        owner: Place | None = place
        while owner is not None and owner.role != "schemas":
            owner = owner.owner
        if owner is not None:
            yield owner.name, place


def _is_left_open(place: Place) -> bool:
    # Fields other than properties are kept unchanged.
    return place.role == "additionalProperties" and place.owner is not None and "properties" in place.owner.fields


def _target(place: Place) -> str:
    return str(place.fields["$ref"]).rpartition("/")[2]


def _loops(uses: dict[str, list[str]]) -> Iterator[list[str]]:
    """One way from itself to itself for each group of names that lead back to each other."""
    for knot in find_knots(uses):
        if is_loop(knot, uses):
            start = min(knot, key=list(uses).index) if len(knot) < LONGEST_CHAIN else knot[0]
            yield _way_back(start, {name: [one for one in uses[name] if one in knot] for name in knot})


def _way_back(start: str, uses: dict[str, list[str]]) -> list[str]:
    """The shortest way from a name to itself, which there is."""
    came_from: dict[str, str] = {}
    waiting = [start]
    while start not in came_from:
        name = waiting.pop(0)
        for target in uses[name]:
            if target not in came_from:
                came_from[target] = name
                waiting.append(target)
    way = [start, came_from[start]]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]
