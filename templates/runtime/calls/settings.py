"""What all calls of a client share, and the request that is made of a call with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from attrs import frozen

from ..errors import ConfigurationError
from ..operation import Call
from ..requests.endpoint import Endpoint
from ..requests.secret import Secret
from ..responses.status_errors import ErrorBody
from ..wire import HTTPRequest
from .retry import Budget, RetryPolicy, Timeouts
from .telemetry import Observer
from .throttle import Gate

if TYPE_CHECKING:
    import asyncio


class Credential(NamedTuple):
    """One credential of the client: how it is sent, and what it is."""

    header: str
    prefix: str
    secret: Secret


async def _pause_async(event: asyncio.Event, seconds: float) -> None:
    import asyncio  # noqa: PLC0415  # the sync client does not need it

    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


@frozen(kw_only=True)
class Clock:
    """The time, as the runtime sees it; a test sets it."""

    monotonic: Callable[[], float] = time.monotonic
    """Seconds; deadlines are measured on it, so setting the machine's clock changes none."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """Aware; only read for waits that are given as a date."""
    pause: Callable[[threading.Event, float], object] = threading.Event.wait
    """Waits for so many seconds, or until the event is set."""
    pause_async: Callable[[asyncio.Event, float], Awaitable[object]] = _pause_async
    """The same for asyncio."""


@frozen(kw_only=True)
class Settings:
    """What all calls of a client share, and what never changes."""

    origin: Endpoint
    prefix: str
    """The path that precedes every operation's."""
    credentials: Mapping[str, Credential]
    errors: ErrorBody
    user_agent: str
    timeouts: Timeouts
    retry: RetryPolicy
    clock: Clock
    observer: Observer
    strict_json: bool


class Brakes(NamedTuple):
    """What all calls of a client share, and what one of them changes for the others."""

    gate: Gate
    budget: Budget


def build_request(call: Call, settings: Settings) -> HTTPRequest:
    """The request of one attempt; credentials are asked for here and nowhere else.

    Raises:
        ConfigurationError: a credential that the operation needs was not given.
    """
    chosen = [settings.credentials[name] for name in choose_credentials(call, settings.credentials)]
    media_type = {} if call.content is None else {"Content-Type": call.media_type}
    return HTTPRequest(
        method=call.operation.method,
        url=f"{settings.origin.url}{settings.prefix}{call.target}",
        headers={
            **call.headers,
            "Accept": call.operation.accept,
            "Accept-Encoding": "gzip",
            "User-Agent": settings.user_agent,
            **media_type,
            # Never under a local name: where the second one fails, a traceback with locals would show the first.
            **{credential.header: credential.prefix + credential.secret.reveal() for credential in chosen},
        },
        content=call.content,
        fresh=call.fresh,
    )


def choose_credentials(call: Call, given: Mapping[str, Credential]) -> tuple[str, ...]:
    """The names of the credentials to send: the first alternative that was given whole."""
    for alternative in call.operation.security:
        if given.keys() >= {*alternative}:
            return alternative
    wanted = " or ".join(" with ".join(alternative) for alternative in call.operation.security)
    raise ConfigurationError(f"{call.operation.name}: needs {wanted}; give it to the client")
