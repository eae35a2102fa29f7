"""HTTP/1.1 on one connection, without a connection."""

from __future__ import annotations

import select
import socket
from typing import TYPE_CHECKING

import pytest
from face_audit._runtime import streams
from face_audit._runtime.http1 import Talk
from face_audit._runtime.messages import HTTPRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

GET = HTTPRequest(method="GET", url="http://example.com/x", headers={"Accept": "*/*"})


def asked() -> Talk:
    """A connection on which a request was sent."""
    talk = Talk()
    talk.ask(GET, target="/x", host="example.com")
    return talk


def test_request_is_written_with_its_host_and_length() -> None:
    """Host comes first, and a body has its length."""
    post = HTTPRequest(method="POST", url="http://example.com/x", headers={"A": "b"}, content=b"{}")

    assert (
        Talk().ask(GET, target="/x", host="example.com")
        == b"GET /x HTTP/1.1\r\nhost: example.com\r\naccept: */*\r\n\r\n"
    )
    assert Talk().ask(post, target="/x", host="h").endswith(b"\r\ncontent-length: 2\r\n\r\n{}")


def test_answer_in_pieces_is_read_and_the_connection_goes_on() -> None:
    """However the bytes are cut: interim answers are passed over, the end is seen, and the next request may follow."""
    talk = asked()
    sent = b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 Fine\r\nContent-Length: 3\r\n\r\nabc"
    heads, body = [], b""

    for place in range(len(sent)):
        talk.receive(sent[place : place + 1])
        if not heads or heads[-1] is None:
            heads.append(talk.read_head())
        if heads[-1] is not None:
            body += talk.read_body() or b""

    assert heads[-1] is not None
    assert (heads[-1].status, heads[-1].reason, heads[-1].headers) == (200, "Fine", (("content-length", "3"),))
    assert body == b"abc"
    assert talk.read_body() == b""
    assert talk.may_go_on
    assert talk.ask(GET, target="/y", host="h").startswith(b"GET /y")


@pytest.mark.parametrize("more", [b"H", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
def test_connection_with_unasked_bytes_does_not_go_on(more: bytes) -> None:
    """What came behind an answer belongs to no request."""
    talk = asked()
    talk.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + more)

    assert talk.read_head() is not None
    assert talk.read_body() == b""
    assert not talk.may_go_on


def test_end_in_place_of_an_answer_is_an_error() -> None:
    """A closed connection is never an answer."""
    with pytest.raises(ConnectionError, match="without an answer"):
        asked().receive(b"")


@pytest.mark.parametrize("sent", [b"no http\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
def test_what_is_no_answer_is_an_error(sent: bytes) -> None:
    """Bytes that are no HTTP/1.1 break the connection."""
    talk = asked()
    talk.receive(sent)

    with pytest.raises(ConnectionError):
        talk.read_head()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two connected sockets."""
    ends = socket.socketpair()
    yield ends
    for end in ends:
        end.close()


@pytest.mark.parametrize("has_poll", [True, False])
def test_arrived_bytes_are_seen_on_every_system(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch, *, has_poll: bool
) -> None:
    """Systems without poll are asked with select."""
    if not has_poll:
        monkeypatch.delattr(select, "poll")

    before = streams.has_arrived(pair[0].fileno())
    pair[1].send(b"x")

    assert (before, streams.has_arrived(pair[0].fileno())) == (False, True)
