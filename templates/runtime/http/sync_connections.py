"""The pool of the sync client, as httpcore defines one, over sockets to one origin."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import cast

import httpcore

from .connections import Connection
from .deadline import Deadline
from .pool import Member, is_replaced
from .protocol import Head, Protocol
from .route import Route, require_time, require_tunnel
from .sockets import connecting
from .sync_stream import Stream


class SyncPool(httpcore.ConnectionPool):
    """A pool whose single member takes any number of requests at once."""

    def __init__(self, route: Route) -> None:
        super().__init__(max_connections=1)
        self._origin = SyncOrigin(route)

    def create_connection(self, origin: httpcore.Origin) -> httpcore.ConnectionInterface:  # noqa: ARG002  # as httpcore asks
        """The single member."""
        return self._origin

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Ask the member directly: the pool has nothing to choose from. A replaced method of the pool is called."""
        if is_replaced(httpcore.ConnectionPool.handle_request):
            return super().handle_request(request)
        return self._origin.handle_request(request)

    def close(self) -> None:
        """Close all connections; no more can be opened."""
        self._origin.close()
        super().close()


class SyncOrigin(Member, httpcore.ConnectionInterface):
    """Sends requests to one origin, each over a connection that no other request uses."""

    def _begin(self) -> None:
        super()._begin()
        self._room = threading.Semaphore(self._connections.most)

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send the request and read the head of its answer."""
        deadline = self._admit(request)
        patience = deadline.left()
        if not self._room.acquire(timeout=patience):
            raise httpcore.PoolTimeout
        connection = None
        try:
            require_time(deadline, patience)
            deadline.confirm()
            connection = self._connections.take(fresh=deadline.fresh)
            if connection.stream is None:
                self._connect(connection, deadline)
                deadline.confirm()
            deadline.attach(connection)
            deadline.stage = "sent"
            content = b"".join(cast("Iterable[bytes]", request.stream))
            sent = connection.protocol.request(request.method, request.url.target, request.headers, content)
            head = _exchange(connection.protocol, cast("Stream", connection.stream), sent, deadline)
        except BaseException:
            self.release(connection, deadline)
            raise
        extensions = {"http_version": b"HTTP/1.1", "reason_phrase": head.reason}
        body = _Body(self, connection, deadline)
        return httpcore.Response(head.status, headers=head.headers, content=body, extensions=extensions)

    def _connect(self, connection: Connection, deadline: Deadline) -> None:
        route, (host, port) = self._route, self._route.first
        deadline.stage = "connecting"
        limit = deadline.within(route.connect_timeout)
        with connecting(f"{host}:{port}"):
            addresses = self._resolver.lookup(host, port, limit.left())
            self._connections.hold(connection, Stream(addresses, limit))
            if route.proxy is not None:
                protocol = Protocol()
                sent = route.tunnel_request(protocol, route.proxy)
                require_tunnel(_exchange(protocol, connection.stream, sent, limit))
        if route.tls is not None:
            with connecting(f"TLS with {route.host}"):
                connection.stream.secure(route.tls, route.host, limit)

    def release(self, connection: Connection | None, deadline: Deadline) -> None:
        """Give the connection, or its place, to the next request."""
        if connection is not None:
            deadline.detach(connection)
            self._connections.put_back(connection)
        self._room.release()

    def close(self) -> None:
        """Close all connections, and end every wait for one."""
        self._require_own_process()
        self._connections.close()
        self._room.release(self._connections.most)


class _Body:
    """The body of an answer, read while it is iterated."""

    def __init__(self, origin: SyncOrigin, connection: Connection, deadline: Deadline) -> None:
        self._origin, self._connection, self._deadline = origin, connection, deadline
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        protocol, stream, deadline = self._connection.protocol, self._connection.stream, self._deadline
        while (chunk := protocol.read_body()) != b"":
            if chunk is None:
                protocol.receive(stream.read(deadline))
            else:
                yield chunk
                deadline.left()

    def close(self) -> None:
        """Let the next request use the connection, if the whole body was read."""
        if not self._closed:
            self._closed = True
            self._origin.release(self._connection, self._deadline)


def _exchange(protocol: Protocol, stream: Stream, sent: bytes, deadline: Deadline) -> Head:
    """Send the bytes of a request and read the head of the answer."""
    with suppress(httpcore.NetworkError):  # the answer may be there already; otherwise reading finds the reason
        stream.write(sent, deadline)
    head = None
    while head is None:
        protocol.receive(stream.read(deadline))
        head = protocol.read_head()
    return head
