"""Reads how long a service asks to wait, from headers and from the text of its message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,9})?"
_WORDS = rf"\s*({_NUMBER})\s*(second|minute|hour|day)s?\b"
_CLOCK = r"\s*(?:([0-9]{1,6})\.)?([0-9]{1,2}):([0-9]{2}):([0-9]{2})\b"
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_LONGEST = 100 * 365 * 86400.0


class WaitHeader(NamedTuple):
    """A header that says how long to wait."""

    name: str
    unit: Literal["seconds-or-date", "milliseconds"]


class WaitHints(NamedTuple):
    """Where the answers of one API say how long to wait."""

    headers: tuple[WaitHeader, ...] = ()
    phrases: tuple[str, ...] = ()
    """Texts of an error message after which a duration stands."""

    def find(self, headers: Mapping[str, str], message: str | None, *, now: datetime) -> timedelta | None:
        """The longest wait that the answer asks for, or None; what cannot be read is passed over.

        `headers` has lower-case names; `now` is needed for dates (RFC 9110, 10.2.3).
        """
        found = [_from_header(headers.get(header.name.lower()), header.unit, now) for header in self.headers]
        found += [_from_text(message or "", phrase) for phrase in self.phrases]
        return max((wait for wait in found if wait is not None), default=None)


def _from_header(value: str | None, unit: str, now: datetime) -> timedelta | None:
    if value is None:
        return None
    if re.fullmatch(_NUMBER, value.strip(" \t"), re.ASCII):
        return _duration(float(value) / (1000 if unit == "milliseconds" else 1))
    if unit == "milliseconds":
        return None
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # takes 4 ms, and dates are rare

    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(timedelta(0), moment - now)


def _from_text(message: str, phrase: str) -> timedelta | None:
    start = message.lower().find(phrase.lower())
    if start < 0:
        return None
    rest = message[start + len(phrase) :]
    if words := re.match(_WORDS, rest.lower(), re.ASCII):
        return _duration(float(words[1]) * _SECONDS[words[2]])
    if digits := re.match(_CLOCK, rest, re.ASCII):
        days, hours, minutes, seconds = (int(digit or 0) for digit in digits.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return None


def _duration(seconds: float) -> timedelta | None:
    # Beyond 100 years it is no wait but junk, and timedelta would overflow.
    return timedelta(seconds=seconds) if seconds <= _LONGEST else None
