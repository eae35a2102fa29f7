"""Reads the items of a page from their bytes into models, by way of msgspec's Structs.

A Struct has a member for each spelling of each field, so that every spelling is read at one speed. The columns of many
Structs then fill the slots of as many models. An item that does not fit is left out: `Model.decode`, the reference,
says what is wrong with it, or reads it all the same.
"""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Annotated, Any, cast

import attrs
from msgspec import Meta, Raw, Struct, defstruct
from msgspec.json import Decoder
from msgspec.structs import astuple

from ..values import scalars
from ..values.compounds import ModelOf
from ..values.models import UNREAD, UNSET, Field, Model, fields_of, slot_of
from ..values.strict_json import Malformed

# What msgspec reads for a type, and the classes of which the value is the field's as it is: None for all of them.
# A value of another class is decoded by the type itself, as are all values of other types.
_READ_AS: tuple[tuple[scalars.Type, Any, frozenset[type] | None], ...] = (
    (scalars.STRING, str, None),
    (scalars.TEXT_OR_INTEGER, str | int, frozenset({str})),
    (scalars.INTEGER, int | float, frozenset({int})),
    (scalars.INTEGER_OR_TEXT, int | float | str, frozenset({int})),
    (scalars.NUMBER, int | float, None),
    (scalars.BOOLEAN, bool, None),
    (scalars.DATE_TIME, Annotated[datetime.datetime, Meta(tz=True)], None),
)
_MISSING: frozenset[type] = frozenset({type(None), type(UNSET)})
_NOTHING: frozenset[type] = frozenset()


def read_models(model: type[Model], texts: Sequence[bytes]) -> list[Any]:
    """The objects in these JSON texts; None in the place of one that does not fit."""
    shape = _shape_of(model)
    if shape is None:
        return [None] * len(texts)
    try:
        wires = list(map(shape.decode, texts))
    except (ValueError, RecursionError):
        return _read_fitting(shape, texts)
    return shape.fill(wires, texts, texts)


def _read_fitting(shape: _Shape, texts: Sequence[bytes]) -> list[Any]:
    made, wires, fitting = [None] * len(texts), list[Any](), list[int]()
    for at, text in enumerate(texts):
        try:
            wires.append(shape.decode(text))
        except (ValueError, RecursionError):
            continue
        fitting.append(at)
    kept = [texts[at] for at in fitting]
    for at, one in zip(fitting, shape.fill(wires, kept, kept), strict=True):
        made[at] = one
    return made


_SHAPES = dict[tuple[type[Model], tuple[Field, ...]], "_Shape | None"]()


def _shape_of(model: type[Model], way: tuple[Field, ...] = ()) -> _Shape | None:
    """How to read this model, which is at `way` in its item; None where a Struct cannot have its names in JSON."""
    if (model, way) not in _SHAPES:
        try:
            _SHAPES[model, way] = _Shape(model, way)
        except ValueError:
            _SHAPES[model, way] = None
    return _SHAPES[model, way]


class _Shape:
    """A model, its Struct, and how the columns of Structs fill the slots of models."""

    def __init__(self, model: type[Model], way: tuple[Field, ...]) -> None:
        self._model = model
        self._columns = [_Column(model, field, way, at) for at, field in enumerate(fields_of(model))]
        members = [member for column in self._columns for member in column.members]
        names = {name: wire for column in self._columns for name, wire in column.wires.items()}
        self.struct: Any = defstruct(model.__name__, members, rename=names, kw_only=True, gc=False)
        self.decode = Decoder(self.struct).decode
        self._put_raw = slot_of(Model, "_raw").__set__
        self._put_rest = slot_of(model, "additional_properties").__set__

    def fill(self, wires: Sequence[Any], texts: Sequence[bytes], raws: Iterable[Any]) -> list[Any]:
        """As many models, `raws` being what each was read from; None in the place of one that does not fit."""
        made: list[Any] = list(map(object.__new__, repeat(self._model, len(wires))))
        failed = set[int]()
        _put(self._put_raw, made, raws)
        _put(self._put_rest, made, repeat(UNREAD))
        for column in self._columns:
            _put(column.put, made, column.read(wires, texts, failed))
        return [None if at in failed else one for at, one in enumerate(made)] if failed else made


def _put(into: Callable[[Any, Any], None], models: Iterable[Any], values: Iterable[Any]) -> None:
    deque[None](map(into, models, values), 0)


