"""Values held against their OpenAPI schema: the subset of JSON Schema that such documents use."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TypeAlias

from ..values.strict_json import JSON
from .tree import elements, members, text

Schema: TypeAlias = Mapping[str, JSON]
Resolve: TypeAlias = Callable[[JSON], Mapping[str, JSON]]

# Bounded, because Python refuses to read an integer of more than 4300 digits.
_INTEGER = re.compile(r"-?[0-9]{1,1000}")
_NUMBER = re.compile(r"-?[0-9]{1,1000}(\.[0-9]{1,1000})?([eE][+-]?[0-9]{1,5})?")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def breaches(value: JSON, schema: Schema, resolve: Resolve) -> Iterator[str]:
    """What is wrong with `value` under `schema`, one phrase each; `resolve` follows references."""
    schema = resolve(schema)
    names = types(schema)
    if names and not any(_IS_OF_TYPE[name](value) for name in names):
        yield f"is not of type {' or '.join(names)}"
    else:
        yield from _breaches_of_choice(value, schema)
        yield from _breaches_of_kind(value, schema, resolve)
        yield from _breaches_of_combination(value, schema, resolve)


def _breaches_of_kind(value: JSON, schema: Schema, resolve: Resolve) -> Iterator[str]:
    if isinstance(value, str):
        yield from _breaches_of_text(value, schema)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _breaches_of_number(value, schema)
    elif isinstance(value, Mapping):
        yield from _breaches_of_object(value, schema, resolve)
    elif isinstance(value, list):
        yield from _breaches_of_array(elements(value), schema, resolve)


def types(schema: Schema) -> Sequence[str]:
    """The type names that a schema allows; none where it allows any."""
    stated = schema.get("type")
    names = [text(name) for name in elements(stated)] if isinstance(stated, list) else [text(stated)] * bool(stated)
    return [*names, "null"] if names and schema.get("nullable") is True else names


def is_list(schema: Schema) -> bool:
    """Whether a schema allows an array."""
    return "array" in types(schema)


def from_text(written: str, schema: Schema) -> JSON:
    """The value that the text of a parameter stands for; the text itself where it stands for nothing else."""
    names = types(schema)
    if "integer" in names and _INTEGER.fullmatch(written):
        return int(written)
    if "number" in names and _NUMBER.fullmatch(written) and math.isfinite(float(written)):
        return float(written)
    if "boolean" in names and written in {"true", "false"}:
        return written == "true"
    return written


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_IS_OF_TYPE: Mapping[str, Callable[[JSON], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    # 1.0 is an integer (JSON Schema 2020-12, 6.1.1).
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
    ),
    "number": _is_number,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, Mapping),
}


def _breaches_of_choice(value: JSON, schema: Schema) -> Iterator[str]:
    allowed = elements(schema["enum"]) if "enum" in schema else None
    if "const" in schema:
        allowed = [schema["const"]]
    # Python takes True for 1, JSON does not.
    if allowed is not None and not any(
        value == one and isinstance(value, bool) is isinstance(one, bool) for one in allowed
    ):
        yield f"is none of {', '.join(map(repr, allowed))}"


def _breaches_of_text(value: str, schema: Schema) -> Iterator[str]:
    yield from _breaches_of_size(len(value), schema, "Length", "characters")
    if not re.search(_pattern(text(schema.get("pattern"))), value, re.ASCII):
        yield f"does not match {schema['pattern']!r}"
    if not _has_format(value, text(schema.get("format"))):
        yield f"is not a {schema['format']}"


def _pattern(written: str) -> str:
    # In ECMA 262 `$` is the very end; in Python it also stands before a last line break.
    return written[:-1] + r"\Z" if written.endswith("$") and not written.endswith(r"\$") else written


def _has_format(value: str, name: str) -> bool:
    match name:
        case "uuid":
            return UUID.fullmatch(value) is not None
        case "date":
            return _DATE.fullmatch(value) is not None and _is_read_by(date.fromisoformat, value)
        case "date-time":
            found = DATE_TIME.fullmatch(value)
            return found is not None and _is_read_by(datetime.fromisoformat, found[1].upper())
        case _:
            return True


def _is_read_by(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _breaches_of_number(value: float, schema: Schema) -> Iterator[str]:
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    bits = {"int32": 31, "int64": 63}.get(text(schema.get("format")))
    if isinstance(lowest, int | float) and value < lowest:
        yield f"is below {lowest}"
    if isinstance(highest, int | float) and value > highest:
        yield f"is above {highest}"
    if isinstance(above, int | float) and value <= above:
        yield f"is not above {above}"
    if isinstance(below, int | float) and value >= below:
        yield f"is not below {below}"
    if bits and not -(2**bits) <= value < 2**bits:
        yield f"does not fit into {schema['format']}"


def _breaches_of_size(size: int, schema: Schema, suffix: str, unit: str) -> Iterator[str]:
    least, most = schema.get(f"min{suffix}"), schema.get(f"max{suffix}")
    if isinstance(least, int) and size < least:
        yield f"has fewer than {least} {unit}"
    if isinstance(most, int) and size > most:
        yield f"has more than {most} {unit}"


def _breaches_of_object(value: Mapping[str, JSON], schema: Schema, resolve: Resolve) -> Iterator[str]:
    yield from (f"lacks {name!r}" for name in elements(schema.get("required")) if name not in value)
    known, others = members(schema.get("properties")), schema.get("additionalProperties")
    for name, member in value.items():
        if name in known or isinstance(others, Mapping):
            inner = members(known.get(name, others))
            yield from (f"{name!r} {breach}" for breach in breaches(member, inner, resolve))
        elif others is False:
            yield f"has the unknown member {name!r}"


def _breaches_of_array(value: Sequence[JSON], schema: Schema, resolve: Resolve) -> Iterator[str]:
    yield from _breaches_of_size(len(value), schema, "Items", "elements")
    for place, element in enumerate(value):
        yield from (f"[{place}] {breach}" for breach in breaches(element, members(schema.get("items")), resolve))


def _breaches_of_combination(value: JSON, schema: Schema, resolve: Resolve) -> Iterator[str]:
    for part in elements(schema.get("allOf")):
        yield from breaches(value, members(part), resolve)
    for word in ("anyOf", "oneOf"):
        fitting = [next(breaches(value, members(part), resolve), None) is None for part in elements(schema.get(word))]
        if fitting and not (any(fitting) if word == "anyOf" else fitting.count(True) == 1):
            yield f"fits {fitting.count(True)} of the schemas of {word}"
