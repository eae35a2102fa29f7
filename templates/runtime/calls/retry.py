"""Decides whether a failed attempt is sent again, and what holds all calls of a client back."""

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
    from random import random  # noqa: PLC0415  # most processes never wait, and it takes its time to load

    return random()  # noqa: S311  # no secret


@frozen(kw_only=True)
class Timeouts:
    """How long things may take, in seconds."""

    connect: float = field(default=5.0, validator=_seconds)
    """Until a connection is open: looking up the name, connecting, and the TLS handshake."""
    attempt: float = field(default=30.0, validator=_seconds)
    """One attempt, on the clock, from its sending to the last byte of its answer."""
    call: float = field(default=180.0, validator=_seconds)
    """All attempts of one call with the waits between them; no attempt or wait begins that would cross it."""


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
    """Why an attempt that might succeed is not made."""


@frozen(kw_only=True)
class RetryPolicy:
    """How often and how soon a failed attempt is sent again."""

    max_attempts: int = field(default=5, validator=_count)
    """Of one call, those aside after which the service asked for a wait; with 1, nothing is ever sent again."""
    max_asked_waits: int = field(default=10, validator=_count)
    """Waits of one call that the service may ask for before they count as attempts; a wait of zero counts at once."""
    first_wait: float = field(default=0.5, validator=_wait)
    """Seconds; the bound of the first random wait, doubled with every further one."""
    longest_wait: float = field(default=20.0, validator=_wait)
    """Seconds; the bound of all random waits."""
    longest_hint: float = field(default=120.0, validator=_wait)
    """Seconds; where the service asks for more, the error is raised at once."""
    budget: int = field(default=100, validator=_count)
    """Retries that one client may make in all, its successes given back: a service that is down is not flooded."""
    random: Callable[[], float] = field(default=_random, repr=False)
    """Gives a number from 0 to 1; a test sets it."""

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
            # A wait of zero holds nothing back, so the retry budget has to.
            return Decision(tries=made, wait=outcome.hint, own=not outcome.hint)
        # Full jitter (Brooker, "Exponential backoff and jitter"): a fleet of clients must not come back in step.
        bound = min(self.longest_wait, self.first_wait * 2.0 ** min(made.counted - 1, 60))
        return Decision(tries=made, wait=self.random() * bound)


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
    made = copy(cast("APIStatusError", error))
    made.args, made.wait = (text,), timedelta(seconds=wait)
    return made


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
