"""Writes schemas and parameters in the simplest of all equivalent notations."""

import json
import math
from collections.abc import Callable
from typing import Any

from strict_clients.check.places import Place, mapping, sequence
from strict_clients.normalize.schemas import EXPRESSION

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_ORDER = ("string", "integer", "number", "boolean", "array", "object", "null")
_BESIDE = frozenset({"description", "deprecated", "readOnly", "writeOnly", "default", "title", "example", "examples"})
_OPEN: dict[str, Any] = {}
_EMPTY: list[Any] = []
_SAYS_NOTHING: tuple[tuple[str, object], ...] = (
    *((key, False) for key in ("required", "deprecated", "readOnly", "writeOnly", "uniqueItems", "x-sensitive")),
    *((key, 0) for key in ("minLength", "minItems", "minProperties")),
    *(("additionalProperties", said) for said in (True, _OPEN)),
    *((key, _EMPTY) for key in ("required", "allOf")),
)
_ROUNDED: tuple[tuple[str, str, Callable[[float], int], int], ...] = (
    ("minimum", "exclusiveMinimum", math.floor, 1),
    ("maximum", "exclusiveMaximum", math.ceil, -1),
)


def write_plainly(place: Place) -> None:
    """Change a schema in place without changing its meaning for a client."""
    schema = place.fields
    if schema.get(EXPRESSION) == "":  # no client can check it
        del schema["pattern"]
    for key in (EXPRESSION, "x-ms-enum", *(["title"] if place.role != "schemas" else [])):
        schema.pop(key, None)
    if "oneOf" in schema and "anyOf" not in schema:
        schema["anyOf"] = schema.pop("oneOf")
    if "anyOf" in schema:
        schema["anyOf"] = [*{json.dumps(one, sort_keys=True): one for one in schema["anyOf"]}.values()]
    _unwrap(schema)
    _list_types(schema)
    for key, value in _SAYS_NOTHING:
        if key in schema and schema[key] == value and type(schema[key]) is type(value):
            del schema[key]
    if "properties" in schema and isinstance(schema.get("additionalProperties"), dict):
        del schema["additionalProperties"]  # a class keeps them unchanged
    for inclusive, exclusive, rounded, step in _ROUNDED:
        _tighten(schema, inclusive, exclusive, rounded, step)


def write_parameter_plainly(parameter: dict[str, Any]) -> None:
    """Remove the defaults of OpenAPI from a parameter."""
    style = _STYLES.get(str(parameter.get("in")))
    if style is not None and parameter.get("style") == style:
        del parameter["style"]
    if "explode" in parameter and parameter["explode"] == (parameter.get("style", style) == "form"):
        del parameter["explode"]
    for key in ("required", "deprecated"):
        if parameter.get(key) is False:
            del parameter[key]


def _unwrap(schema: dict[str, Any]) -> None:
    """Replace a schema by the only part of its `allOf`, if its other fields add nothing."""
    parts = sequence(schema.get("allOf"))
    if len(parts) == 1 and not {key for key in schema if not key.startswith("x-")} - _BESIDE - {"allOf"}:
        part = mapping(schema.pop("allOf")[0])
        for key, value in part.items():
            schema.setdefault(key, value)


def _list_types(schema: dict[str, Any]) -> None:
    """Write a union of plain types as one list of types, null last; a single type as text."""
    members = [mapping(one) for one in sequence(schema.get("anyOf"))]
    null = {"type": "null"}
    if members and all(one.keys() == {"type"} for one in members) and "type" not in schema:
        schema["type"] = [kind for one in members for kind in sequence(one["type"]) or [one["type"]]]
        del schema["anyOf"]
    elif len(members) == 2 and null in members:  # noqa: PLR2004  # one other than null, and null
        (inner,) = [one for one in members if one != null] or [null]
        if isinstance(inner.get("type"), str) and "enum" not in inner and not schema.keys() - _BESIDE - {"anyOf"}:
            del schema["anyOf"]
            schema |= {key: value for key, value in inner.items() if key not in schema}
            schema["type"] = [inner["type"], "null"]
    kinds = sorted(dict.fromkeys(sequence(schema.get("type"))), key=_ORDER.index)
    if kinds:
        schema["type"] = kinds[0] if len(kinds) == 1 else kinds


def _tighten(
    schema: dict[str, Any], inclusive: str, exclusive: str, rounded: Callable[[float], int], step: int
) -> None:
    """Write a limit once: for an integer as the last allowed number, otherwise as the tighter of both."""
    if schema.get("type") == "integer":
        found = [rounded(schema.pop(exclusive)) + step] if exclusive in schema else []
        found += [-rounded(-schema[inclusive])] if inclusive in schema else []
        if found:
            schema[inclusive] = max(found) if step > 0 else min(found)
    elif inclusive in schema and exclusive in schema:
        is_strict = (schema[exclusive] - schema[inclusive]) * step >= 0
        del schema[inclusive if is_strict else exclusive]
