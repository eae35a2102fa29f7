"""The connections of a client to one origin: those in use, and those kept for the next request."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpcore
from attrs import define, field

from .protocol import Protocol

MOST_CONNECTIONS = 100
_KEPT_SECONDS = 30.0


@define(eq=False)
class Connection:
    """One connection, from before it is opened."""

    protocol: Protocol = field(factory=Protocol)
    stream: Any = field(default=None)
    """A Stream or an AsyncStream, once it is open."""
    expires: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether the next request may be sent on it."""
        return self.protocol.reusable and time.monotonic() < self.expires and not self.stream.has_unread

    def cut(self) -> None:
        """End the connection, from any thread; the thread that uses it closes the socket."""
        if self.stream is not None:
            self.stream.cut()

    def close(self) -> None:
        """Close the socket of a connection that is not in use."""
        if self.stream is not None:
            self.stream.close()


class Connections:
    """All connections of a client."""

    def __init__(self) -> None:
        self.most = MOST_CONNECTIONS
        """How many may be open at once."""
        self.closed = False
        self._lock = threading.Lock()
        self._all: set[Connection] = set()
        self._idle: list[Connection] = []

    def take(self, *, fresh: bool = False) -> Connection:
        """A connection for one request; if `fresh`, one that was not used before, in place of an idle one.

        Raises:
            ConnectError: the client was closed.
        """
        if fresh:
            self._drop_oldest()
            return self._make()
        return self._pop_usable() or self._make()

    def put_back(self, connection: Connection) -> None:
        """Keep it for the next request if it can take one; otherwise close it."""
        expired: Connection | None = connection
        with self._lock:
            if connection in self._all and connection.protocol.reusable:
                connection.expires = time.monotonic() + _KEPT_SECONDS
                self._idle.append(connection)
                # The connection that was used last is taken first, so the one that has waited longest is checked here.
                expired = self._idle.pop(0) if self._idle[0].expires <= time.monotonic() else None
        if expired is not None:
            self._drop(expired)

    def close(self) -> None:
        """Close all of them, those in use by the threads that use them; no more can be opened."""
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
            if one.stream is not None:
                one.stream.abandon()

    def hold(self, connection: Connection, stream: Any) -> None:
        """Note the stream of a connection that was just opened.

        Raises:
            ConnectError: the client was closed in the meantime.
        """
        connection.stream = stream
        self._require_open()

    def _make(self) -> Connection:
        connection = Connection()
        with self._lock:
            self._require_open()
            self._all.add(connection)
        return connection

    def _require_open(self) -> None:
        if self.closed:
            raise httpcore.ConnectError("the client was closed")

    def _pop_usable(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.usable:
                return connection
            self._drop(connection)

    def _drop_oldest(self) -> None:
        # Without this, each fresh connection would be kept beside the idle ones, and a client that verifies listing
        # after listing would run out of file descriptors before they expire.
        with self._lock:
            oldest = self._idle.pop(0) if self._idle else None
        if oldest is not None:
            self._drop(oldest)

    def _drop(self, connection: Connection) -> None:
        with self._lock:
            self._all.discard(connection)
        connection.close()
