"""JSON values and their schemas: places in a value, what breaks a schema, and a sample of one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, TypeAlias, cast

from ..values.scalars import ANY, Limited
from ..values.strict_json import JSON, Malformed, kind

Schema: TypeAlias = Mapping[str, JSON]
Resolve: TypeAlias = Callable[[JSON], Schema]
"""Follows the references of an object of the document."""

# Bounded, because Python refuses to read an integer of more than 4300 digits.
_INTEGER = re.compile(r"-?[0-9]{1,1000}")
_NUMBER = re.compile(r"-?[0-9]{1,1000}(\.[0-9]{1,1000})?([eE][+-]?[0-9]{1,5})?")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_FORMATS: Mapping[str, tuple[re.Pattern[str], Callable[[str], object]]] = {
    "uuid": (UUID, str),
    "date": (re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), date.fromisoformat),
    "date-time": (DATE_TIME, lambda value: datetime.fromisoformat(value[:19])),
}
_SAMPLES = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "byte": "AAAA",
}
_DEEPEST_SAMPLE = 20


def members(value: JSON) -> Mapping[str, JSON]:
    """The members of an object; none of any other value."""
    return value if isinstance(value, Mapping) else {}


def elements(value: JSON) -> Sequence[JSON]:
    """The elements of an array; none of any other value."""
    return value if isinstance(value, list) else ()


def text(value: JSON) -> str:
    """The string itself; "" for any other value."""
    return value if isinstance(value, str) else ""


def find(value: JSON, pointer: str) -> JSON:
    """The value at a JSON pointer (RFC 6901), arrays included, or None if there is none."""
    for step in pointer.split("/")[1:]:
        places = value if isinstance(value, Mapping) else {str(i): one for i, one in enumerate(elements(value))}
        value = places.get(_unescape(step))
    return value


def put(value: JSON, pointer: str, new: JSON) -> JSON:
    """A copy of `value` with `new` at `pointer`; missing objects on the way are created."""
    if not pointer:
        return new
    step, slash, rest = pointer[1:].partition("/")
    name, rest = _unescape(step), slash + rest
    if isinstance(value, list):
        return [put(old, rest, new) if str(place) == name else old for place, old in enumerate(elements(value))]
    return {**members(value), name: put(members(value).get(name), rest, new)}


def drop(value: JSON, pointer: str) -> JSON:
    """A copy of `value` without the member at `pointer`."""
    parent, _, step = pointer.rpartition("/")
    found = find(value, parent)
    if not isinstance(found, Mapping):
        return value
    return put(value, parent, {name: old for name, old in found.items() if name != _unescape(step)})


def _unescape(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def types(schema: Schema) -> Sequence[str]:
    """The type names that a schema allows; empty if it allows any type."""
    stated = schema.get("type")
    names = [text(name) for name in elements(stated)] if isinstance(stated, list) else [text(stated)] * bool(stated)
    return [*names, "null"] if names and schema.get("nullable") is True else names


def from_text(written: str, schema: Schema) -> JSON:
    """The value that the text of a parameter means, by the types of its schema; the text itself if none fits."""
    names = types(schema)
    if "integer" in names and _INTEGER.fullmatch(written):
        return int(written)
    if "number" in names and _NUMBER.fullmatch(written) and math.isfinite(float(written)):
        return float(written)
    if "boolean" in names and written in {"true", "false"}:
        return written == "true"
    return written


def breaches(value: JSON, schema: Schema, resolve: Resolve) -> Iterator[str]:
    """What is wrong with `value` under `schema`, one phrase each."""
    schema = resolve(schema)
    names = types(schema)
    if names and not any(_is_of_type(value, name) for name in names):
        yield f"is not of type {' or '.join(names)}"
    else:
        yield from _breaches_within_type(value, schema, resolve)


def _breaches_within_type(value: JSON, schema: Schema, resolve: Resolve) -> Iterator[str]:
    allowed = [schema["const"]] if "const" in schema else elements(schema.get("enum"))
    # Python takes True for 1, JSON does not.
    if allowed and not any(value == one and isinstance(value, bool) is isinstance(one, bool) for one in allowed):
        yield f"is not one of {', '.join(map(repr, allowed))}"
    if isinstance(value, str | int | float | list | Mapping) and not isinstance(value, bool):
        yield from _breaches_of_limits(value, schema)
    if isinstance(value, Mapping):
        yield from _breaches_of_object(value, schema, resolve)
    for place, element in enumerate(elements(value)):
        yield from (f"[{place}] {breach}" for breach in breaches(element, members(schema.get("items")), resolve))
    yield from _breaches_of_combination(value, schema, resolve)


def _is_of_type(value: JSON, name: str) -> bool:
    if isinstance(value, float) and name == "integer":
        return value.is_integer()  # 1.0 is an integer (JSON Schema 2020-12, 6.1.1)
    return kind(value) == name or (kind(value), name) == ("integer", "number")


def _breaches_of_limits(value: JSON, schema: Schema) -> Iterator[str]:
    stated = cast("Mapping[str, Any]", schema)
    size = "Length" if isinstance(value, str) else "Items" if isinstance(value, list) else "Properties"
    limits = Limited(
        inner=ANY,
        minimum=stated.get("minimum"),
        maximum=stated.get("maximum"),
        exclusive_minimum=stated.get("exclusiveMinimum"),
        exclusive_maximum=stated.get("exclusiveMaximum"),
        min_length=stated.get(f"min{size}"),
        max_length=stated.get(f"max{size}"),
        multiple_of=stated.get("multipleOf"),
        unique=stated.get("uniqueItems", False),
        pattern=stated.get("pattern"),
        expression=stated.get("x-python-pattern"),
    )
    try:
        limits.encode(value)
    except Malformed as error:
        yield error.message
    name = text(schema.get("format"))
    bits = {"int32": 31, "int64": 63}.get(name)
    if bits and isinstance(value, int | float) and not -(2**bits) <= value < 2**bits:
        yield f"does not fit into {name}"
    if isinstance(value, str) and not _has_format(value, name):
        yield f"is not a {name}"


def _has_format(value: str, name: str) -> bool:
    if name not in _FORMATS:
        return True
    pattern, parse = _FORMATS[name]
    try:
        return pattern.fullmatch(value) is not None and parse(value) is not None
    except ValueError:
        return False


def _breaches_of_object(value: Mapping[str, JSON], schema: Schema, resolve: Resolve) -> Iterator[str]:
    known, others = members(schema.get("properties")), schema.get("additionalProperties")
    for name in map(text, elements(schema.get("required"))):
        # Only requests are checked, and read-only properties are required only in answers (OpenAPI 3.1, "readOnly").
        if name not in value and resolve(known.get(name)).get("readOnly") is not True:
            yield f"lacks {name!r}"
    for name, member in value.items():
        if name in known or isinstance(others, Mapping):
            inner = members(known.get(name, others))
            yield from (f"{name!r} {breach}" for breach in breaches(member, inner, resolve))
        elif others is False:
            yield f"has the unknown member {name!r}"


def _breaches_of_combination(value: JSON, schema: Schema, resolve: Resolve) -> Iterator[str]:
    for part in elements(schema.get("allOf")):
        yield from breaches(value, members(part), resolve)
    for word in ("anyOf", "oneOf"):
        fitting = [next(breaches(value, members(part), resolve), None) is None for part in elements(schema.get(word))]
        if fitting and not (any(fitting) if word == "anyOf" else fitting.count(True) == 1):
            yield f"fits {fitting.count(True)} of the schemas of {word}"


def sample(schema: Schema, resolve: Resolve, *, depth: int = 0) -> JSON:
    """A small value that fits the schema; patterns are ignored, and endless recursion ends with null."""
    schema = resolve(schema)
    given = [schema[name] for name in ("const", "default", "example") if name in schema]
    given += [*elements(schema.get("examples")), *elements(schema.get("enum"))]
    if given:
        return given[0]
    if depth > _DEEPEST_SAMPLE:
        return None
    inner = partial(sample, resolve=resolve, depth=depth + 1)
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return inner(members(elements(schema[word])[0]))
    if "allOf" not in schema and "properties" not in schema:
        return _sample_of_type(schema, inner)
    parts = list(_parts(schema, resolve))
    known = {name: members(one) for part in parts for name, one in members(part.get("properties")).items()}
    required = dict.fromkeys(text(name) for part in parts for name in elements(part.get("required")))
    return {name: inner(known.get(name, {})) for name in required}


def _parts(schema: Schema, resolve: Resolve) -> Iterator[Schema]:
    for part in elements(schema.get("allOf")):
        yield from _parts(resolve(part), resolve)
    yield schema


def _sample_of_type(schema: Schema, inner: Callable[[Schema], JSON]) -> JSON:
    stated = cast("Mapping[str, Any]", schema)
    match next(iter(types(schema)), "null"):
        case "string":
            return _SAMPLES.get(text(schema.get("format"))) or "x" * stated.get("minLength", 1)
        case "integer" | "number":
            least: float = stated.get("minimum", stated.get("exclusiveMinimum", 0))
            return least + ("exclusiveMinimum" in schema)
        case "array":
            return [inner(members(schema.get("items"))) for _ in range(stated.get("minItems", 0))]
        case name:
            others: Mapping[str, JSON] = {"boolean": False, "object": {}}
            return others.get(name)
