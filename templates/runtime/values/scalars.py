"""Text, numbers, booleans and moments, and their limits: each type reads JSON into Python and writes it back."""

from __future__ import annotations

import base64
import contextlib
import datetime
import functools
import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from attrs import frozen

from .strict_json import Malformed, copy_json, kind

if TYPE_CHECKING:
    from .strict_json import JSON

# From here on, a float cannot represent every integer, so the JSON text may have had another one.
_EXACT = 2**53
# Python refuses to convert larger integers to text.
_LARGE = 10**4000
_DATE_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2})(:60(?![0-9]))?(.*)", re.ASCII | re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_ROUNDED_UP = re.compile(r"[.,][0-9]{6}[5-9]", re.ASCII)


class Type(ABC):
    """One type of the document."""

    nests: ClassVar[bool] = False
    """Whether its values may contain others, so that reading one is slow."""

    @abstractmethod
    def decode(self, value: JSON) -> Any:
        """The Python value; raises Malformed if `value` is not of this type."""

    @abstractmethod
    def encode(self, value: Any) -> JSON:
        """The JSON value; raises Malformed if `value` is not of this type."""

    def strip(self, value: JSON) -> JSON:
        """A JSON value of this type without read-only fields."""
        return value


@frozen(eq=False, repr=False)
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
            raise Malformed(f"{value} is not a JSON number")
        return cast("float", value)


class _Integer(Scalar):
    def decode(self, value: JSON) -> Any:
        # JSON has one kind of number: 2037.0 is an integer as well.
        if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
            return int(value)
        return super().decode(value)

    encode = Scalar.decode


class _Anything(Type):
    nests = True

    def decode(self, value: JSON) -> Any:
        # A copy: changes by the caller must not affect what `to_dict()` returns.
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
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        return cast("int", INTEGER.decode(value))

    encode = decode


class _DateTime(Type):
    def decode(self, value: JSON) -> datetime.datetime:
        """The moment, aware, rounded to microseconds; without an offset it is UTC.

        Python has no leap seconds: second 60 becomes the first second of the next minute.
        """
        parts = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
        if parts is None:
            raise Malformed(f"expected a date-time (RFC 3339), got {shown(value)}")
        minute, leap, rest = parts.groups()
        try:
            moment = datetime.datetime.fromisoformat(minute + (":59" if leap else "") + rest.replace("z", "Z"))
            if leap:
                moment += datetime.timedelta(seconds=1)
        except (ValueError, OverflowError):
            raise Malformed(f"expected a date-time (RFC 3339), got {shown(value)}") from None
        if _ROUNDED_UP.search(rest):
            with contextlib.suppress(OverflowError):  # the last moment that Python has
                moment += datetime.timedelta(microseconds=1)
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)

    def encode(self, value: Any) -> JSON:
        if not isinstance(value, datetime.datetime) or value.tzinfo is None:
            got = "one without a time zone" if isinstance(value, datetime.datetime) else type(value).__name__
            raise Malformed(f"expected an aware datetime, got {got}")
        return value.isoformat()


@frozen(eq=False, repr=False)
class _Parsed(Type):
    """Text that has its own Python class."""

    python: type
    name: str
    parse: Callable[[str], Any]

    def decode(self, value: JSON) -> Any:
        try:
            return self.parse(cast("str", STRING.decode(value)))
        except ValueError:
            raise Malformed(f"expected {self.name}, got {shown(value)}") from None

    def encode(self, value: Any) -> JSON:
        # In Python a datetime is a date, but it would be written with its time.
        if not isinstance(value, self.python) or isinstance(value, datetime.datetime):
            raise Malformed(f"expected {self.python.__name__}, got {type(value).__name__}")
        return str(value)


