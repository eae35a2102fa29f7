"""The base of all models: frozen attrs classes that return exactly the JSON they were read from."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias, TypeVar, cast

import attrs
from msgspec import Raw
from msgspec.json import Decoder

from ..errors import DecodeError, InvalidArgumentError
from .scalars import ANY, Type
from .strict_json import DEEPEST_OBJECT, JSON, Malformed, copy_json, kind, loads

if TYPE_CHECKING:
    from typing import Self

__all__ = ["UNSET", "Unset"]

ModelT = TypeVar("ModelT", bound="Model")

_IN_JSON = "json"
_decode_open = Decoder().decode


class _Unset(Enum):
    UNSET = "not given"

    def __bool__(self) -> Literal[False]:
        return False


Unset: TypeAlias = Literal[_Unset.UNSET]
"""The type of `UNSET`."""
UNSET: Final = _Unset.UNSET
"""The value of an optional nullable field that is not sent."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Field:
    """One field of a model: its names and its type."""

    name: str = ""
    """In Python."""
    wire: str
    """In JSON."""
    type: Type
    required: bool = False
    null: bool = False
    """Whether None is written as null, instead of leaving the field out."""
    other_names: tuple[str, ...] = ()
    """Other spellings in JSON, read if the first is missing."""
    read_only: bool = False
    """Whether it is never sent."""
    write_only: bool = False
    """Whether it is never in answers."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """All names in JSON, the first one first."""
        return (self.wire, *self.other_names)

    @property
    def may_be_left_out(self) -> bool:
        """Whether a model made by hand may lack it."""
        return not self.required or self.read_only

    @property
    def is_late(self) -> bool:
        """Whether it is decoded when first read: the document leaves it open, so there is no type to check."""
        return self.type is ANY and not (self.required or self.other_names)


def in_json(wire: str, kind: Type, *, also: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """The metadata of a model's field: its name and type in JSON, other spellings, and more attributes of `Field`."""
    return {_IN_JSON: Field(wire=wire, type=kind, other_names=also, **more)}


class Unread:
    """Placeholder in the slot `additional_properties` of a model from a page: the fields are in its item's text."""

    __slots__ = ("way",)

    def __init__(self, way: tuple[Field, ...]) -> None:
        """Take the fields that lead from the item to the model."""
        self.way = way


# msgspec encodes attrs classes by their slots, without `to_dict()`. It refuses an object of this class, by this name.
Unread.__name__ = "model whose unknown fields were not read yet; encode its to_dict()"


class Late:
    """A field whose slot holds JSON until the field is first read."""

    __slots__ = ("_field", "slot")

    def __init__(self, slot: Any, field: Field | None) -> None:
        """Wrap the slot of a field; without a field, the slot of unknown fields."""
        self.slot: Any = slot
        self._field = field

    def __get__(self, model: Model | None, owner: type | None = None) -> Any:
        if model is None:
            return self
        value = self.slot.__get__(model, owner)
        if isinstance(value, (Unread, Raw)):
            value = (
                _read_rest(model)
                if isinstance(value, Unread)
                else _decode_late(model, cast("Field", self._field), value)
            )
            self.slot.__set__(model, value)
        return value

    def __set__(self, model: Model, value: Any) -> None:
        # attrs calls it in `__init__`; anywhere else, the frozen class raises first.
        self.slot.__set__(model, value)


_Raw: TypeAlias = dict[str, JSON] | bytes | tuple[bytes, tuple[Field, ...]]


