"""The columns that the models of the SDK give: one for each field, those of models within models under dotted names."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

import attrs
import face_audit
from face_audit import DecodeError

Kind: TypeAlias = Literal["string", "int64", "double", "bool", "timestamp", "json"]
"""`timestamp`: UTC, microseconds. `json`: what has no one type, as the text of a JSON value."""

_KINDS: dict[type, Kind] = {
    str: "string",
    int: "int64",
    float: "double",
    bool: "bool",
    datetime.datetime: "timestamp",
}


@attrs.frozen
class Column:
    """One field of a model."""

    name: str
    """With the fields that lead to it: `request.url`."""
    kind: Kind
    owner: int
    """Which of the models holds it."""
    attribute: str


@attrs.frozen
class Columns:
    """The fields of a model and of all models within it, its typed views included."""

    fields: tuple[Column, ...]
    parts: tuple[tuple[int, str], ...]
    """The models within it, those that hold others first: by which one each is held, and as what; 0 is the whole."""

    def read(self, model: Any) -> tuple[list[Any], list[DecodeError]]:
        """The value of each column, None where there is none; and why a view of the model could not be read."""
        models, errors = [model], list[DecodeError]()
        for owner, attribute in self.parts:
            try:
                models.append(getattr(models[owner], attribute, None))
            except DecodeError as error:
                models.append(None)
                errors.append(error)
        return [_value(getattr(models[one.owner], one.attribute, None), one.kind) for one in self.fields], errors


def columns_of(model: type[Any]) -> Columns:
    """The columns of a model, by its fields, their types and its views."""
    fields, parts, waiting = list[Column](), list[tuple[int, str]](), [("", model)]
    for owner, (prefix, holder) in enumerate(waiting):
        for name, hint in _attributes(holder):
            is_union = get_origin(hint) in (Union, UnionType)
            members = set(get_args(hint) if is_union else (hint,)) - {NoneType}
            inner = members.pop() if len(members) == 1 else None
            if inner is not None and attrs.has(inner):
                parts.append((owner, name))
                waiting.append((f"{prefix}{name}.", inner))
            else:
                fields.append(Column(prefix + name, _kind(inner, members), owner, name))
    return Columns(tuple(fields), tuple(parts))


def _attributes(model: type[Any]) -> Iterator[tuple[str, Any]]:
    """The fields of a model and the views that it gives of them, each with its type."""
    # Modules of models do not import the types of their views.
    names = {name: getattr(face_audit, name) for name in face_audit.__all__}
    hints = get_type_hints(model)
    for field in attrs.fields(model):
        yield field.name, hints[field.name]
    for name, member in vars(model).items():
        if isinstance(member, property):
            yield name, get_type_hints(cast("Any", member.fget), localns=names)["return"]


def _kind(inner: Any, members: set[Any]) -> Kind:
    if inner in _KINDS:
        return _KINDS[inner]
    # An enum that may grow: its values, and any other text.
    is_text = bool(members) and all(isinstance(one, type) and issubclass(one, str) for one in members)
    return "string" if is_text else "json"


def _value(value: Any, kind: Kind) -> Any:
    if kind != "json":
        return value
    return None if value is None or value == {} else json.dumps(value, separators=(",", ":"))
