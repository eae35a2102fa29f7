"""The way to the service: connections and bodies."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit import (
    AttemptTimeoutError,
    BodyRefusedError,
    CertificateError,
    ConnectError,
    ConnectionLostError,
    FaceAuditError,
    IncompleteBodyError,
    PoolExhaustedError,
    RetryPolicy,
    Timeouts,
    TransportError,
)
from face_audit._runtime.http import body
from face_audit._runtime.http.client import CUT, HandlerTransport
from face_audit._runtime.wire import HTTPRequest, HTTPResponse

from .conftest import KEY, Clock
from .servers import PATH, Answer, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .conftest import Driver

HOST = "https://example.com"
ONCE = RetryPolicy(max_attempts=1)


def failing(error: Exception) -> HandlerTransport:
    """A transport on which every request ends this way."""

    def fail(request: HTTPRequest) -> HTTPResponse:
        raise error

    return HandlerTransport(fail)


def free_port() -> int:
    """A port on which nobody listens."""
    with Service() as service:
        return int(service.url.rpartition(":")[2])


def test_request_is_what_the_reference_page_describes(driver: Driver, service: Service) -> None:
    """One GET to the session's audit path with the key in its header, and gzip at most asked for."""
    driver.client(service.url).page()

    sent = service.requests[0]
    assert sent.target == PATH
    assert sent.headers["ocp-apim-subscription-key"] == KEY
    assert sent.headers["accept"] == "application/json"
    assert sent.headers["accept-encoding"] == "gzip"
    assert sent.headers["user-agent"].startswith("face-audit/0.1.0 python/3.")
    assert "content-type" not in sent.headers


def test_refused_connection_is_tried_again_and_named(driver: Driver, clock: Clock) -> None:
    """Where nobody listens, the error names the host, the port and the cause."""
    port = free_port()

    with pytest.raises(ConnectError, match=f"no connection to '127.0.0.1:{port}'") as caught:
        driver.client(f"http://127.0.0.1:{port}", clock=clock).page()

    assert len(caught.value.attempts) == 5
    assert len(clock.waits) == 4


@pytest.mark.parametrize(
    ("failure", "kind", "text", "attempts"),
    [
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] expired"), CertificateError, "certificate", 1),
        (httpx.ReadError("CERTIFICATE_VERIFY_FAILED"), CertificateError, "'example.com'", 1),
        (httpx.ConnectError("Name or service not known"), ConnectError, "check region or endpoint", 5),
        (httpx.ConnectTimeout("slow"), ConnectError, "no connection", 5),
        (httpx.ProxyError("407"), ConnectError, "no connection", 5),
        (httpx.PoolTimeout(""), PoolExhaustedError, "all connections are in use", 5),
        (httpx.ReadTimeout(""), AttemptTimeoutError, "no complete answer within 30 s", 5),
        (httpx.WriteError("broken pipe"), ConnectionLostError, "broken pipe", 5),
        (httpx.ReadError(""), ConnectionLostError, "ReadError", 5),
        (httpx.RemoteProtocolError(f"{CUT} (cut)"), IncompleteBodyError, "ended after 0 of unknown bytes", 5),
        (httpx.RemoteProtocolError("Server disconnected"), ConnectionLostError, "closed the connection", 5),
        (httpx.RemoteProtocolError("illegal status line"), ConnectionLostError, "did not answer in HTTP", 5),
        (httpx.DecodingError("zlib"), IncompleteBodyError, "zlib", 5),
        (httpx.TimeoutException("no response was expected"), TransportError, "no response was expected", 1),
        (httpx.UnsupportedProtocol("no transport"), TransportError, "check the client's settings", 1),
    ],
)
def test_failure_of_a_transport_has_its_class(
    driver: Driver, failure: Exception, kind: type[Any], text: str, attempts: int
) -> None:
    """Each way to fail has its class; a certificate that cannot be verified is never tried again."""
    client = driver.client(HOST, http_client=driver.http_client(failing(failure)))

    with pytest.raises(FaceAuditError, match=text) as caught:
        client.page()

    assert type(caught.value) is kind
    assert len(caught.value.attempts) == attempts
    assert f"GET {HOST}" in str(caught.value)
    assert caught.value.__cause__ is failure


