"""Sends one request and reads its whole answer; the only module that knows httpx."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, NoReturn, TypeAlias, TypeVar, cast
from urllib.parse import urlsplit

import httpx

from .endpoint import Origin
from .errors import (
    AttemptTimeoutError,
    BodyRefusedError,
    CertificateError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    IncompleteBodyError,
    TransportError,
)
from .messages import HTTPRequest, HTTPResponse

SyncTransport: TypeAlias = httpx.BaseTransport
"""What a caller may pass to a sync client in place of the network."""
AsyncTransport: TypeAlias = httpx.AsyncBaseTransport
"""What a caller may pass to an async client in place of the network."""

ClientT = TypeVar("ClientT")

# Far above the largest page (1 MB); an answer beyond it is refused before it fills the memory.
_LARGEST_BODY = 64 * 1024 * 1024


class Sender:
    """Sends requests to one origin over kept connections."""

    def __init__(self, origin: Origin, *, connect: float, transport: SyncTransport | None) -> None:
        self._connect = connect
        self._arguments = _client_arguments(origin, transport)
        self._client, self._process = _make(httpx.Client, self._arguments), os.getpid()

    def send(self, request: HTTPRequest, timeout: float) -> HTTPResponse:
        """The whole answer, its body as it came.

        Raises:
            TransportError: none arrived within `timeout` seconds of silence.
        """
        if self._process != os.getpid():  # a forked child must not read from its parent's connections
            self._client, self._process = _make(httpx.Client, self._arguments), os.getpid()
        body = _Body()
        try:
            with self._client.stream(**_arguments(request, timeout, self._connect)) as answer:
                body.begin(answer)
                # A transport of the caller's may give back an answer that is read already.
                for chunk in [answer.content] if answer.is_stream_consumed else answer.iter_raw():
                    body.add(chunk)
        except TransportError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, its frames would show the credential
            _raise(error, request, timeout, body)
        return body.whole()

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()


class AsyncSender:
    """The same for asyncio."""

    def __init__(self, origin: Origin, *, connect: float, transport: AsyncTransport | None) -> None:
        self._connect = connect
        self._arguments = _client_arguments(origin, transport)
        self._client, self._process = _make(httpx.AsyncClient, self._arguments), os.getpid()

    async def send(self, request: HTTPRequest, timeout: float) -> HTTPResponse:  # noqa: ASYNC109  # named as in sync
        """The whole answer, its body as it came.

        Raises:
            TransportError: none arrived within `timeout` seconds of silence.
        """
        if self._process != os.getpid():  # a forked child must not read from its parent's connections
            self._client, self._process = _make(httpx.AsyncClient, self._arguments), os.getpid()
        body = _Body()
        try:
            async with self._client.stream(**_arguments(request, timeout, self._connect)) as answer:
                body.begin(answer)
                if answer.is_stream_consumed:
                    body.add(answer.content)
                else:
                    async for chunk in answer.aiter_raw():
                        body.add(chunk)
        except TransportError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, its frames would show the credential
            _raise(error, request, timeout, body)
        return body.whole()

    async def aclose(self) -> None:
        """Close the kept connections."""
        await self._client.aclose()


class HandlerTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport for both clients that asks a function instead of the network."""

    def __init__(self, handler: Callable[[HTTPRequest], HTTPResponse]) -> None:
        self._handler = handler

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request of the sync client."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request of the async client."""
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, content: bytes) -> httpx.Response:
        sent = HTTPRequest(
            method=request.method, url=str(request.url), headers=dict(request.headers), content=content or None
        )
        answer = self._handler(sent)
        return httpx.Response(answer.status, headers=dict(answer.headers), stream=httpx.ByteStream(answer.content))


def handler_transport(handler: Callable[[HTTPRequest], HTTPResponse]) -> HandlerTransport:
    """A transport for both clients that asks `handler` instead of the network.

    The handler may raise ConnectionResetError (the connection is lost) or EOFError (the body is cut short).
    """
    return HandlerTransport(handler)


