"""Holds back all calls of a client while its service asks them to wait (429)."""

from __future__ import annotations

import threading

_UNTIL_PROBED = 0.05


class Gate:
    """Open, until one call is asked to wait; then closed for all of them.

    When the wait is over one call goes first, and the others follow once it was answered. Threads may share it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opens_at: float | None = None
        self._probe: object | None = None

    def ask(self, call: object, now: float) -> float:
        """Seconds after which `call` has to ask again, or 0 where it may be sent."""
        with self._lock:
            if self._opens_at is None:
                return 0.0
            if now < self._opens_at:
                return self._opens_at - now
            if self._probe is None:
                self._probe = call
            return 0.0 if self._probe is call else _UNTIL_PROBED

    def close(self, until: float) -> None:
        """Hold all calls back until then."""
        with self._lock:
            self._opens_at = until if self._opens_at is None else max(until, self._opens_at)

    def leave(self, call: object, *, answered: bool) -> None:
        """Note that the attempt of `call` is over; whether the service answered it, other than by a 429."""
        with self._lock:
            if self._probe is call:
                self._probe = None
                if answered:
                    self._opens_at = None
