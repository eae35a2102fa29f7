"""Types that contain other types: enums, objects, arrays, maps and unions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from .models import Model
from .scalars import ANY, Type
from .strict_json import Malformed, kind

if TYPE_CHECKING:
    from .models import Field
    from .strict_json import JSON


@frozen(eq=False, repr=False)
class EnumOf(Type):
    """Values with names; a value that the document does not list is kept as received."""

    enum: type[Enum]
    base: Type

    def decode(self, value: JSON) -> Any:
        plain = self.base.decode(value)
        try:
            return self.enum(plain)
        except ValueError:
            return plain

    def encode(self, value: Any) -> JSON:
        return self.base.encode(value.value if isinstance(value, self.enum) else value)


@frozen(eq=False, repr=False)
class KnownEnumOf(EnumOf):
    """The same for arguments: a value that the document does not list is refused before sending."""

    def encode(self, value: Any) -> JSON:
        plain = super().encode(value)
        if not isinstance(self.decode(plain), self.enum):
            raise Malformed(f"{plain!r:.80} is not one of {', '.join(repr(member.value) for member in self.enum)}")
        return plain


@frozen(eq=False, repr=False)
class ModelOf(Type):
    """An object of the document with a class of its own."""

    nests = True
    model: type[Model]

    def decode(self, value: JSON) -> Any:
        if not isinstance(value, dict):
            raise Malformed(f"expected object, got {kind(value)}")
        return self.model.decode(cast("dict[str, JSON]", value))

    def encode(self, value: Any) -> JSON:
        if not isinstance(value, self.model):
            raise Malformed(f"expected {self.model.__name__}, got {type(value).__name__}")
        return value.to_dict()

    def strip(self, value: JSON) -> JSON:
        fields: tuple[Field, ...] = cast("Any", self.model)._fields  # the same package
        left = dict(cast("dict[str, JSON]", value))
        for field in fields:
            for name in {*field.spellings} & left.keys():
                if field.read_only:
                    del left[name]
                elif left[name] is not None:
                    left[name] = field.type.strip(left[name])
        return left


@frozen(eq=False, repr=False)
class ListOf(Type):
    """An array, in Python a tuple, so that a frozen model stays frozen."""

    nests = True
    inner: Type

    def decode(self, value: JSON) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Malformed(f"expected array, got {kind(value)}")
        return tuple(_each(self.inner.decode, enumerate(cast("list[JSON]", value))).values())

    def encode(self, value: Any) -> JSON:
        if not _is_sequence(value):
            raise Malformed(f"expected a sequence, got {type(value).__name__}")
        return list(_each(self.inner.encode, enumerate(value)).values())

    def strip(self, value: JSON) -> JSON:
        return [self.inner.strip(one) for one in cast("list[JSON]", value)]


@frozen(eq=False, repr=False)
class MapOf(Type):
    """An object whose keys are data."""

    nests = True
    inner: Type

    def decode(self, value: JSON) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Malformed(f"expected object, got {kind(value)}")
        return _each(self.inner.decode, cast("dict[str, JSON]", value).items())

    def encode(self, value: Any) -> JSON:
        if not isinstance(value, Mapping):
            raise Malformed(f"expected a mapping, got {type(value).__name__}")
        return _each(self.inner.encode, cast("Mapping[str, Any]", value).items())

    def strip(self, value: JSON) -> JSON:
        return {key: self.inner.strip(one) for key, one in cast("dict[str, JSON]", value).items()}


@frozen(eq=False, repr=False)
class Nullable(Type):
    """The inner type, or null."""

    inner: Type

    def decode(self, value: JSON) -> Any:
        return None if value is None else self.inner.decode(value)

    def encode(self, value: Any) -> JSON:
        return None if value is None else self.inner.encode(value)

    def strip(self, value: JSON) -> JSON:
        return None if value is None else self.inner.strip(value)


def _is_sequence(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _each(convert: Callable[[Any], Any], items: Any) -> dict[Any, Any]:
    converted: dict[Any, Any] = {}
    for key, value in items:
        try:
            converted[key] = convert(value)
        except Malformed as error:
            raise error.inside(key) from None
    return converted


@frozen(eq=False, repr=False)
class Const(Type):
    """The one value that the document allows."""

    value: JSON

    def decode(self, value: JSON) -> JSON:
        # In Python, True equals 1; in JSON, it does not.
        if value != self.value or isinstance(value, bool) is not isinstance(self.value, bool):
            raise Malformed(f"expected {self.value!r:.80}, got another {kind(value)}")
        return value

    encode = decode


@frozen(eq=False, repr=False)
class OneOf(Type):
    """One of several types: the first that fits; of classes, the first that leaves the fewest fields unknown."""

    types: tuple[Type, ...]

    def decode(self, value: JSON) -> Any:
        return self._best(value)[1]

    def encode(self, value: Any) -> JSON:
        return cast("JSON", self._fitting("encode", value)[0][1])

    def strip(self, value: JSON) -> JSON:
        try:
            return self._best(value)[0].strip(value)
        except Malformed:
            return value

    def _best(self, value: JSON) -> tuple[Type, Any]:
        return min(self._fitting("decode", value), key=lambda one: _left_over(*one))

    def _fitting(self, way: str, value: Any) -> list[tuple[Type, Any]]:
        found, reasons = list[tuple[Type, Any]](), list[str]()
        for one in self.types:
            try:
                found.append((one, getattr(one, way)(value)))
            except Malformed as error:
                reasons.append(str(error))
        if not found:
            raise Malformed(f"fits none of {len(reasons)} types: {'; '.join(reasons):.400}")
        return found


@frozen(eq=False, repr=False)
class Tagged(Type):
    """One of several classes, selected by the text of a property.

    An object with an unknown text is read as the class `other`; without `other`, it is kept as received.
    """

    property: str
    types: Mapping[str, Type]
    other: Type = ANY

    def decode(self, value: JSON) -> Any:
        return self._find(value).decode(value)

    def encode(self, value: Any) -> JSON:
        """The JSON object; raises Malformed if its property does not name its class, or names one for a mapping."""
        encoded: JSON
        if isinstance(value, Mapping):
            encoded = ANY.encode(dict(cast("Mapping[str, JSON]", value)))
            if self._find(encoded) is ANY:
                return encoded
        classes = [_class_of(one) for one in (*self.types.values(), self.other) if one is not ANY]
        own = next((one for one in classes if isinstance(value, one)), None)
        if own is None:
            names = ", ".join(dict.fromkeys(one.__name__ for one in classes))
            raise Malformed(f"expected one of {names}, got {type(cast('object', value)).__name__}")
        encoded = cast("Model", value).to_dict()
        found = self._find(encoded)
        if found is ANY or _class_of(found) is not own:
            raise Malformed(f"is that of another class than {own.__name__}", f"/{self.property}")
        return encoded

    def strip(self, value: JSON) -> JSON:
        return self._find(value).strip(value)

    def _find(self, value: JSON) -> Type:
        if not isinstance(value, dict):
            raise Malformed(f"expected object, got {kind(value)}")
        tag = cast("dict[str, JSON]", value).get(self.property)
        if not isinstance(tag, str) and self.other is ANY:
            raise Malformed(f"expected one of {', '.join(map(repr, self.types)):.400}", f"/{self.property}")
        return self.types.get(tag, self.other) if isinstance(tag, str) else self.other


@frozen(eq=False, repr=False)
class Later(Type):
    """A class whose module imports this one back, so it is looked up when it is first needed."""

    package: str | None
    module: str
    name: str

    @cached_property
    def found(self) -> ModelOf:
        """The type of the class."""
        return ModelOf(getattr(import_module(f"{self.package}.{self.module}"), self.name))

    def decode(self, value: JSON) -> Any:
        try:
            return self.found.decode(value)
        except RecursionError:
            raise Malformed("is nested too deeply") from None

    def encode(self, value: Any) -> JSON:
        return self.found.encode(value)

    def strip(self, value: JSON) -> JSON:
        return self.found.strip(value)


def _class_of(one: Type) -> type[Model]:
    return cast("ModelOf", one.found if isinstance(one, Later) else one).model


def _left_over(one: Type, value: Any) -> int:
    if isinstance(value, Model):
        return len(value.additional_properties)
    # The class of an object with an unknown discriminator is not known.
    return len(value) if isinstance(one, Tagged) else 0
