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
_BESIDE = {"$ref", "summary", "description", "default", "deprecated", "readOnly", "writeOnly"}


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


def references_come_to_an_end(document: Document) -> Iterator[Breach]:
    """A component that is a reference leads, over others, to one that is none."""
    uses: dict[str, list[str]] = {}
    for place in walk(document):
        if "$ref" in place.fields and place.owner is not None and place.owner.kind == "components":
            uses[place.pointer] = [str(place.fields["$ref"])[1:]]
    for pointer in uses:
        if loop := _loop(pointer, uses):
            shown = " -> ".join(f"#{one}" for one in loop)
            yield Breach(f"{pointer}/$ref", f"the reference leads back to itself ({shown}); cut the loop")


def loops_pass_a_class(document: Document) -> Iterator[Breach]:
    """A schema contains itself only as a property of an object: anything else would never end."""
    uses: dict[str, list[str]] = {}
    for place in walk(document, "schema"):
        owner: Place | None = place
        while owner is not None and owner.role not in {"schemas", "properties"} and not _is_left_open(owner):
            owner = owner.owner
        if owner is not None and owner.role == "schemas" and "$ref" in place.fields:
            uses.setdefault(owner.name, []).append(_target(place.fields["$ref"]))
    for name in uses:
        if loop := _loop(name, uses):
            shown = " -> ".join(loop)
            yield Breach(f"/components/schemas/{name}", f"schema contains itself at once ({shown}); cut the loop")


def _is_left_open(place: Place) -> bool:
    # Beside properties, other fields are kept as they come.
    return place.role == "additionalProperties" and place.owner is not None and "properties" in place.owner.fields


def views_lead_forward(document: Document) -> Iterator[Breach]:
    """A typed view does not lead back to the schema that it stands in."""
    uses: dict[str, list[str]] = {}
    views: list[tuple[str, str, str]] = []
    for place in _written(document):
        owner: Place | None = place
        while owner is not None and owner.role != "schemas":
            owner = owner.owner
        if owner is not None:
            uses.setdefault(owner.name, []).append(_target(place.fields["$ref"]))
            views += [(owner.name, uses[owner.name][-1], place.pointer)] if place.role == "x-views" else []
    for name, target, pointer in views:
        if name == target or _way(target, name, uses):
            yield Breach(pointer, f"the view leads back to {name}, where it stands; cut the loop")


def _target(reference: object) -> str:
    return str(reference).rpartition("/")[2]


def _loop(start: str, uses: dict[str, list[str]]) -> list[str]:
    """The shortest way from a schema to itself, or nothing."""
    return _way(start, start, uses)


def _way(start: str, end: str, uses: dict[str, list[str]]) -> list[str]:
    """The shortest way from one to the other, or nothing."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for name in uses.get(way[-1], ()):
            if name == end:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
