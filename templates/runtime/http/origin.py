"""The pools of both clients, as httpcore defines them, over connections to one origin."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from types import FunctionType
from typing import Any, cast

import httpcore

from .connections import Connection, Connections, Sockets
from .deadline import Deadline
from .protocol import Protocol
from .route import Route
from .sockets import BlockingSockets, Resolver, connecting, run

DEADLINE = f"{__package__}.deadline"
"""The extension of a request that holds its Deadline."""

_LONGEST = 30.0
"""Seconds for a request that has neither a Deadline nor timeouts."""
_FILES = frozenset(
    pool.create_connection.__code__.co_filename for pool in (httpcore.ConnectionPool, httpcore.AsyncConnectionPool)
)


class SyncPool(httpcore.ConnectionPool):
    """A pool whose single member takes any number of requests at once."""

    def __init__(self, route: Route) -> None:
        super().__init__(max_connections=1)
        self._origin = Origin(route, BlockingSockets())

    def create_connection(self, origin: httpcore.Origin) -> Any:  # noqa: ARG002  # as httpcore asks
        """The single member."""
        return self._origin

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Ask the member directly: the pool has nothing to choose from. A replaced method of the pool is called."""
        if _is_replaced(httpcore.ConnectionPool.handle_request):
            return super().handle_request(request)
        return self._origin.handle_request(request)

    def close(self) -> None:
        """Close all connections; no more can be opened."""
        self._origin.close()
        super().close()


class AsyncPool(httpcore.AsyncConnectionPool):
    """The same for asyncio."""

    def __init__(self, route: Route) -> None:
        from .async_sockets import AsyncSockets  # noqa: PLC0415  # loads asyncio, which the sync client does not need

        super().__init__(max_connections=1)
        self._origin = Origin(route, AsyncSockets())

    def create_connection(self, origin: httpcore.Origin) -> Any:  # noqa: ARG002  # as httpcore asks
        """The single member."""
        return self._origin

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Ask the member directly: the pool has nothing to choose from. A replaced method of the pool is called."""
        if _is_replaced(httpcore.AsyncConnectionPool.handle_async_request):
            return await super().handle_async_request(request)
        return await self._origin.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections; no more can be opened."""
        self._origin.close()
        await super().aclose()


