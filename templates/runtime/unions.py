"""Types of several classes, and of classes that lead back to themselves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from .decoding import Malformed, kind
from .model import Model
from .schema import ModelOf, Type

if TYPE_CHECKING:
    from .messages import JSON


@frozen
class Const(Type):
    """The one value that the document allows."""

    value: JSON

    def decode(self, value: JSON) -> JSON:
        """The same value."""
        # Python takes True for 1, JSON does not.
        if value != self.value or isinstance(value, bool) is not isinstance(self.value, bool):
            raise Malformed(f"expected {self.value!r:.80}, got another {kind(value)}")
        return value

    encode = decode


@frozen
class OneOf(Type):
    """One of several types: of those that fit, the first; of classes, the first that leaves the fewest fields over."""

    types: tuple[Type, ...]

    def decode(self, value: JSON) -> Any:
        """The value as the type that fits."""
        found = list(self._fitting("decode", value))
        return min(found, key=_left_over)

    def encode(self, value: Any) -> JSON:
        """The JSON value of the first type that takes it."""
        return cast("JSON", next(iter(self._fitting("encode", value))))

    def strip(self, value: JSON) -> JSON:
        """The value without what only answers carry, by the type that fits."""
        for one in self.types:
            try:
                one.decode(value)
            except Malformed:
                continue
            return one.strip(value)
        return value

    def _fitting(self, way: str, value: Any) -> list[Any]:
        found, reasons = list[Any](), list[str]()
        for one in self.types:
            try:
                found.append(getattr(one, way)(value))
            except Malformed as error:
                reasons.append(str(error))
        if not found:
            raise Malformed(f"fits none of {len(reasons)} types: {'; '.join(reasons):.400}")
        return found


@frozen
class Tagged(Type):
    """One of several classes, told by the text of a property; `other` is for a text that the document does not know."""

    property: str
    types: Mapping[str, Type]
    other: Type | None = None

    def decode(self, value: JSON) -> Any:
        """An object of the class that its property names."""
        return self._find(value).decode(value)

    def encode(self, value: Any) -> JSON:
        """The JSON object; raises Malformed where its property names another class than its own."""
        candidates = (*self.types.values(), *([self.other] if self.other else []))
        own = next((one for one in candidates if isinstance(value, _class_of(one))), None)
        if own is None:
            names = ", ".join(dict.fromkeys(_class_of(one).__name__ for one in candidates))
            raise Malformed(f"expected one of {names}, got {type(value).__name__}")
        encoded = own.encode(value)
        if _class_of(self._find(encoded)) is not _class_of(own):
            raise Malformed(f"is that of another class than {_class_of(own).__name__}", f"/{self.property}")
        return encoded

    def strip(self, value: JSON) -> JSON:
        """The object without what only answers carry."""
        return self._find(value).strip(value)

    def _find(self, value: JSON) -> Type:
        if not isinstance(value, dict):
            raise Malformed(f"expected object, got {kind(value)}")
        tag = cast("dict[str, JSON]", value).get(self.property)
        found = self.types.get(tag, self.other) if isinstance(tag, str) else self.other
        if found is None:
            raise Malformed(f"expected one of {', '.join(map(repr, self.types)):.400}", f"/{self.property}")
        return found


@frozen
class Later(Type):
    """A class whose module leads back to the one where this stands: it is looked up once it is needed."""

    package: str | None
    module: str
    name: str

    @cached_property
    def found(self) -> ModelOf:
        """The type of the class."""
        return ModelOf(getattr(import_module(f"{self.package}.{self.module}"), self.name))

    def decode(self, value: JSON) -> Any:
        """An object of the class."""
        try:
            return self.found.decode(value)
        except RecursionError:
            raise Malformed("is nested too deeply") from None

    def encode(self, value: Any) -> JSON:
        """The JSON object of one."""
        return self.found.encode(value)

    def strip(self, value: JSON) -> JSON:
        """The object without what only answers carry."""
        return self.found.strip(value)


def _class_of(one: Type) -> type[Model]:
    return cast("ModelOf", one.found if isinstance(one, Later) else one).model


def _left_over(value: Any) -> int:
    return len(value.additional_properties) if isinstance(value, Model) else 0
