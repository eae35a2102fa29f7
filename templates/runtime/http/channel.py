"""The httpx client that sends every attempt: the default one, or the caller's."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import httpcore

from ..errors import ClientClosedError, ConfigurationError
from ..requests.secret import unseen
from .client import CUT, AsyncDefaultClient, AsyncHTTPTransport, DefaultClient, HTTPTransport
from .pool import DEADLINE

if TYPE_CHECKING:
    import ssl

    from ..calls.service import Given
    from ..calls.settings import Settings
    from ..wire import HTTPRequest
    from .body import Body
    from .deadline import Deadline

__all__ = ["AsyncHTTPClient", "SyncHTTPClient"]

Colour: TypeAlias = Literal["Client", "AsyncClient"]
"""The name of the class of clients that send for a sync or an async client of this package."""
Cause: TypeAlias = Literal["certificate", "busy", "no connection", "late", "lost", "cut", "not http", "unsendable"]
"""Why there is no complete answer."""

_LIBRARIES = ("httpx", "httpx2")


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


class Channel:
    """An httpx client, and whether it is ours or the caller's."""

    def __init__(self, client: Any, *, owned: bool, connect_timeout: float) -> None:
        """Send with `client`; if `owned`, it is closed with the client of this package."""
        self.client = client
        self.owned = owned
        self._connect_timeout = connect_timeout
        self.refreshes = isinstance(client, (DefaultClient, AsyncDefaultClient))
        """Whether a request can ask for a connection that was not used before."""
        self._library = _library_of(client)
        self._process: int | None = None

    def make_request(self, request: HTTPRequest, deadline: Deadline) -> Any:
        """The request for `client.send`.

        Raises:
            ClientClosedError: somebody closed the httpx client.
            ConfigurationError: the caller's client was used before this process was forked.
        """
        if self.client.is_closed:
            raise ClientClosedError("http_client: was closed; make a new client with an open one")
        left = deadline.left()
        limits = {"connect": left, "read": left, "write": left, "pool": left}
        headers, content = dict(request.headers), request.content
        if self.refreshes:
            extensions = {"timeout": limits, DEADLINE: deadline}
            return self._library.Request(
                request.method, request.url, headers=headers, content=content, extensions=extensions
            )
        self._require_own_process()
        deadline.stage = "sent"
        limits["connect"] = min(left, self._connect_timeout)
        # As for the default client, a place that is free at the end of the time is of no use. And a wait in httpcore's
        # pool has to end by itself: some that are cancelled leave the pool with connections that nobody gets.
        limits["pool"] = left * 0.9
        # The caller's headers, cookies and parameters are added; where one is given twice, ours counts. A client with
        # parameters of its own drops those of a URL, and with them the cursor of a page.
        return self.client.build_request(
            request.method,
            request.url,
            params=self._library.URL(request.url).params if self.client.params else None,
            headers=headers,
            content=content,
            timeout=self._library.Timeout(**limits),
            extensions={DEADLINE: deadline},
        )

    def begin(self, answer: Any, body: Body) -> Any:
        """Let `body` take the answer's head; gives the content in pieces."""
        stream, headers = answer.stream, dict(answer.headers.items())
        if answer.is_stream_consumed:
            # A hook or a mock has read it, and httpx has decoded it.
            stream = self._library.ByteStream(answer.content)
            headers.pop("content-encoding", None)
        body.begin(answer.status_code, headers)
        return stream

    def explain(self, error: Exception) -> Cause | None:  # one for each group
        """What an error of sending means; None for one that is not of the network, such as a hook's."""
        known = self._library
        if not isinstance(error, (known.RequestError, httpcore.TimeoutException)):
            return None
        if untrusted(error) is not None:
            return "certificate"
        if isinstance(error, known.RemoteProtocolError):
            text = str(error)
            return "cut" if text.startswith(CUT) else "lost" if "disconnected" in text else "not http"
        # Concrete classes only: mocks raise the abstract ones for requests that nobody expected.
        causes: tuple[tuple[tuple[Any, ...], Cause], ...] = (
            ((known.PoolTimeout, httpcore.PoolTimeout), "busy"),
            ((known.ConnectError, known.ConnectTimeout, known.ProxyError, httpcore.ConnectTimeout), "no connection"),
            ((known.ReadTimeout, known.WriteTimeout, httpcore.ReadTimeout), "late"),
            ((known.ReadError, known.WriteError, known.CloseError), "lost"),
            ((known.DecodingError,), "cut"),
        )
        for kinds, cause in causes:
            if isinstance(error, kinds):
                return cause
        return "unsendable"

    def _require_own_process(self) -> None:
        # A pool that a fork has copied mixes the answers of both processes.
        self._process = self._process or os.getpid()
        if self._process != os.getpid():
            raise ConfigurationError("http_client: was used before a fork; make new clients in the child process")


