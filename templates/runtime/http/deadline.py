"""The time limit of one attempt, how far the attempt got, and what ends it early."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Literal, Protocol, TypeAlias
from weakref import WeakSet

import httpcore
from attrs import define

Stage: TypeAlias = Literal["waiting", "held back", "connecting", "sent"]
"""Waiting for a connection, not to be sent, opening a connection, or sending the request and reading its answer."""


@define
class Deadline:
    """When an attempt has to be over."""

    at: float
    """On the monotonic clock."""
    stage: Stage = "waiting"
    fresh: bool = False
    """Whether the request needs a connection that was not used before."""
    stop: Stop | None = None
    """Closes the connection of the attempt, if it is set."""
    may_send: Callable[[], bool] | None = None
    """Whether the request may still be sent, asked after the waits for a connection and for its opening."""
    enforced: bool = True
    """Whether the caller ends the attempt at this time; for asyncio, by cancelling it."""

    @property
    def remaining(self) -> float:
        """Seconds until then; negative after it."""
        return self.at - time.monotonic()

    def left(self) -> float:
        """Seconds until then, more than zero.

        Raises:
            TimeoutException: none are left.
        """
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise self.error()
        return seconds

    def error(self) -> httpcore.TimeoutException:
        """The error of an attempt that takes longer."""
        kinds = {"waiting": httpcore.PoolTimeout, "connecting": httpcore.ConnectTimeout, "sent": httpcore.ReadTimeout}
        return kinds[self.stage]("the time limit of the attempt is over")

    def confirm(self) -> None:
        """Ask whether the request may still be sent.

        Raises:
            PoolTimeout: it may not.
        """
        if self.may_send is not None and not self.may_send():
            self.stage = "held back"
            raise httpcore.PoolTimeout

    def attach(self, connection: Closable) -> None:
        """Let `stop` close the connection."""
        if self.stop is not None:
            self.stop.attach(connection)

    def detach(self, connection: Closable) -> None:
        """The opposite of `attach`."""
        if self.stop is not None:
            self.stop.detach(connection)

    def within(self, seconds: float) -> Deadline:
        """The same, but `seconds` from now at the latest."""
        return Deadline(min(self.at, time.monotonic() + seconds))


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
