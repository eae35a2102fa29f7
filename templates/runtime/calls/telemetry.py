"""Each attempt is logged once, and given to the caller's hook."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TypeAlias

from attrs import asdict, frozen

__all__ = ["AttemptEvent"]


@frozen(kw_only=True)
class AttemptEvent:
    """One attempt of one call, as it ended."""

    operation: str
    """The operationId."""
    method: str
    url: str
    """With the values of its query replaced by `***`."""
    attempt: int
    """Of this call, from 1."""
    status: int | None
    """The answer's status, or None where no answer came."""
    error: str | None
    """The name of the error's class, or None after a success."""
    elapsed: float
    """Seconds from sending it to the end of its answer."""
    wait: float | None
    """Seconds until the next attempt, or None where there is none."""
    request_id: str | None
    """The service's id of this request."""
    client_request_id: str | None = None
    """The caller's id of the call, or None where the API knows none."""


EventHook: TypeAlias = Callable[[AttemptEvent], object]
"""Called once for every attempt, in the thread or task that made it; what it raises is logged and goes no further."""


def redact_query(url: str) -> str:
    """The URL with every value of its query replaced."""
    path, mark, query = url.partition("?")
    return path + mark + re.sub("=[^&]*", "=***", query)


def tell(event: AttemptEvent, logger: logging.Logger, hook: EventHook | None) -> None:
    """Log one attempt, a success at level DEBUG and anything else at WARNING, and call the hook.

    The record carries the event's fields as `record.attempt`.
    """
    level = logging.DEBUG if event.error is None else logging.WARNING
    if logger.isEnabledFor(level):
        outcome = f"status {event.status}" if event.error is None else f"{event.error} (status {event.status})"
        following = "" if event.wait is None else f", next in {event.wait:.2f} s"
        logger.log(
            level,
            "%s attempt %d: %s after %.2f s%s",
            event.operation,
            event.attempt,
            outcome,
            event.elapsed,
            following,
            extra={"attempt": asdict(event)},
        )
    if hook is not None:
        try:
            hook(event)
        except Exception as error:  # noqa: BLE001  # a broken hook must not cost the call
            logger.error("on_event raised %s; fix the hook", type(error).__name__)  # noqa: TRY400  # no frames
