"""The types of a document's values: each reads JSON into Python and writes it back."""

from __future__ import annotations

import contextlib
import datetime
import functools
import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import frozen

from .decoding import Malformed, copy_json, kind

if TYPE_CHECKING:
    from .messages import JSON
    from .model import Field, Model

# Beyond it, Python refuses to write an integer out.
_LARGE = 10**4000
# Beyond it, a float no longer holds every integer, so its text may have said another one.
_EXACT = 2**53
_DATE_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2})(:60(?![0-9]))?(.*)", re.ASCII | re.DOTALL)
_ROUNDED_UP = re.compile(r"[.,][0-9]{6}[5-9]", re.ASCII)


class Type(ABC):
    """One type of the document."""

    @abstractmethod
    def decode(self, value: JSON) -> Any:
        """The Python value; raises Malformed where `value` is not of this type."""

    @abstractmethod
    def encode(self, value: Any) -> JSON:
        """The JSON value; raises Malformed where `value` is not of this type."""

    def strip(self, value: JSON) -> JSON:
        """A JSON value of this type without what only answers carry."""
        return value


@frozen
class Scalar(Type):
    """Text, numbers and booleans, which JSON and Python share."""

    python: type | tuple[type, ...]
    name: str

    def decode(self, value: JSON) -> Any:
        if not isinstance(value, self.python) or (isinstance(value, bool) and self.python is not bool):
            raise Malformed(f"expected {self.name}, got {kind(value)}")
        return value

    encode = decode


class _Text(Scalar):
    def encode(self, value: Any) -> JSON:
        # Many ids are UUIDs, and callers hold them as such.
        return str(value) if isinstance(value, UUID) else cast("str", self.decode(value))


class _Number(Scalar):
    def encode(self, value: Any) -> JSON:
        value = self.decode(value)
        if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  # NaN alone differs from itself
            raise Malformed(f"{value} is no JSON number")
        return cast("float", value)


class _Integer(Scalar):
    def decode(self, value: JSON) -> Any:
        # JSON has one kind of number: 2037.0 is an integer as well.
        if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
            return int(value)
        return super().decode(value)

    encode = Scalar.decode


class _Anything(Type):
    def decode(self, value: JSON) -> Any:
        # A copy: what the caller does to it must not reach what `to_dict()` gives back.
        return copy_json(value)

    encode = decode


class _ReadAsText(Type):
    def decode(self, value: JSON) -> str:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise Malformed(f"expected string or integer, got {kind(value)}")
        return str(value)

    def encode(self, value: Any) -> JSON:
        return str(value) if isinstance(value, UUID) else self.decode(value)


class _ReadAsInteger(Type):
    def decode(self, value: JSON) -> int:
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
            return int(value)
        return cast("int", INTEGER.decode(value))

    encode = decode


class _DateTime(Type):
    def decode(self, value: JSON) -> datetime.datetime:
        """The moment, aware, rounded to microseconds; without an offset it is UTC.

        A leap second, :60, which Python does not have, is the first second of the minute that follows.
        """
        parts = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
        if parts is None:
            raise Malformed(f"expected a date-time (RFC 3339), got {_shown(value)}")
        minute, leap, rest = parts.groups()
        try:
            moment = datetime.datetime.fromisoformat(minute + (":59" if leap else "") + rest.replace("z", "Z"))
            moment += datetime.timedelta(seconds=1 if leap else 0)
        except (ValueError, OverflowError):
            raise Malformed(f"expected a date-time (RFC 3339), got {_shown(value)}") from None
        if _ROUNDED_UP.search(rest):
            with contextlib.suppress(OverflowError):  # the last moment of all
                moment += datetime.timedelta(microseconds=1)
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)

    def encode(self, value: Any) -> JSON:
        if not isinstance(value, datetime.datetime) or value.tzinfo is None:
            got = "one without a time zone" if isinstance(value, datetime.datetime) else type(value).__name__
            raise Malformed(f"expected an aware datetime, got {got}")
        return value.isoformat()


@frozen
class _Parsed(Type):
    """Text with a Python class of its own."""

    python: type
    name: str
    parse: Callable[[str], Any]

    def decode(self, value: JSON) -> Any:
        try:
            return self.parse(cast("str", STRING.decode(value)))
        except ValueError:
            raise Malformed(f"expected {self.name}, got {_shown(value)}") from None

    def encode(self, value: Any) -> JSON:
        # A datetime is a date to Python, but would be written with its time.
        if not isinstance(value, self.python) or isinstance(value, datetime.datetime):
            raise Malformed(f"expected {self.python.__name__}, got {type(value).__name__}")
        return str(value)


