"""The clients and transports of httpx that are ours: the only importer of it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias

import httpx

from ..wire import HTTPRequest, HTTPResponse
from .origin import AsyncPool, SyncPool
from .route import find_route

Colour: TypeAlias = Literal["Client", "AsyncClient"]
"""The name of the class of clients that send for a sync or an async client of this package."""

__all__ = ["AsyncHTTPClient", "AsyncHTTPTransport", "HTTPTransport", "SyncHTTPClient"]

CUT = "peer closed connection without sending complete message body"
"""The beginning of httpcore's message for a body that ended early."""


class SyncHTTPClient(Protocol):
    """A client of httpx or httpx2 that blocks."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    def send(self, request: Any, *, stream: bool = ..., follow_redirects: Any = ...) -> Any:
        """Send one request."""

    def close(self) -> None:
        """Close its connections."""


class AsyncHTTPClient(Protocol):
    """A client of httpx or httpx2 for asyncio."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    async def send(self, request: Any, *, stream: bool = ..., follow_redirects: Any = ...) -> Any:
        """Send one request."""

    async def aclose(self) -> None:
        """Close its connections."""


class _ToOneOrigin:
    """What both transports share: their arguments."""

    _make_pool: Callable[..., Any]

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
        super().__init__(verify=route.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))  # type: ignore[call-arg]  # httpx's
        self._pool = self._make_pool(route)


class HTTPTransport(_ToOneOrigin, httpx.HTTPTransport):
    """The transport of the default sync client: HTTP/1.1 to one origin, with a time limit that always holds."""

    _make_pool = SyncPool


class AsyncHTTPTransport(_ToOneOrigin, httpx.AsyncHTTPTransport):
    """The transport of the default async client: HTTP/1.1 to one origin, with a time limit that always holds."""

    _make_pool = AsyncPool


class _NoCookies(httpx.Cookies):
    """Keeps no cookies of answers."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Do nothing: looking for cookies takes as long as everything else that httpx does for a small answer."""


class _WithoutCookies:
    """What both default clients share."""

    def __init__(self, transport: Any, mounts: dict[str, Any] | None = None) -> None:
        self._no_cookies = _NoCookies()
        super().__init__(transport=transport, mounts=mounts, trust_env=False)  # type: ignore[call-arg]  # httpx's

    @property
    def cookies(self) -> httpx.Cookies:
        """Always empty."""
        return self._no_cookies

    @cookies.setter
    def cookies(self, cookies: object) -> None:  # noqa: ARG002  # as httpx asks
        raise TypeError("cookies: are not kept by this client; give an http_client of your own")


class DefaultClient(_WithoutCookies, httpx.Client):
    """An httpx client that keeps no cookies and reads nothing from the environment."""


class AsyncDefaultClient(_WithoutCookies, httpx.AsyncClient):
    """The same for asyncio."""


class HandlerTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport for both clients, sync and async, that asks a function in place of the network."""

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


def keeps_no_cookies(client: object) -> bool:
    """Whether this is a client of ours."""
    return isinstance(client, _WithoutCookies)
