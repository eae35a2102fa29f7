"""What comes of the bytes of an answer: as the runtime reads them, and as h11 does, which the tests hold it against."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import h11
from face_audit._runtime.http1 import Talk
from face_audit._runtime.messages import HTTPRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LONGEST_HEAD = 100 * 1024
STATUS_LINES = [
    b"HTTP/1.1 200 OK", b"HTTP/1.1 204 No Content", b"HTTP/1.1 304 Not Modified", b"HTTP/1.0 200 OK", b"HTTP/1.1 404",
    b"HTTP/1.1 500 ", b"HTTP/1.1 200 \t \xe9", b"HTTP/1.9 999 x",
    # From here on they are broken, or of other kinds.
    b"HTTP/1.1 101 Switch", b"HTTP/2.0 200 OK", b"HTTP/0.9 200 OK", b"HTTP/1.1 099 x", b"HTTP/1.1 000", b"", b" ",
    b"HTTP/1.1 2000 x", b"HTTP/1.1 20", b"HTTP/1.1  200 OK", b"HTTP/1.1 200\tOK", b"http/1.1 200 OK", b"HTTP/1.10 200",
    b"ICY 200 OK", b"\t",
]  # fmt: skip
INTERIM = [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 102\r\n\r\n"]
FIELDS = [
    b"A: b", b"a:", b"a: \t ", b"A:b, c", b"x-One: \t two \t three\t", b"Set-Cookie: a=b", b"a: \xff\xe9",
    b"!#$'*+-.^_`|~: x", b"Connection: close", b"Connection: x, CLOSE ,y", b"Connection: keep-alive", b"connection: x",
    # From here on they are broken, or frame the body.
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
    # From here on they are broken, or the last.
    b"3;x\ny\r\nabc\r\n", b"3;x\ry\r\nabc\r\n", b"3;\x01\r\nabc\r\n", b"3 ;x\r\nabc\r\n", b"3\r\nabcd\r\n",
    b"3\r\nab\r\n", b"3\r\nabc\n", b"3\nabc\r\n", b"3\r\nabc", b"-3\r\nabc\r\n", b"0x3\r\nabc\r\n", b"\r\n",
    b" 3\r\nabc\r\n", b"g\r\n", b"\xb2\r\nabc\r\n", b"000000000000000000003\r\nabc\r\n", b"0\r\n\r\n",
    b"0\r\nA: b\r\n\r\n", b"0\r\nA: b\r\n c\r\n\r\n",
    b"0\r\n folded\r\n\r\n", b"0\r\nA\r\n\r\n", b"0\r\nA: b\n\n", b"0;x\r\n\r\n", b"0\r\nContent-Length: x\r\n\r\n",
    b"0\r\nTransfer-Encoding: gzip\r\n\r\n", b"0\r\nContent-Length: 3\r\n\r\n",
]  # fmt: skip
# All that h11 takes and the runtime refuses, each with what then stands in the bytes.
STRICTER = {
    "a line that ends without a carriage return": rb"(?<!\r)\n",
    "a character that controls": rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)",
    "another version than 1.x": rb"HTTP/[^1]",
    "a length beside a transfer coding": rb"(?is)content-length.*transfer-encoding|transfer-encoding.*content-length",
    "a head or a line of a chunk beyond all measure": rb"(?s).{4096}",
}


@dataclass(frozen=True)
class Outcome:
    """A whole answer."""

    status: int
    reason: str
    headers: dict[str, str]
    """But for those that frame the body, which h11 rewrites."""
    body: bytes
    goes_on: bool
    """Whether the next request may be sent."""


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """The data in pieces that end at these places."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges) if start < end]


def read(pieces: Sequence[bytes], method: str = "GET") -> Outcome | None:
    """What the runtime makes of an answer in these pieces, behind which the connection ends; None where it refuses."""
    talk, arriving = Talk(), iter([*pieces, b""])
    talk.ask(HTTPRequest(method=method, url="", headers={}), target="/x", host="h")
    try:
        while (head := talk.read_head()) is None:
            talk.receive(next(arriving))
        body = b""
        while (chunk := talk.read_body()) != b"":
            if chunk is None:
                talk.receive(next(arriving))
            else:
                body += chunk
    except ConnectionError:
        return None
    _drain(talk, arriving)
    return Outcome(head.status, head.reason, _unframed(head.headers.items()), body, talk.may_go_on)


def _drain(talk: Talk, arriving: Iterator[bytes]) -> None:
    for piece in arriving:
        if piece:
            talk.receive(piece)


def read_by_h11(data: bytes, method: str = "GET") -> Outcome | None:
    """What h11 makes of it, all at once."""
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
                if ended:  # it takes the end in place of an answer for no error
                    return None
                state.receive_data(b"")
                ended = True
    except h11.RemoteProtocolError:
        return None
    if head is None:
        return None
    # Where the end of the connection was that of the body, it does not say so.
    goes_on = not ended and state.our_state is state.their_state is h11.DONE and not state.trailing_data[0]
    headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
    return Outcome(head.status_code, head.reason.decode("latin-1"), _unframed(headers), body, goes_on)


def _unframed(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    found = dict[str, str]()
    for name, value in headers:
        if name not in {"content-length", "transfer-encoding"}:
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def reasons(data: bytes) -> list[str]:
    """Why the runtime may refuse what h11 takes."""
    return [reason for reason, pattern in STRICTER.items() if re.search(pattern, data)]
