"""What the default transport holds and httpx's own does not, where no other module tests it; see docs/transport.md."""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING

import pytest
from face_audit import (
    AttemptTimeoutError,
    ConnectError,
    FaceAuditError,
    IncompleteBodyError,
    RetryPolicy,
    Timeouts,
)

from .authority import Authority
from .test_network import full
from .wires import EMPTY, Wire

if TYPE_CHECKING:
    from typing import Any

    from .conftest import Driver
    from .servers import Service
    from .wires import Line

__all__ = ["full"]

ONCE = RetryPolicy(max_attempts=1)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def trusted(driver: Driver, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The same, trusted by SSL_CERT_FILE."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


def failure(driver: Driver, url: str, **settings: Any) -> tuple[FaceAuditError, float]:
    """The error of a call whose only attempt may take a fifth of a second, and the seconds that it took."""
    arguments: dict[str, Any] = {"retry": ONCE, "timeouts": Timeouts(connect=0.2, attempt=0.2)} | settings
    client = driver.client(url, **arguments)
    began = time.monotonic()
    with pytest.raises(FaceAuditError) as caught:
        client.page()
    return caught.value, time.monotonic() - began


def port_of(service: Service) -> int:
    """Where it listens."""
    return int(service.url.rpartition(":")[2])


@pytest.mark.parametrize("place", ["status line", "head", "chunk line", "chunk extension", "trailer", "body"])
def test_answer_that_drips_ends_at_the_limit(driver: Driver, place: str) -> None:
    """Wherever in an answer the bytes come one by one, the attempt ends at its limit."""
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    begun, rest = {
        "status line": (b"HTTP/1.1 200 ", b"x" * 900),
        "head": (HEAD + b"X: ", b"x" * 900),
        "chunk line": (chunked, b"0" * 15 + b"9" + b" " * 900),
        "chunk extension": (chunked + b"2;", b"x" * 900),
        "trailer": (chunked + b"2\r\n[]\r\n0\r\nX: ", b"x" * 900),
        "body": (HEAD + b"Content-Length: 900\r\n\r\n", b" " * 900),
    }[place]

    def drip(line: Line) -> None:
        line.receive()
        line.send(begun)
        line.trickle(rest)

    with Wire(drip) as wire:
        error, took = failure(driver, wire.url)

    assert type(error) is AttemptTimeoutError
    assert took < 1


def test_handshake_that_drips_ends_at_the_limit(driver: Driver, trusted: Authority) -> None:
    """A server that sends its part of the TLS handshake byte by byte is given up at the limit of connecting."""
    record = b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03" + bytes(900)

    def drip(line: Line) -> None:
        line.socket.recv(65536)
        line.trickle(record)

    with Wire(drip) as wire:
        error, took = failure(driver, f"https://127.0.0.1:{wire.port}")

    assert type(error) is ConnectError
    assert took < 1


def test_tunnel_that_drips_ends_at_the_limit(driver: Driver) -> None:
    """The same for a proxy that answers byte by byte."""

    def drip(line: Line) -> None:
        line.receive()
        line.trickle(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 900)

    with Wire(drip) as wire:
        error, took = failure(driver, "https://service.test", proxy=f"http://127.0.0.1:{wire.port}")

    assert type(error) is ConnectError
    assert took < 1


def test_dead_first_address_costs_a_quarter_of_a_second(
    driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch, full: tuple[str, int]
) -> None:
    """Where the first address does not answer, the second one has connected before half a second is over."""
    found = [(socket.AF_INET, 1, 6, "", place) for place in (full, ("127.0.0.1", port_of(service)))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    client = driver.client("http://localhost:80", retry=ONCE)
    began = time.monotonic()

    page = client.page()

    assert page.items == ()
    assert time.monotonic() - began <= 0.5


@pytest.mark.parametrize("offered", [["h2", "http/1.1"], ["http/1.1"], None])
def test_http1_is_chosen_in_the_handshake(driver: Driver, trusted: Authority, offered: list[str] | None) -> None:
    """A server that speaks HTTP/2, too, is told to speak HTTP/1.1 (ALPN)."""
    context, chosen = trusted.server("127.0.0.1"), list[str | None]()
    if offered is not None:
        context.set_alpn_protocols(offered)

    def serve(line: Line) -> None:
        assert isinstance(line.socket, ssl.SSLSocket)
        chosen.append(line.socket.selected_alpn_protocol())
        line.answer(EMPTY)

    with Wire(serve, tls=context) as wire:
        page = driver.client(f"https://127.0.0.1:{wire.port}").page()

    assert page.raw == b"[]"
    assert chosen == [None if offered is None else "http/1.1"]


def test_context_that_offers_http2_is_refused_where_the_server_takes_it(driver: Driver, authority: Authority) -> None:
    """With a caller's context that offers HTTP/2, no request is sent to a server that has chosen it."""
    context, received = authority.server("127.0.0.1"), list[bytes]()
    context.set_alpn_protocols(["h2"])
    given = ssl.create_default_context(cafile=authority.file)
    given.set_alpn_protocols(["h2", "http/1.1"])

    with Wire(lambda line: received.append(line.receive()), tls=context) as wire:
        error, _ = failure(driver, f"https://127.0.0.1:{wire.port}", ssl_context=given, timeouts=Timeouts())

    assert type(error) is ConnectError
    assert "ssl_context offers other protocols than http/1.1" in str(error)
    assert received in ([], [b""])


@pytest.mark.parametrize("ending", ["close_notify", "cut"])
def test_body_without_a_length_ends_with_a_close_notify(driver: Driver, trusted: Authority, ending: str) -> None:
    """An end of the connection that TLS does not confirm may be an attacker's, and ends no body (RFC 9112, 9.8)."""

    def serve(line: Line) -> None:
        line.receive()
        line.send(HEAD + b"\r\n[ ]")
        assert isinstance(line.socket, ssl.SSLSocket)
        if ending == "close_notify":
            line.socket.unwrap()

    with Wire(serve, tls=trusted.server("127.0.0.1")) as wire:
        client = driver.client(f"https://127.0.0.1:{wire.port}", retry=ONCE)
        if ending == "close_notify":
            assert client.page().raw == b"[ ]"
        else:
            with pytest.raises(IncompleteBodyError):
                client.page()
