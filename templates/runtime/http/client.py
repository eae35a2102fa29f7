"""The default httpx clients and their transports. The only module that imports httpx."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import httpx

from ..wire import HTTPRequest, HTTPResponse
from .route import find_route
from .sync_connections import SyncPool

__all__ = ["AsyncHTTPTransport", "HTTPTransport"]

CUT = "peer closed connection without sending complete message body"
"""The beginning of httpcore's message for a body that ended early."""


class HTTPTransport(httpx.HTTPTransport):
    """The transport of the default sync client: HTTP/1.1 to one origin, with a time limit that always holds."""

    def __init__(
        self,
        endpoint: str,
        *,
        connect_timeout: float = 5.0,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        trust_env: bool = True,
    ) -> None:
        """Send to the origin of `endpoint` only; nothing is sent yet.

        Args:
            endpoint: the service, such as "https://host".
            connect_timeout: seconds for looking up the name, connecting, the proxy's tunnel and the TLS handshake.
            proxy: an HTTP proxy, such as "http://user:password@host:port".
            ssl_context: verifies certificates; httpx's authorities without it.
            trust_env: whether `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and `SSL_CERT_DIR` are read.

        Raises:
            ConfigurationError: one of them cannot be used.
        """
        given = [proxy, endpoint]
        del endpoint, proxy  # a traceback with locals would show a password, so the list is empty by then
        route = find_route(
            given.pop(),
            connect_timeout=connect_timeout,
            proxy=given.pop(),
            ssl_context=ssl_context,
            trust_env=trust_env,
        )
        # Without a context, httpx loads certificates that are not used.
        super().__init__(verify=route.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._pool = SyncPool(route)


class AsyncHTTPTransport(httpx.AsyncHTTPTransport):
    """The transport of the default async client: HTTP/1.1 to one origin, with a time limit that always holds."""

    def __init__(
        self,
        endpoint: str,
        *,
        connect_timeout: float = 5.0,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        trust_env: bool = True,
    ) -> None:
        """Send to the origin of `endpoint` only; nothing is sent yet. The arguments are those of HTTPTransport.

        Raises:
            ConfigurationError: one of them cannot be used.
        """
        from .async_connections import AsyncPool  # noqa: PLC0415  # loads asyncio, which the sync client does not need

        given = [proxy, endpoint]
        del endpoint, proxy  # a traceback with locals would show a password, so the list is empty by then
        route = find_route(
            given.pop(),
            connect_timeout=connect_timeout,
            proxy=given.pop(),
            ssl_context=ssl_context,
            trust_env=trust_env,
        )
        super().__init__(verify=route.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._pool = AsyncPool(route)


class _NoCookies(httpx.Cookies):
    """Keeps no cookies of answers."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Do nothing: looking for cookies takes as long as everything else that httpx does for a small answer."""


class DefaultClient(httpx.Client):
    """An httpx client that keeps no cookies and reads nothing from the environment."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._no_cookies = _NoCookies()
        super().__init__(transport=transport, trust_env=False)

    @property
    def cookies(self) -> httpx.Cookies:
        """Always empty."""
        return self._no_cookies

    @cookies.setter
    def cookies(self, cookies: object) -> None:  # noqa: ARG002  # as httpx asks
        raise TypeError("cookies: are not kept by this client; give an http_client of your own")


class AsyncDefaultClient(httpx.AsyncClient):
    """The same for asyncio."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._no_cookies = _NoCookies()
        super().__init__(transport=transport, trust_env=False)

    @property
    def cookies(self) -> httpx.Cookies:
        """Always empty."""
        return self._no_cookies

    @cookies.setter
    def cookies(self, cookies: object) -> None:  # noqa: ARG002  # as httpx asks
        raise TypeError("cookies: are not kept by this client; give an http_client of your own")


class HandlerTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of both colours that asks a function in place of the network."""

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
            method=request.method, url=str(request.url), headers=dict(request.headers), content=content or None
        )
        try:
            answer = self._handler(sent)
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error)) from None
        except EOFError as error:
            raise httpx.RemoteProtocolError(f"{CUT} ({error})") from None
        return httpx.Response(answer.status, headers=dict(answer.headers), stream=httpx.ByteStream(answer.content))
