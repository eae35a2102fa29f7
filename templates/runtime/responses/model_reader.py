"""Reads the items of a page from bytes into models, through msgspec's Structs.

A Struct has a member for each spelling of each field, so that all spellings are equally fast. The columns of many
Structs then fill the slots of as many models. An item that does not fit is left out: `Model.decode`, the reference
implementation, reads it or reports what is wrong with it.
"""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Sequence
from dataclasses import make_dataclass
from itertools import repeat
from typing import Annotated, Any, NamedTuple, cast

import attrs
from msgspec import Meta, Raw, defstruct
from msgspec.json import Decoder
from msgspec.structs import astuple

from ..values import scalars
from ..values.compounds import ModelOf
from ..values.models import UNSET, Field, Model, Unread, fields_of
from ..values.strict_json import Malformed

# What msgspec reads for a type, and the classes whose values are used unchanged: None for all of them.
# Values of other classes, and all values of other types, are decoded by the type itself.
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
_MOST_DIGITS = 18


def read_models(model: type[Model], texts: Sequence[bytes]) -> tuple[list[Any], set[int]]:
    """The objects in these JSON texts, and the indexes of those that do not fit; their entries are meaningless."""
    shape = _shape_of(model)
    if shape is None:
        return [None] * len(texts), {*range(len(texts))}
    wires, failed, left = list[Any](), set[int](), iter(texts)
    while len(wires) < len(texts):
        try:
            wires.extend(map(shape.decode, left))
        except (ValueError, RecursionError):  # from the text after those that were read
            failed.add(len(wires))
            wires.append(None)
    if len(failed) == len(texts):
        return wires, failed
    one_read = next(wire for wire in wires if wire is not None)
    for at in failed:
        wires[at] = one_read
    return shape.fill(wires, texts, failed), failed


class _Batch(NamedTuple):
    """The values of many Structs, member by member."""

    members: Sequence[Sequence[Any]]
    doubles: Sequence[Sequence[Sequence[Any]]]
    """The same objects under other spellings, for what is missing under the first."""
    texts: Sequence[bytes]
    """The items that contain the objects."""
    failed: set[int]
    """The indexes of those that do not fit."""


_SHAPES: dict[tuple[type[Model], tuple[Field, ...]], _Shape | None] = {}


def _shape_of(model: type[Model], way: tuple[Field, ...] = ()) -> _Shape | None:
    """How to read this model, which is at `way` in its item; None if a Struct cannot have its JSON names."""
    if (model, way) not in _SHAPES:
        try:
            _SHAPES[model, way] = _Shape(model, way)
        except ValueError:
            _SHAPES[model, way] = None
    return _SHAPES[model, way]


