"""What the caller's hooks receive before and after each attempt; each attempt is logged once."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar
from urllib.parse import urlsplit

from attrs import asdict, field, frozen

__all__ = ["AttemptEvent", "AttemptRequest"]

ValueT = TypeVar("ValueT")
_PORTS = {"http": 80, "https": 443}


@frozen(kw_only=True)
class AttemptRequest:
    """One attempt of one call, before it is sent."""

    operation: str
    """The operationId."""
    method: str
    url: str
    """With the values of its query replaced by `***`."""
    attempt: int
    """Of this call, from 1."""
    headers: dict[str, str] = field(factory=dict, repr=False)
    """Empty; headers that are set here are sent with the attempt."""


@frozen(kw_only=True)
class AttemptEvent:
    """One attempt of one call, after it ended."""

    operation: str
    """The operationId."""
    method: str
    url: str
    """With the values of its query replaced by `***`."""
    attempt: int
    """Of this call, from 1."""
    status: int | None
    """The answer's status, or None if there was no answer."""
    error: str | None
    """The name of the error's class, or None after a success."""
    elapsed: float
    """Seconds from sending it to the end of its answer."""
    wait: float | None
    """Seconds until the next attempt, or None if there is none."""
    request_id: str | None
    """The service's id of this request."""
    client_request_id: str | None = None
    """The caller's id of the call, or None if the API has none."""

    @property
    def attributes(self) -> dict[str, str | int]:
        """The attributes of OpenTelemetry's semantic conventions for HTTP client spans, such as `server.address`."""
        place = urlsplit(self.url)
        known: dict[str, str | int | None] = {
            "http.request.method": self.method,
            "http.request.resend_count": self.attempt - 1 or None,
            "http.response.status_code": self.status,
            "url.full": self.url,
            "server.address": place.hostname,
            "server.port": place.port or _PORTS[place.scheme],
            "error.type": self.error,
        }
        return {name: value for name, value in known.items() if value is not None}


RequestHook: TypeAlias = Callable[[AttemptRequest], None]
"""Called before every attempt, in the thread or task that makes it; an error in it is logged and adds no header."""

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
        _call("on_event", hook, event, logger)


def ask(request: AttemptRequest, logger: logging.Logger, hook: RequestHook) -> Mapping[str, str]:
    """The headers that the hook adds to an attempt; none if it raises."""
    return request.headers if _call("on_request", hook, request, logger) else {}


def _call(name: str, hook: Callable[[ValueT], object], value: ValueT, logger: logging.Logger) -> bool:
    """Whether the hook returned: a broken hook must not fail the call, which may be for evidence."""
    try:
        hook(value)
    except Exception as error:  # noqa: BLE001  # a hook may raise anything
        logger.error("%s raised %s; fix the hook", name, type(error).__name__)  # noqa: TRY400  # no frames
        return False
    return True