@frozen
class EnumOf(Type):
    """Values with names; a value that the document does not know is kept as it came."""

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


@frozen
class KnownEnumOf(EnumOf):
    """The same for arguments: a value that the document does not know is refused before sending."""

    def encode(self, value: Any) -> JSON:
        plain = super().encode(value)
        if not isinstance(self.decode(plain), self.enum):
            raise Malformed(f"{plain!r:.80} is not one of {', '.join(repr(member.value) for member in self.enum)}")
        return plain


@frozen
class ModelOf(Type):
    """An object of the document with a class of its own."""

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
            for name in {field.wire, *field.other_names} & left.keys():
                if field.read_only:
                    del left[name]
                elif left[name] is not None:
                    left[name] = field.type.strip(left[name])
        return left


@frozen
class ListOf(Type):
    """An array, in Python a tuple, so that a frozen model stays frozen."""

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


@frozen
class MapOf(Type):
    """An object whose keys are data."""

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


@frozen
class Nullable(Type):
    """The inner type, or null."""

    inner: Type

    def decode(self, value: JSON) -> Any:
        return None if value is None else self.inner.decode(value)

    def encode(self, value: Any) -> JSON:
        return None if value is None else self.inner.encode(value)

    def strip(self, value: JSON) -> JSON:
        return None if value is None else self.inner.strip(value)


@frozen(kw_only=True)
class Limited(Type):
    """The inner type within the document's limits, which hold for what is sent; answers are taken as they come."""

    inner: Type
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None

    def decode(self, value: JSON) -> Any:
        return self.inner.decode(value)

    def encode(self, value: Any) -> JSON:
        plain = self.inner.encode(value)
        if isinstance(plain, (int, float)):
            self._check_number(plain)
        elif isinstance(plain, (str, list, dict)):
            self._check_size(plain)
        return plain

    def strip(self, value: JSON) -> JSON:
        return self.inner.strip(value)

    def _check_number(self, number: float) -> None:
        for limit, broken, words in (
            (self.minimum, operator.lt, "at least"),
            (self.maximum, operator.gt, "at most"),
            (self.exclusive_minimum, operator.le, "more than"),
            (self.exclusive_maximum, operator.ge, "less than"),
        ):
            if limit is not None and broken(number, limit):
                shown = "a number of thousands of digits" if abs(number) > _LARGE else repr(number)
                raise Malformed(f"{shown} is out of range; give {words} {limit}")

    def _check_size(self, value: str | list[Any] | dict[str, Any]) -> None:
        unit = "characters" if isinstance(value, str) else "items"
        if self.min_length is not None and len(value) < self.min_length:
            raise Malformed(f"has {len(value)} {unit}; give at least {self.min_length}")
        if self.max_length is not None and len(value) > self.max_length:
            raise Malformed(f"has {len(value)} {unit}; give at most {self.max_length}")
        if self.pattern is not None and isinstance(value, str) and not _matcher(self.pattern).search(value):
            raise Malformed(f"{_shown(value)} does not match {self.pattern!r}")


@functools.cache
def _matcher(pattern: str) -> re.Pattern[str]:
    # The `$` of ECMA-262 is `\Z` in Python: Python's own also matches before a line end at the end.
    end = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
    return re.compile(end.sub(lambda found: r"\Z" if found[0] == "$" else found[0], pattern), re.ASCII)


def scalar_text(value: JSON) -> str:
    """The text that stands for a JSON scalar where everything is text; raises Malformed for half a character."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("holds half of a surrogate pair; give whole characters") from None
    return text


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


def _shown(value: object) -> str:
    # Not the text itself: it may hold personal data or be a password, and errors are logged.
    return f"a string of {len(value)} characters" if isinstance(value, str) else kind(value)


STRING = _Text(str, "string")
INTEGER = _Integer(int, "integer")
NUMBER = _Number((int, float), "number")
BOOLEAN = Scalar(bool, "boolean")
ANY = _Anything()
TEXT_OR_INTEGER = _ReadAsText()
INTEGER_OR_TEXT = _ReadAsInteger()
DATE_TIME = _DateTime()
DATE = _Parsed(datetime.date, "a date (RFC 3339)", datetime.date.fromisoformat)
IDENTIFIER = _Parsed(UUID, "a UUID (RFC 9562)", UUID)
