"""Rules for unions of schemas, and for their discriminators."""

from collections.abc import Iterator
from typing import Any

from strict_clients.breaches import Breach
from strict_clients.check.operations import properties
from strict_clients.check.places import Place, follow, mapping, sequence, walk
from strict_clients.load import Document

_ALONE = {"properties", "items", "additionalProperties", "enum", "const", "allOf", "format", "x-read-as"}


def unions_are_plain(document: Document) -> Iterator[Breach]:
    """`oneOf` and `anyOf` are the whole schema, and have a member other than null."""
    for place in walk(document, "schema"):
        for keyword in ("oneOf", "anyOf"):
            if keyword not in place.fields:
                continue
            alone = _ALONE | {"anyOf"} if keyword == "oneOf" else _ALONE
            for key in sorted(alone & place.fields.keys()):
                yield Breach(place.at(key), f"{key!r} beside {keyword!r} is not supported; move it into the members")
            members = list(_members(document, place, keyword))
            full = [one for one in members if one.fields.get("type") != "null"]
            if not full:
                yield Breach(place.at(keyword), f"{keyword} has no member but null; name what it may be")
            if "type" in place.fields and any(one.fields.get("type") != place.fields["type"] for one in members):
                yield Breach(place.at("type"), f"'type' beside {keyword!r} is not that of each member; leave it out")


def discriminators_choose_classes(document: Document) -> Iterator[Breach]:
    """A discriminator names a text property of every class that it chooses among, and these by components."""
    for place in walk(document, "schema"):
        if "discriminator" not in place.fields:
            continue
        name = str(mapping(place.fields["discriminator"]).get("propertyName"))
        keyword = next((key for key in ("oneOf", "anyOf") if key in place.fields), None)
        members = [place] if keyword is None else list(_chosen(document, place, keyword))
        if keyword is None and (place.role != "schemas" or not properties(document, place)):
            yield Breach(place.at("discriminator"), "discriminator has nothing to choose from; move it to a oneOf")
            continue
        for member in members:
            if keyword is not None and member.role != "schemas":
                yield Breach(member.pointer, "member of a union with a discriminator is not a component; name it")
            elif name not in properties(document, member):
                yield Breach(
                    place.at("discriminator", "propertyName"), f"{name!r} is not a property of {member.name!r}; add it"
                )
        yield from _mapping(document, place, [one.pointer for one in members] if keyword else None)


def _mapping(document: Document, place: Place, members: list[str] | None) -> Iterator[Breach]:
    """The breaches of a discriminator's mapping; without `members` it may name every subclass of the schema."""
    known = mapping(mapping(document.raw["components"]).get("schemas"))
    for value, target in mapping(mapping(place.fields["discriminator"]).get("mapping")).items():
        name = str(target).removeprefix("#/components/schemas/")
        pointer = place.at("discriminator", "mapping", value)
        if name not in known:
            yield Breach(pointer, f"{target!r} is not a component; write '#/components/schemas/<name>'")
            continue
        found = follow(document, Place("schema", f"/components/schemas/{name}", known[name]))
        if members is not None and found.pointer not in members:
            yield Breach(pointer, f"{name!r} is not a member of the union; add it or remove this")
        elif members is None and not (found.pointer == place.pointer or _inherits(document, found, place.pointer)):
            yield Breach(pointer, f"{name!r} does not have this schema in its allOf; correct one of them")


def _inherits(document: Document, schema: Place, base: str) -> bool:
    parents = _members(document, schema, "allOf")
    return any(one.pointer == base or _inherits(document, one, base) for one in parents)


def _members(document: Document, place: Place, keyword: str) -> Iterator[Place]:
    for index, node in enumerate(sequence(place.fields.get(keyword))):
        written: Any = node
        yield follow(document, Place("schema", place.at(keyword, index), written, keyword, place))


def _chosen(document: Document, place: Place, keyword: str) -> Iterator[Place]:
    for index, node in enumerate(sequence(place.fields.get(keyword))):
        written = Place("schema", place.at(keyword, index), node, keyword, place)
        target = follow(document, written)
        if target.fields.get("type") != "null":
            is_named = "$ref" in written.fields
            yield Place("schema", target.pointer, target.node, "schemas" if is_named else keyword, place)
