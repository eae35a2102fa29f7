"""Generates values for the types of a package: arguments in their JSON form, or JSON for answers."""

from __future__ import annotations

import base64
import re
import uuid
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from .patterns import text_for
from .shown import KIND

DEEPEST = 5
"""Levels of nested models below which optional fields are left out."""
_TOO_DEEP = 12
_LONG = 300
"""Characters of a text without a limit."""
_UNKNOWN = "a value of tomorrow"
_UNKNOWN_NUMBER = 987_654
_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)


class Unmade(Exception):  # noqa: N818  # an outcome: another type is tried, or the value is left out
    """No value can be generated."""


class Maker:
    """Generates values that differ from place to place, so that each can be recognized wherever it is sent."""

    def __init__(self, *, sent: bool, full: bool, choice: int = 0, unknown: bool = False) -> None:
        """Make arguments (`sent`) or answers.

        Args:
            sent: whether arguments are made, in Python's words, or answers in JSON.
            full: whether optional parts are made.
            choice: which alternative is made: members of enums, types of a union, spellings, ends of a range.
            unknown: whether enums get a value that the document does not list.
        """
        self.sent, self.full, self.choice, self.unknown = sent, full, choice, unknown
        self.most = 1
        """The largest number of alternatives so far."""

    def make(self, kind: Any, at: str) -> Any:
        """A value of a type; `at` is its place.

        Raises:
            Unmade: this module cannot make one.
        """
        return self._make(kind, at, 0, {})

    def pick(self, among: Any, at: str = "") -> Any:
        """One of several."""
        self.most = max(self.most, len(among))
        number = int(at) if at.isdigit() else 0
        return among[(self.choice + number) % len(among)]

    def _make(self, kind: Any, at: str, depth: int, limits: Mapping[str, Any]) -> Any:
        maker = getattr(self, f"_make_{type(kind).__name__.strip('_').lower()}", None)
        if maker is None:
            raise Unmade(f"{at}: nothing is made for the type {type(kind).__name__}")
        return maker(kind, at, depth, limits)

    def _make_limited(self, kind: Any, at: str, depth: int, _: Mapping[str, Any]) -> Any:
        limits = {name: getattr(kind, name) for name in _LIMITS if getattr(kind, name) not in (None, False)}
        return self._make(kind.inner, at, depth, limits)

    def _make_nullable(self, kind: Any, at: str, depth: int, limits: Mapping[str, Any]) -> Any:
        return self._make(kind.inner, at, depth, limits) if self.full else None

    def _make_const(self, kind: Any, *_: Any) -> Any:
        return kind.value

    def _make_enumof(self, kind: Any, at: str, *_: Any) -> Any:
        member = self.pick(list(kind.enum), at.rpartition("/")[2])
        if self.unknown and not self.sent:
            return _UNKNOWN if isinstance(member.value, str) else _UNKNOWN_NUMBER
        return {KIND: kind.enum.__name__, "member": member.name} if self.sent else member.value

    _make_knownenumof = _make_enumof

    def _make_later(self, kind: Any, *rest: Any) -> Any:
        return self._make_modelof(kind.found, *rest)

    def _make_modelof(self, kind: Any, at: str, depth: int, _: Any, tag: tuple[str, str] = ("", "")) -> Any:
        if depth > _TOO_DEEP:
            raise Unmade(f"{at}: {kind.model.__name__} leads to itself without end")
        made: dict[str, Any] = {KIND: kind.model.__name__} if self.sent else {}
        for field in kind.model._fields:
            if field.read_only if self.sent else field.write_only:
                continue
            name = field.name if self.sent else self.pick((field.wire, *field.other_names))
            needed = field.required or field.wire == tag[0]
            if not (needed or (self.full and depth < DEEPEST)):
                continue
            try:
                made[name] = self._field(field, f"{at}/{field.wire}", depth + 1, tag)
            except Unmade:
                if needed:
                    raise
        return made

    def _field(self, field: Any, at: str, depth: int, tag: tuple[str, str]) -> Any:
        if field.wire == tag[0]:
            enum = getattr(field.type, "enum", None)
            return {KIND: enum.__name__, "member": enum(tag[1]).name} if enum and self.sent else tag[1]
        return self._make(field.type, at, depth, {})

    def _make_listof(self, kind: Any, at: str, depth: int, limits: Mapping[str, Any]) -> Any:
        least, most = limits.get("min_length", 0), limits.get("max_length", 2)
        count = max(least, min(2, most)) if self.full and depth < DEEPEST else least
        made: list[Any] = []
        for number in range(count):
            one = self._make(kind.inner, f"{at}/{number}", depth + 1, {})
            if one not in made or "unique" not in limits:
                made.append(one)
        return made

    def _make_mapof(self, kind: Any, at: str, depth: int, limits: Mapping[str, Any]) -> Any:
        count = limits.get("min_length", int(self.full and depth < DEEPEST))
        return {f"key{number}": self._make(kind.inner, f"{at}/key{number}", depth + 1, {}) for number in range(count)}

    def _make_oneof(self, kind: Any, at: str, depth: int, limits: Mapping[str, Any]) -> Any:
        first, failed = self.pick(range(len(kind.types))), Unmade(at)
        for one in (*kind.types[first:], *kind.types[:first]):
            try:
                return self._make(one, at, depth + 1, limits)
            except Unmade as error:
                failed = error
        raise failed

    def _make_tagged(self, kind: Any, at: str, depth: int, _: Any) -> Any:
        text, one = self.pick(list(kind.types.items()))
        return self._make_modelof(getattr(one, "found", one), at, depth + 1, {}, tag=(kind.property, text))

    def _make_integer(self, _: Any, at: str, __: int, limits: Mapping[str, Any]) -> Any:
        number = self._number(at, limits, step=1)
        return int(number)

    _make_readasinteger = _make_integer

    def _make_number(self, _: Any, at: str, __: int, limits: Mapping[str, Any]) -> Any:
        return self._number(at, limits, step=0.25)

    def _number(self, at: str, limits: Mapping[str, Any], *, step: float) -> float:
        step = limits.get("multiple_of", step)
        low = limits.get("minimum", limits.get("exclusive_minimum"))
        high = limits.get("maximum", limits.get("exclusive_maximum"))
        low = low if low is not None else (1 if high is None or high > 1 else high - 100 * step)
        least = -(-low // step) * step
        least += step if least == limits.get("exclusive_minimum") else 0
        if high is None:
            return least + step * (_number_of(at) % 100)
        most = high // step * step
        most -= step if most == limits.get("exclusive_maximum") else 0
        within = least + step * (_number_of(at) % (int((most - least) // step) + 1 or 1))
        return float(self.pick((within, least, most)))

    def _make_scalar(self, _: Any, at: str, *__: Any) -> Any:
        return bool(self.pick((True, False), at.rpartition("/")[2]))

    def _make_text(self, _: Any, at: str, __: int, limits: Mapping[str, Any]) -> str:
        if "pattern" in limits:
            expression = limits.get("expression", limits["pattern"])
            text = text_for(expression)
            if not re.search(expression, text, re.ASCII):
                raise Unmade(f"{at}: no text is made for the pattern {limits['pattern']!r}")
            return text.ljust(limits.get("min_length", 0), "x")
        most = limits.get("max_length", _LONG)
        text = f"{_number_of(at)}{re.sub('[^a-zA-Z0-9]', '', at)[-10:]}"[:most]
        longest = min(most, _LONG) if self.sent else 0
        return text.ljust(self.pick((limits.get("min_length", 0), longest)), "x")

    _make_readastext = _make_text

    def _make_anything(self, _: Any, at: str, *__: Any) -> Any:
        return f"anything{_number_of(at)}"

    def _make_datetime(self, _: Any, at: str, *__: Any) -> Any:
        moment = _EPOCH + timedelta(minutes=_number_of(at))
        return {KIND: "datetime", "value": moment.isoformat()} if self.sent else moment.isoformat()

    def _make_parsed(self, kind: Any, at: str, *__: Any) -> Any:
        is_date = kind.python is date
        day = _EPOCH.date() + timedelta(days=_number_of(at) % 1000)
        text = day.isoformat() if is_date else str(uuid.UUID(int=_number_of(at) + (4 << 76) + (8 << 60)))
        return {KIND: kind.python.__name__, "value": text} if self.sent else text

    def _make_base64(self, _: Any, at: str, *__: Any) -> Any:
        text = base64.b64encode(str(_number_of(at)).encode()).decode()
        return {KIND: "bytes", "value": text} if self.sent else text

    _make_file = _make_base64


_LIMITS = (
    *("minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiple_of"),
    *("min_length", "max_length", "unique", "pattern", "expression"),
)


def _number_of(at: str) -> int:
    """A number of four digits that differs for nearly every place."""
    return 1000 + zlib.crc32(at.encode()) % 9000
