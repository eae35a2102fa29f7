"""Converts OpenAPI 3.0, and enums named by `x-ms-enum`, to OpenAPI 3.1."""

import re
from copy import deepcopy
from typing import Any

from strict_clients.check.places import mapping, sequence, walk
from strict_clients.load import Document

_LIMITS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
_KEPT = ("description", "deprecated", "readOnly", "writeOnly", "default")


def upgrade(document: Document) -> Document:
    """The same document in OpenAPI 3.1; malformed parts stay, and the rules report them."""
    upgraded = Document(raw=deepcopy(document.raw), digest=document.digest)
    for place in [*walk(upgraded, "schema")]:
        _say_null(place.fields)  # OpenAPI 3.1 has no `nullable`, but documents use it anyway
    if re.fullmatch(r"3\.0\.[0-9]+", str(document.raw.get("openapi"))):
        upgraded.raw["openapi"] = "3.1.0"
        for place in walk(upgraded, "schema"):
            _say_limits(place.fields)
    enums = [place for place in walk(upgraded, "schema") if "x-ms-enum" in place.fields]
    for place in enums:
        _name_members(place.fields)
    components: Any = upgraded.raw.setdefault("components", {}) if enums else {}
    for place in enums if isinstance(components, dict) else ():
        schemas: Any = mapping(components).setdefault("schemas", {})
        if place.role != "schemas" and isinstance(schemas, dict):
            _name_enum(place.fields, mapping(schemas))
    return upgraded


def _say_null(schema: dict[str, Any]) -> None:
    if not isinstance(schema.get("nullable"), bool):
        return
    may_be_null, written = schema.pop("nullable"), schema.get("type")
    if not may_be_null:
        return
    if "$ref" in schema:
        schema["anyOf"] = [{"$ref": schema.pop("$ref")}, {"type": "null"}]
        return
    if isinstance(written, str):
        schema["type"] = [written, "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return
    for keyword in ("oneOf", "anyOf"):
        if isinstance(schema.get(keyword), list):
            schema[keyword] = [*schema[keyword], {"type": "null"}]
            return
    if isinstance(schema.get("allOf"), list):
        parts = schema.pop("allOf")
        schema["anyOf"] = [parts[0] if len(parts) == 1 else {"allOf": parts}, {"type": "null"}]


def _say_limits(schema: dict[str, Any]) -> None:
    for strict, limit in _LIMITS:
        if schema.get(strict) is True and limit in schema:
            schema[strict] = schema.pop(limit)
        elif schema.get(strict) is False:
            del schema[strict]


def _name_members(schema: dict[str, Any]) -> None:
    """Write the names of values in `x-ms-enum` as `x-enum-varnames`."""
    values = sequence(mapping(schema["x-ms-enum"]).get("values"))
    names = [(mapping(one).get("value"), mapping(one).get("name")) for one in values]
    found = [next((name for value, name in names if value == one), None) for one in _values(schema)]
    members = [re.sub(r"\W", "_", name, flags=re.ASCII) if isinstance(name, str) else "" for name in found]
    if members and "x-enum-varnames" not in schema and all(re.match("[A-Za-z]", name) for name in members):
        schema["x-enum-varnames"] = members


def _name_enum(schema: dict[str, Any], components: dict[str, Any]) -> None:
    """Move an inline enum to the component that `x-ms-enum` names, unless another one has the name."""
    name, values, written = mapping(schema["x-ms-enum"]).get("name"), _values(schema), schema.get("type")
    types = [one for one in sequence(written) or [written] if one != "null"]
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name) or not values or len(types) != 1:
        return
    enum = {"type": types[0], "enum": values}
    if "x-enum-varnames" in schema:
        enum["x-enum-varnames"] = schema["x-enum-varnames"]
    found = components.setdefault(name, enum)
    if found is not enum and mapping(found).get("enum") != values:
        return
    kept = {key: schema[key] for key in _KEPT if key in schema}
    reference = {"$ref": f"#/components/schemas/{name}"}
    may_be_null = len(values) < len(sequence(schema.get("enum"))) or "null" in sequence(written)
    schema.clear()
    schema.update(kept | ({"anyOf": [reference, {"type": "null"}]} if may_be_null else reference))


def _values(schema: dict[str, Any]) -> list[Any]:
    return [value for value in sequence(schema.get("enum")) if value is not None]
