"""One call from its first attempt to its result, without I/O: yields what to do, is sent what came of it.

The sync and the async driver run the same generator, so they cannot come to different decisions.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, cast

from attrs import evolve, frozen

from .answer import Listing, read_failure, read_success
from .endpoint import Origin
from .errors import Attempt, AttemptTimeoutError, ConfigurationError, DecodeError, SdkError, TransportError
from .messages import HTTPRequest, HTTPResponse
from .operation import Call, ErrorBody
from .policy import Outcome, RetryPolicy, Timeouts
from .secret import Secret

# RFC 9110 and RFC 6585 for 408, 429 and 5xx; 520 to 526 are a gateway's names for a broken way to its origin.
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504, *range(520, 527)})
_RATE_LIMITED = 429


@frozen(kw_only=True)
class Credential:
    """One credential of the client: how it is sent, and what it is."""

    header: str
    prefix: str
    secret: Secret


@frozen(kw_only=True)
class Clock:
    """The time, as the runtime sees it; a test sets it."""

    monotonic: Callable[[], float] = time.monotonic
    """Seconds; deadlines are measured on it, so setting the machine's clock changes none."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """Aware; only read for waits that are given as a date."""
    sleep: Callable[[float], None] = time.sleep
    sleep_async: Callable[[float], Awaitable[None]] = asyncio.sleep


@frozen(kw_only=True)
class Settings:
    """What all calls of a client share."""

    origin: Origin
    prefix: str
    """The path that stands before every operation's."""
    credentials: Mapping[str, Credential]
    errors: ErrorBody
    user_agent: str
    timeouts: Timeouts
    retry: RetryPolicy
    clock: Clock


@frozen(kw_only=True)
class Send:
    """Send this request within `timeout` seconds; answer with an HTTPResponse or a TransportError."""

    request: HTTPRequest
    timeout: float


@frozen(kw_only=True)
class Sleep:
    """Wait for `seconds`; answer with None."""

    seconds: float


Step: TypeAlias = Send | Sleep
Reply: TypeAlias = HTTPResponse | TransportError | None


def exchange(call: Call, settings: Settings) -> Generator[Step, Reply, Any]:
    """Run `call` under the retry policy; returns its result.

    Raises:
        SdkError: the last attempt's, with all attempts on it.
    """
    deadline = settings.clock.monotonic() + settings.timeouts.call
    attempts: list[Attempt] = []
    while True:
        request = build_request(call, settings)
        remaining = deadline - settings.clock.monotonic()
        if remaining <= 0:  # a function that was asked for the credential took its time
            late = AttemptTimeoutError(f"{call.operation.name}: no time was left to send it; raise timeouts.call")
            late.attempts = tuple(attempts)
            del request
            raise late
        reply = yield Send(request=request, timeout=min(settings.timeouts.attempt, remaining))
        del request  # it holds the credential, and an error's traceback would keep it
        result, error = _read(call, settings, reply)
        status = reply.status if isinstance(reply, HTTPResponse) else None
        if error is None:
            attempts.append(Attempt(status=status, reason="ok"))
            return _with_attempts(call, result, tuple(attempts))
        wait = settings.retry.wait_before_retry(len(attempts) + 1, _outcome(call, reply, error))
        if wait is not None and settings.clock.monotonic() + wait >= deadline:
            wait = None
        attempts.append(Attempt(status=status, reason=str(error), wait=wait))
        if wait is None:
            error.attempts = tuple(attempts)
            raise error
        yield Sleep(seconds=wait)
        if settings.clock.monotonic() >= deadline:  # a machine may sleep longer than asked
            error.attempts = tuple(attempts)
            raise error


def build_request(call: Call, settings: Settings) -> HTTPRequest:
    """The request of one attempt; credentials are asked for here and nowhere else.

    Raises:
        ConfigurationError: a credential that the operation needs was not given.
    """
    headers = {
        **call.headers,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": settings.user_agent,
    }
    if call.content is not None:
        headers["Content-Type"] = "application/json"
    for name in choose_credentials(call, settings.credentials):
        credential = settings.credentials[name]
        headers[credential.header] = credential.prefix + credential.secret.reveal()
    url = f"{settings.origin.url}{settings.prefix}{call.target}"
    return HTTPRequest(method=call.operation.method, url=url, headers=headers, content=call.content)


def choose_credentials(call: Call, given: Mapping[str, Credential]) -> tuple[str, ...]:
    """The names of the credentials to send: the first alternative that was given whole."""
    for alternative in call.operation.security:
        if all(name in given for name in alternative):
            return alternative
    wanted = " or ".join(" with ".join(alternative) for alternative in call.operation.security)
    raise ConfigurationError(f"{call.operation.name}: needs {wanted}; give it to the client")


def _read(call: Call, settings: Settings, reply: Reply) -> tuple[Any, SdkError | None]:
    # The request without its headers: no error, and no frame of one, holds the credential.
    shown = HTTPRequest(
        method=call.operation.method, url=f"{settings.origin.url}{settings.prefix}{call.target}", headers={}
    )
    if isinstance(reply, TransportError):
        return None, reply
    answer = cast("HTTPResponse", reply)  # only a Sleep is answered with None
    if answer.status not in call.operation.success | call.operation.empty:
        return None, read_failure(call, shown, answer, settings.errors, settings.clock.now())
    try:
        return read_success(call, shown, answer, settings.errors), None
    except DecodeError as error:
        return None, error


def _outcome(call: Call, reply: Reply, error: SdkError) -> Outcome:
    if isinstance(error, TransportError):
        repeats = {"never": False, "if idempotent": call.operation.idempotent, "always": True}
        return Outcome(may_repeat=repeats[error.repeat])
    if not isinstance(reply, HTTPResponse) or reply.status not in _TRANSIENT:
        return Outcome(may_repeat=False)
    wait: timedelta | None = getattr(error, "wait", None)
    return Outcome(
        may_repeat=call.operation.idempotent or reply.status == _RATE_LIMITED,
        hint=None if wait is None else wait.total_seconds(),
    )


def _with_attempts(call: Call, result: Any, attempts: tuple[Attempt, ...]) -> Any:
    if call.operation.pagination is None:
        return result
    listing: Listing[Any] = result
    return evolve(listing, page=evolve(listing.page, attempts=attempts))
