"""Decides whether a failed attempt is sent again, and when all calls of a client have to wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from copy import copy
from datetime import timedelta
from typing import NamedTuple, cast

from attrs import Attribute, field, frozen

from ..errors import APIStatusError, ConfigurationError, SdkError, TransportError
from ..operation import Call
from ..wire import HTTPResponse

__all__ = ["RetryPolicy", "Timeouts"]

_LONGEST = 1_000_000.0
# RFC 9110 and RFC 6585 for 408, 429 and 5xx; 520 to 526 are a gateway's names for a broken way to its origin.
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504, *range(520, 527)})
RATE_LIMITED = 429


def _seconds(_: object, attribute: Attribute[float], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= _LONGEST:
        raise ConfigurationError(f"timeouts.{attribute.name}: is {value!r:.80}; give seconds, more than 0")


def _wait(_: object, attribute: Attribute[float], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LONGEST:
        raise ConfigurationError(f"retry.{attribute.name}: is {value!r:.80}; give seconds, 0 or more")


def _count(_: object, attribute: Attribute[int], value: object) -> None:
    least = 1 if attribute.name == "max_attempts" else 0
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(f"retry.{attribute.name}: is {value!r:.80}; give a whole number, {least} or more")


def _random() -> float:
    from random import random  # noqa: PLC0415  # most processes never wait, and it is slow to load

    return random()  # noqa: S311  # not a secret


@frozen(kw_only=True)
class Timeouts:
    """How long things may take, in seconds."""

    connect: float = field(default=5.0, validator=_seconds)
    """Until a connection is open: looking up the name, connecting, and the TLS handshake."""
    attempt: float = field(default=30.0, validator=_seconds)
    """One attempt in wall time, from sending it to the last byte of its answer."""
    call: float = field(default=180.0, validator=_seconds)
    """All attempts of one call and the waits between them; no attempt or wait begins that would exceed it."""


class Outcome(NamedTuple):
    """The outcome of a failed attempt, as far as a retry depends on it."""

    may_repeat: bool
    hint: float | None = None
    """Seconds that the service asked to wait."""


def read_outcome(call: Call, reply: HTTPResponse | TransportError, error: SdkError) -> Outcome:
    """The outcome of an attempt that failed with `error`."""
    if isinstance(error, TransportError):
        repeats = {"never": False, "if idempotent": call.operation.idempotent, "always": True}
        return Outcome(may_repeat=repeats[error.repeat])
    if not isinstance(reply, HTTPResponse) or reply.status not in _TRANSIENT:
        return Outcome(may_repeat=False)
    wait: timedelta | None = cast("APIStatusError", error).wait
    return Outcome(
        may_repeat=call.operation.idempotent or reply.status == RATE_LIMITED,
        hint=None if wait is None else wait.total_seconds(),
    )


class Tries(NamedTuple):
    """The attempts of one call so far: those that count, and those after which the service asked for a wait."""

    counted: int = 0
    asked: int = 0


class Decision(NamedTuple):
    """What follows a failed attempt."""

    tries: Tries
    wait: float | None = None
    """Seconds before the next attempt, or None where there is none."""
    own: bool = True
    """Whether the wait is the policy's own, and not what the service asked for."""
    stop: str | None = None
    """Why another attempt is not made, although it might succeed."""


@frozen(kw_only=True)
class RetryPolicy:
    """How often and how soon a failed attempt is sent again."""

    max_attempts: int = field(default=5, validator=_count)
    """Of one call, not counting those after which the service asked for a wait; with 1, nothing is sent again."""
    max_asked_waits: int = field(default=10, validator=_count)
    """Waits of one call that the service may ask for before they count as attempts; a wait of zero counts at once."""
    first_wait: float = field(default=0.5, validator=_wait)
    """Seconds; the bound of the first random wait, doubled with every further one."""
    longest_wait: float = field(default=20.0, validator=_wait)
    """Seconds; the bound of all random waits."""
    longest_hint: float = field(default=120.0, validator=_wait)
    """Seconds; if the service asks for more, the error is raised at once."""
    budget: int = field(default=100, validator=_count)
    """Retries of one client in all; each success gives one back. This protects a service that is down."""
    random: Callable[[], float] = field(default=_random, repr=False)
    """Returns a number from 0 to 1; tests replace it."""

    def decide(self, tries: Tries, outcome: Outcome) -> Decision:
        """What follows an attempt with this outcome, after `tries` before it."""
        if outcome.hint and tries.asked < self.max_asked_waits and self.max_attempts > 1:
            made = Tries(counted=tries.counted, asked=tries.asked + 1)
        else:
            made = Tries(counted=tries.counted + 1, asked=tries.asked)
        if not outcome.may_repeat:
            return Decision(tries=made)
        if outcome.hint is not None and outcome.hint > self.longest_hint:
            return Decision(tries=made, stop="the service asks for a longer wait than retry.longest_hint")
        if made.counted >= self.max_attempts:
            return Decision(tries=made, stop="no attempt was left, see retry.max_attempts")
        if outcome.hint is not None:
            # A wait of zero limits nothing, so the retry budget has to.
            return Decision(tries=made, wait=outcome.hint, own=not outcome.hint)
        # Full jitter (Brooker, "Exponential backoff and jitter"): a fleet of clients must not come back in step.
        bound = min(self.longest_wait, self.first_wait * 2.0 ** min(made.counted - 1, 60))
        return Decision(tries=made, wait=self.random() * bound)


class Told(NamedTuple):
    """A service's request to wait."""

    error: APIStatusError
    """The error that the answer means; this instance is never raised."""
    until: float
    """When the wait ends, on the monotonic clock."""
    too_long: bool
    """Whether the wait is too long for any call."""


def remake(error: SdkError, text: str, wait: float) -> APIStatusError:
    """A new copy of a status error with this text and this wait, without frames."""
    made = copy(cast("APIStatusError", error))
    made.args, made.wait = (text,), timedelta(seconds=wait)
    return made


class Gate:
    """Open until one call is asked to wait, then closed for all of them.

    When the wait is over, one call goes first; the others follow once it is answered. Threads may share it.
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
        """None if `call` may be sent, otherwise what it has to wait for before it asks again.

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
        """Note that the attempt of `call` is over; `answered` if the service answered it with anything but a 429."""
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
        """Take one; False if none is left."""
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
    """The gate and the budget that all calls of a client share; each call may change them for the others."""

    gate: Gate
    budget: Budget
