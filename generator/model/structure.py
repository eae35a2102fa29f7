"""Structure of a document's schemas: references followed, inherited properties gathered."""

from collections.abc import Mapping
from typing import Any

from generator.check.places import mapping
from generator.load import Document


def resolve(document: Document, value: Any) -> dict[str, Any]:
    """The object itself, or the one that its `$ref` leads to, over as many components as it takes."""
    found = mapping(value)
    return resolve(document, document.at(found["$ref"][1:])) if "$ref" in found else found


def component(document: Document, schema: Any) -> str | None:
    """The name of the component that a reference leads to in the end, or None where `schema` is no reference."""
    reference: str | None = mapping(schema).get("$ref")
    if reference is None:
        return None
    return component(document, document.at(reference[1:])) or reference.rpartition("/")[2]


def properties(document: Document, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of an object by wire name, those of `allOf` included; later ones win."""
    found: dict[str, Any] = {}
    for part in schema.get("allOf", []):
        found |= properties(document, resolve(document, part))
    return found | dict(schema.get("properties", {}))


def required(document: Document, schema: Mapping[str, Any]) -> set[str]:
    """The wire names of the properties that have to be there, those of `allOf` included."""
    parts = (required(document, resolve(document, part)) for part in schema.get("allOf", []))
    return set(schema.get("required", [])).union(*parts)


def schemas(document: Document) -> dict[str, dict[str, Any]]:
    """The schemas of the components that are no other name of one."""
    found = mapping(document.raw.get("components")).get("schemas", {})
    return {name: schema for name, schema in found.items() if "$ref" not in schema}
