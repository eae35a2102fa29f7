"""Rules of schemas: which keywords, types and formats are supported, and which schemas need a name."""

from collections.abc import Iterator
from typing import Any

from strict_clients.breaches import Breach
from strict_clients.check.places import Place, children, follow, sequence, walk
from strict_clients.load import Document

SUPPORTED_KEYWORDS = frozenset(
    {
        *("$ref", "$comment", "title", "description", "summary", "deprecated", "default", "example", "examples"),
        *("externalDocs", "type", "format", "enum", "allOf"),
        *("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
        *("items", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("oneOf", "anyOf", "discriminator", "const", "readOnly", "writeOnly", "contentEncoding", "contentMediaType"),
    }
)


def keywords_are_supported(document: Document) -> Iterator[Breach]:
    """A schema has only supported keywords: unsupported ones are never ignored silently."""
    for place in walk(document, "schema"):
        for keyword in place.fields:
            if keyword not in SUPPORTED_KEYWORDS and not keyword.startswith("x-"):
                yield Breach(place.at(keyword), f"keyword {keyword!r} is not supported; describe the value without it")


def schemas_are_objects(document: Document) -> Iterator[Breach]:
    """No schema is a bare boolean, except `additionalProperties`."""
    for place in walk(document):
        for child in children(place):
            if child.kind == "schema" and isinstance(child.node, bool) and child.role != "additionalProperties":
                shown = str(child.node).lower()
                yield Breach(child.pointer, f"schema '{shown}' is not supported; write {{}} for anything")


def consts_are_plain(document: Document) -> Iterator[Breach]:
    """A constant is a text, a number or a boolean of the schema's type."""
    names: dict[type, set[str]] = {str: {"string"}, bool: {"boolean"}, int: {"integer", "number"}, float: {"number"}}
    for place in walk(document, "schema"):
        if "const" not in place.fields:
            continue
        value: object = place.fields["const"]
        fitting = names.get(type(value))
        if fitting is None or "enum" in place.fields:
            yield Breach(place.at("const"), "constant is not a text, number or boolean, or is also an enum; use one")
        elif "type" in place.fields and not fitting & set(_types(place)):
            yield Breach(place.at("const"), "constant is not of the schema's type; correct one of them")


def all_of_is_plain(document: Document) -> Iterator[Breach]:
    """`allOf` is the whole of a named schema, and its members are object schemas; inline, it wraps a single one."""
    for place in walk(document, "schema"):
        if "allOf" not in place.fields:
            continue
        if place.role not in {"schemas", "allOf"}:
            if len(place.fields["allOf"]) > 1 or "properties" in place.fields:
                yield Breach(place.at("allOf"), "allOf is inline; move the schema to components/schemas")
            continue
        for index, node in enumerate(sequence(place.fields["allOf"])):
            member = Place("schema", place.at("allOf", index), node, "allOf", place)
            target = follow(document, member).fields
            if not ({"properties", "allOf"} & target.keys() or target.get("type") == "object"):
                yield Breach(member.pointer, "member of allOf is not an object; give it properties or leave it out")


def _types(place: Place) -> list[Any]:
    types = place.fields.get("type")
    return sequence(types) if isinstance(types, list) else [types]