@unseen
def open_channel(  # noqa: PLR0913  # one keyword for each argument of a client
    colour: Colour,
    settings: Settings,
    *,
    given: Given,
    http_client: object,
    ssl_context: ssl.SSLContext | None,
    trust_env: bool,
    transport: object,
) -> Channel:
    """The channel of a new client.

    Raises:
        ConfigurationError: an argument cannot be used.
    """
    if transport is not None:
        raise ConfigurationError(
            f"transport: was replaced by http_client; write http_client=httpx.{colour}(transport=...)"
        )
    seconds = settings.timeouts.connect
    if http_client is not None:
        for name, value in (("proxy", given.proxy), ("ssl_context", ssl_context)):
            if value is not None:
                raise ConfigurationError(f"{name}: is the business of http_client; set it there, or leave one out")
        _check(http_client, colour)
        return Channel(http_client, owned=False, connect_timeout=seconds)
    told: dict[str, Any] = {
        "connect_timeout": seconds,
        "proxy": given.proxy,
        "ssl_context": ssl_context,
        "trust_env": trust_env,
    }
    made = (
        DefaultClient(HTTPTransport(settings.origin.url, **told))
        if colour == "Client"
        else AsyncDefaultClient(AsyncHTTPTransport(settings.origin.url, **told))
    )
    return Channel(made, owned=True, connect_timeout=seconds)


def _check(given: Any, colour: Colour) -> None:
    """Refuse what cannot send for a client; the text shows types only, for the rest may hold a secret."""
    library, shape = _library_of(given), _class_of(given)
    kind = f"{shape.__module__.partition('.')[0]}.{shape.__name__}"
    wanted = f"an {'httpx' if library is None else library.__name__}.{colour}"
    if shape is given:
        raise ConfigurationError(f"http_client: is the class {kind}; give {wanted}()")
    if library is not None and isinstance(given, (library.BaseTransport, library.AsyncBaseTransport)):
        raise ConfigurationError(f"http_client: is a transport ({kind}); give {wanted}(transport=...)")
    if library is None or not isinstance(given, getattr(library, colour)):
        raise ConfigurationError(f"http_client: is of type {kind}; give {wanted}")
    if given.is_closed:
        raise ConfigurationError("http_client: is closed; give an open one")


def _class_of(given: object) -> type:
    """The class of an object; a class itself."""
    return given if isinstance(given, type) else type(given)


def _library_of(given: object) -> Any:
    """The module httpx or httpx2, whichever the object's class comes from; None if neither."""
    for kind in _class_of(given).__mro__:
        name = kind.__module__.partition(".")[0]
        if name in _LIBRARIES:
            return sys.modules[name]
    return None


def untrusted(error: BaseException | None) -> BaseException | None:
    """The error that says that a certificate could not be verified: this one, or one before it."""
    found = None
    while error is not None:
        # Only errors of `ssl` for certificates have the attribute.
        if hasattr(error, "verify_code") or "CERTIFICATE_VERIFY_FAILED" in str(error):
            found = error
        error = error.__cause__ or error.__context__
    return found
