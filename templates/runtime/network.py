"""Connections to one origin; the only module that knows httpcore.

httpcore keeps and shares connections and speaks HTTP/1.1; looking up names, sockets and their time limits are our own,
because only so a limit holds on the clock: a service that sends a byte now and then does not outlast it.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import socket
import ssl
import threading
import time
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any, Literal, TypeAlias, cast

import httpcore
from attrs import define, field, frozen

from .errors import ConfigurationError
from .messages import HTTPRequest
from .proxies import Proxy
from .resolve import Address, Addresses, Resolver

MOST_CONNECTIONS = 100
_KEPT_SECONDS = 30.0
_CHUNK = 64 * 1024
_HELD = 4 * _CHUNK

Cause: TypeAlias = Literal["certificate", "busy", "no connection", "late", "lost", "unknown"]
"""Why no whole answer came."""


class NoConnectionError(Exception):
    """No connection came about."""


class NoRoomError(Exception):
    """All connections are in use."""


class CrossedAnswerError(ConnectionError):
    """An answer stood on the connection before anything was asked for."""


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


@define
class Watch:
    """One attempt under way: when it has to be over, and how far it got."""

    until: float
    """On the monotonic clock."""
    stage: Literal["waiting", "connecting", "sent", "answering"] = "waiting"
    begins: bytes = b""
    """The first bytes that were received since the last were sent."""
    line: _Line | None = None
    """What it is sent on."""

    def hold(self, stream: _Stream | _AsyncStream) -> None:
        """Note the stream that it is sent on from now on."""
        cast("_Line", self.line).stream = stream

    def note_sent(self) -> None:
        """Note that something is sent."""
        self.stage, self.begins = "sent", b""

    def note_received(self, received: bytes) -> None:
        """Note that something was received."""
        self.stage, self.begins = "answering", self.begins or received[:5]

    def left(self) -> float:
        """Seconds; raises TimeoutError where none is left."""
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


_WATCH: ContextVar[Watch] = ContextVar("watch")


@frozen(kw_only=True)
class Answer:
    """The head of an answer, and its body as it arrives."""

    status: int
    headers: Iterable[tuple[str, str]] = field(repr=False)
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
    if isinstance(error, (OSError, EOFError, httpcore.RemoteProtocolError, httpcore.WriteError)):
        return "lost"
    return "unknown"


class Connections:
    """Kept connections of the sync client."""

    explain = staticmethod(explain)

    def __init__(self, route: Route) -> None:
        self._url = route.url
        self._room = threading.Semaphore(MOST_CONNECTIONS)
        self._lines = _Lines(_make_source(httpcore.ConnectionPool, route, _Backend(Resolver(), route.connect)), route)

    @contextmanager
    def open(self, request: HTTPRequest, watch: Watch) -> Generator[Answer]:
        """Send the request; the answer's body may be read until this is left."""
        patience = watch.left()
        if not self._room.acquire(timeout=patience):
            raise NoRoomError
        try:
            _require_time(watch, patience)
            with self._lines.take(watch) as connection:
                answer = connection.handle_request(_wire_request(self._url, request))
                yield _begin(answer, watch)
                answer.close()
        finally:
            self._room.release()

    def close(self) -> None:
        """Close all of them."""
        self._lines.cut()


class AsyncConnections:
    """The same for asyncio."""

    explain = staticmethod(explain)

    def __init__(self, route: Route) -> None:
        self._url = route.url
        self._room = asyncio.Semaphore(MOST_CONNECTIONS)
        source = _make_source(httpcore.AsyncConnectionPool, route, _AsyncBackend(Resolver(), route.connect))
        self._lines = _Lines(source, route)

    @asynccontextmanager
    async def open(self, request: HTTPRequest, watch: Watch) -> AsyncGenerator[Answer]:
        """Send the request; the answer's body may be read until this is left."""
        patience = watch.left()
        async with self._room:
            _require_time(watch, patience)
            with self._lines.take(watch) as connection:
                answer = await connection.handle_async_request(_wire_request(self._url, request))
                yield _begin(answer, watch)
                await answer.aclose()

    async def aclose(self) -> None:
        """Close all of them."""
        self._lines.cut()


@define(eq=False)
class _Line:
    """A connection of httpcore's, and the stream below it."""

    connection: Any
    stream: _Stream | _AsyncStream | None = None

    def cut(self) -> None:
        """Close the socket, whatever is under way on it."""
        if self.stream is not None:
            self.stream.cut()


