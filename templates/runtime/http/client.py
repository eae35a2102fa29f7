"""The httpx client that sends every attempt, and our transports. Only this module imports httpx."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import httpx

from ..errors import ClientClosedError, ConfigurationError
from ..wire import HTTPRequest, HTTPResponse
from .origin import DEADLINE, AsyncPool, SyncPool
from .route import find_route

if TYPE_CHECKING:
    from .body import Body
    from .deadline import Deadline

Colour: TypeAlias = Literal["Client", "AsyncClient"]
"""The name of the class of clients that send for a sync or an async client of this package."""

__all__ = ["AsyncHTTPClient", "AsyncHTTPTransport", "HTTPTransport", "SyncHTTPClient"]

_LIBRARIES = ("httpx", "httpx2")
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
            ssl_context: verifies certificates; without it, those that httpx trusts.
            trust_env: whether `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` and `SSL_CERT_DIR` are read.

        Raises:
            ConfigurationError: one of them cannot be used.
        """
        given = [proxy, endpoint]
        del endpoint, proxy  # a traceback with locals would show a password
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
        raise TypeError("cookies: this client keeps none; give your own http_client")


class DefaultClient(_WithoutCookies, httpx.Client):
    """An httpx client that keeps no cookies and reads nothing from the environment."""


class AsyncDefaultClient(_WithoutCookies, httpx.AsyncClient):
    """The same for asyncio."""


class _Veil:
    """A URL whose text omits the values of its query, because httpx, hooks and instrumentation log it."""

    def __str__(self) -> str:
        from ..calls.telemetry import redact_query  # noqa: PLC0415  # only where a query holds a credential

        return redact_query(super().__str__())

    def __repr__(self) -> str:
        return f"URL({str(self)!r})"


@cache
def _veil(library: Any) -> Any:
    """The veiled URL of httpx or httpx2."""
    return type("URL", (_Veil, library.URL), {})


class Channel:
    """An httpx client, ours or the caller's."""

    def __init__(self, client: Any, *, owned: bool) -> None:
        """Send with `client`; if `owned`, it is closed with the client of this package."""
        self.client = client
        self.owned = owned
        self.refreshes = isinstance(client, _WithoutCookies)
        """Whether a request can ask for a connection that was not used before."""
        self.library = library_of(client.__class__)
        """The module httpx or httpx2."""
        self._process: int | None = None

    def make_request(self, request: HTTPRequest, deadline: Deadline, connect: float) -> Any:
        """The request for `client.send`; a connection has to be open after `connect` seconds.

        Raises:
            ClientClosedError: the httpx client was closed.
            ConfigurationError: the caller's client was used before this process was forked.
        """
        if self.client.is_closed:
            raise ClientClosedError("http_client: was closed; make a new client with an open one")
        left = deadline.left()
        limits = {"connect": left, "read": left, "write": left, "pool": left}
        headers, content = dict(request.headers), request.content
        if self.refreshes:
            deadline.connect = connect
            extensions = {"timeout": limits, DEADLINE: deadline}
            made = self.library.Request(
                request.method, request.full_url, headers=headers, content=content, extensions=extensions
            )
            return self._veiled(made, request)
        # A pool that was copied by a fork mixes the answers of both processes.
        self._process = self._process or os.getpid()
        if self._process != os.getpid():
            raise ConfigurationError("http_client: was used before a fork; make new clients in the child process")
        deadline.stage = "sent"
        limits["connect"] = min(left, connect)
        # As in the default client, a connection that is free at the last moment is useless. And a wait in httpcore's
        # pool must not be cancelled: some cancelled waits leave connections in the pool that are never used again.
        limits["pool"] = left * 0.9
        # The caller's headers, cookies and parameters are added; if one is given twice, ours wins. An httpx client with
        # its own parameters would drop those of a URL, and with them the cursor of a page.
        made = self.client.build_request(
            request.method,
            request.full_url,
            params=self.library.URL(request.full_url).params if self.client.params else None,
            headers=headers,
            content=content,
            timeout=self.library.Timeout(**limits),
            extensions={DEADLINE: deadline},
        )
        return self._veiled(made, request)

    def _veiled(self, made: Any, request: HTTPRequest) -> Any:
        if request.secret_query:
            made.url = _veil(self.library)(made.url)
        return made

    def begin(self, answer: Any, body: Body) -> Any:
        """Pass the answer's head to `body`; return the content in pieces."""
        stream, headers = answer.stream, dict(answer.headers.items())
        if answer.is_stream_consumed:
            # A hook or a mock has already read it, and httpx has decoded it.
            stream = self.library.ByteStream(answer.content)
            headers.pop("content-encoding", None)
        body.begin(answer.status_code, headers)
        return stream


def library_of(kind: type) -> Any:
    """The module that the class comes from, httpx or httpx2; None if neither."""
    for one in kind.__mro__:
        name = one.__module__.partition(".")[0]
        if name in _LIBRARIES:
            return sys.modules[name]
    return None


class HandlerTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport for sync and async clients that calls a function instead of the network."""

    def __init__(self, handler: Callable[[HTTPRequest], HTTPResponse]) -> None:
        """Call `handler` for each request.

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
