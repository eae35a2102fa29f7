"""The base of all models: frozen, and lossless by a link to what came."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias, TypeVar, cast

from attrs import frozen

from ..errors import DecodeError, InvalidArgumentError
from .strict_json import DEEPEST_OBJECT, Malformed, copy_json, kind

if TYPE_CHECKING:
    from typing import Self

    from ..responses.page_reader import Source
    from .scalars import Type
    from .strict_json import JSON

ModelT = TypeVar("ModelT", bound="Model")


class _Unset(Enum):
    UNSET = "not given"

    def __bool__(self) -> Literal[False]:
        return False


Unset: TypeAlias = Literal[_Unset.UNSET]
"""The type of `UNSET`."""
UNSET: Final = _Unset.UNSET
"""The value of an optional field that may also be null: nothing is sent for it."""


@frozen(kw_only=True)
class Field:
    """One field of a model: its names and its type."""

    name: str
    """In Python."""
    wire: str
    """In JSON."""
    type: Type
    required: bool = False
    null: bool = False
    """Whether None is written as null, instead of leaving the field out."""
    other_names: tuple[str, ...] = ()
    """Other spellings in JSON, read where the first is missing."""
    read_only: bool = False
    """Whether it is never sent."""
    write_only: bool = False
    """Whether it is never answered."""

    @property
    def may_be_left_out(self) -> bool:
        """Whether a model made by hand may lack it."""
        return not self.required or self.read_only


class Model:
    """The base of all models."""

    # `_raw` is the JSON object that it was read from, or a link to the page's bytes and its place there.
    __slots__ = ("_raw",)
    _fields: ClassVar[tuple[Field, ...]] = ()
    _quick: ClassVar[bool] = False
    if TYPE_CHECKING:
        additional_properties: Mapping[str, JSON]
    else:

        def __getattr__(self, name: str) -> Any:
            """What a model that is linked to its page works out when it is asked for: open values, and what is left."""
            open_field = next((one for one in self._fields if one.name == name), None)
            late = open_field is not None or name == "additional_properties"
            if not late or getattr(self, "_raw", None) is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = self._find_rest() if open_field is None else self._look_up(open_field)
            object.__setattr__(self, name, value)
            return value

    @classmethod
    def from_dict(cls, raw: Mapping[str, JSON]) -> Self:
        """Read a JSON object; `to_dict()` of the result gives back exactly the same.

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
        """The same for an object that nobody else holds; raises Malformed."""
        values: dict[str, Any] = {}
        rest = dict(raw)
        for field in cls._fields:
            found = collect(field, rest)
            if found is not None:
                try:
                    values[field.name] = field.type.decode(found)
                except Malformed as error:
                    raise error.inside(field.wire) from None
            elif field.required and not field.write_only and (not field.null or field.wire not in raw):
                raise Malformed(f"expected {field.wire!r}, which is {'null' if field.wire in raw else 'missing'}")
            elif field.wire in raw or field.required:
                values[field.name] = None
        made = cls(**values, additional_properties=copy_json(rest))  # type: ignore[call-arg]
        object.__setattr__(made, "_raw", raw)
        return made

    def to_dict(self) -> dict[str, JSON]:
        """The JSON object: exactly what came, or for an object made by hand, its fields under their first names.

        Raises:
            InvalidArgumentError: a field made by hand has another type than the document says.
        """
        raw = self._find_raw()
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

    def detach(self) -> Self:
        """The same, no longer linked to its page: a kept entry else keeps the bytes of the whole page."""
        raw = self._find_raw()
        if raw is not None:
            object.__setattr__(self, "_raw", raw)
        for field in self._fields:
            part = getattr(self, field.name)
            if isinstance(part, Model):
                part.detach()
        return self

    def _find_raw(self) -> dict[str, JSON] | None:
        """A copy of the JSON object that it was read from, if it was."""
        return None if getattr(self, "_raw", None) is None else cast("dict[str, JSON]", self._look_up(None))

    def _find_rest(self) -> dict[str, JSON]:
        """Of that copy, the fields that the document does not know."""
        rest = cast("dict[str, JSON]", self._look_up(None))
        for field in self._fields:
            collect(field, rest)
        return rest

    def _look_up(self, open_field: Field | None) -> JSON:
        """A copy of the value of this field in that JSON object, or of all of it."""
        raw: object = getattr(self, "_raw", None)
        source, at = cast("tuple[Source, int]", raw) if isinstance(raw, tuple) else (None, 0)
        try:
            if source is not None:
                return (
                    source.find(type(self), at) if open_field is None else source.find_open(type(self), at, open_field)
                )
            whole = cast("dict[str, JSON]", raw)
            return (
                copy_json(whole, deepest=DEEPEST_OBJECT)
                if open_field is None
                else copy_json(whole.get(open_field.wire))
            )
        except Malformed as error:  # in what a page is not looked through for: a field that is open, or not known
            text = f"{type(self).__name__}: {error}; the page's raw bytes hold it as it came"
            raise DecodeError(text, raw=None if source is None else source.content) from error

    def __getstate__(self) -> dict[str, Any]:
        state = {field.name: getattr(self, field.name) for field in self._fields}
        state["additional_properties"] = self.additional_properties
        raw = self._find_raw()
        return state if raw is None else state | {"_raw": raw}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)


def collect(field: Field, rest: dict[str, JSON]) -> JSON:
    """Take the field's value out of `rest`: the first spelling that is there; objects of several spellings merged."""
    found = [value for name in (field.wire, *field.other_names) if (value := rest.pop(name, None)) is not None]
    if len(found) > 1:
        for value in found:  # those passed over have to be written back, too
            copy_json(value)
    if len(found) > 1 and all(isinstance(value, dict) for value in found):
        merged: dict[str, JSON] = {}
        for value in reversed(cast("list[dict[str, JSON]]", found)):
            merged |= value
        return merged
    return found[0] if found else None


def fields_of(model: type[Model]) -> tuple[Field, ...]:
    """The fields of a model."""
    fields: tuple[Field, ...] = cast("Any", model)._fields  # the same module
    return fields


def is_quick(model: type[Model]) -> bool:
    """Whether the generator decided that msgspec can read pages of it."""
    quick: bool = cast("Any", model)._quick  # noqa: SLF001  # the same module
    return quick


def view(value: JSON, model: type[ModelT], when_has: str) -> ModelT | None:
    """An open value as `model`, or None where it is not an object that has `when_has`.

    Raises:
        DecodeError: it has, but the rest does not fit.
    """
    if not isinstance(value, Mapping) or when_has not in value:
        return None
    return model.from_dict(value)
