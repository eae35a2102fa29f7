"""HTTP/1.1: answers of every kind, sound and broken, are read as h11 reads them, however they arrive."""

from __future__ import annotations

import traceback

import httpcore
import pytest
from face_audit._runtime.http.protocol import Head, MalformedAnswerError, Protocol
from hypothesis import given, settings
from hypothesis import strategies as st

from .properties import FIXED
from .reference import (
    CHUNKS,
    FIELDS,
    INTERIM,
    LONGEST_HEAD,
    STATUS_LINES,
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
    """An answer: every second one sound, apart from a few bytes that are left out or changed at times."""
    sound, (framing, body) = draw(st.booleans()), draw(FRAMED_BODIES)
    first = draw(st.sampled_from(STATUS_LINES[:8] if sound else STATUS_LINES))
    lines = [first, *framing, *draw(st.lists(st.sampled_from(FIELDS[:12] if sound else FIELDS), max_size=4))]
    head = b"".join(line + draw(ENDS) for line in [*lines, b""])
    data, change = draw(st.sampled_from(INTERIM)) + head + body, draw(CHANGES)
    if change is None:
        return data
    place, length, new = change[0] % (len(data) + 1), change[1], change[2]
    return data[:place] + new + data[place + length :]


@pytest.mark.uncovered
@settings(FIXED, max_examples=2000)
@given(answers(), METHODS, CUTS)
def test_any_answer_is_read_as_h11_reads_it(data: bytes, method: str, places: list[int]) -> None:
    """Our layer over h11 loses nothing and adds nothing, and refuses only what it refuses on purpose."""
    ours, theirs = read(cut(data, places), method), read_by_h11(data, method)

    assert ours == theirs or (ours is None and reasons(data))


@pytest.mark.uncovered
@settings(FIXED, max_examples=800)
@given(answers(), METHODS, CUTS)
def test_how_an_answer_is_cut_changes_nothing(data: bytes, method: str, places: list[int]) -> None:
    """In one piece, in any pieces and byte by byte, the outcome is the same."""
    whole = read([data] if data else [], method)

    assert read(cut(data, places), method) == whole
    assert read(cut(data, range(len(data))), method) == whole


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SIZED = OK + b"Content-Length: 5\r\n\r\nhello"
HELLO = b"5\r\nhello\r\n0\r\n\r\n"
STRAY = OK + b"Content-Length: 4\r\n\r\nEVIL"


@pytest.mark.parametrize(
    ("data", "status", "body", "kept"),
    [
        (SIZED, 200, b"hello", True),
        (CHUNKED + HELLO, 200, b"hello", True),
        # No body, whatever the headers say (RFC 9112, 6.3, rule 1).
        (b"HTTP/1.1 204 No\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", 204, b"", False),
        (b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", 204, b"", True),
        (b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 304, b"", True),
        (b"HTTP/1.1 103 Hints\r\nContent-Length: 5\r\n\r\n" + SIZED, 200, b"hello", True),
        # Both framings: the chunks count, and the connection is not used again (RFC 9112, 6.1).
        (OK + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + HELLO, 200, b"hello", False),
        # Gateways send control characters in headers that nobody reads.
        (OK + b"Set-Cookie: u=k\x01d; path=/\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", True),
        # Line feeds without carriage returns (RFC 9112, 2.2, allows both).
        (SIZED.replace(b"\r\n", b"\n"), 200, b"hello", True),
        (OK + b"X-A: 1\nContent-Length: 5\r\n\r\nhello", 200, b"hello", True),
        # Extensions of chunks.
        (CHUNKED + b"5;" + b"a" * 300 + HELLO[1:], 200, b"hello", True),
        (CHUNKED + b"5;a\rb" + HELLO[1:], 200, b"hello", True),
        # Whatever comes after the answer belongs to no request.
        (SIZED + STRAY, 200, b"hello", False),
        (CHUNKED + HELLO + STRAY, 200, b"hello", False),
        (SIZED + b"!", 200, b"hello", False),
        # Statuses beyond 599 are statuses (RFC 9110, 15).
        (SIZED.replace(b"200", b"999"), 999, b"hello", True),
        (OK.replace(b"1.1", b"1.0") + b"\r\nhello", 200, b"hello", False),
        # The server closes the connection, because it says so or because its version does (RFC 9112, 9.3).
        (OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello", 200, b"hello", False),
        (SIZED.replace(b"1.1", b"1.0"), 200, b"hello", False),
    ],
)
def test_answer_that_services_send_is_read(data: bytes, status: int, body: bytes, kept: bool) -> None:
    """Bytes that other clients fail on are read, and the connection is kept only if nothing is left on it."""
    outcome = read([data])

    assert outcome is not None
    assert (outcome.status, outcome.body, outcome.goes_on) == (status, body, kept)


@pytest.mark.parametrize(
    "data",
    [
        CHUNKED + b"5 ;a=b" + HELLO[1:],  # RFC 9110, 5.6.3, allows the blank, and h11 does not
        OK + b"Transfer-Encoding: identity\r\n\r\nhello",  # a coding that h11 does not know
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        SIZED[:-1],
        CHUNKED + HELLO[:-3],
        b"",
    ],
)
def test_answer_that_is_refused_is_never_a_shorter_one(data: bytes) -> None:
    """What h11 does not read, and what ends early, is an error."""
    assert read([data] if data else []) is None


@pytest.mark.parametrize(
    ("data", "shown"), [(b"SSH-2.0", "b'SSH-2.0'"), (b"SSH-2.0-OpenSSH_9.6p1 Ubuntu", "b'SSH-2.0-OpenSSH_9.6p'")]
)
def test_server_of_another_protocol_is_refused_before_it_ends_its_line(data: bytes, shown: str) -> None:
    """A server that waits for the client, as SSH does, costs no time; the error shows its first 20 bytes."""
    protocol = Protocol()
    protocol.request(b"GET", b"/", [(b"host", b"h")], b"")
    protocol.receive(data)

    with pytest.raises(MalformedAnswerError) as caught:
        protocol.read_head()

    assert str(caught.value) == f"it begins with {shown}"


def test_endless_head_is_refused() -> None:
    """A head that does not end fills no memory."""
    protocol = Protocol()
    protocol.request(b"GET", b"/", [(b"host", b"h")], b"")

    protocol.receive(OK + b"X: " + b"x" * 64_000)
    assert protocol.read_head() is None
    protocol.receive(b"x" * 64_000)
    with pytest.raises(MalformedAnswerError):
        protocol.read_head()


def test_head_of_100_kib_may_still_end() -> None:
    """One more byte without its end is refused."""
    protocol = Protocol()
    protocol.request(b"GET", b"/", [(b"host", b"h")], b"")

    protocol.receive((OK + b"X: ").ljust(LONGEST_HEAD, b"x"))
    assert protocol.read_head() is None
    protocol.receive(b"x")
    with pytest.raises(MalformedAnswerError):
        protocol.read_head()


def test_switch_to_another_protocol_is_refused_though_it_was_asked_for() -> None:
    """What follows a 101 is not HTTP, so it is not a head."""
    protocol = Protocol()
    headers = [(b"host", b"h"), (b"connection", b"upgrade"), (b"upgrade", b"x")]
    protocol.request(b"GET", b"/", headers, b"")
    protocol.receive(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nx-frame")

    with pytest.raises(MalformedAnswerError, match="does not begin with a head"):
        protocol.read_head()


def test_tunnel_has_no_body_whatever_its_headers_say() -> None:
    """A proxy's answer to CONNECT ends with its head (RFC 9110, 9.3.6)."""
    outcome = read([OK + b"Content-Length: 5\r\n\r\n"], "CONNECT")

    assert outcome is not None
    assert outcome.body == b""


@pytest.mark.parametrize("headers", [[(b"host", b"h"), (b"a", b"b\r\nc: d")], [(b"a b", b"c")], []])
def test_request_that_cannot_be_sent_shows_nothing_of_it(headers: list[tuple[bytes, bytes]]) -> None:
    """The error of a header with a line break shows neither its value nor, with locals, its frames."""
    key = b"canary-0123456789"

    with pytest.raises(httpcore.LocalProtocolError, match="cannot be sent") as caught:
        Protocol().request(b"GET", b"/", [*headers, (b"key", key[:6] + key[6:])], b"")

    trace = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    assert "canary-0123456789" not in "".join(trace.format())


def test_body_in_thousands_of_chunks_is_read_in_steps() -> None:
    """The caller looks at its clock between the steps."""
    protocol = Protocol()
    protocol.request(b"GET", b"/", [(b"host", b"h")], b"")
    protocol.receive(CHUNKED + b"1\r\nx\r\n" * 2500 + b"0\r\n\r\n")
    protocol.read_head()

    sizes = [len(protocol.read_body() or b"") for _ in range(4)]

    assert sizes == [1000, 1000, 500, 0]


@pytest.mark.parametrize("line", [b"canary", b"canary : canary: x"])
def test_reason_of_a_refusal_holds_nothing_of_the_answer(line: bytes) -> None:
    """An answer may echo the key, so the error names the rule and not the bytes."""
    protocol = Protocol()
    protocol.request(b"GET", b"/", [(b"host", b"h")], b"")
    protocol.receive(OK + line + b"\r\n\r\n")

    with pytest.raises(MalformedAnswerError) as caught:
        protocol.read_head()

    assert str(caught.value) == "illegal header line"
    assert repr(Head(200, b"canary", [(b"canary", b"")])) == "Head(200)"