class _Lines:
    """All connections of a client: those in use, and those that wait for the next request.

    httpcore's pool would do, but a cancellation in the wrong place leaves a connection in it that nobody uses and
    that takes a place for good; and it looks at all connections at every request.
    """

    def __init__(self, source: Any, route: Route) -> None:
        self._source = source
        self._origin = httpcore.URL(route.url).origin
        self._lock = threading.Lock()
        self._all: set[_Line] = set()
        self._waiting: list[_Line] = []

    @contextmanager
    def take(self, watch: Watch) -> Generator[Any]:
        """A connection, closed behind its use unless it can take the next request."""
        _WATCH.set(watch)
        watch.line = line = self._pop_usable() or self._make()
        try:
            yield line.connection
        except httpcore.ProxyError as error:
            raise NoConnectionError(f"the proxy says {error}") from None
        finally:
            self._put_back(line)

    def cut(self) -> None:
        """Close all of them."""
        with self._lock:
            lines, self._all, self._waiting = self._all, set(), []
        for line in lines:
            line.cut()

    def _make(self) -> _Line:
        line = _Line(self._source.create_connection(self._origin))
        with self._lock:
            self._all.add(line)
        return line

    def _pop_usable(self) -> _Line | None:
        while True:
            with self._lock:
                if not self._waiting:
                    return None
                line = self._waiting.pop()
            if not line.connection.has_expired():
                return line
            self._drop(line)

    def _put_back(self, line: _Line | None) -> None:
        with self._lock:
            if line in self._all and line.connection.is_available():
                self._waiting.append(line)
                # Those used last go first, so nobody else looks at the one that waits longest.
                line = self._waiting.pop(0) if self._waiting[0].connection.has_expired() else None
        if line is not None:
            self._drop(line)

    def _drop(self, line: _Line) -> None:
        with self._lock:
            self._all.discard(line)
        line.cut()


def _make_source(kind: Any, route: Route, backend: object) -> Any:
    proxy = None
    if route.proxy is not None:
        address = httpcore.URL(scheme=route.proxy.scheme, host=route.proxy.host, port=route.proxy.port, target="")
        proxy = httpcore.Proxy(address, auth=route.proxy.login)
    if proxy is not None and proxy.url.scheme != b"http":
        try:
            import_module("socksio")
        except ImportError:
            text = "proxy: SOCKS needs one more package; run `pip install httpx[socks]`"
            raise ConfigurationError(text) from None
    return kind(ssl_context=route.tls, proxy=proxy, keepalive_expiry=_KEPT_SECONDS, network_backend=backend)


def _require_time(watch: Watch, patience: float) -> None:
    # Calls that began together end together: a place that is freed when the time is over helps nobody.
    if watch.left() < patience / 10:
        raise NoRoomError


def _wire_request(origin: str, request: HTTPRequest) -> httpcore.Request:
    headers = _wire_headers(origin, request)
    return httpcore.Request(request.method, request.url, headers=headers, content=request.content)


def _wire_headers(origin: str, request: HTTPRequest) -> list[tuple[bytes, bytes]]:
    length: Mapping[str, str] = {} if request.content is None else {"content-length": str(len(request.content))}
    named = {"host": origin.partition("://")[2], **request.headers, **length}
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in named.items()]


def _begin(answer: httpcore.Response, watch: Watch) -> Answer:
    # What was read since the request was sent has to begin with an answer's beginning; the rest was there before it.
    if not watch.begins or not b"HTTP/".startswith(watch.begins):
        raise CrossedAnswerError("an answer stood on the connection before anything was asked for")
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers]
    return Answer(status=answer.status, headers=headers, chunks=answer.stream)


