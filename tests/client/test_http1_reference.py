"""Answers of every kind, sound and broken: the runtime reads them as h11 does, or is stricter on purpose."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .properties import FIXED
from .reference import (
    CHUNKS,
    FIELDS,
    INTERIM,
    LONGEST_HEAD,
    STATUS_LINES,
    STRICTER,
    cut,
    read,
    read_by_h11,
    reasons,
)

METHODS = st.sampled_from(["GET", "GET", "GET", "POST", "HEAD", "CONNECT"])
ENDS = st.sampled_from([b"\r\n"] * 150 + [b"\n", b"\r", b"\r\r\n"])
CUTS = st.lists(st.integers(0, 2000), max_size=8)


ANY_BODIES = st.one_of(
    st.sampled_from([b"", b"abc", b"ab", b"abcHTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]),
    st.lists(st.sampled_from(CHUNKS), max_size=4).map(b"".join),
)
SOUND_CHUNKS = st.lists(st.sampled_from(CHUNKS[:8]), max_size=4).map(lambda chunks: b"".join([*chunks, b"0\r\n\r\n"]))
FRAMED_BODIES = st.one_of(
    st.tuples(st.just([b"Transfer-Encoding: chunked"]), SOUND_CHUNKS | ANY_BODIES),
    st.tuples(st.just([b"Content-Length: 3"]), st.sampled_from([b"abc", b"abcd", b"ab"])),
    st.tuples(st.just([]), ANY_BODIES),
)
CHANGES = st.none() | st.none() | st.tuples(st.integers(0, 400), st.integers(0, 2), st.binary(max_size=2))


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """An answer as it might come: every second one sound, but for a few bytes that are left out or changed at times."""
    sound, (framing, body) = draw(st.booleans()), draw(FRAMED_BODIES)
    first = draw(st.sampled_from(STATUS_LINES[:8] if sound else STATUS_LINES))
    lines = [first, *framing, *draw(st.lists(st.sampled_from(FIELDS[:12] if sound else FIELDS), max_size=4))]
    head = b"".join(line + draw(ENDS) for line in [*lines, b""])
    data, change = draw(st.sampled_from(INTERIM)) + head + body, draw(CHANGES)
    if change is None:
        return data
    place, length, new = change[0] % (len(data) + 1), change[1], change[2]
    return data[:place] + new + data[place + length :]


@settings(FIXED, max_examples=2000)
@given(answers(), METHODS, CUTS)
def test_any_answer_is_read_as_h11_reads_it_or_refused_on_purpose(data: bytes, method: str, places: list[int]) -> None:
    """What h11 refuses is refused; what it takes is read alike, unless it is one of the things listed."""
    ours, theirs = read(cut(data, places), method), read_by_h11(data, method)

    assert ours == theirs or (ours is None and reasons(data))


@settings(FIXED, max_examples=800)
@given(answers(), METHODS, CUTS)
def test_how_an_answer_is_cut_changes_nothing(data: bytes, method: str, places: list[int]) -> None:
    """In one piece, in any pieces and byte by byte it comes to the same."""
    whole = read([data] if data else [], method)

    assert read(cut(data, places), method) == whole
    assert read(cut(data, range(len(data))), method) == whole


SOUND = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
EXAMPLES = [
    (SOUND.replace(b"\r\n", b"\n"), "a line that ends without a carriage return"),
    (SOUND.replace(b"OK\r\n", b"OK\n"), "a line that ends without a carriage return"),
    (SOUND.replace(b"OK", b"O\x01K"), "a character that controls"),
    (SOUND.replace(b"\r\n\r\n", b"\r\nA: b\x7f\r\n\r\n"), "a character that controls"),
    (CHUNKED + b"2;a\rb\r\n[]\r\n0\r\n\r\n", "a character that controls"),
    (SOUND.replace(b"1.1", b"2.0"), "another version than 1.x"),
    (SOUND.replace(b"1.1", b"0.9"), "another version than 1.x"),
    (CHUNKED[:-2] + b"Content-Length: 2\r\n\r\n2\r\n[]\r\n0\r\n\r\n", "a length beside a transfer coding"),
    (SOUND.replace(b"OK", b"O" * LONGEST_HEAD), "a head or a line of a chunk beyond all measure"),
    (CHUNKED + b"2;" + b"a" * 4097 + b"\r\n[]\r\n0\r\n\r\n", "a head or a line of a chunk beyond all measure"),
    (CHUNKED + b"2" + b" " * 4097 + b"\r\n[]\r\n0\r\n\r\n", "a head or a line of a chunk beyond all measure"),
]


@pytest.mark.parametrize(("data", "reason"), EXAMPLES)
def test_all_that_h11_takes_and_we_refuse_is_listed(data: bytes, reason: str) -> None:
    """Each of the deliberate differences is one."""
    assert read_by_h11(data) is not None
    assert read([data]) is None
    assert reasons(data) == [reason]


def test_every_listed_difference_has_an_example() -> None:
    """Nothing is on the list for no reason."""
    assert {reason for _, reason in EXAMPLES} == set(STRICTER)
