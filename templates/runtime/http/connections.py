"""The connections of a client to one origin: those in use, and those kept for the next request."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import httpcore

from .deadline import Deadline
from .protocol import Head, Protocol
from .sockets import BlockingSockets, NetworkErrors

if TYPE_CHECKING:
    from .async_sockets import AsyncSockets

Sockets: TypeAlias = "BlockingSockets | AsyncSockets"
ResultT = TypeVar("ResultT")

MOST_CONNECTIONS = 100
_KEPT_SECONDS = 30.0
# Bytes of one read. The content of an answer is often short and arrives with its head; a longer one is read in large
# parts, because each read passes through all layers.
_HEAD, _CONTENT = 64 * 1024, 256 * 1024
_RECORD = 16 * 1024  # the longest TLS record; RFC 8446, 5.1


class Connection:
    """One connection, open or not yet: HTTP/1.1 over a socket, with or without TLS."""

    def __init__(self, sockets: Sockets) -> None:
        self.protocol = Protocol()
        self.expires = 0.0
        self.socket: Any = None
        """Connected, once it is open."""
        self._sockets = sockets
        self._tls: ssl.SSLObject | None = None
        self._received, self._unsent = ssl.MemoryBIO(), ssl.MemoryBIO()

    @property
    def usable(self) -> bool:
        """Whether the next request may be sent on it: no unexpected bytes arrived, and the peer did not close it."""
        unread = self._received.pending or (self._tls is not None and self._tls.pending())
        try:
            self.socket.settimeout(0)
            self.socket.recv(1, socket.MSG_PEEK)
        except OSError as error:
            silent = isinstance(error, BlockingIOError)
            return silent and not unread and self.protocol.reusable and time.monotonic() < self.expires
        return False

    async def secure(self, context: ssl.SSLContext, host: str, deadline: Deadline) -> None:
        """Do the TLS handshake."""
        self._tls = tls = context.wrap_bio(self._received, self._unsent, server_hostname=host)
        with NetworkErrors():
            await self._through_tls(tls.do_handshake, deadline)
        if tls.selected_alpn_protocol() not in {None, "http/1.1"}:
            raise httpcore.ConnectError(
                "ssl_context offers other protocols than http/1.1; use set_alpn_protocols(['http/1.1'])"
            )

    async def exchange(self, protocol: Protocol, sent: bytes, deadline: Deadline) -> Head:
        """Send the bytes of a request and read the head of the answer."""
        with suppress(httpcore.NetworkError):  # the answer may be there already; otherwise reading finds the reason
            await self._write(sent, deadline)
        while True:
            protocol.receive(await self._read(_HEAD, deadline))
            if (head := protocol.read_head()) is not None:
                return head

    async def read_content(self, deadline: Deadline) -> bytes:
        """The next bytes of an answer's content; empty at its end."""
        deadline.left()
        while (chunk := self.protocol.read_body()) is None:
            self.protocol.receive(await self._read(_CONTENT, deadline))
        return chunk

    def cut(self) -> None:
        """End the connection, and every wait on it, from any thread; only the thread that uses it closes the socket."""
        # A closed descriptor may be reused by the next connection at once; the waiting thread would get its bytes.
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close a connection that is not in use."""
        self.cut()
        self.abandon()

    def abandon(self) -> None:
        """Close this process's copy of the socket."""
        if self.socket is not None:
            self.socket.close()

    async def _read(self, most: int, deadline: Deadline) -> bytes:
        with NetworkErrors():
            if (tls := self._tls) is None:
                return await self._sockets.receive(self.socket, most, deadline)
            return await self._through_tls(lambda: _decrypt(tls), deadline)

    async def _write(self, data: bytes, deadline: Deadline) -> None:
        with NetworkErrors():
            if (tls := self._tls) is None:
                await self._sockets.send(self.socket, data, deadline)
            else:
                await self._through_tls(lambda: tls.write(data), deadline)

    async def _through_tls(self, step: Callable[[], ResultT], deadline: Deadline) -> ResultT:
        """The result of one TLS operation, with all reads and writes of the socket that it needs."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                pass
            finally:
                if self._unsent.pending:  # after a failed handshake, the alert that tells the server why
                    await self._sockets.send(self.socket, self._unsent.read(), deadline)
            # An end without TLS's close_notify is an error of `step` (RFC 9112, 9.8).
            if received := await self._sockets.receive(self.socket, _CONTENT, deadline):
                self._received.write(received)
            else:
                self._received.write_eof()


def _decrypt(tls: ssl.SSLObject) -> bytes:
    """The content of all complete records: passing on each one separately would take longer than decrypting it."""
    pieces = list[bytes]()
    try:
        while piece := tls.read(_RECORD):
            pieces.append(piece)
    except ssl.SSLError:
        if not pieces:
            raise
    return b"".join(pieces)


class Connections:
    """All connections of a client."""

    def __init__(self, sockets: Sockets) -> None:
        self.most = MOST_CONNECTIONS
        """How many may be open at once."""
        self.closed = False
        self._sockets = sockets
        self._lock = threading.Lock()
        self._all: set[Connection] = set()
        self._idle: list[Connection] = []

    def take(self, *, fresh: bool = False) -> Connection:
        """A connection for one request; if `fresh`, a new one that replaces an idle one.

        Raises:
            ConnectError: the client was closed.
        """
        # Otherwise each fresh connection would be kept in addition to the idle ones, and a client that verifies many
        # listings would run out of file descriptors before they expire.
        while (idle := self._pop_idle(0 if fresh else -1)) is not None:
            if not fresh and idle.usable:
                return idle
            self._drop(idle)
            if fresh:
                break
        connection = Connection(self._sockets)
        with self._lock:
            self.require_open()
            self._all.add(connection)
        return connection

    def put_back(self, connection: Connection) -> None:
        """Keep it for the next request if it can be reused; otherwise close it."""
        expired: Connection | None = connection
        with self._lock:
            if connection in self._all and connection.protocol.reusable:
                connection.expires = time.monotonic() + _KEPT_SECONDS
                self._idle.append(connection)
                # `take` prefers the connection that was used last, so the one that was idle longest is checked here.
                expired = self._idle.pop(0) if self._idle[0].expires <= time.monotonic() else None
        if expired is not None:
            self._drop(expired)

    def close(self) -> None:
        """Close all connections, those in use from the threads that use them; no more can be opened."""
        with self._lock:
            self.closed = True
            connections, idle, self._all, self._idle = self._all, self._idle, set(), []
        for one in connections.difference(idle):
            one.cut()
        for one in idle:
            one.close()

    def abandon(self) -> None:
        """Close this process's copies of the sockets and leave the connections alone: they belong to the parent."""
        for one in self._all:
            one.abandon()

    def require_open(self) -> None:
        """Raise after `close`.

        Raises:
            ConnectError: the client was closed.
        """
        if self.closed:
            raise httpcore.ConnectError("the client was closed")

    def _pop_idle(self, place: int) -> Connection | None:
        with self._lock:
            return self._idle.pop(place) if self._idle else None

    def _drop(self, connection: Connection) -> None:
        with self._lock:
            self._all.discard(connection)
        connection.close()
