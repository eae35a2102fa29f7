"""Structure of a document's schemas: references followed, inherited properties gathered."""

from collections.abc import Mapping
from typing import Any

from strict_clients.check import operations
from strict_clients.check.places import Place, follow, mapping
from strict_clients.load import Document


def locate(document: Document, value: Any, pointer: str) -> tuple[str, dict[str, Any]]:
    """The pointer and the value of an object, after following `$ref`."""
    place = follow(document, Place("schema", pointer, value))
    return place.pointer, place.fields


def resolve(document: Document, value: Any) -> dict[str, Any]:
    """The object itself, or the one that its `$ref` finally leads to."""
    return locate(document, value, "")[1]


def component(document: Document, schema: Any) -> str | None:
    """The name of the component that a reference finally leads to, or None if `schema` is not a reference."""
    pointer, _ = locate(document, schema, "")
    return pointer.rpartition("/")[2] or None


def properties(document: Document, schema: Mapping[str, Any], pointer: str = "") -> dict[str, tuple[str, Any]]:
    """The properties of an object by wire name, those of `allOf` included; later ones win.

    Each with the pointer where it is written; the schema is at `pointer`.
    """
    found = operations.properties(document, Place("schema", pointer, schema))
    return {name: (place.pointer, place.node) for name, place in found.items()}


def required(document: Document, schema: Mapping[str, Any]) -> set[str]:
    """The wire names of the required properties, including those of `allOf`."""
    parts = (required(document, resolve(document, part)) for part in schema.get("allOf", []))
    return set(schema.get("required", [])).union(*parts)


def schemas(document: Document) -> dict[str, dict[str, Any]]:
    """The schemas of the components, without aliases."""
    found = mapping(document.raw.get("components")).get("schemas", {})
    return {name: schema for name, schema in found.items() if "$ref" not in schema}
