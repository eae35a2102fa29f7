"""Kept connections to one origin: who waits for one, who connects, and which may be used again."""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import urlsplit

from attrs import define, field, frozen

from .http1 import Head, Talk
from .messages import HTTPRequest
from .proxies import Proxy
from .resolve import Resolver
from .streams import AsyncStream, NoConnectionError, Stream, connecting
from .watch import Watch

MOST_CONNECTIONS = 100
_KEPT_SECONDS = 30.0

Cause: TypeAlias = Literal["certificate", "busy", "no connection", "late", "lost", "unknown"]
"""Why no whole answer came."""


class NoRoomError(Exception):
    """All connections are in use."""


@frozen(kw_only=True)
class Route:
    """How to get to the origin."""

    url: str
    """Scheme, host and port."""
    connect: float
    """Seconds."""
    proxy: Proxy | None
    tls: ssl.SSLContext | None
    """None where the origin is asked in the clear."""

    @property
    def netloc(self) -> str:
        """Host, and port where it is not the scheme's."""
        return self.url.partition("://")[2]

    @property
    def host(self) -> str:
        """The origin's host, without the brackets of an IPv6 address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The origin's port."""
        return urlsplit(self.url).port or (80 if self.tls is None else 443)

    @property
    def first(self) -> tuple[str, int]:
        """Host and port to connect to: the proxy's, where there is one."""
        return (self.host, self.port) if self.proxy is None else (self.proxy.host, self.proxy.port)

    def tunnel(self, proxy: Proxy) -> HTTPRequest:
        """The request that asks the proxy for a way to the origin (RFC 9110, 9.3.6)."""
        target = f"{self.netloc.removesuffix(f':{self.port}')}:{self.port}"
        login = {} if proxy.login is None else {"proxy-authorization": _basic(proxy.login)}
        return HTTPRequest(method="CONNECT", url=target, headers=login)


@frozen(kw_only=True)
class Answer:
    """The head of an answer, and its body as it arrives."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    chunks: Any = field(repr=False)
    """An iterable of bytes, an async one in the async client."""


def explain(error: BaseException) -> Cause:
    """What an exception of this module means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, NoRoomError):
        return "busy"
    if isinstance(error, NoConnectionError):
        return "no connection"
    if isinstance(error, TimeoutError):
        return "late"
    if isinstance(error, (OSError, EOFError)):
        return "lost"
    return "unknown"


@define(eq=False)
class _Line:
    """One connection, from before it stands."""

    talk: Talk = field(factory=Talk)
    stream: Any = field(default=None)
    """A Stream or an AsyncStream."""
    expires: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether the next request may be sent on it."""
        return self.talk.may_go_on and time.monotonic() < self.expires and not self.stream.has_unread

    def cut(self) -> None:
        """Close the socket, whatever is under way on it."""
        if self.stream is not None:
            self.stream.cut()


class _Lines:
    """All connections of a client: those in use, and those that wait for the next request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._all: set[_Line] = set()
        self._waiting: list[_Line] = []

    @contextmanager
    def take(self) -> Generator[_Line]:
        """A connection, closed behind its use unless it can take the next request."""
        line = self._pop_usable() or self._make()
        try:
            yield line
        finally:
            self._put_back(line)

    def cut(self) -> None:
        """Close all of them; there will be no more."""
        with self._lock:
            self._closed = True
            lines, self._all, self._waiting = self._all, set(), []
        for line in lines:
            line.cut()

    def hold(self, line: _Line, stream: Stream | AsyncStream) -> None:
        """Note what a connection stands on, once it does.

        Raises:
            ConnectionError: all of them were closed meanwhile.
        """
        line.stream = stream
        self._require_open()

    def _make(self) -> _Line:
        line = _Line()
        with self._lock:
            self._require_open()
            self._all.add(line)
        return line

    def _require_open(self) -> None:
        if self._closed:
            raise ConnectionError("the client was closed")

    def _pop_usable(self) -> _Line | None:
        while True:
            with self._lock:
                if not self._waiting:
                    return None
                line = self._waiting.pop()
            if line.usable:
                return line
            self._drop(line)

    def _put_back(self, line: _Line) -> None:
        expired: _Line | None = line
        with self._lock:
            if line in self._all and line.talk.may_go_on:
                line.expires = time.monotonic() + _KEPT_SECONDS
                self._waiting.append(line)
                # Those used last go first, so nobody else looks at the one that waits longest.
                expired = self._waiting.pop(0) if self._waiting[0].expires <= time.monotonic() else None
        if expired is not None:
            self._drop(expired)

    def _drop(self, line: _Line) -> None:
        with self._lock:
            self._all.discard(line)
        line.cut()