class Origin:
    """The single member of a pool: sends requests to one origin, each over a connection of its own."""

    def __init__(self, route: Route, sockets: Sockets) -> None:
        self._route, self._sockets = route, sockets
        scheme = b"http" if route.tls is None else b"https"
        self._targets = {(scheme, route.host.encode(), port) for port in (None, route.endpoint.port)}
        self._begin()

    def _begin(self) -> None:
        """Create the state that belongs to this process."""
        self._process = os.getpid()
        self._resolver = Resolver()
        self._connections = Connections(self._sockets)
        self._room: Any = self._sockets.make_room(self._connections.most)

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send the request of a sync client and read the head of its answer."""
        return run(self.handle_async_request(request))

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send the request and read the head of its answer."""
        url = request.url
        if (url.scheme, url.host, url.port) not in self._targets:
            raise httpcore.UnsupportedProtocol(f"this transport sends to {self._route.endpoint.origin} only")
        self._require_own_process()
        deadline = _deadline_of(request)
        patience = deadline.left()
        await self._sockets.enter(self._room, deadline)
        connection = None
        try:
            deadline.confirm(patience)
            connection = self._connections.take(fresh=deadline.fresh)
            if connection.socket is None:
                await self._connect(connection, deadline)
                deadline.confirm()
            if deadline.stop is not None:
                deadline.stop.attach(connection)
            deadline.stage = "sent"
            content = await self._sockets.content_of(cast("Any", request.stream), deadline)
            sent = connection.protocol.request(request.method, url.target, request.headers, content)
            head = await connection.exchange(connection.protocol, sent, deadline)
        except BaseException:
            self.release(connection, deadline)
            raise
        extensions = {"http_version": b"HTTP/1.1", "reason_phrase": head.reason}
        answered = _Content(self, connection, deadline)
        return httpcore.Response(head.status, headers=head.headers, content=answered, extensions=extensions)

    async def _connect(self, connection: Connection, deadline: Deadline) -> None:
        route, sockets, (host, port) = self._route, self._sockets, self._route.first
        deadline.stage = "connecting"
        limit = deadline.within(route.connect_timeout if deadline.connect is None else deadline.connect)
        with connecting(f"{host}:{port}"):
            addresses = await self._resolver.find(host, port, lambda found: sockets.result_of(found, limit))
            connection.socket = await sockets.connect(addresses, limit)
            self._connections.require_open()
            if route.proxy is not None:
                protocol = Protocol()
                sent = route.tunnel_request(protocol, route.proxy)
                head = await connection.exchange(protocol, sent, limit)
                if not 200 <= head.status < 300:  # noqa: PLR2004  # the class of successes, RFC 9110, 15.3
                    answer = f"{head.status} {head.reason.decode('latin-1'):.80}"
                    raise httpcore.ConnectError(f"the proxy answered {answer}")
        if route.tls is not None:
            with connecting(f"TLS with {route.host}"):
                await connection.secure(route.tls, route.host, limit)

    def release(self, connection: Connection | None, deadline: Deadline) -> None:
        """Make the connection, or its slot, available to the next request."""
        if connection is not None:
            if deadline.stop is not None:
                deadline.stop.detach(connection)
            self._connections.put_back(connection)
        self._room.release()

    def close(self) -> None:
        """Close all connections, and end every wait for one."""
        self._require_own_process()
        self._connections.close()
        for _ in range(self._connections.most):
            self._room.release()

    async def aclose(self) -> None:
        """The same."""
        self.close()

    def _require_own_process(self) -> None:
        # A forked child has copies of its parent's sockets and locks, and must use neither.
        if self._process != os.getpid():
            connections = self._connections
            connections.abandon()
            self._begin()
            if connections.closed:
                self._connections.close()

    def is_available(self, _: object = None) -> bool:
        """Always true: requests wait for a connection in this class."""
        return True

    def is_idle(self) -> bool:
        """Always false, so that the pool keeps its member: this class lets connections expire."""
        return False

    can_handle_request = is_available
    has_expired = is_closed = is_idle

    def info(self) -> str:
        """The text of the pool's repr."""
        return self._route.endpoint.origin


class _Content:
    """The content of an answer, read while it is iterated over."""

    def __init__(self, origin: Origin, connection: Connection, deadline: Deadline) -> None:
        self._origin, self._connection, self._deadline = origin, connection, deadline
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        while chunk := run(self._connection.read_content(self._deadline)):
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self._connection.read_content(self._deadline):
            yield chunk

    def close(self) -> None:
        """Let the next request use the connection, if the whole content was read."""
        if not self._closed:
            self._closed = True
            self._origin.release(self._connection, self._deadline)

    async def aclose(self) -> None:
        """The same."""
        self.close()


def _deadline_of(request: httpcore.Request) -> Deadline:
    """The deadline of a request; its longest timeout if it does not come from this package's clients."""
    extensions = cast("Mapping[str, Any]", request.extensions)
    known: Deadline | None = extensions.get(DEADLINE)
    if known is None:
        limits = [limit for limit in extensions.get("timeout", {}).values() if limit is not None]
        known = Deadline(time.monotonic() + max(limits, default=_LONGEST))
    known.stage = "waiting"
    return known


def _is_replaced(method: object) -> bool:
    """Whether a tool, such as a mock or a recorder, replaced this method of httpcore's pools."""
    # Compares the file of the code, because this module may be loaded while the method is replaced, and wrappers copy
    # the names and types of what they wrap.
    return type(method) is not FunctionType or method.__code__.co_filename not in _FILES
