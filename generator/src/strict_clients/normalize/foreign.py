"""Removes what has no meaning for a client: fields for other tools, and harmless mistakes."""

from difflib import get_close_matches
from functools import cache
from typing import Any, cast

from openapi_spec_validator import schemas

from strict_clients.check.extensions import meant_by
from strict_clients.check.places import METHODS, Place, children, mapping, sequence, walk
from strict_clients.check.schemas import SUPPORTED_KEYWORDS
from strict_clients.check.shapes import SHAPES
from strict_clients.load import Document
from strict_clients.normalize.notes import Notes

_WITHOUT_MEANING = {
    "document": {"webhooks", "jsonSchemaDialect"},
    "components": {"callbacks", "links"},
    "operation": {"callbacks"},
    "response": {"links"},
    "parameter": {"allowEmptyValue", "allowReserved"},
}
"""Fields of OpenAPI that clients do not need: callbacks, links, and other notations of a value."""
_BESIDE_SCHEMA = {"style", "explode", "example", "examples"}
_BEYOND = {
    "parameter": _BESIDE_SCHEMA,
    "header": _BESIDE_SCHEMA,
    "media type": _BESIDE_SCHEMA,
    "security scheme": {"name", "in", "scheme", "bearerFormat", "flows", "openIdConnectUrl"},
}
"""Fields that the JSON Schema of OpenAPI does not list under `properties`."""
_LONGEST_KEY = 40
_KINDS = {"required": list, "properties": dict, "enum": list, "allOf": list, "oneOf": list, "anyOf": list}
_MAY_BE_EMPTY = {"required", "properties"}


def take_out_foreign(document: Document, notes: Notes) -> None:
    """Remove what is not for clients, and fields that OpenAPI does not have."""
    for place in walk(document):
        for key in [*place.fields]:
            kind = _foreign(place, key)
            if kind:
                inner = sum(len(mapping(one).keys() & {*METHODS}) for one in mapping(place.fields[key]).values())
                which = f" with its {inner} operations" if inner and place.kind == "document" else ""
                notes.pass_over(kind, place.node, f"{key!r:.80}{which} is passed over", key)
                del place.fields[key]


def drop_slips(document: Document, notes: Notes) -> None:
    """Drop values that tools read differently, if they change nothing for a client."""
    for place in [*walk(document)]:
        for child in children(place):
            is_open = child.node is True or (child.node is False and child.role == "items")
            if child.kind == "schema" and is_open and child.role != "additionalProperties":
                child.put({})
    for place in [*walk(document, "schema")]:
        schema = place.fields
        for key, kind in _KINDS.items():
            if key in schema and not (isinstance(schema[key], kind) and (schema[key] or key in _MAY_BE_EMPTY)):
                _drop(place, key, "that says nothing", notes)
        if isinstance(schema.get("items"), list):
            schema["items"] = {}
        if schema.get("readOnly") and schema.get("writeOnly"):
            _drop(place, "readOnly", "beside writeOnly", notes)
            _drop(place, "writeOnly", "beside readOnly", notes)


def _drop(place: Place, key: str, why: str, notes: Notes) -> None:
    notes.pass_over(f"{key} {why}", place.node, f"{key!r} {why} is passed over", key)
    del place.fields[key]


def _foreign(place: Place, key: str) -> str:
    """The kind of a field that is removed; empty if it stays."""
    if key.startswith("x-") or key in {"example", "examples"}:
        # Tools follow references wherever they are, even into files and networks.
        is_ours = key in SHAPES or meant_by(place, key)
        return "" if is_ours or not _holds_reference(place.fields[key]) else f"{key:.40} with references"
    if key in _WITHOUT_MEANING.get(place.kind, ()):
        return key
    if place.kind == "schema":
        is_read = key in SUPPORTED_KEYWORDS or get_close_matches(key[:_LONGEST_KEY], SUPPORTED_KEYWORDS, cutoff=0.85)
        return "" if is_read else f"keyword {key:.40}"
    known = _known_fields(place.kind)
    return "field that OpenAPI does not have" if known and key not in known and "$ref" not in place.fields else ""


@cache
def _known_fields(kind: str) -> frozenset[str]:
    """The fields that OpenAPI 3.1 defines for an object of this kind; empty if its keys are names."""
    root: dict[str, Any] = dict(cast("Any", schemas).schema_v31)
    defined: dict[str, Any] = root if kind == "document" else mapping(root["$defs"].get(kind.replace(" ", "-")))
    fields = mapping(defined.get("properties")).keys() - {"default" if kind == "responses" else ""}
    return frozenset(fields | _BEYOND.get(kind, set())) if fields else frozenset()


def _holds_reference(value: Any) -> bool:
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if "$ref" in mapping(node):
            return True
        waiting.extend([*sequence(node), *mapping(node).values()])
    return False
