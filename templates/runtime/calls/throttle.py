"""What holds back the calls of a client: a wait that its service asks all of them for, and a budget of retries."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from datetime import timedelta
from typing import NamedTuple, cast

from ..errors import APIStatusError, SdkError


class Told(NamedTuple):
    """What a service said when it asked to wait."""

    error: APIStatusError
    """As it would be raised; this one never is."""
    until: float
    """The end of the wait that was asked for, on the monotonic clock."""
    too_long: bool
    """Whether no call waits for that long."""


def remake(error: SdkError, text: str, wait: float) -> APIStatusError:
    """The same error of a status, anew: with this text and this wait, and without the frames it came through."""
    made = cast("APIStatusError", error)
    return type(made)(
        text,
        status_code=made.status_code,
        code=made.code,
        message=made.message,
        request_id=made.request_id,
        wait=timedelta(seconds=wait),
    )


class Gate:
    """Open, until one call is asked to wait; then closed for all of them.

    When the wait is over one call goes first, and the others follow once it was answered. Threads may share it.
    """

    def __init__(self) -> None:
        self.told: Told | None = None
        """What closed it last."""
        self._lock = threading.Lock()
        self._opens_at: float | None = None
        self._probe: object | None = None
        self._probed_for: float | None = None
        self._over: Future[None] = Future()

    def ask(self, call: object, now: float) -> float | Future[None] | None:
        """None where `call` may be sent; else what it has to wait for before it asks again.

        That is a number of seconds, or the end of another call's attempt.
        """
        with self._lock:
            if self._opens_at is None:
                return None
            if now < self._opens_at:
                return self._opens_at - now
            if self._probe is None:
                self._probe, self._probed_for = call, self._opens_at
            return None if self._probe is call else self._over

    def close(self, until: float, told: Told | None = None) -> None:
        """Hold all calls back until then."""
        with self._lock:
            if self._opens_at is None or until >= self._opens_at:
                self._opens_at, self.told = until, told

    def leave(self, call: object, *, answered: bool) -> None:
        """Note that the attempt of `call` is over; whether the service answered it, other than by a 429."""
        with self._lock:
            if self._probe is not call:
                return
            self._probe = None
            # An older call may have been asked to wait in the meantime.
            if answered and self._opens_at == self._probed_for:
                self._opens_at = None
            over, self._over = self._over, Future()
        over.set_result(None)


class Budget:
    """The retries that a client has left; threads may share it."""

    def __init__(self, size: int) -> None:
        self._lock = threading.Lock()
        self._size = self._left = size

    def take(self) -> bool:
        """Whether there was one left, which is now taken."""
        with self._lock:
            if self._left == 0:
                return False
            self._left -= 1
            return True

    def give_back(self) -> None:
        """Note a success."""
        with self._lock:
            self._left = min(self._size, self._left + 1)


class Brakes(NamedTuple):
    """What holds back all calls of a client; each call may change it for the others."""

    gate: Gate
    budget: Budget
