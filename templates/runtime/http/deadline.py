"""The time limit of one attempt, and how far the attempt got."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias

import httpcore
from attrs import define

if TYPE_CHECKING:
    from ..stop import Closable, Stop

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