class Model:
    """The base of all models."""

    # The source: the JSON object, or the text of a page's item. The path from there to this model is in
    # `additional_properties` until those are read, then stored with the text: this saves a tuple for each model.
    __slots__ = ("__weakref__", "_raw")
    _fields: ClassVar[tuple[Field, ...]] = ()
    # Values that contain others come last, so that a malformed field is found soon.
    _in_reading_order: ClassVar[tuple[Field, ...]] = ()
    _raw: _Raw | None
    if TYPE_CHECKING:
        additional_properties: Mapping[str, JSON]

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        named = [(one, one.metadata.get(_IN_JSON)) for one in attrs.fields(cast("Any", cls))]
        cls._fields = tuple(attrs.evolve(field, name=one.name) for one, field in named if field is not None)
        cls._in_reading_order = tuple(sorted(cls._fields, key=lambda field: field.type.nests))
        for late in (*(field for field in cls._fields if field.is_late), None):
            name = "additional_properties" if late is None else late.name
            setattr(cls, name, Late(cls.__dict__[name], late))

    @classmethod
    def from_dict(cls, raw: Mapping[str, JSON]) -> Self:
        """Read a JSON object; `to_dict()` of the result returns exactly the same.

        Raises:
            DecodeError: a required field is missing, or a field has another type than the document says.
        """
        if not isinstance(cast("object", raw), Mapping):
            raise DecodeError(f"{cls.__name__}: expected object, got {kind(raw)}; give the entry's JSON object")
        try:
            return cls.decode(cast("dict[str, JSON]", copy_json(dict(raw), deepest=DEEPEST_OBJECT)))
        except Malformed as error:
            raise DecodeError(f"{cls.__name__}{error.place}: {error.message}; compare it with the document") from error

    @classmethod
    def decode(cls, raw: dict[str, JSON]) -> Self:
        """The same for an object that nothing else references; raises Malformed."""
        values: dict[str, Any] = {}
        rest = dict(raw)
        for field in cls._in_reading_order:
            found = collect(field, rest) if field.other_names else rest.pop(field.wire, None)
            if found is not None:
                try:
                    values[field.name] = field.type.decode(found)
                except Malformed as error:
                    raise error.inside(field.wire) from None
            elif field.required and not field.write_only and (not field.null or field.wire not in raw):
                raise Malformed(f"expected {field.wire!r}, which is {'null' if field.wire in raw else 'missing'}")
            elif field.wire in raw or field.required:
                values[field.name] = None
        made = cls(**values, additional_properties=copy_json(rest) if rest else rest)  # type: ignore[call-arg]
        object.__setattr__(made, "_raw", raw)
        return made

    def to_dict(self) -> dict[str, JSON]:
        """The JSON object: exactly as received, or for an object made by hand, its fields under their first names.

        Raises:
            InvalidArgumentError: a field made by hand has another type than the document says.
        """
        raw = _read_raw(self)
        if raw is not None:
            return raw
        written: dict[str, JSON] = {}
        for field in self._fields:
            value = getattr(self, field.name)
            if value is UNSET or (value is None and not field.null and field.may_be_left_out):
                continue
            try:
                written[field.wire] = None if value is None and field.null else field.type.encode(value)
            except Malformed as error:
                place = f"{type(self).__name__}.{field.name}{error.place}"
                raise InvalidArgumentError(f"{place}: {error.message}; compare it with the document") from error
        return written | cast("dict[str, JSON]", copy_json(dict(self.additional_properties)))

    def __getstate__(self) -> dict[str, Any]:
        state = {field.name: getattr(self, field.name) for field in self._fields}
        state["additional_properties"] = self.additional_properties
        raw = _read_raw(self)
        return state if raw is None else state | {"_raw": raw}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)


def _read_raw(model: Model) -> dict[str, JSON] | None:
    """A copy of the JSON object that the model was read from, if it was."""
    # In this order, because another thread may be reading the unknown fields, and it stores the path first.
    unread = cast("Any", type(model)).additional_properties.slot.__get__(model)
    raw: _Raw | None = getattr(model, "_raw", None)
    if raw is None:
        return None
    if isinstance(raw, bytes):
        raw = raw, unread.way
        object.__setattr__(model, "_raw", raw)
    source, way = raw if isinstance(raw, tuple) else (raw, ())
    with _named(model):
        found = loads(source) if isinstance(source, bytes) else copy_json(source, deepest=DEEPEST_OBJECT)
        for field in way:
            found = collect(field, cast("dict[str, JSON]", found))
    return cast("dict[str, JSON]", found)


def _read_rest(model: Model) -> dict[str, JSON]:
    """The fields of that copy that the document does not describe."""
    rest = _read_raw(model) or {}
    with _named(model):
        for field in fields_of(type(model)):
            collect(field, rest)
    return rest


@contextmanager
def _named(model: Model) -> Generator[None]:
    """Raise a DecodeError for an open or unknown field, which is checked only when it is read."""
    try:
        yield
    except Malformed as error:
        raw: _Raw | None = getattr(model, "_raw", None)
        source = raw[0] if isinstance(raw, tuple) else raw
        item = source.decode("utf-8") if isinstance(source, bytes) else None
        raise DecodeError(f"{type(model).__name__}: {error}; `item` has it as received", item=item) from error


def _decode_late(model: Model, field: Field, text: Raw) -> JSON:
    try:
        return cast("JSON", _decode_open(text))
    except (ValueError, RecursionError):  # such as a number that is too large; the reference reports what is wrong
        return (_read_raw(model) or {}).get(field.wire)


def collect(field: Field, rest: dict[str, JSON]) -> JSON:
    """Take the field's value out of `rest`: the first spelling that is there; objects of several spellings merged."""
    if not field.other_names:
        return rest.pop(field.wire, None)
    found = [value for name in field.spellings if (value := rest.pop(name, None)) is not None]
    if len(found) <= 1:
        return found[0] if found else None
    for value in found:  # those not used have to be written back, too
        copy_json(value)
    if not all(isinstance(value, dict) for value in found):
        return found[0]
    merged: dict[str, JSON] = {}
    for value in reversed(cast("list[dict[str, JSON]]", found)):
        merged |= value
    return merged


def fields_of(model: type[Model]) -> tuple[Field, ...]:
    """The fields of a model."""
    fields: tuple[Field, ...] = cast("Any", model)._fields  # the same module
    return fields


def view(value: JSON, model: type[ModelT], when_has: str) -> ModelT | None:
    """An open value as `model`, or None if it is not an object with `when_has`.

    Raises:
        DecodeError: it has `when_has`, but the rest does not fit.
    """
    if not isinstance(value, Mapping) or when_has not in value:
        return None
    return model.from_dict(value)
