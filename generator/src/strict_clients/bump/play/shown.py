"""Converts Python values to JSON with the names of their classes and attributes, and such JSON to arguments."""

from __future__ import annotations

import base64
import datetime
import uuid
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, cast

from .package import Package
from .plain import is_array, is_object
from .secrets import Login

KIND = "$"
"""The key for the class name; no attribute has this name."""


def show(value: Any) -> Any:  # noqa: PLR0911  # one for each
    """A result as JSON: everything that a caller can read."""
    match value:
        case bool() | int() | float() | str() | None if not isinstance(value, Enum):
            return value
        case Enum():
            return {KIND: type(value).__name__, "member": value.name}
        case datetime.date():
            return {KIND: type(value).__name__, "value": value.isoformat()}
        case datetime.timedelta():
            return {KIND: "timedelta", "value": value.total_seconds()}
        case uuid.UUID():
            return {KIND: "UUID", "value": str(value)}
        case bytes():
            return {KIND: "bytes", "value": base64.b64encode(value).decode()}
        case list() | tuple():
            return list(map(show, cast("Iterable[Any]", value)))
        case Mapping():
            return {str(key): show(one) for key, one in cast("Mapping[str, Any]", value).items()}
        case _:
            return {KIND: type(value).__name__} | {name: show(getattr(value, name)) for name in _attributes(value)}


def _attributes(value: Any) -> list[str]:
    """The attributes of a model or a page that depend on the answer."""
    if hasattr(value, "raw_items"):
        return ["items", "request_id"]
    return [one.name for one in getattr(value, "__attrs_attrs__", ())]


def show_error(error: BaseException, package: str) -> dict[str, Any]:
    """An error as JSON: its class, its base classes in the package, and its attributes."""
    bases = [one.__name__ for one in type(error).__mro__[1:] if one.__module__.partition(".")[0] == package]
    kind = type(error)
    computed = [name for name in dir(kind) if isinstance(getattr(kind, name), property)]
    held = {name: getattr(error, name) for name in [*vars(error), *computed] if name not in _OF_ATTEMPTS}
    return {KIND: type(error).__name__, "bases": bases, "text": str(error), "held": show(held)}


_OF_ATTEMPTS = frozenset({"attempts", "checkpoint", "request_ids", "raw", "item"})


def make(package: Package, shown: Any) -> Any:
    """The argument of this JSON, with the classes of this package.

    Raises:
        AttributeError: the package has no such class or member.
        TypeError: the class takes no such argument.
    """
    if is_array(shown):
        return tuple(make(package, one) for one in shown)
    if not is_object(shown):
        return shown
    if KIND not in shown:
        return {key: make(package, one) for key, one in shown.items()}
    kind, value = shown[KIND], shown.get("value")
    if kind in _PLAIN:
        return _PLAIN[kind](value)
    found = package.find_class(kind)
    if "member" in shown:
        return getattr(found, shown["member"])
    return found(**{name: make(package, one) for name, one in shown.items() if name != KIND})


_PLAIN: Mapping[str, Any] = {
    "UUID": uuid.UUID,
    "date": datetime.date.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "bytes": base64.b64decode,
    "Login": Login,
}