@frozen(kw_only=True, eq=False, repr=False)
class Limited(Type):
    """The inner type within the document's limits, which are checked for requests only."""

    inner: Type
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    multiple_of: float | None = None
    unique: bool = False
    pattern: str | None = None
    """As in the document, an ECMA-262 expression."""
    expression: str | None = None
    """The same for Python, if it differs."""

    def decode(self, value: JSON) -> Any:
        return self.inner.decode(value)

    def encode(self, value: Any) -> JSON:
        plain = self.inner.encode(value)
        if isinstance(plain, (int, float)) and not isinstance(plain, bool):
            self._check_number(plain)
        elif isinstance(plain, (str, list, dict)):
            self._check_size(plain)
        return plain

    def strip(self, value: JSON) -> JSON:
        return self.inner.strip(value)

    def _check_number(self, number: float) -> None:
        said = "a number of thousands of digits" if abs(number) > _LARGE else repr(number)
        for limit, broken, words in (
            (self.minimum, operator.lt, "at least"),
            (self.maximum, operator.gt, "at most"),
            (self.exclusive_minimum, operator.le, "more than"),
            (self.exclusive_maximum, operator.ge, "less than"),
        ):
            if limit is not None and broken(number, limit):
                raise Malformed(f"{said} is out of range; give {words} {limit}")
        if self.multiple_of is not None and not _is_multiple(number, self.multiple_of):
            raise Malformed(f"{said} is not a multiple of {self.multiple_of}; give one that is")

    def _check_size(self, value: str | list[Any] | dict[str, Any]) -> None:
        unit = "characters" if isinstance(value, str) else "items"
        if self.min_length is not None and len(value) < self.min_length:
            raise Malformed(f"has {len(value)} {unit}; give at least {self.min_length}")
        if self.max_length is not None and len(value) > self.max_length:
            raise Malformed(f"has {len(value)} {unit}; give at most {self.max_length}")
        if self.pattern is not None and isinstance(value, str):
            expression = self.pattern if self.expression is None else self.expression
            if not _compiled(expression).search(value):
                raise Malformed(f"{shown(value)} does not match {self.pattern!r}")
        if self.unique and isinstance(value, list):
            _refuse_repeated(value)


def _is_multiple(number: float, step: float) -> bool:
    from fractions import Fraction  # noqa: PLC0415  # few documents have steps, and it is slow to load

    # By decimal notation: 0.3 is three times 0.1, but the nearest floats are not.
    exact, exact_step = (Fraction(one if isinstance(one, int) else repr(one)) for one in (number, step))
    return exact % exact_step == 0


def _refuse_repeated(items: list[Any]) -> None:
    seen = dict[Any, int]()
    for place, item in enumerate(items):
        first = seen.setdefault(_comparable(item), place)
        if first != place:
            raise Malformed(f"items {first} and {place} are equal; give each once")


def _comparable(value: JSON) -> Any:
    """A value that is equal only for equal JSON values: in Python, True equals 1; in JSON, it does not."""
    if isinstance(value, dict):
        members = cast("dict[str, JSON]", value).items()
        return dict, frozenset((name, _comparable(member)) for name, member in members)
    if isinstance(value, list):
        return list, tuple(map(_comparable, cast("list[JSON]", value)))
    return (bool, value) if isinstance(value, bool) else value


@functools.cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.ASCII)


def scalar_text(value: JSON) -> str:
    """The text of a JSON scalar, such as in a URL; raises Malformed for any other value, or half a surrogate pair."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, (dict, list)):
        raise Malformed(f"expected a plain value, got {kind(value)}")
    text = str(value)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("contains half of a surrogate pair; give whole characters") from None
    return text


def shown(value: object) -> str:
    """The kind of value, for an error message."""
    # Not the text itself: it may contain personal data or a password, and errors are logged.
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


class _Base64(Type):
    def decode(self, value: JSON) -> bytes:
        try:
            return base64.b64decode(cast("str", STRING.decode(value)), validate=True)
        except ValueError as error:
            if isinstance(error, Malformed):
                raise
            raise Malformed(f"expected base64 (RFC 4648, 4), got {kind(value)}") from None

    def encode(self, value: Any) -> JSON:
        if not isinstance(value, (bytes, bytearray)):
            raise Malformed(f"expected bytes, got {type(value).__name__}")
        return base64.b64encode(value).decode("ascii")


BASE64 = _Base64()
