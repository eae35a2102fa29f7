"""Properties of plain values: digests, ids of requests, moments, integers and waits."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from face_audit import digests_match, reconcile
from face_audit._runtime.responses.status_errors import WaitHeader, WaitHints
from face_audit._runtime.values import scalars
from face_audit._runtime.values.strict_json import Malformed
from hypothesis import given, settings
from hypothesis import strategies as st

from .properties import FIXED, FLOATS, refusal

HEXADECIMAL = st.binary(min_size=1, max_size=4).map(bytes.hex)
ODD: st.SearchStrategy[Any] = st.none() | st.integers() | st.binary() | st.text("0aG ٣Ａ\n-", max_size=4)
NOON = datetime(2024, 4, 1, 12, tzinfo=UTC)
IDS = st.sampled_from(["a", "b", "A", "3F08DB40-687E-414B-8931-0C0EB509A763", "3f08db40-687e-414b-8931-0c0eb509a763"])
UUID = "3f08db40-687e-414b-8931-0c0eb509a763"
HINTS = WaitHints(
    headers=(WaitHeader("Retry-After", "seconds-or-date"), WaitHeader("retry-after-ms", "milliseconds")),
    phrases=("try again in", "replenished in"),
)
AMOUNTS = st.integers(0, 10**14).map(str) | FLOATS.map(str) | st.text("0123456789.:-+e_ ١", max_size=12)
DATES = st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT")) | st.text(
    "MonJa, 0123456789:GMT+-", max_size=30
)


@FIXED
@given(HEXADECIMAL | ODD, HEXADECIMAL | ODD)
def test_digests_match_both_ways_alike(one: Any, other: Any) -> None:
    """Which of the two was reported makes no difference, and what matches is the same without its case."""
    assert digests_match(one, other) is digests_match(other, one)
    assert digests_match(one, other) is (
        digests_match(one, one) and digests_match(other, other) and one.lower() == other.lower()
    )


@FIXED
@given(st.binary(max_size=64), st.data())
def test_digest_matches_itself_in_any_case_and_no_other(content: bytes, data: st.DataObject) -> None:
    """Each letter may be of either case; each digit that is changed makes another digest."""
    digest = content.hex()
    mixed = "".join(data.draw(st.sampled_from([one, one.upper()])) for one in digest)

    assert digests_match(digest, mixed) is bool(content)
    if content:
        at = data.draw(st.integers(0, len(digest) - 1))
        wrong = digest[:at] + ("0" if digest[at] != "0" else "1") + digest[at + 1 :]
        assert not digests_match(mixed, wrong)


@FIXED
@given(st.lists(IDS, max_size=6), st.lists(IDS | st.none(), max_size=8))
def test_reconciling_parts_what_was_given(expected: list[str], listed: list[str | None]) -> None:
    """Each id is in exactly one part of each side, in order of first appearance, and each entry is counted."""
    found = reconcile(expected, listed)

    def folded(one: str) -> str:
        return one.lower() if one.lower() == UUID else one

    wanted = list(dict.fromkeys(folded(one) for one in expected))
    named = [folded(one) for one in listed if one is not None]
    count = Counter(named)
    assert [folded(one) for one in found.matched] == [one for one in wanted if one in count]
    assert [folded(one) for one in found.missing] == [one for one in wanted if one not in count]
    assert [folded(one) for one in found.unexpected] == [one for one in count if one not in wanted]
    assert [folded(one) for one in found.repeated] == [one for one in count if count[one] > 1]
    assert found.unnamed == len(listed) - len(named)
    assert set(found.matched + found.missing) <= set(expected)
    assert found.complete is (set(wanted) <= set(count) and len(count) == len(listed))


@FIXED
@given(st.datetimes(timezones=st.just(UTC) | st.timezones()), st.sampled_from("TtT "), st.booleans())
def test_moment_is_read_as_it_was_written(moment: datetime, between: str, lower: bool) -> None:
    """Every moment that Python writes is read to the microsecond, with the letters in either case."""
    text = moment.isoformat().replace("T", between)
    text = text.replace("+00:00", "z" if lower else "Z")

    assert scalars.DATE_TIME.decode(text) == datetime.fromisoformat(moment.isoformat())


@settings(FIXED, max_examples=400)
@given(st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9].{0,12}") | st.text(max_size=12))
def test_any_text_is_an_aware_moment_or_malformed(text: str) -> None:
    """Nothing but Malformed is raised, and it does not show the text."""
    error = refusal(Malformed, scalars.DATE_TIME.decode, text)

    if error is None:
        assert scalars.DATE_TIME.decode(text).tzinfo is not None
    else:
        assert error.message == f"expected a date-time (RFC 3339), got a string of {len(text)} characters"


@FIXED
@given(
    st.datetimes().filter(lambda moment: moment.year < 9999),
    st.integers(0, 999_999),
    st.sampled_from("Zz"),
)
def test_leap_second_is_the_second_that_follows(moment: datetime, micro: int, zone: str) -> None:
    """:60 is one second after :59, whatever its fraction."""
    minute = moment.strftime("%Y").zfill(4) + moment.strftime("-%m-%dT%H:%M")

    leap, before = (scalars.DATE_TIME.decode(f"{minute}:{second}.{micro:06}9{zone}") for second in ("60", "59"))

    assert leap - before == timedelta(seconds=1)


@FIXED
@given(FLOATS | st.integers(-(2**80), 2**80).map(float))
def test_integral_number_is_the_integer_it_stands_for(number: float) -> None:
    """A float is read as an integer where it can be no other one."""
    if number.is_integer() and abs(number) < 2**53:
        read = scalars.INTEGER.decode(number)
        assert (type(read), read) == (int, number)
    else:
        with pytest.raises(Malformed):
            scalars.INTEGER.decode(number)


@settings(FIXED, max_examples=400)
@given(
    st.fixed_dictionaries(
        {}, optional={"retry-after": AMOUNTS | DATES | st.text(max_size=8), "retry-after-ms": AMOUNTS}
    ),
    st.dictionaries(st.just("date"), DATES),
    st.lists(
        st.tuples(
            st.sampled_from(["Try again in", "replenished in", ""]), AMOUNTS, st.sampled_from([" seconds", "d", ""])
        ).map(lambda parts: f"{parts[0]} {parts[1]}{parts[2]}."),
        max_size=3,
    ),
)
def test_longest_wait_is_found_and_nothing_raises(
    headers: dict[str, str], sent: dict[str, str], parts: list[str]
) -> None:
    """Of several hints the longest counts, what cannot be read is skipped, and no wait is negative."""
    found = HINTS.find(headers | sent, "; ".join(parts), now=NOON)

    each = [HINTS.find({name: value} | sent, None, now=NOON) for name, value in headers.items()]
    each += [HINTS.find(sent, part, now=NOON) for part in parts]
    assert found == max((one for one in each if one is not None), default=None)
    assert found is None or found >= timedelta(0)
