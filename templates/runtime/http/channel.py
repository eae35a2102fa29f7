"""The httpx client that sends every attempt, the default one or the caller's."""

from __future__ import annotations

import os
import ssl
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from ..errors import ClientClosedError, ConfigurationError
from ..requests.credentials import unseen
from .client import AsyncDefaultClient, AsyncHTTPTransport, Colour, DefaultClient, HTTPTransport, keeps_no_cookies
from .origin import DEADLINE

if TYPE_CHECKING:
    from ..calls.settings import Given, Settings
    from ..wire import HTTPRequest
    from .body import Body
    from .deadline import Deadline

_LIBRARIES = ("httpx", "httpx2")


class _Veil:
    """A URL that shows itself without the values of its query: httpx logs it, and so do hooks and instrumentation."""

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
    """An httpx client, and whether it is ours or the caller's."""

    def __init__(self, client: Any, *, owned: bool) -> None:
        """Send with `client`; if `owned`, it is closed with the client of this package."""
        self.client = client
        self.owned = owned
        self.refreshes = keeps_no_cookies(client)
        """Whether a request can ask for a connection that was not used before."""
        self.library = _library_of(client.__class__)
        """The module httpx or httpx2."""
        self._process: int | None = None

    def make_request(self, request: HTTPRequest, deadline: Deadline, connect: float) -> Any:
        """The request for `client.send`; a connection has to be open after `connect` seconds.

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
            deadline.connect = connect
            extensions = {"timeout": limits, DEADLINE: deadline}
            made = self.library.Request(
                request.method, request.full_url, headers=headers, content=content, extensions=extensions
            )
            return self._veiled(made, request)
        # A pool that a fork has copied mixes the answers of both processes.
        self._process = self._process or os.getpid()
        if self._process != os.getpid():
            raise ConfigurationError("http_client: was used before a fork; make new clients in the child process")
        deadline.stage = "sent"
        limits["connect"] = min(left, connect)
        # As for the default client, a place that is free at the end of the time is of no use. And a wait in httpcore's
        # pool has to end by itself: some that are cancelled leave the pool with connections that nobody gets.
        limits["pool"] = left * 0.9
        # The caller's headers, cookies and parameters are added; where one is given twice, ours counts. A client with
        # parameters of its own drops those of a URL, and with them the cursor of a page.
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
        """Let `body` take the answer's head; gives the content in pieces."""
        stream, headers = answer.stream, dict(answer.headers.items())
        if answer.is_stream_consumed:
            # A hook or a mock has read it, and httpx has decoded it.
            stream = self.library.ByteStream(answer.content)
            headers.pop("content-encoding", None)
        body.begin(answer.status_code, headers)
        return stream


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
        return Channel(http_client, owned=False)
    made: tuple[Any, Any] = (DefaultClient, HTTPTransport)
    if colour == "AsyncClient":
        made = (AsyncDefaultClient, AsyncHTTPTransport)
    make_client, make_transport = made
    # Each transport sends to one origin, and so no credential goes to any other.
    first, *others = [
        make_transport(url, connect_timeout=seconds, proxy=given.proxy, ssl_context=ssl_context, trust_env=trust_env)
        for url in (settings.endpoint.url, *settings.origins)
    ]
    return Channel(make_client(first, dict(zip(settings.origins, others, strict=True))), owned=True)


def _check(given: Any, colour: Colour) -> None:
    """Refuse what cannot send for a client; the text shows types only, for the rest may hold a secret."""
    shape = cast("type[Any]", given if issubclass(type(given), type) else type(given))
    library, kind = _library_of(shape), f"{shape.__module__.partition('.')[0]}.{shape.__name__}"
    wanted = f"an {'httpx' if library is None else library.__name__}.{colour}"
    if shape is given:
        raise ConfigurationError(f"http_client: is the class {kind}; give {wanted}()")
    if library is not None and isinstance(given, (library.BaseTransport, library.AsyncBaseTransport)):
        raise ConfigurationError(f"http_client: is a transport ({kind}); give {wanted}(transport=...)")
    if library is None or not isinstance(given, getattr(library, colour)):
        raise ConfigurationError(f"http_client: is of type {kind}; give {wanted}")
    if cast("Any", given).is_closed:
        raise ConfigurationError("http_client: is closed; give an open one")


def _library_of(kind: type) -> Any:
    """The module httpx or httpx2, whichever the class comes from; None if neither."""
    for one in kind.__mro__:
        name = one.__module__.partition(".")[0]
        if name in _LIBRARIES:
            return sys.modules[name]
    return None
