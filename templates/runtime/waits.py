"""Reads how long a service asks to wait, from headers and from the text of its message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,9})?"
_WORDS = rf"\s*({_NUMBER})\s*(second|minute|hour|day)s?\b"
_CLOCK = r"\s*(?:([0-9]{1,6})\.)?([0-9]{1,2}):([0-9]{2}):([0-9]{2})\b"
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
# Beyond 100 years it is no wait but junk, and timedelta would overflow.
_LONGEST = 100 * 365 * 86400.0


class WaitHeader(NamedTuple):
    """A header that says how long to wait."""

    name: str
    unit: Literal["seconds-or-date", "milliseconds"]


class WaitHints(NamedTuple):
    """Where the answers of one API say how long to wait."""

    headers: tuple[WaitHeader, ...] = ()
    phrases: tuple[str, ...] = ()
    """Texts of an error message that precede a duration."""

    def find(self, headers: Mapping[str, str], message: str | None, *, now: datetime) -> timedelta | None:
        """The longest wait that the answer asks for, or None; what cannot be read is skipped.

        `headers` has lower-case names. A date (RFC 9110, 10.2.3) counts from the answer's own Date header, so that two
        clocks that differ change no wait; where that cannot be read, it counts from `now`.
        """
        found = [_from_header(headers, header, now) for header in self.headers]
        found += [wait for phrase in self.phrases for wait in _from_text(message or "", phrase)]
        return max((wait for wait in found if wait is not None), default=None)


def _from_header(headers: Mapping[str, str], header: WaitHeader, now: datetime) -> timedelta | None:
    value = headers.get(header.name.lower())
    if value is None:
        return None
    if re.fullmatch(_NUMBER, value.strip(" \t"), re.ASCII):
        return _duration(float(value) / (1000 if header.unit == "milliseconds" else 1))
    if header.unit == "milliseconds" or (until := _moment(value)) is None:
        return None
    sent = _moment(headers.get("date", "")) or now
    return _duration(max(0.0, (until - sent).total_seconds()))


def _moment(value: str) -> datetime | None:
    """The moment of an HTTP date (RFC 9110, 5.6.7), aware; None where it cannot be read."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # takes 4 ms, and dates are rare

    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _from_text(message: str, phrase: str) -> Iterator[timedelta | None]:
    """Every wait of a message: one for each occurrence of the phrase that a duration follows."""
    for found in re.finditer(rf"(?i:{re.escape(phrase)})(?ai:{_WORDS}|{_CLOCK})", message):
        number, unit, *clock = found.groups()
        if unit is not None:
            yield _duration(float(number) * _SECONDS[unit.lower()])
        else:
            days, hours, minutes, seconds = (int(digits or 0) for digits in clock)
            yield _duration(((days * 24 + hours) * 60 + minutes) * 60.0 + seconds)


def _duration(seconds: float) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds <= _LONGEST else None