class _Column:
    """One field of many objects."""

    def __init__(self, model: type[Model], field: Field, way: tuple[Field, ...], at: int) -> None:
        self._field, self._way, self._is_late = field, (*way, field), field.is_late
        self._inner = _shape_of(field.type.model, self._way) if isinstance(field.type, ModelOf) else None
        kind, plain = self._find_type()
        default: Any = attrs.fields_dict(cast("Any", model))[field.name].default
        needed = field.required and not field.write_only
        # By numbers, so that no two members have one name.
        self.wires = {f"m{at}_{number}": wire for number, wire in enumerate((field.wire, *field.other_names))}
        optional = kind if kind is Raw else kind | None
        if needed and not field.other_names:
            self.members: list[Any] = [(name, optional if field.null else kind) for name in self.wires]
        else:  # a field of several spellings may be missing under each of them
            self.members = [(name, optional, UNSET if default is UNSET else None) for name in self.wires]
        self._get, *self._others = map(attrgetter, self.wires)
        # Where nothing came, the reference tells null from missing, or knows another default.
        never = needed and (bool(field.other_names) or not field.null)
        self._may_miss = not never and (default is attrs.NOTHING or default in (None, UNSET))
        # A field that may not be missing has been required by msgspec, if it has one spelling.
        self._is_read = plain is None and (self._may_miss or not field.other_names)
        self._plain = (plain or _NOTHING) | (_MISSING if self._may_miss else _NOTHING)
        self.put = slot_of(model, field.name).__set__

    def _find_type(self) -> tuple[Any, frozenset[type] | None]:
        """What msgspec reads, and the classes of which the value is the field's as it is."""
        if self._is_late:
            return Raw, frozenset()
        if self._inner is not None:
            return self._inner.struct, frozenset()
        found = ((kind, plain) for known, kind, plain in _READ_AS if known is self._field.type)
        return next(found, (Any, frozenset[type]()))

    def read(self, wires: Sequence[Any], texts: Sequence[bytes], failed: set[int]) -> Sequence[Any]:
        """The values of the field; notes the places where one does not fit."""
        values: Sequence[Any] = list(map(self._get, wires))
        if self._is_late:
            return values
        for other in self._others:
            values = _choose(values, list(map(other, wires)), texts, failed)
        if self._is_read:
            return values
        kinds = {*map(type, values)}
        if kinds <= self._plain:
            return values
        if self._inner is None:
            as_text = self._field.type is scalars.TEXT_OR_INTEGER and kinds <= {int, str}
            return list(map(str, values)) if as_text else self._decode(values, failed)
        return self._fill(self._inner, values, texts, failed, whole=kinds == {self._inner.struct})

    def _decode(self, values: Sequence[Any], failed: set[int]) -> Sequence[Any]:
        decode, decoded = self._field.type.decode, list[Any]()
        for at, value in enumerate(values):
            if type(value) in self._plain:
                decoded.append(value)
                continue
            try:
                decoded.append(decode(value))
            except Malformed:
                failed.add(at)
                decoded.append(None)
            if type(value) in _MISSING:
                failed.add(at)
        return decoded

    def _fill(
        self, inner: _Shape, values: Sequence[Any], texts: Sequence[bytes], failed: set[int], *, whole: bool
    ) -> Sequence[Any]:
        """The same for objects; `whole` says that none is missing."""
        places = range(len(values)) if whole else [at for at, value in enumerate(values) if type(value) is inner.struct]
        if not whole:
            if not self._may_miss:
                failed.update({*range(len(values))} - {*places})
            texts = [texts[at] for at in places]
        filled = inner.fill(values if whole else [values[at] for at in places], texts, zip(texts, repeat(self._way)))
        failed.update(place for place, one in zip(places, filled, strict=True) if one is None)
        if whole:
            return filled
        made = list(values)
        for place, one in zip(places, filled, strict=True):
            made[place] = one
        return made


def _choose(first: Sequence[Any], second: Sequence[Any], texts: Sequence[bytes], failed: set[int]) -> Sequence[Any]:
    """For each place the value of the first spelling that has one; objects of two spellings are merged."""
    if {*map(type, second)} <= _MISSING:
        return first
    chosen = list[Any]()
    for at, (one, other) in enumerate(zip(first, second, strict=True)):
        if type(other) in _MISSING:
            chosen.append(one)
        elif type(one) in _MISSING:
            chosen.append(other)
        else:
            chosen.append(one)
            if isinstance(one, Struct):
                _merge(one, astuple(one), astuple(other))
            # A Struct does not tell null from missing, and null counts. Other objects are merged by the reference.
            if b"null" in texts[at] or isinstance(one, dict):
                failed.add(at)
    return chosen


def _merge(one: Struct, own: tuple[Any, ...], others: tuple[Any, ...]) -> None:
    """Give `one` what it is missing of another Struct of its class."""
    for name, value, other in zip(one.__struct_fields__, own, others, strict=True):
        if value is None or value is UNSET:
            setattr(one, name, other)
