"""Ends what is under way: wakes the threads that wait, and closes the connections that are in use."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Protocol
from weakref import WeakSet


class Closable(Protocol):
    """A connection."""

    def cut(self) -> None:
        """End it, and every wait on it, from any thread."""


class Stopped(Exception):  # noqa: N818  # not an error: nobody waits for this call any more
    """The call was given up."""


class Stop:
    """Is set once, and sets those made from it."""

    def __init__(self, parent: Stop | None = None) -> None:
        """Make one that is set with `parent`."""
        self.event: threading.Event = threading.Event()
        self._lock = threading.RLock()  # the garbage collector may set it in any line
        self._children = WeakSet[Stop]()
        self._connections = set[Closable]()
        if parent is not None:
            parent.adopt(self)

    def is_set(self) -> bool:
        """Whether it was set."""
        return self.event.is_set()

    def set(self) -> None:
        """Wake everyone who waits, and close the attached connections."""
        with self._lock:
            self.event.set()
            ended = [*self._connections]
            children = [*self._children]
        for connection in ended:
            connection.cut()
        for child in children:
            child.set()

    def attach(self, connection: Closable) -> None:
        """Close the connection when this is set."""
        with self._lock:
            self._connections.add(connection)
        if self.is_set():
            connection.cut()

    def detach(self, connection: Closable) -> None:
        """The opposite of `attach`."""
        with self._lock:
            self._connections.discard(connection)

    def wait_for(self, other: Future[None], seconds: float) -> None:
        """Wait until `other` is done, this is set, or the time is over."""
        bell = _Bell()
        other.add_done_callback(bell.ring)
        self.attach(bell)
        bell.event.wait(seconds)
        self.detach(bell)

    def adopt(self, child: Stop) -> None:
        """Set another one with this one."""
        with self._lock:
            self._children.add(child)
        if self.is_set():
            child.set()


class _Bell:
    """An event that any of several causes sets."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def ring(self, _: object) -> None:
        """Set it, as the callback of a future."""
        self.event.set()

    def cut(self) -> None:
        """Set it, as a connection that is closed."""
        self.event.set()
