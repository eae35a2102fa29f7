"""Structure of a document's schemas: references followed, inherited properties gathered."""

from collections.abc import Mapping
from typing import Any

from strict_clients.check import operations
from strict_clients.check.places import Place, follow, mapping
from strict_clients.load import Document


def locate(document: Document, value: Any, pointer: str) -> tuple[str, dict[str, Any]]:
    """Where an object is written, and the object: the value itself, or what its `$ref` leads to in the end."""
    place = follow(document, Place("schema", pointer, value))
    return place.pointer, place.fields


def resolve(document: Document, value: Any) -> dict[str, Any]:
    """The object itself, or the one that its `$ref` leads to, over as many components as it takes."""
    return locate(document, value, "")[1]


def component(document: Document, schema: Any) -> str | None:
    """The name of the component that a reference leads to in the end, or None where `schema` is no reference."""
    pointer, _ = locate(document, schema, "")
    return pointer.rpartition("/")[2] or None


def properties(document: Document, schema: Mapping[str, Any], pointer: str = "") -> dict[str, tuple[str, Any]]:
    """The properties of an object by wire name, those of `allOf` included; later ones win.

    Each with the pointer that it is written at, where the schema is written at `pointer`.
    """
    found = operations.properties(document, Place("schema", pointer, schema))
    return {name: (place.pointer, place.node) for name, place in found.items()}


def required(document: Document, schema: Mapping[str, Any]) -> set[str]:
    """The wire names of the properties that have to be there, those of `allOf` included."""
    parts = (required(document, resolve(document, part)) for part in schema.get("allOf", []))
    return set(schema.get("required", [])).union(*parts)


def schemas(document: Document) -> dict[str, dict[str, Any]]:
    """The schemas of the components that are no other name of one."""
    found = mapping(document.raw.get("components")).get("schemas", {})
    return {name: schema for name, schema in found.items() if "$ref" not in schema}