class _Backend(httpcore.NetworkBackend):
    """Connects, within the time that the attempt at hand has left."""

    def __init__(self, resolver: Resolver, connect: float) -> None:
        self._resolver = resolver
        self._connect = connect

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that takes one."""
        watch = _WATCH.get()
        watch.stage = "connecting"
        limit = Watch(min(watch.until, time.monotonic() + self._connect))
        with _connecting(f"{host}:{port}"):
            connected = self._try_each(self._resolver.lookup(host, port, limit.left()), limit)
        return _Stream(connected, limit)

    def _try_each(self, addresses: Addresses, limit: Watch) -> socket.socket:
        for place, address in enumerate(addresses, start=1):
            try:
                # An address that does not answer leaves time for those after it.
                return _connect_socket(address, limit.left() / (len(addresses) - place + 1))
            except OSError:
                if place == len(addresses):
                    raise
        raise OSError("the name has no address")


def _connect_socket(address: Address, seconds: float) -> socket.socket:
    tried = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        tried.settimeout(seconds)
        tried.connect(address.place)
        tried.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        tried.close()
        raise
    return tried


class _Stream(httpcore.NetworkStream):
    """A socket whose every wait ends when the attempt at hand does."""

    def __init__(self, connected: socket.socket, limit: Watch) -> None:
        self._socket = connected
        self._limit = limit
        _WATCH.get().hold(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes; none at the end."""
        watch = _WATCH.get()
        self._socket.settimeout(watch.left())
        received = self._socket.recv(max_bytes)
        watch.note_received(received)
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        watch = _WATCH.get()
        watch.note_sent()
        view = memoryview(buffer)
        try:
            while view:
                self._socket.settimeout(watch.left())
                view = view[self._socket.send(view) :]
        except TimeoutError:
            raise
        except OSError as error:  # httpcore then looks for an early answer
            raise httpcore.WriteError(str(error)) from None

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    cut = close

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection with TLS."""
        with _connecting(f"TLS with {server_hostname}"), self._closing():
            _WATCH.get().stage = "connecting"
            self._socket.settimeout(self._limit.left())
            secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        return _Stream(secured, self._limit)

    @contextmanager
    def _closing(self) -> Generator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        """Whether bytes arrived that nobody asked for, or the end; httpcore then drops the connection."""
        return _has_arrived(self._socket) if info == "is_readable" else None


def _has_arrived(connected: Any) -> bool:
    if connected.fileno() < 0 or (isinstance(connected, ssl.SSLSocket) and connected.pending()):
        return True
    with selectors.DefaultSelector() as waiting:
        waiting.register(connected, selectors.EVENT_READ)
        return bool(waiting.select(0))


@contextmanager
def _connecting(what: str) -> Generator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise
    except OSError as error:
        raise NoConnectionError(f"{what}: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    if error.errno is None or isinstance(error, (ssl.SSLError, socket.gaierror)):
        return str(error) or "not in time"
    return os.strerror(error.errno)  # asyncio has put the address in place of it


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    """The same for asyncio, whose attempts end by cancellation."""

    def __init__(self, resolver: Resolver, connect: float) -> None:
        self._resolver = resolver
        self._connect = connect

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that takes one."""
        watch = _WATCH.get()
        watch.stage = "connecting"
        limit = Watch(min(watch.until, time.monotonic() + self._connect))
        with _connecting(f"{host}:{port}"):
            async with asyncio.timeout(limit.left()):
                addresses = await self._resolver.lookup_async(host, port)
                return await self._try_each(addresses, limit)

    async def _try_each(self, addresses: Addresses, limit: Watch) -> _AsyncStream:
        for place, address in enumerate(addresses, start=1):
            try:
                async with asyncio.timeout(limit.left() / (len(addresses) - place + 1)):
                    return await _AsyncStream.connect(address, limit)
            except OSError:
                if place == len(addresses):
                    raise
        raise OSError("the name has no address")


class _AsyncStream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """A transport of asyncio with a small buffer, which shows what arrived unasked."""

    _transport: asyncio.Transport

    def __init__(self, limit: Watch) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._ended = self._paused = False
        self._error: Exception | None = None
        self._arrived = asyncio.Event()

    @classmethod
    async def connect(cls, address: Address, limit: Watch) -> _AsyncStream:
        """A connection to this address."""
        loop = asyncio.get_running_loop()
        tried = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            tried.settimeout(0)
            await loop.sock_connect(tried, address.place)
            tried.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _, stream = await loop.create_connection(lambda: cls(limit), sock=tried)
        except BaseException:
            tried.close()
            raise
        _WATCH.get().hold(stream)
        return stream

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Bytes arrived."""
        self._buffer += data
        self._arrived.set()
        if len(self._buffer) > _HELD:
            self._transport.pause_reading()
            self._paused = True

    def eof_received(self) -> None:
        """The other side has ended."""
        self._ended = True
        self._arrived.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._ended, self._error = True, exc
        self._arrived.set()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes; none at the end."""
        while not self._buffer and not self._ended:
            self._arrived.clear()
            await self._arrived.wait()
        if not self._buffer and self._error is not None:
            raise self._error
        taken = bytes(self._buffer[:max_bytes])
        _WATCH.get().note_received(taken)
        del self._buffer[:max_bytes]
        if self._paused and not self._ended:
            self._transport.resume_reading()
            self._paused = False
        return taken

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        _WATCH.get().note_sent()
        if self._ended:  # httpcore then looks for an early answer
            raise httpcore.WriteError("the connection is closed")
        self._transport.write(buffer)

    async def aclose(self) -> None:
        """Close the socket at once."""
        self.cut()

    def cut(self) -> None:
        """The same for those who cannot wait."""
        self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """The same connection with TLS."""
        _WATCH.get().stage = "connecting"
        with _connecting(f"TLS with {server_hostname}"):
            try:
                async with asyncio.timeout(self._limit.left()):
                    secured = await asyncio.get_running_loop().start_tls(
                        self._transport, self, ssl_context, server_hostname=server_hostname
                    )
            except BaseException:
                self.cut()
                raise
            if secured is None:
                raise ConnectionError("it was closed during the TLS handshake")
        self._transport = secured
        return self

    def get_extra_info(self, info: str) -> Any:
        """Whether bytes arrived that nobody asked for, or the end; httpcore then drops the connection."""
        if info != "is_readable":
            return None
        # The loop may not have run since, and what it has not read yet is unasked for just as well.
        return bool(self._buffer or self._ended) or _has_arrived(self._transport.get_extra_info("socket"))