def test_transport_sees_the_request_and_answers_it(driver: Driver) -> None:
    """A handler instead of the network gets whole requests and gives whole answers."""
    seen: list[HTTPRequest] = []

    def handle(request: HTTPRequest) -> HTTPResponse:
        seen.append(request)
        return HTTPResponse(status=200, headers={"content-type": "application/json"}, content=b"[]")

    page = driver.client(HOST, http_client=driver.http_client(HandlerTransport(handle))).page()

    assert page.items == ()
    assert (seen[0].method, seen[0].url, seen[0].content) == ("GET", HOST + PATH, None)
    assert seen[0].headers["ocp-apim-subscription-key"] == KEY


def test_silent_service_ends_the_attempt(driver: Driver) -> None:
    """A service that says nothing for `timeouts.attempt` seconds is given up."""
    with Service() as service:
        service.will(Answer(headers={"Content-Type": "application/json", "Content-Length": "9"}, body=b"[1, "))
        client = driver.client(service.url, retry=ONCE, timeouts=Timeouts(attempt=0.05))

        with pytest.raises(AttemptTimeoutError, match=r"no complete answer within 0\.05 s, 4 of 9 bytes"):
            client.page()


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "gzip, identity", "x" * 100])
def test_encoded_body_is_refused(driver: Driver, service: Service, encoding: str) -> None:
    """An encoding that was not asked for is refused before the body is read, and not asked for again."""
    service.will(Answer(headers={"Content-Type": "application/json", "Content-Encoding": encoding}, body=b"[]"))

    with pytest.raises(BodyRefusedError, match="content encoding") as caught:
        driver.client(service.url).page()

    assert len(caught.value.attempts) == 1


@pytest.mark.parametrize("encoding", ["identity", " Identity ", ""])
def test_identity_is_no_encoding(driver: Driver, service: Service, encoding: str) -> None:
    """A header that says nothing changes nothing."""
    service.will(Answer(headers={"Content-Type": "application/json", "Content-Encoding": encoding}))

    page = driver.client(service.url).page()

    assert page.raw == b"[]"


def test_body_larger_than_any_answer_is_refused(
    driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that would fill the memory is refused as soon as it passes the limit."""
    monkeypatch.setattr(body, "LARGEST", 1000)
    service.will(Answer(body=b" " * 1001))

    with pytest.raises(BodyRefusedError, match="more than 1000 bytes"):
        driver.client(service.url).page()


class ReadAlready(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that reads answers itself, as caches and recorders do."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """An answer that has been read."""
        answer = self._answer()
        answer.read()
        return answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same for asyncio."""
        answer = self._answer()
        await answer.aread()
        return answer

    def _answer(self) -> httpx.Response:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return httpx.Response(200, headers=headers, stream=Pieces())


class Unread(ReadAlready):
    """One that leaves it to the client."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """An answer whose body is still to be read."""
        return self._answer()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same for asyncio."""
        return self._answer()


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A page in two pieces, compressed."""

    _content = gzip.compress(b"[ ]")

    def __iter__(self) -> Iterator[bytes]:
        yield from (self._content[:10], self._content[10:])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def test_answer_that_its_transport_has_read_is_not_decoded_twice(driver: Driver) -> None:
    """What httpx has decoded on the way is taken as it is."""
    page = driver.client(HOST, http_client=driver.http_client(ReadAlready())).page()

    assert page.raw == b"[ ]"


def test_answer_that_its_transport_has_not_read_is_decoded(driver: Driver) -> None:
    """What arrives over the wire is decoded by our own rules."""
    page = driver.client(HOST, http_client=driver.http_client(Unread())).page()

    assert page.raw == b"[ ]"


def test_header_that_a_transport_gives_twice_is_joined(driver: Driver) -> None:
    """Two headers of one name are one list, whether the client or the caller sets them."""

    class Twice(Unread):
        def _answer(self) -> httpx.Response:
            headers = [("Content-Encoding", "gzip"), ("content-encoding", "gzip")]
            return httpx.Response(200, headers=headers, stream=Pieces())

    with pytest.raises(BodyRefusedError, match="'gzip, gzip'"):
        driver.client(HOST, http_client=driver.http_client(Twice())).page()
