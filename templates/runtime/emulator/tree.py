"""Places of a JSON value: read, put and drop them by JSON pointer (RFC 6901)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..values.strict_json import JSON


def members(value: JSON) -> Mapping[str, JSON]:
    """The members of an object, and none of anything else."""
    return value if isinstance(value, Mapping) else {}


def elements(value: JSON) -> Sequence[JSON]:
    """The elements of an array, and none of anything else."""
    return value if isinstance(value, list) else ()


def text(value: JSON) -> str:
    """A string as it is, and "" for anything else."""
    return value if isinstance(value, str) else ""


def find(value: JSON, pointer: str) -> JSON:
    """The value at `pointer`, or None where there is nothing."""
    for step in _steps(pointer):
        places = value if isinstance(value, Mapping) else {str(i): one for i, one in enumerate(elements(value))}
        value = places.get(step)
    return value


def put(value: JSON, pointer: str, new: JSON) -> JSON:
    """A copy of `value` that has `new` at `pointer`; missing objects on the way are made."""
    if not pointer:
        return new
    step, rest = _split(pointer)
    if isinstance(value, list):
        return [put(old, rest, new) if str(place) == step else old for place, old in enumerate(elements(value))]
    return {**members(value), step: put(members(value).get(step), rest, new)}


def drop(value: JSON, pointer: str) -> JSON:
    """A copy of `value` without the member of an object that `pointer` names."""
    if not isinstance(value, Mapping):
        return value
    step, rest = _split(pointer)
    if not rest:
        return {name: old for name, old in value.items() if name != step}
    return {name: drop(old, rest) if name == step else old for name, old in value.items()}


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _split(pointer: str) -> tuple[str, str]:
    first, slash, rest = pointer[1:].partition("/")
    return _steps(f"/{first}")[0], slash + rest
