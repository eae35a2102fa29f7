"""The pool of the async client, as httpcore defines one, over connections to one origin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any, TypeVar, cast

import httpcore

from ..aio.waiting import wait_for
from .async_stream import AsyncStream
from .connections import Connection
from .deadline import Deadline
from .names import Addresses, Resolver
from .pool import Member, is_replaced
from .protocol import Head, Protocol
from .route import Route, require_time, require_tunnel
from .sockets import connecting

ResultT = TypeVar("ResultT")


class AsyncPool(httpcore.AsyncConnectionPool):
    """A pool whose single member takes any number of requests at once."""

    def __init__(self, route: Route) -> None:
        super().__init__(max_connections=1)
        self._origin = AsyncOrigin(route)

    def create_connection(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:  # noqa: ARG002  # as httpcore asks
        """The single member."""
        return self._origin

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Ask the member directly: the pool has nothing to choose from. A replaced method of the pool is called."""
        if is_replaced(httpcore.AsyncConnectionPool.handle_async_request):
            return await super().handle_async_request(request)
        return await self._origin.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections; no more can be opened."""
        await self._origin.aclose()
        await super().aclose()


class AsyncOrigin(Member, httpcore.AsyncConnectionInterface):
    """Sends requests to one origin, each over a connection that no other request uses."""

    def _begin(self) -> None:
        super()._begin()
        self._room = asyncio.Semaphore(self._connections.most)

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send the request and read the head of its answer."""
        deadline = self._admit(request)
        return await _bounded(deadline, self._send(request, deadline))

    async def _send(self, request: httpcore.Request, deadline: Deadline) -> httpcore.Response:
        patience = deadline.left()
        await self._room.acquire()
        connection = None
        try:
            require_time(deadline, patience)
            deadline.confirm()
            connection = self._connections.take(fresh=deadline.fresh)
            if connection.stream is None:
                await self._connect(connection, deadline)
                deadline.confirm()
            deadline.stage = "sent"
            content = b"".join([part async for part in cast("AsyncIterable[bytes]", request.stream)])
            sent = connection.protocol.request(request.method, request.url.target, request.headers, content)
            head = await _exchange(connection.protocol, cast("AsyncStream", connection.stream), sent)
        except BaseException:
            self.release(connection)
            raise
        extensions = {"http_version": b"HTTP/1.1", "reason_phrase": head.reason}
        body = _Body(self, connection, deadline)
        return httpcore.Response(head.status, headers=head.headers, content=body, extensions=extensions)

    async def _connect(self, connection: Connection, deadline: Deadline) -> None:
        route, (host, port) = self._route, self._route.first
        deadline.stage = "connecting"
        limit = deadline.within(route.connect_timeout)
        with connecting(f"{host}:{port}"):
            await self._open(connection, host, port, limit)
        if route.tls is not None:
            with connecting(f"TLS with {route.host}"):
                await connection.stream.secure(route.tls, route.host, limit)

    async def _open(self, connection: Connection, host: str, port: int, limit: Deadline) -> None:
        proxy = self._route.proxy
        try:
            async with asyncio.timeout(limit.left()):
                addresses = await look_up(self._resolver, host, port)
                self._connections.hold(connection, await AsyncStream.connect(addresses))
                if proxy is not None:
                    protocol = Protocol()
                    sent = self._route.tunnel_request(protocol, proxy)
                    require_tunnel(await _exchange(protocol, connection.stream, sent))
        except TimeoutError:
            raise httpcore.ConnectTimeout from None

    def release(self, connection: Connection | None) -> None:
        """Give the connection, or its place, to the next request."""
        if connection is not None:
            self._connections.put_back(connection)
        self._room.release()

    async def aclose(self) -> None:
        """Close all connections, and end every wait for one."""
        self._require_own_process()
        self._connections.close()
        for _ in range(self._connections.most):
            self._room.release()


class _Body:
    """The body of an answer, read while it is iterated."""

    def __init__(self, origin: AsyncOrigin, connection: Connection, deadline: Deadline) -> None:
        self._origin, self._connection, self._deadline = origin, connection, deadline
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        protocol, stream = self._connection.protocol, self._connection.stream
        while (chunk := protocol.read_body()) != b"":
            if chunk is None:
                protocol.receive(await _bounded(self._deadline, stream.read()))
            else:
                yield chunk

    async def aclose(self) -> None:
        """Let the next request use the connection, if the whole body was read."""
        if not self._closed:
            self._closed = True
            self._origin.release(self._connection)


async def look_up(resolver: Resolver, host: str, port: int) -> Addresses:
    """The addresses of `host`; the task that waits for them may be cancelled.

    Raises:
        ConnectError: the host is not known.
    """
    found = resolver.begin(host, port)
    try:
        return await wait_for(found)
    finally:
        resolver.forget(host, port, found)


async def _bounded(deadline: Deadline, wait: Coroutine[Any, Any, ResultT]) -> ResultT:
    """The result of `wait`, which ends at the deadline."""
    if deadline.enforced:
        return await wait
    try:
        async with asyncio.timeout_at(asyncio.get_running_loop().time() + deadline.remaining):
            return await wait
    except TimeoutError:
        raise deadline.error() from None


async def _exchange(protocol: Protocol, stream: AsyncStream, sent: bytes) -> Head:
    """Send the bytes of a request and read the head of the answer."""
    with suppress(httpcore.NetworkError):  # the answer may be there already; otherwise reading finds the reason
        stream.write(sent)
    head = None
    while head is None:
        protocol.receive(await stream.read())
        head = protocol.read_head()
    return head