class _Body:
    """What has arrived of an answer so far."""

    def __init__(self) -> None:
        self._head: tuple[int, dict[str, str]] | None = None
        self._chunks = bytearray()

    def begin(self, answer: httpx.Response) -> None:
        self._head = (answer.status_code, {name.lower(): value for name, value in answer.headers.items()})
        encoding = answer.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            raise BodyRefusedError(
                f"answer in the content encoding {encoding!r:.40}, which was not asked for; look for a proxy"
            )

    def add(self, chunk: bytes) -> None:
        self._chunks += chunk
        if len(self._chunks) > _LARGEST_BODY:
            raise BodyRefusedError(f"answer of more than {_LARGEST_BODY} bytes; ask for smaller pages")

    def whole(self) -> HTTPResponse:
        status, headers = cast("tuple[int, dict[str, str]]", self._head)
        return HTTPResponse(status=status, headers=headers, content=bytes(self._chunks))

    def progress(self) -> tuple[int, str] | None:
        """Bytes received and bytes announced, or None where no head has arrived."""
        return None if self._head is None else (len(self._chunks), self._head[1].get("content-length", "unknown"))


def _arguments(request: HTTPRequest, timeout: float, connect: float) -> dict[str, Any]:
    limits = httpx.Timeout(timeout, connect=min(connect, timeout))
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "content": request.content,
        "timeout": limits,
    }


def _make(kind: Callable[..., ClientT], arguments: dict[str, Any]) -> ClientT:
    try:
        return kind(**arguments)
    except Exception as error:  # noqa: BLE001  # proxies and certificates of the environment fail in many ways
        reason = f"{type(error).__name__}: {error}"
        names = "ALL_PROXY, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and SSLKEYLOGFILE"
        raise ConfigurationError(f"client: cannot be set up ({reason}); check the environment's {names}") from None


def _client_arguments(origin: Origin, transport: object) -> dict[str, Any]:
    return {
        "transport": transport,
        # Without TLS no certificates are loaded, which takes 20 ms; a context without any trusts nobody.
        "verify": origin.url.startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        "trust_env": not origin.loopback,
        "follow_redirects": False,
        # A cookie of the service is neither kept nor sent back.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        # Each request brings its own; httpx would add gzip and its own name.
        "headers": {"Accept-Encoding": "identity"},
    }


def _raise(error: Exception, request: HTTPRequest, timeout: float, body: _Body) -> NoReturn:
    host = urlsplit(request.url).netloc
    where = f"{request.method} {request.url}"
    # httpx's frames hold the request with its headers: the cause is kept, its frames are not.
    cause = error.with_traceback(None)
    cause.__cause__ = cause.__context__ = None
    if isinstance(cause, httpx.RequestError):
        cause.request = httpx.Request(request.method, request.url)  # without the headers
    raise _translate(error, where, host, timeout, body) from cause


def _translate(  # noqa: PLR0911  # one return for each class of the tree
    error: Exception, where: str, host: str, timeout: float, body: _Body
) -> TransportError:
    reason = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return CertificateError(
            f"{where}: the certificate of {host!r} could not be verified ({reason}); check SSL_CERT_FILE"
        )
    if isinstance(error, httpx.PoolTimeout):
        return ConnectError(f"{where}: all connections of this client are in use; make fewer calls at a time")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError | httpx.UnsupportedProtocol):
        return ConnectError(f"{where}: no connection to {host!r} ({reason}); check the endpoint and the network")
    if isinstance(error, httpx.TimeoutException):
        return AttemptTimeoutError(f"{where}: no byte for {timeout:g} s; raise timeouts.attempt or ask for less")
    if (progress := body.progress()) is not None or isinstance(error, EOFError):
        received, announced = progress or (0, "unknown")
        return IncompleteBodyError(
            f"{where}: the body ended after {received} of {announced} bytes ({reason}); try again"
        )
    if not isinstance(error, httpx.TransportError | ssl.SSLError | ConnectionError):
        failure = TransportError(
            f"{where}: cannot be sent ({type(error).__name__}: {reason}); check the client's settings"
        )
        failure.repeat = "never"
        return failure
    return ConnectionLostError(f"{where}: {host!r} closed the connection before it answered ({reason}); try again")
