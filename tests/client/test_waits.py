"""Waits: how long an answer asks to wait, from headers and from the text of its message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from face_audit._runtime.responses.status_errors import WaitHeader, WaitHints
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import NOON

HINTS = WaitHints(
    headers=(WaitHeader("Retry-After", "seconds-or-date"), WaitHeader("retry-after-ms", "milliseconds")),
    phrases=("Try again in", "replenished in"),
)


def seconds(count: float) -> timedelta:
    """The number of seconds."""
    return timedelta(seconds=count)


def wait(headers: dict[str, str] | None = None, message: str | None = None) -> timedelta | None:
    """What these ask for at noon."""
    return HINTS.find(headers or {}, message, now=NOON)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Rate limit is exceeded. Try again in 26 seconds.", timedelta(seconds=26)),
        ("try AGAIN in 1 second", timedelta(seconds=1)),
        ("Try again in  1.5 minutes", timedelta(seconds=90)),
        ("Quota will be replenished in 2 days.", timedelta(days=2)),
        ("Quota will be replenished in 2.12 days.", timedelta(days=2.12)),
        ("Quota will be replenished in 3 Hours", timedelta(hours=3)),
        ("Quota will be replenished in 07:01:20.", timedelta(hours=7, minutes=1, seconds=20)),
        ("Quota will be replenished in 2.04:12:23.", timedelta(days=2, hours=4, minutes=12, seconds=23)),
        ("Try again in 5 seconds. Quota will be replenished in 1 minute.", timedelta(minutes=1)),
        ("Try again in a moment, or try again in 26 seconds.", timedelta(seconds=26)),
        ("Try again in 26 seconds, or try again in a moment.", timedelta(seconds=26)),
        ("Try again in 5 seconds; no, try again in 00:01:00; no, try again in 7 seconds", timedelta(minutes=1)),
        ("Try again in try again in 3 seconds", timedelta(seconds=3)),
        ("Try again in 5 seconds5 Try again in 4 seconds", timedelta(seconds=4)),
        ("Try again in 999999999999 days, or try again in 4 seconds", timedelta(seconds=4)),
        ("\u0130\u0130 Try again in 26 seconds", timedelta(seconds=26)),
        ("Try again in 999999.00:00:00", None),
        ("Try again in 26 secondsx", None),
        ("Try again in -5 seconds", None),
        ("Try again in 1_0 seconds", None),
        ("Try again in \u0662\u0666 seconds", None),
        ("Try again in nan seconds", None),
        ("Try again in 999999999999 days", None),
        ("Try again in a moment", None),
        ("Try again in", None),
        ("Retry after 26 seconds", None),
        ("26 seconds", None),
        ("", None),
        (None, None),
    ],
)
def test_wait_is_read_from_the_message(message: str | None, expected: timedelta | None) -> None:
    """A duration counts wherever it follows one of the phrases, in words or as a clock; the longest of several."""
    assert wait(message=message) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "0"}, timedelta(0)),
        ({"retry-after": "1748518"}, timedelta(seconds=1748518)),
        ({"retry-after": " 1.5\t"}, timedelta(seconds=1.5)),
        ({"retry-after": "Mon, 01 Apr 2024 12:00:26 GMT"}, timedelta(seconds=26)),
        ({"retry-after": "Mon, 01 Apr 2024 12:00:26 -0000"}, timedelta(seconds=26)),
        ({"retry-after": "Mon, 01 Apr 2024 14:00:26 +0200"}, timedelta(seconds=26)),
        ({"retry-after": "Mon, 01 Apr 2024 11:59:00 GMT"}, timedelta(0)),
        ({"retry-after": "Monday, 01-Apr-24 12:00:26 GMT"}, timedelta(seconds=26)),
        ({"retry-after": "Mon Apr  1 12:00:26 2024"}, timedelta(seconds=26)),
        ({"retry-after": "Mon, 01 Apr 2024 12:00:26 GMT", "date": "Mon, 01 Apr 2024 12:00:20 GMT"}, seconds(6)),
        ({"retry-after": "Mon, 01 Apr 2024 11:00:26 GMT", "date": "Mon, 01 Apr 2024 11:00:20 GMT"}, seconds(6)),
        ({"retry-after": "Mon, 01 Apr 2024 14:00:26 GMT", "date": "Mon, 01 Apr 2024 16:00:20 +0200"}, seconds(6)),
        ({"retry-after": "Mon, 01 Apr 2024 14:00:26 GMT", "date": "Mon Apr  1 14:00:20 2024"}, seconds(6)),
        ({"retry-after": "Mon, 01 Apr 2024 12:00:26 GMT", "date": "Mon, 01 Apr 2024 12:00:27 GMT"}, seconds(0)),
        ({"retry-after": "Mon, 01 Apr 2024 12:00:26 GMT", "date": "yesterday"}, seconds(26)),
        ({"retry-after": "Mon, 01 Apr 2024 12:00:26 GMT", "date": ""}, seconds(26)),
        ({"retry-after": "Mon, 01 Apr 2024 12:00:26 GMT", "date": "Mon, 01 Jan 1001 00:00:00 +2359"}, None),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -2359", "date": "Mon, 01 Jan 1001 00:00:00 +2359"}, None),
        ({"retry-after": "26", "date": "Mon, 01 Apr 2024 11:00:00 GMT"}, seconds(26)),
        ({"retry-after-ms": "1500", "date": "Mon, 01 Apr 2024 11:00:00 GMT"}, seconds(1.5)),
        ({"retry-after-ms": "1500"}, timedelta(seconds=1.5)),
        ({"retry-after-ms": "Mon, 01 Apr 2024 12:00:26 GMT"}, None),
        ({"retry-after": "5", "retry-after-ms": "7000"}, timedelta(seconds=7)),
        ({"retry-after": "9", "retry-after-ms": "junk"}, timedelta(seconds=9)),
        ({"retry-after": "3153600000"}, timedelta(days=36_500)),
        ({"retry-after": "3153600000.000001"}, None),
        ({"retry-after": "999999999999"}, None),
        ({}, None),
    ],
)
def test_wait_is_read_from_headers(headers: dict[str, str], expected: timedelta | None) -> None:
    """Seconds, milliseconds, or an HTTP date that counts from the answer's own Date; the largest of several."""
    assert wait(headers) == expected


@pytest.mark.parametrize(
    "junk",
    ["-1", "+1", "nan", "inf", "1" + "0" * 20, "1_0", "\u0663", "1e3", "0x1", "", " ", "1;2", "5, 7", "X5", "a" * 9999],
)
def test_junk_in_a_header_is_no_wait(junk: str) -> None:
    """What is neither a number nor a date is passed over."""
    assert wait({"retry-after": junk, "retry-after-ms": junk}) is None


@settings(deadline=None, max_examples=200)
@given(
    st.text(),
    st.text(),
    st.sampled_from(["", "Try again in ", "replenished in 1.", "Try again in 1:"]),
    st.sampled_from(["Mon, 01 Apr 2024 12:00:26 GMT", ""]),
)
def test_no_text_breaks_the_reading_of_waits(header: str, message: str, phrase: str, moment: str) -> None:
    """Whatever a service sends, the wait is a duration that is not negative, or none."""
    found = wait({"retry-after": moment or header, "retry-after-ms": header, "date": header}, phrase + message)

    assert found is None or found >= timedelta(0)
