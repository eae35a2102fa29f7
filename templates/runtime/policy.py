"""Decides without any I/O whether a failed attempt is sent again, and after how long."""

from __future__ import annotations

import random
from collections.abc import Callable

from attrs import field, frozen
from attrs.validators import ge, gt, le

_LONGEST = 1_000_000.0


@frozen(kw_only=True)
class Timeouts:
    """How long things may take, in seconds."""

    connect: float = field(default=5.0, validator=(gt(0), le(_LONGEST)))
    """Until a connection stands, its TLS handshake included."""
    attempt: float = field(default=30.0, validator=(gt(0), le(_LONGEST)))
    """The longest silence of the service within one attempt."""
    call: float = field(default=180.0, validator=(gt(0), le(_LONGEST)))
    """All attempts of one call with the waits between them; no attempt or wait begins that would cross it."""


@frozen(kw_only=True)
class Outcome:
    """What an attempt came to, as far as a retry depends on it."""

    may_repeat: bool
    hint: float | None = None
    """Seconds that the service asked to wait."""


@frozen(kw_only=True)
class RetryPolicy:
    """How often and how soon a failed attempt is sent again."""

    max_attempts: int = field(default=5, validator=ge(1))
    first_wait: float = field(default=0.5, validator=ge(0))
    """Seconds; the bound of the first random wait, doubled with every further one."""
    longest_wait: float = field(default=20.0, validator=ge(0))
    """Seconds; the bound of all random waits."""
    longest_hint: float = field(default=120.0, validator=ge(0))
    """Seconds; where the service asks for more, the error is raised at once."""
    random: Callable[[], float] = field(default=random.random, repr=False)
    """Gives a number from 0 to 1; a test sets it."""

    def wait_before_retry(self, attempt: int, outcome: Outcome) -> float | None:
        """Seconds to wait before the next attempt, or None where this outcome is final.

        `attempt` counts the attempts made, from 1.
        """
        if attempt >= self.max_attempts or not outcome.may_repeat:
            return None
        if outcome.hint is not None:
            return outcome.hint if outcome.hint <= self.longest_hint else None
        # Full jitter (Brooker, "Exponential backoff and jitter"): a fleet of clients must not come back in step.
        return self.random() * min(self.longest_wait, self.first_wait * 2.0 ** min(attempt - 1, 60))
