"""Time: the clock, the deadline of one attempt and its progress, and how it is stopped early."""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias
from weakref import WeakSet

import httpcore

if TYPE_CHECKING:
    import asyncio

Stage: TypeAlias = Literal["waiting", "held back", "connecting", "sent"]
"""Waiting for a connection, no longer to be sent, opening a connection, or sending and reading the answer."""


async def _pause_async(event: asyncio.Event, seconds: float) -> None:
    import asyncio  # noqa: PLC0415  # the sync client does not need it

    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class Clock(NamedTuple):
    """The source of time for the runtime; tests replace it."""

    monotonic: Callable[[], float] = time.monotonic
    """Seconds, for deadlines: setting the machine's clock does not change them."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """Aware; used only for waits that are given as a date."""
    pause: Callable[[threading.Event, float], object] = threading.Event.wait
    """Waits for the given seconds, or until the event is set."""
    pause_async: Callable[[asyncio.Event, float], Awaitable[object]] = _pause_async
    """The same for asyncio."""


class Deadline:
    """When an attempt has to be over."""

    stage: Stage = "waiting"
    connect: float | None = None
    """Seconds for opening a connection; None leaves that to the transport."""

    def __init__(
        self,
        at: float,
        *,
        fresh: bool = False,
        stop: Stop | None = None,
        may_send: Callable[[], bool] | None = None,
        is_enforced: bool = False,
    ) -> None:
        """Make a deadline.

        Args:
            at: on the monotonic clock.
            fresh: whether the request needs a connection that was not used before.
            stop: closes the connection of the attempt when it is set.
            may_send: whether the request may still be sent.
            is_enforced: whether a timeout around the whole attempt ends it, so that its waits need no timeout.
        """
        self.at, self.fresh, self.stop, self.may_send, self.is_enforced = at, fresh, stop, may_send, is_enforced

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
        """The error of an attempt that reaches the deadline."""
        kinds = {"waiting": httpcore.PoolTimeout, "connecting": httpcore.ConnectTimeout, "sent": httpcore.ReadTimeout}
        return kinds[self.stage]("the time limit of the attempt is over")

    def confirm(self, patience: float = 0.0) -> None:
        """Check, after a wait, that the request is still to be sent; `patience` is the seconds before that wait.

        Raises:
            PoolTimeout: it may no longer be sent, or less than a tenth of the time is left.
        """
        # Calls that began together end together: a connection that is free only then comes too late for the others.
        if self.left() < patience / 10:
            raise self.error()
        if self.may_send is not None and not self.may_send():
            self.stage = "held back"
            raise httpcore.PoolTimeout

    def within(self, seconds: float) -> Deadline:
        """The same deadline, but at most `seconds` from now."""
        sooner = Deadline(min(self.at, time.monotonic() + seconds))
        sooner.stage = self.stage
        return sooner


class Endable(Protocol):
    """A connection, or another stop."""

    def cut(self) -> None:
        """End it and every wait on it, from any thread."""


class Stopped(Exception):  # noqa: N818  # not an error: its result is no longer needed
    """The call was abandoned."""


class Stop:
    """A signal that is set once, and then ends everything attached to it."""

    def __init__(self, parent: Stop | None = None) -> None:
        """Make a stop that is set when `parent` is set."""
        self.event: threading.Event = threading.Event()
        self._lock = threading.RLock()  # the garbage collector may call `set` at any time
        self._attached = WeakSet[Endable]()
        if parent is not None:
            parent.attach(self)

    def is_set(self) -> bool:
        """Whether it was set."""
        return self.event.is_set()

    def set(self) -> None:
        """Wake all waiters, and end what is attached."""
        with self._lock:
            self.event.set()
            attached = [*self._attached]
        for one in attached:
            one.cut()

    def cut(self) -> None:
        """The same as `set`, called by the stop that this one is attached to."""
        self.set()

    def attach(self, one: Endable) -> None:
        """End it when this is set."""
        with self._lock:
            self._attached.add(one)
        if self.is_set():
            one.cut()

    def detach(self, one: Endable) -> None:
        """The opposite of `attach`."""
        with self._lock:
            self._attached.discard(one)

    def wait_for(self, other: Future[None], seconds: float) -> None:
        """Wait until `other` is done, this is set, or the time is over."""
        either = Stop(self)
        other.add_done_callback(lambda _: either.set())
        either.event.wait(seconds)