class _Shape:
    """A model, its Struct, and how the columns of Structs fill the slots of models."""

    def __init__(self, model: type[Model], way: tuple[Field, ...]) -> None:
        self._model, self._unread = model, Unread(way)
        self._columns, names = list[_Column](), list[str]()
        for field in fields_of(model):
            self._columns.append(_Column(model, field, way, len(names)))
            names += field.spellings
        self._width = len(names)
        members = [member for column in self._columns for member in column.members]
        rename = {member[0]: name for member, name in zip(members, names, strict=True)}
        self.struct: Any = defstruct(model.__name__, members, rename=rename, kw_only=True, gc=False)
        self.decode = Decoder(self.struct).decode
        # The same slots in a class that is not frozen: its `__init__` fills them in a tenth of the time.
        slots = [*(field.name for field in fields_of(model)), "additional_properties", "_raw"]
        # With a docstring, attrs does not make one from the signature, which takes as long as the rest.
        own = {"__slots__": model.__slots__, "__doc__": model.__doc__}
        self._open = make_dataclass(model.__name__, slots, bases=(Model,), namespace=own, repr=False, eq=False)
        self._set = cast("Any", self._open).__init__

    def fill(
        self, wires: Sequence[Any], texts: Sequence[bytes], failed: set[int], doubles: Sequence[Sequence[Any]] = ()
    ) -> list[Any]:
        """One model for each Struct, with the same objects under other spellings; records what does not fit."""
        # The garbage collector is faster while they are empty.
        made: list[Any] = list(map(object.__new__, repeat(self._open, len(wires))))
        batch = _Batch(self._turn(wires), [*map(self._turn, doubles)], texts, failed)
        values = [column.read(batch) for column in self._columns]
        deque[None](map(self._set, made, *values, repeat(self._unread), texts), 0)
        for one in made:
            one.__class__ = self._model
        return made

    def _turn(self, wires: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The values of each member."""
        return [*zip(*map(astuple, wires), strict=True)] if wires else [()] * self._width


class _Column:
    """One field of many objects."""

    def __init__(self, model: type[Model], field: Field, way: tuple[Field, ...], at: int) -> None:
        self._field, self._way, self._is_late = field, (*way, field), field.is_late
        self._inner = _shape_of(field.type.model, self._way) if isinstance(field.type, ModelOf) else None
        kind, plain = self._find_type()
        default: Any = attrs.fields_dict(cast("Any", model))[field.name].default
        needed = field.required and not field.write_only
        self._at = range(at, at + len(field.spellings))
        names = [f"m{number}" for number in self._at]  # distinct names
        optional = kind if kind is Raw else kind | None
        self._default = UNSET if default is UNSET else None
        # If objects are merged, null under the first spelling counts.
        self._is_merged = bool(way and way[-1].other_names)
        if needed and not field.other_names:
            self.members: list[Any] = [(name, optional if field.null else kind) for name in names]
        else:  # a field of several spellings may be missing under each of them
            self.members = [(name, optional, UNSET if self._is_merged else self._default) for name in names]
        # If null is allowed under several spellings, only the reference distinguishes it from a missing field.
        self._may_miss = not needed or (field.null and not field.other_names)
        # A required field with a single spelling was already checked by msgspec.
        self._is_read = plain is None and (self._may_miss or not field.other_names)
        self._plain = (plain or _NOTHING) | (_MISSING if self._may_miss else _NOTHING)

    def _find_type(self) -> tuple[Any, frozenset[type] | None]:
        """What msgspec reads, and the classes whose values are used unchanged."""
        if self._is_late:
            return Raw, frozenset()
        if self._inner is not None:
            return self._inner.struct, frozenset()
        found = ((kind, plain) for known, kind, plain in _READ_AS if known is self._field.type)
        return next(found, (Any, frozenset[type]()))

    def read(self, batch: _Batch) -> Sequence[Any]:
        """The values of the field; records the indexes of those that do not fit."""
        values = self._find(self._at[0], batch)
        if self._is_late:
            return values
        others = list[Sequence[Any]]()
        for at in self._at[1:]:
            other = self._find(at, batch)
            if other.count(self._default) < len(other):
                others.append(other)
                values = self._choose(values, other, batch.failed)
        if self._is_read:
            return values
        kinds = {*map(type, values)}
        if kinds <= self._plain:
            return values
        if self._inner is not None:
            return self._fill(self._inner, values, others, batch, whole=kinds == {self._inner.struct})
        return self._decode(values, kinds, batch.failed)

    def _find(self, at: int, batch: _Batch) -> Sequence[Any]:
        """The values under one spelling."""
        values = batch.members[at]
        if self._is_merged and type(UNSET) in {*map(type, values)}:
            for double in batch.doubles:
                values = [other if one is UNSET else one for one, other in zip(values, double[at], strict=True)]
            values = [self._default if one is UNSET else one for one in values]
        return values

    def _choose(self, first: Sequence[Any], second: Sequence[Any], failed: set[int]) -> Sequence[Any]:
        """For each object, the value of the first spelling that has one."""
        chosen = list[Any]()
        for at, (one, other) in enumerate(zip(first, second, strict=True)):
            chosen.append(other if type(one) in _MISSING and type(other) not in _MISSING else one)
            # The reference merges objects without a Struct.
            if type(one) is type(other) is dict:
                failed.add(at)
        return chosen

    def _decode(self, values: Sequence[Any], kinds: set[type], failed: set[int]) -> Sequence[Any]:
        if self._field.type is scalars.TEXT_OR_INTEGER and kinds <= {int, str}:
            return list(map(str, values))
        if self._field.type is scalars.INTEGER_OR_TEXT and kinds == {str} and _are_digits(values):
            return list(map(int, values))
        decode, decoded, plain = self._field.type.decode, [*values], self._plain
        for at in [at for at, value in enumerate(values) if type(value) not in plain]:
            try:
                decoded[at] = decode(values[at])
            except Malformed:
                failed.add(at)
            if type(values[at]) in _MISSING:
                failed.add(at)
        return decoded

    def _fill(
        self, inner: _Shape, values: Sequence[Any], others: Sequence[Sequence[Any]], batch: _Batch, *, whole: bool
    ) -> Sequence[Any]:
        """The same for objects; `others` are those of other spellings, and `whole` means that none is missing."""
        doubles = [[other or one for one, other in zip(values, column, strict=True)] for column in others]
        if whole:
            return inner.fill(values, batch.texts, batch.failed, doubles)
        places = [at for at, value in enumerate(values) if type(value) is inner.struct]
        wires, texts, *doubles = ([column[at] for at in places] for column in (values, batch.texts, *doubles))
        failed = set[int]()
        made = dict(zip(places, inner.fill(wires, texts, failed, doubles), strict=True))
        batch.failed.update(places[at] for at in failed)
        if not self._may_miss:
            batch.failed.update({*range(len(values))}.difference(places))
        return [made.get(at, value) for at, value in enumerate(values)]


def _are_digits(values: Sequence[str]) -> bool:
    """Whether each may be an integer of at most 18 digits, which `int` reads like the reference."""
    joined = "".join(values)
    return joined.isascii() and joined.isdigit() and "" not in values and max(map(len, values)) <= _MOST_DIGITS
