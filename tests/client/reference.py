"""The bytes of answers, as the runtime reads them and as h11 alone does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import h11
import httpcore
from face_audit._runtime.http.protocol import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LONGEST_HEAD = 100 * 1024
STATUS_LINES = [
    b"HTTP/1.1 200 OK", b"HTTP/1.1 204 No Content", b"HTTP/1.1 304 Not Modified", b"HTTP/1.0 200 OK", b"HTTP/1.1 404",
    b"HTTP/1.1 500 ", b"HTTP/1.1 200 \t \xe9", b"HTTP/1.9 999 x",
    # The rest is broken, or of other kinds.
    b"HTTP/1.1 101 Switch", b"HTTP/2.0 200 OK", b"HTTP/0.9 200 OK", b"HTTP/1.1 099 x", b"HTTP/1.1 000", b"", b" ",
    b"HTTP/1.1 2000 x", b"HTTP/1.1 20", b"HTTP/1.1  200 OK", b"HTTP/1.1 200\tOK", b"http/1.1 200 OK", b"HTTP/1.10 200",
    b"ICY 200 OK", b"\t",
]  # fmt: skip
INTERIM = [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 102\r\n\r\n"]
FIELDS = [
    b"A: b", b"a:", b"a: \t ", b"A:b, c", b"x-One: \t two \t three\t", b"Set-Cookie: a=b", b"a: \xff\xe9",
    b"!#$'*+-.^_`|~: x", b"Connection: close", b"Connection: x, CLOSE ,y", b"Connection: keep-alive", b"connection: x",
    # The rest is broken, or frames the body.
    b"Transfer-Encoding: chunked", b"transfer-encoding: CHUNKED", b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: identity", b"Transfer-Encoding:", b"Transfer-Encoding: chunked;x", b"Content-Length: 0",
    b"Content-Length: 3", b"Content-Length: 3, 3", b"Content-Length: 3, 4", b"Content-Length: 03", b"Content-Length: ",
    b"Content-Length: +3", b"Content-Length: 3,", b"Content-Length: 0x3", b"Content-Length: \xb2",
    b"Content-Length: " + b"0" * 19 + b"3", b"Content-Length: " + b"0" * 20 + b"3", b" folded", b"\t: folded", b" ",
    b"A : b", b": b", b"A", b"A B: c", b"\xe9: b", b"A(: b", b"A: b\x0bc", b"A: \x7f", b"A: b\x00c", b"A: b\x01",
    b"A: b\rc", b"A: b\r",
]  # fmt: skip
CHUNKS = [
    b"3\r\nabc\r\n", b"03\r\nabc\r\n", b"A\r\n0123456789\r\n", b"3 \t\r\nabc\r\n", b"3;x\r\nabc\r\n",
    b"3;\r\nabc\r\n", b'3;x="y;z"\xe9\r\nabc\r\n', b"00000000000000000003\r\nabc\r\n",
    # The rest is broken, or is the last one.
    b"3;x\ny\r\nabc\r\n", b"3;x\ry\r\nabc\r\n", b"3;\x01\r\nabc\r\n", b"3 ;x\r\nabc\r\n", b"3\r\nabcd\r\n",
    b"3\r\nab\r\n", b"3\r\nabc\n", b"3\nabc\r\n", b"3\r\nabc", b"-3\r\nabc\r\n", b"0x3\r\nabc\r\n", b"\r\n",
    b" 3\r\nabc\r\n", b"g\r\n", b"\xb2\r\nabc\r\n", b"000000000000000000003\r\nabc\r\n", b"0\r\n\r\n",
    b"0\r\nA: b\r\n\r\n", b"0\r\nA: b\r\n c\r\n\r\n",
    b"0\r\n folded\r\n\r\n", b"0\r\nA\r\n\r\n", b"0\r\nA: b\n\n", b"0;x\r\n\r\n", b"0\r\nContent-Length: x\r\n\r\n",
    b"0\r\nTransfer-Encoding: gzip\r\n\r\n", b"0\r\nContent-Length: 3\r\n\r\n",
]  # fmt: skip
# What h11 accepts and the runtime refuses, each with what is then in the bytes.
STRICTER = {"another version than 1.x": rb"HTTP/[^1]"}


@dataclass(frozen=True)
class Outcome:
    """A complete answer."""

    status: int
    reason: str
    headers: dict[str, str]
    """Without those that frame the body."""
    body: bytes
    goes_on: bool
    """Whether the next request may be sent."""


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """The data in pieces that end at these places."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges) if start < end]


def read(pieces: Sequence[bytes], method: str = "GET") -> Outcome | None:
    """The answer that arrives in these pieces, after which the connection ends; None if it is refused."""
    protocol, arriving = Protocol(), iter([*pieces, b""])
    protocol.request(method.encode(), b"/x", [(b"host", b"h")], b"")
    try:
        while (head := protocol.read_head()) is None:
            protocol.receive(next(arriving))
        body = b""
        while (chunk := protocol.read_body()) != b"":
            if chunk is None:
                protocol.receive(next(arriving))
            else:
                body += chunk
    except (httpcore.NetworkError, httpcore.ProtocolError):
        return None
    _drain(protocol, arriving)
    headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
    return Outcome(head.status, head.reason.decode("latin-1"), _unframed(headers), body, protocol.reusable)


def _drain(protocol: Protocol, arriving: Iterator[bytes]) -> None:
    for piece in arriving:
        if piece:
            protocol.receive(piece)


def read_by_h11(data: bytes, method: str = "GET") -> Outcome | None:
    """The answer as h11 alone reads it, in one piece; None if it is refused."""
    state = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
    state.send(h11.Request(method=method, target="/x", headers=[("host", "h")]))
    state.send(h11.EndOfMessage())
    state.receive_data(data)
    head: h11.Response | None = None
    body, ended = b"", False
    try:
        while (event := state.next_event()) is not h11.PAUSED and not isinstance(event, h11.EndOfMessage):
            if isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif event is h11.NEED_DATA:
                if ended:  # it takes the end instead of an answer for no error
                    return None
                state.receive_data(b"")
                ended = True
    except h11.RemoteProtocolError:
        return None
    if head is None:
        return None
    # h11 keeps connections with both framings, and those whose end ended the body.
    names = {name for name, _ in head.headers}
    framed_twice = names >= {b"content-length", b"transfer-encoding"}
    kept = state.our_state is state.their_state is h11.DONE and not state.trailing_data[0]
    goes_on = kept and not ended and not framed_twice
    headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
    return Outcome(head.status_code, head.reason.decode("latin-1"), _unframed(headers), body, goes_on)


def _unframed(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    found = dict[str, str]()
    for name, value in headers:
        if name not in {"content-length", "transfer-encoding"}:
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def reasons(data: bytes) -> list[str]:
    """Why the runtime may refuse what h11 accepts."""
    return [reason for reason, pattern in STRICTER.items() if re.search(pattern, data)]
