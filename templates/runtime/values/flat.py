"""Models as table rows with one plain value in each column."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from typing import Any, TypeAlias, cast
from uuid import UUID

from .compounds import ModelOf, Nullable, OneOf
from .models import Model, collect, fields_of
from .scalars import ANY, Limited, Type
from .strict_json import JSON

__all__ = ["flatten"]

Cell: TypeAlias = str | int | float | bytes | datetime.date | None
"""The value of a column; a `datetime` is a `date`, and a `bool` an `int`."""


def flatten(model: Model) -> dict[str, Cell]:
    """The fields of a model as one row; fields of nested models have dotted names, such as `request.url`.

    All models of a class have the same columns, with None for missing values. Moments are in UTC. Open values, lists
    and unknown fields (`additional_properties`) have no single type, so they are JSON texts.

    Raises:
        DecodeError: an open or unknown field contains a number that is too large for a float.
        InvalidArgumentError: a field made by hand has another type than the document says.
    """
    return dict(_cells(type(model), model, ""))


def _cells(kind: type[Model], model: Model | None, prefix: str) -> Iterator[tuple[str, Cell]]:
    rest = {} if model is None else model.to_dict()
    for field in fields_of(kind):
        written, name = collect(field, rest), prefix + field.name
        of = _bare(field.type)
        if isinstance(of, ModelOf):
            yield from _cells(of.model, None if written is None else getattr(model, field.name), f"{name}.")
        elif written is None:
            yield name, None
        elif of is ANY or isinstance(of, OneOf) or isinstance(written, (dict, list)):
            yield name, _text(written)
        else:
            yield name, _plain(getattr(model, field.name))
    yield f"{prefix}additional_properties", _text(rest) if rest else None


def _bare(kind: Type) -> Type:
    while isinstance(kind, (Nullable, Limited)):
        kind = kind.inner
    return kind


def _text(value: JSON) -> str:
    return json.dumps(value, separators=(",", ":"))


def _plain(value: Any) -> Cell:
    if isinstance(value, datetime.datetime):
        with suppress(OverflowError):  # on the first and the last day that Python has
            return value.astimezone(datetime.UTC)
    if isinstance(value, UUID):
        return str(value)
    return cast("Cell", value.value if isinstance(value, Enum) else value)
