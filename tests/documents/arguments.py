"""Makes the arguments of methods out of JSON values, by the annotations of the package alone."""

from __future__ import annotations

import ast
import base64
import datetime
import enum
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .package import Package

_FILE_NAME = 'a "b".png'


class NoFit(Exception):  # noqa: N818  # no error: another type is tried
    """A value is none of a type."""


def build(package: Package, annotation: str, value: Any, *, by_hand: bool) -> Any:
    """The argument for a value: models are made field by field, or else by `from_dict`.

    Raises:
        NoFit: the value is none of what the annotation names.
    """
    return _build(package, ast.parse(annotation, mode="eval").body, value, by_hand=by_hand)


def _build(package: Package, node: ast.expr, value: Any, *, by_hand: bool) -> Any:
    failed: list[str] = []
    for one in sorted(_alternatives(node), key=lambda one: _order(package, ast.unparse(one), value)):
        try:
            return _build_one(package, one, value, by_hand=by_hand)
        except (NoFit, ValueError, TypeError, package.error) as error:
            failed.append(str(error))
    raise NoFit(f"{ast.unparse(node)} takes no {value!r:.200}: {'; '.join(failed)}")


def _alternatives(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    return [node]


def _order(package: Package, name: str, value: Any) -> tuple[int, int]:
    """Special types go before texts, and of classes the one that leaves the fewest fields over."""
    plain = ["int", "float", "str", "JSON"]
    if name in plain:
        return 2, plain.index(name)
    kind = getattr(package.models, name, None)
    if not isinstance(value, dict) or not isinstance(kind, type) or not issubclass(kind, package.model):
        return 0, 0
    try:
        made: Any = kind.from_dict(value)  # type: ignore[attr-defined]
    except package.error:
        return 1, len(value) + 1
    return 1, len(made.additional_properties)


def _build_one(package: Package, node: ast.expr, value: Any, *, by_hand: bool) -> Any:
    name = ast.unparse(node)
    if isinstance(node, ast.Subscript):
        return _build_many(package, node, value, by_hand=by_hand)
    if name in _PLAIN:
        fits, convert = _PLAIN[name]
        return convert(_fitting(value, fits=fits(value)))
    if name == "FilePart":
        return package.file_part(_fitting(value, fits=isinstance(value, bytes)), name=_FILE_NAME)
    kind = getattr(package.models, name)
    if issubclass(kind, enum.Enum):
        return kind(value)
    _fitting(value, fits=isinstance(value, dict))
    if by_hand or _has_bytes(value):
        return _build_by_hand(package, kind, value, by_hand=by_hand)
    return kind.from_dict(value)


def _build_many(package: Package, node: ast.Subscript, value: Any, *, by_hand: bool) -> Any:
    outer, inner = ast.unparse(node.value), node.slice
    if outer in {"Sequence", "tuple"}:
        one = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
        elements = _fitting(value, fits=isinstance(value, list))
        return tuple(_build(package, one, each, by_hand=by_hand) for each in elements)
    if outer == "Mapping" and isinstance(inner, ast.Tuple):
        items = _fitting(value, fits=isinstance(value, dict)).items()
        return {key: _build(package, inner.elts[1], each, by_hand=by_hand) for key, each in items}
    raise NoFit(f"{ast.unparse(node)} is not a type that arguments are known to have")


def _build_by_hand(package: Package, kind: Any, value: Mapping[str, Any], *, by_hand: bool) -> Any:
    left, given = dict(value), dict[str, Any]()
    for field in package.fields_of(kind):
        if field.wire in left:
            annotation = str(kind.__annotations__[field.name])
            given[field.name] = build(package, annotation, left.pop(field.wire), by_hand=by_hand)
    return kind(**given, additional_properties=left)


def _fitting(value: Any, *, fits: bool) -> Any:
    if not fits:
        raise NoFit(f"no {value!r:.80}")
    return value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _same(value: Any) -> Any:
    return value


def _bytes_of(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else base64.b64decode(value, validate=True)


def _moment_of(value: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(_fitting(value, fits="T" in value))


def _is_number(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kinds) and not isinstance(value, bool)


_PLAIN: Mapping[str, tuple[Callable[[Any], bool], Callable[[Any], Any]]] = {
    "None": (lambda value: value is None, _same),
    "JSON": (lambda value: not isinstance(value, bytes), _same),
    "str": (_is_text, _same),
    "bool": (lambda value: isinstance(value, bool), _same),
    "int": (_is_number(int), _same),
    "float": (_is_number(int, float), _same),
    "UUID": (_is_text, uuid.UUID),
    "datetime.datetime": (_is_text, _moment_of),
    "datetime.date": (_is_text, datetime.date.fromisoformat),
    "bytes": (lambda value: isinstance(value, str | bytes), _bytes_of),
    "Unset": (lambda _: False, _same),
}
"""What fits each plain type, and how the argument is made of it."""


def _has_bytes(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, bytes) or any(map(_has_bytes, inner))
