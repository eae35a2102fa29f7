"""A transport of httpx that asks a function in place of the network."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from ..http.client import CUT
from ..wire import HTTPRequest, HTTPResponse


class HandlerTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport for both clients, sync and async."""

    def __init__(self, handler: Callable[[HTTPRequest], HTTPResponse]) -> None:
        """Ask `handler`.

        It may raise ConnectionResetError (the connection is lost) or EOFError (the body is cut short).
        """
        self._handler = handler

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request of a sync client."""
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request of an async client."""
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, content: bytes) -> httpx.Response:
        sent = HTTPRequest(
            method=request.method,
            url=str(httpx.URL(request.url)),
            headers=dict(request.headers),
            content=content or None,
        )
        try:
            answer = self._handler(sent)
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error)) from None
        except EOFError as error:
            raise httpx.RemoteProtocolError(f"{CUT} ({error})") from None
        return httpx.Response(answer.status, headers=dict(answer.headers), stream=httpx.ByteStream(answer.content))
