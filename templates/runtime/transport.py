"""The httpx transports that callers may bring, for tests and ways of their own; the only module that knows httpx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import httpx

from .body import Body
from .messages import HTTPRequest, HTTPResponse
from .network import Cause, explain
from .watch import Watch

SyncTransport: TypeAlias = httpx.BaseTransport
"""What a caller may pass to a sync client in place of the network."""
AsyncTransport: TypeAlias = httpx.AsyncBaseTransport
"""What a caller may pass to an async client in place of the network."""

_CAUSES: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Cause], ...] = (
    (httpx.PoolTimeout, "busy"),
    ((httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol), "no connection"),
    (httpx.TimeoutException, "late"),
    (httpx.TransportError, "lost"),
)


def explain_transport(error: BaseException) -> Cause:
    """What an exception of a caller's transport means."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "certificate"
    for kinds, cause in _CAUSES:
        if isinstance(error, kinds):
            return cause
    return explain(error)


class CallerTransport:
    """Asks a transport of the caller's in place of the network."""

    explain = staticmethod(explain_transport)

    def __init__(self, transport: SyncTransport) -> None:
        self._transport = transport

    def fetch(self, request: HTTPRequest, body: Body, watch: Watch) -> None:
        """Send the request, and let `body` collect the answer."""
        answer = self._transport.handle_request(_make_request(request, watch))
        try:
            for chunk in _begin(answer, body):
                body.add(chunk)
                watch.left()
            body.end()
        finally:
            answer.close()

    def close(self) -> None:
        """Close it."""
        self._transport.close()


class AsyncCallerTransport:
    """The same for asyncio."""

    explain = staticmethod(explain_transport)

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def fetch(self, request: HTTPRequest, body: Body, watch: Watch) -> None:
        """Send the request, and let `body` collect the answer."""
        answer = await self._transport.handle_async_request(_make_request(request, watch))
        try:
            async for chunk in _begin(answer, body):
                body.add(chunk)
            body.end()
        finally:
            await answer.aclose()

    async def aclose(self) -> None:
        """Close it."""
        await self._transport.aclose()


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


def _make_request(request: HTTPRequest, watch: Watch) -> httpx.Request:
    watch.stage = "sent"
    limits = dict.fromkeys(("connect", "read", "write", "pool"), watch.left())
    # The extension is what httpx itself would give its transports.
    return httpx.Request(
        request.method,
        request.url,
        headers=dict(request.headers),
        content=request.content,
        extensions={"timeout": limits},
    )


def _begin(answer: httpx.Response, body: Body) -> Any:
    """Let `body` take the head; gives the content, in pieces."""
    stream: Any = answer.stream
    headers = dict(answer.headers.items())
    if answer.is_stream_consumed and not isinstance(stream, httpx.ByteStream):
        # The transport has read it itself, and httpx has decoded it on the way.
        stream = httpx.ByteStream(answer.content)
        headers.pop("content-encoding", None)
    body.begin(answer.status_code, headers)
    return stream