class Connections:
    """Kept connections of the sync client."""

    explain = staticmethod(explain)

    def __init__(self, route: Route) -> None:
        self._route = route
        self._resolver = Resolver()
        self._room = threading.Semaphore(MOST_CONNECTIONS)
        self._lines = _Lines()

    @contextmanager
    def open(self, request: HTTPRequest, watch: Watch) -> Generator[Answer]:
        """Send the request; the answer's body may be read until this is left."""
        patience = watch.left()
        if not self._room.acquire(timeout=patience):
            raise NoRoomError
        try:
            _require_time(watch, patience)
            with self._lines.take() as line:
                if line.stream is None:
                    self._connect(line, watch)
                watch.stage = "sent"
                asked = line.talk.ask(request, target=_target(request, self._route), host=self._route.netloc)
                head = _ask(line.talk, cast("Stream", line.stream), asked, watch)
                yield Answer(status=head.status, headers=head.headers, chunks=_chunks(line, watch))
        finally:
            self._room.release()

    def _connect(self, line: _Line, watch: Watch) -> None:
        route, (host, port) = self._route, self._route.first
        watch.stage = "connecting"
        limit = Watch(min(watch.until, time.monotonic() + route.connect))
        with connecting(f"{host}:{port}"):
            self._lines.hold(line, Stream(self._resolver.lookup(host, port, limit.left()), limit))
            if route.proxy is not None:
                talk = Talk()
                asked = talk.ask(tunnel := route.tunnel(route.proxy), target=tunnel.url, host=tunnel.url)
                _require_tunnel(_ask(talk, line.stream, asked, limit), route.proxy)
        if route.tls is not None:
            with connecting(f"TLS with {route.host}"):
                line.stream.secure(route.tls, route.host, limit)

    def close(self) -> None:
        """Close all of them."""
        self._lines.cut()


def _ask(talk: Talk, stream: Stream, asked: bytes, watch: Watch) -> Head:
    with suppress(ConnectionError):  # the answer may stand there already, and else reading says what is wrong
        stream.write(asked, watch)
    head = None
    while head is None:
        talk.receive(stream.read(watch))
        head = talk.read_head()
    return head


def _chunks(line: _Line, watch: Watch) -> Iterator[bytes]:
    while (chunk := line.talk.read_body()) != b"":
        if chunk is None:
            line.talk.receive(line.stream.read(watch))
        else:
            yield chunk


class AsyncConnections:
    """The same for asyncio, whose attempts end by cancellation."""

    explain = staticmethod(explain)

    def __init__(self, route: Route) -> None:
        self._route = route
        self._resolver = Resolver()
        self._room = asyncio.Semaphore(MOST_CONNECTIONS)
        self._lines = _Lines()

    @asynccontextmanager
    async def open(self, request: HTTPRequest, watch: Watch) -> AsyncGenerator[Answer]:
        """Send the request; the answer's body may be read until this is left."""
        patience = watch.left()
        async with self._room:
            _require_time(watch, patience)
            with self._lines.take() as line:
                if line.stream is None:
                    await self._connect(line, watch)
                watch.stage = "sent"
                asked = line.talk.ask(request, target=_target(request, self._route), host=self._route.netloc)
                head = await _ask_async(line.talk, cast("AsyncStream", line.stream), asked)
                yield Answer(status=head.status, headers=head.headers, chunks=_chunks_async(line))

    async def _connect(self, line: _Line, watch: Watch) -> None:
        route, (host, port) = self._route, self._route.first
        watch.stage = "connecting"
        limit = Watch(min(watch.until, time.monotonic() + route.connect))
        with connecting(f"{host}:{port}"):
            async with asyncio.timeout(limit.left()):
                addresses = await self._resolver.lookup_async(host, port)
                self._lines.hold(line, await AsyncStream.connect(addresses, limit))
                if route.proxy is not None:
                    talk = Talk()
                    asked = talk.ask(tunnel := route.tunnel(route.proxy), target=tunnel.url, host=tunnel.url)
                    _require_tunnel(await _ask_async(talk, line.stream, asked), route.proxy)
        if route.tls is not None:
            with connecting(f"TLS with {route.host}"):
                await line.stream.secure(route.tls, route.host, limit)

    async def aclose(self) -> None:
        """Close all of them."""
        self._lines.cut()


async def _ask_async(talk: Talk, stream: AsyncStream, asked: bytes) -> Head:
    with suppress(ConnectionError):  # as in the sync client
        stream.write(asked)
    head = None
    while head is None:
        talk.receive(await stream.read())
        head = talk.read_head()
    return head


async def _chunks_async(line: _Line) -> AsyncIterator[bytes]:
    while (chunk := line.talk.read_body()) != b"":
        if chunk is None:
            line.talk.receive(await line.stream.read())
        else:
            yield chunk


def _require_time(watch: Watch, patience: float) -> None:
    # Calls that began together end together: a place that is freed when the time is over helps nobody.
    if watch.left() < patience / 10:
        raise NoRoomError


def _require_tunnel(head: Head, proxy: Proxy) -> None:
    if not 200 <= head.status < 300:  # noqa: PLR2004  # the class of successes, RFC 9110, 15.3
        raise NoConnectionError(f"{proxy.host}:{proxy.port}: the proxy says {head.status} {head.reason}")


def _target(request: HTTPRequest, route: Route) -> str:
    return request.url.removeprefix(route.url)


def _basic(login: tuple[bytes, bytes]) -> str:
    return "Basic " + base64.b64encode(b":".join(login)).decode("ascii")
