"""HTTP/1.1 on one connection, without a connection."""

from __future__ import annotations

import select
import socket
import time
import traceback
from typing import TYPE_CHECKING

import pytest
from face_audit._runtime import streams
from face_audit._runtime.http1 import BrokenAnswerError, Head, Talk
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
    assert (heads[-1].status, heads[-1].reason, heads[-1].headers) == (200, "Fine", {"content-length": "3"})
    assert body == b"abc"
    assert talk.read_body() == b""
    assert talk.may_go_on
    assert talk.ask(GET, target="/y", host="h").startswith(b"GET /y")
    assert not talk.may_go_on


@pytest.mark.parametrize("status", [100, 102, 199])
def test_interim_answers_are_passed_over(status: int) -> None:
    """All below 200, however many there are, but for a change of protocol."""
    talk = asked()
    talk.receive(f"HTTP/1.1 {status} Wait\r\nA: b\r\n\r\n".encode() * 3 + b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n")

    head = talk.read_head()

    assert head is not None
    assert (head.status, head.reason, head.headers) == (200, "", {"content-length": "0"})
    assert talk.may_go_on


@pytest.mark.parametrize("status", [100, 102, 199])
def test_interim_answer_alone_is_none(status: int) -> None:
    """Behind it the answer is still to come, and the connection is in use until then."""
    talk = asked()
    talk.receive(f"HTTP/1.1 {status} Wait\r\nContent-Length: 0\r\n\r\n".encode())

    assert talk.read_head() is None
    assert not talk.may_go_on
    with pytest.raises(ConnectionError, match="without an answer"):
        talk.receive(b"")


@pytest.mark.parametrize("option", ["", "Connection: keep-alive\r\n"])
def test_older_version_does_not_go_on(option: str) -> None:
    """HTTP/1.0 ends its connections; what it says of keeping them was never a standard (RFC 9112, C.2.2)."""
    talk = asked()
    talk.receive(f"HTTP/1.0 200 OK\r\n{option}Content-Length: 0\r\n\r\n".encode())

    assert talk.read_head() is not None
    assert talk.read_body() == b""
    assert not talk.may_go_on


def test_length_has_20_digits_at_most() -> None:
    """As many as 64 bits may have; more of them could be no length."""
    talk, other = asked(), asked()
    talk.receive(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"0" * 19 + b"2\r\n\r\n[]")
    other.receive(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"0" * 20 + b"2\r\n\r\n[]")

    assert talk.read_head() is not None
    assert talk.read_body() == b"[]"
    with pytest.raises(BrokenAnswerError, match="its length is no number"):
        other.read_head()


@pytest.mark.parametrize("lines", ["Content-Length: 2, 2", "Content-Length: 2\r\nContent-Length: 2"])
def test_length_may_be_repeated(lines: str) -> None:
    """As long as it is the same one (RFC 9110, 8.6)."""
    talk = asked()
    talk.receive(f"HTTP/1.1 200 OK\r\n{lines}\r\n\r\n[]".encode())

    assert talk.read_head() is not None
    assert talk.read_body() == b"[]"
    assert talk.may_go_on


@pytest.mark.parametrize("more", [b"H", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
@pytest.mark.parametrize("framing", ["Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
def test_connection_with_unasked_bytes_does_not_go_on(framing: str, more: bytes) -> None:
    """What came behind an answer belongs to no request."""
    talk = asked()
    talk.receive(f"HTTP/1.1 200 OK\r\n{framing}".encode() + more)

    assert talk.read_head() is not None
    assert talk.read_body() == b""
    assert not talk.may_go_on


def test_end_in_place_of_an_answer_is_an_error() -> None:
    """A closed connection is never an answer."""
    with pytest.raises(ConnectionError, match="without an answer"):
        asked().receive(b"")


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"220 mail ready\r\n\r\n", "it begins with b'220 mail ready"),
        *(
            (b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n", "its length is no number")
            for length in (b"x", b"X2", b"\xb2", b"2,", b"2, 3")
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "its length is no number"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", "its body has two ends"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "a transfer coding that is not known"),
        (b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "a line of its head is malformed"),
        (b"HTTP/1.1 200 OK\nA: b", "a line ends without a carriage return"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "it changes the protocol"),
    ],
)
def test_what_is_no_answer_is_an_error(sent: bytes, why: str) -> None:
    """Bytes that are no HTTP/1.1 break the connection, and the error says how."""
    talk = asked()
    talk.receive(sent)

    with pytest.raises(BrokenAnswerError, match=why):
        talk.read_head()
    assert not talk.may_go_on


@pytest.mark.parametrize("sent", [b"S", b"SSH-2.0-OpenSSH_9.7\r\n", b"HTTP/2", b"\r\n", b"\n"])
def test_other_protocol_is_seen_at_its_first_bytes(sent: bytes) -> None:
    """Nobody waits for the end of a head that is none."""
    talk = asked()
    talk.receive(sent)

    with pytest.raises(BrokenAnswerError) as caught:
        talk.read_head()
    assert str(caught.value) == f"it begins with {sent[:20]!r}"


def head_of(size: int) -> bytes:
    """A head of so many bytes, the empty line left out."""
    begun = b"HTTP/1.1 204 No\r\nA: "
    return begun + b"b" * (size - len(begun))


@pytest.mark.parametrize("piece", [1 << 20, 65_536, 1023, 100 * 1024 + 3])
@pytest.mark.parametrize(("size", "taken"), [(100 * 1024, True), (100 * 1024 + 1, False)])
def test_head_has_100_kibibytes_at_most(size: int, piece: int, *, taken: bool) -> None:
    """However it is cut, and whether or not its end is there."""
    talk, sent = asked(), head_of(size) + b"\r\n\r\n"

    def read() -> Head | None:
        head = None
        for start in range(0, len(sent), piece):
            talk.receive(sent[start : start + piece])
            head = talk.read_head()
        return head

    if taken:
        assert read() is not None
    else:
        with pytest.raises(BrokenAnswerError, match="its head has more than 102400 bytes"):
            read()


@pytest.mark.parametrize("before", ["", "Transfer-Encoding: chunked\r\n\r\n0\r\n"], ids=["head", "trailer"])
def test_lines_that_trickle_in_are_not_searched_again_and_again(before: str) -> None:
    """As long as may be, byte by byte, they take a moment; to search from their beginning each time takes 10 s."""
    talk, ended = asked(), False
    talk.receive(f"HTTP/1.1 200 OK\r\n{before}".encode())
    read = talk.read_body if talk.read_head() is not None else talk.read_head
    began = time.process_time()

    for byte in b"A: b\r\n" * 17_000 + b"\r\n":
        talk.receive(bytes([byte]))
        ended = read() is not None

    assert ended
    assert time.process_time() - began < 4


def test_head_without_an_end_is_not_waited_for_forever() -> None:
    """It is refused as soon as it is too long."""
    talk = asked()
    talk.receive(head_of(100 * 1024 + 4))

    with pytest.raises(BrokenAnswerError, match="its head has more than"):
        talk.read_head()


@pytest.mark.parametrize(("before", "after"), [("", ""), ("x, ", ""), ("", ",y"), (" ", " ")])
def test_connection_that_the_answer_ends_does_not_go_on(before: str, after: str) -> None:
    """Whatever else the header says (RFC 9112, 9.6)."""
    talk = asked()
    talk.receive(f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: {before}Close{after}\r\n\r\n".encode())

    assert talk.read_head() is not None
    assert talk.read_body() == b""
    assert not talk.may_go_on


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("CONNECT", 200), ("CONNECT", 299)]
)
def test_answers_that_have_no_body_have_none(method: str, status: int) -> None:
    """Whatever their head says about one (RFC 9112, 6.3)."""
    talk = Talk()
    talk.ask(HTTPRequest(method=method, url="", headers={}), target="h:1", host="h:1")
    talk.receive(f"HTTP/1.1 {status} OK\r\nContent-Length: 5\r\n\r\n".encode())

    assert talk.read_head() is not None
    assert talk.read_body() == b""
    assert talk.may_go_on == (method != "CONNECT")  # what follows there belongs to the tunnel


@pytest.mark.parametrize("status", [300, 407])
def test_refusal_of_a_tunnel_is_an_answer_as_any_other(status: int) -> None:
    """It may have a body, and be followed by the next request."""
    talk = Talk()
    talk.ask(HTTPRequest(method="CONNECT", url="", headers={}), target="h:1", host="h:1")
    talk.receive(f"HTTP/1.1 {status} No\r\nContent-Length: 2\r\n\r\n[]".encode())

    assert talk.read_head() is not None
    assert talk.read_body() == b"[]"
    assert talk.may_go_on


def test_whole_answer_is_not_copied() -> None:
    """A large body passes through as it comes."""
    talk, large = asked(), b"x" * 1_000_000
    talk.receive(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    talk.read_head()
    talk.receive(large)

    assert talk.read_body() is large


def test_small_chunks_come_as_one_piece() -> None:
    """What has arrived is handed over at once, however small it was cut, and what is missing is waited for."""
    talk = asked()
    talk.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n" + b"1\r\na\r\n2\r\nbc\r\n" * 1000 + b"2\r\nb")
    talk.read_head()

    assert talk.read_body() == b"abc" * 1000 + b"b"
    assert talk.read_body() is None
    talk.receive(b"c\r\n0\r\nTrailer: x\r\n\r\n")
    assert talk.read_body() == b"c"
    assert talk.may_go_on
    assert talk.read_body() == b""


@pytest.mark.parametrize("trailer", [b"", b"A: b\r\n"])
def test_chunks_are_read_however_they_are_cut(trailer: bytes) -> None:
    """Lines, content and trailer may come byte by byte."""
    talk, body = asked(), b""
    talk.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    talk.read_head()

    for byte in b"1A\r\n[" + b" " * 25 + b"\r\n01;a=b\r\n]\r\n0\r\n" + trailer + b"\r\n":
        assert not talk.may_go_on
        talk.receive(bytes([byte]))
        body += talk.read_body() or b""

    assert body == b"[" + b" " * 25 + b"]"
    assert talk.may_go_on


def test_trailer_that_begins_in_the_piece_of_the_last_chunk_is_read_to_its_end() -> None:
    """Where it began does not matter once its beginning stands alone."""
    talk = asked()
    talk.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\nA: b")
    talk.read_head()

    assert talk.read_body() == b"[]"
    talk.receive(b"\r\n\r\n")
    assert talk.read_body() == b""
    assert talk.may_go_on


@pytest.mark.parametrize("more", [b"\n", b"x" * (100 * 1024 + 1)], ids=["line feed", "much"])
def test_what_comes_behind_chunks_is_no_part_of_their_end(more: bytes) -> None:
    """Whatever nobody asked for, the answer before it is whole, and the connection does not go on."""
    talk = asked()
    talk.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n")
    talk.read_head()

    assert talk.read_body() == b"[]"
    talk.receive(b"\r\n" + more)
    assert talk.read_body() == b""
    assert not talk.may_go_on


def test_body_without_a_length_ends_with_its_connection() -> None:
    """And the connection with it (RFC 9112, 6.3)."""
    talk = asked()
    talk.receive(b"HTTP/1.1 200 OK\r\n\r\n[")
    talk.read_head()

    assert [talk.read_body(), talk.read_body()] == [b"[", None]
    talk.receive(b"]")
    talk.receive(b"")
    assert [talk.read_body(), talk.read_body()] == [b"]", b""]
    assert not talk.may_go_on


@pytest.mark.parametrize(
    ("body", "why"),
    [
        *((body, "a chunk is malformed") for body in (b"x\r\n", b"-1\r\n", b"1\n", b"1 ;a\r\n", b"\r\n", b"3\r\nabcX")),
        *((body, "a line behind it is malformed") for body in (b"0\r\nA\r\n\r\n", b"0\r\n b\r\n\r\n")),
        (b"0\r\nA: b\n", "a line ends without a carriage return"),
        (b"0\r\nContent-Length: x\r\n\r\n", "its length is no number"),
    ],
)
def test_broken_chunks_are_an_error(body: bytes, why: str) -> None:
    """As soon as it can be seen, and whatever came before."""
    talk = asked()
    talk.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n" + body)
    talk.read_head()

    with pytest.raises(BrokenAnswerError, match=why):
        talk.read_body()


@pytest.mark.parametrize("blank", [b" ", b"\t"])
def test_lines_that_are_continued_become_one(blank: bytes) -> None:
    """The break and the blanks behind it are one blank (RFC 9112, 5.2)."""
    talk = asked()
    lines = [b"HTTP/1.1 204 No", b"A: b", blank + b"\t c:d", blank + b"e", b"F:", blank + b"g", b"", b""]
    talk.receive(b"\r\n".join(lines))

    head = talk.read_head()

    assert head is not None
    assert head.headers == {"a": "b c:d e", "f": "g"}


def test_fields_of_one_name_are_joined() -> None:
    """They are one list (RFC 9110, 5.3)."""
    talk = asked()
    talk.receive(b"HTTP/1.1 204 No\r\nX-A: b\r\nc: \xe9\r\nx-a: d, e\r\nX-A:\r\n\r\n")

    head = talk.read_head()

    assert head is not None
    assert head.headers == {"x-a": "b, d, e, ", "c": "\xe9"}


@pytest.mark.parametrize("piece", [1 << 20, 1023])
@pytest.mark.parametrize(("size", "taken"), [(100 * 1024, True), (100 * 1024 + 1, False)])
def test_trailer_has_100_kibibytes_at_most(size: int, piece: int, *, taken: bool) -> None:
    """As a head has, the line break before it counted in."""
    talk, body = asked(), b"2\r\n[]\r\n0\r\nA: " + b"b" * (size - 5) + b"\r\n\r\n"
    talk.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    talk.read_head()

    def read() -> None:
        for start in range(0, len(body), piece):
            talk.receive(body[start : start + piece])
            talk.read_body()

    if taken:
        read()
        assert talk.may_go_on
    else:
        with pytest.raises(BrokenAnswerError, match="more than 102400 bytes"):
            read()


@pytest.mark.parametrize("framing", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_end_in_the_middle_of_a_body_is_an_error(framing: str) -> None:
    """What was announced and did not come is missing."""
    talk = asked()
    talk.receive(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n5\r\n".encode())
    talk.read_head()
    talk.read_body()
    talk.receive(b"")

    with pytest.raises(BrokenAnswerError, match="the connection was closed"):
        talk.read_body()
    assert not talk.may_go_on


def secret() -> str:
    """A credential, which stands in no variable of a test."""
    return "canary0123456789abcdef"


@pytest.mark.parametrize(
    ("target", "host", "headers"),
    [
        *(("/x", "h", {"a": text}) for text in ("b\r\nX-Evil: 1", "b\nc", "b\rc", "b\0", "é", "\x7f", "\u2028")),
        *(("/x", "h", {name: "b"}) for name in ("a\r\nX-Evil", "a b", "a:", "", "é", "a\n")),
        *(("/x", "h", {name: "1"}) for name in ("Host", "Content-Length", "Transfer-Encoding", "connection")),
        *((target, "h", {}) for target in ("/x y", "/x\r\n", "/x HTTP/1.1\r\nX-Evil: 1\r\nA:", "", "/é")),
        *(("/x", host, {}) for host in ("h\r\nX-Evil: 1", "h\n", "é")),
    ],
)
def test_request_that_would_be_another_one_is_not_written(target: str, host: str, headers: dict[str, str]) -> None:
    """No line break gets in, no second host or length; the error's frames hold no credential."""
    request = HTTPRequest(method="GET", url="", headers={**headers, "Key": secret()})

    with pytest.raises(ValueError, match="holds what cannot be sent") as caught:
        Talk().ask(request, target=target, host=host)

    trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert secret() not in "".join(line for line in trace.format() if __file__ not in line)


@pytest.mark.parametrize("method", ["G ET", "GET /y HTTP/1.1\r\nA: b\r\n\r\nGET", "", "É"])
def test_method_is_a_word(method: str) -> None:
    """Nothing else gets into its place."""
    with pytest.raises(ValueError, match="holds what cannot be sent"):
        Talk().ask(HTTPRequest(method=method, url="", headers={}), target="/x", host="h")


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
