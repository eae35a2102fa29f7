"""One call from its first attempt to its result, without I/O: yields what to do, is sent what came of it.

The sync and the async driver run the same generator, so they cannot come to different decisions.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, cast

from attrs import evolve, field, frozen

from .answer import Listing, Page, first_header, read_failure, read_success
from .endpoint import Origin
from .errors import (
    APIStatusError,
    Attempt,
    AttemptTimeoutError,
    ConfigurationError,
    DecodeError,
    SdkError,
    TransportError,
)
from .events import AttemptEvent, Observer, redact_query
from .gate import Gate, Told
from .messages import HTTPRequest, HTTPResponse
from .operation import Call, ErrorBody
from .policy import Budget, Decision, Outcome, RetryPolicy, Timeouts, Tries
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
    pause: Callable[[threading.Event, float], object] = threading.Event.wait
    """Like `sleep`, but over once the event is set."""


@frozen(kw_only=True)
class Settings:
    """What all calls of a client share, and what never changes."""

    origin: Origin
    prefix: str
    """The path that stands before every operation's."""
    credentials: Mapping[str, Credential]
    errors: ErrorBody
    user_agent: str
    timeouts: Timeouts
    retry: RetryPolicy
    clock: Clock
    observer: Observer
    strict_json: bool


@frozen(kw_only=True)
class Brakes:
    """What all calls of a client share, and what one of them changes for the others."""

    gate: Gate
    budget: Budget


@frozen(kw_only=True)
class Send:
    """Send this request within `timeout` seconds; answer with an HTTPResponse or a TransportError."""

    request: HTTPRequest
    timeout: float


@frozen(kw_only=True)
class Sleep:
    """Wait for `seconds`; answer with None."""

    seconds: float


@frozen(kw_only=True)
class Follow:
    """Wait until another call's attempt is over, but for `seconds` at most; answer with None."""

    other: Future[None]
    seconds: float


@frozen(kw_only=True)
class Arrived:
    """A success is here, and not read yet; answer with None once it is wanted."""

    content: bytes = field(repr=False)


Step: TypeAlias = Send | Sleep | Follow | Arrived
Reply: TypeAlias = HTTPResponse | TransportError | None


def exchange(call: Call, settings: Settings, brakes: Brakes) -> Generator[Step, Reply, Any]:
    """Run `call` under the retry policy; returns its result.

    Raises:
        SdkError: the last attempt's, with all attempts on it.
    """
    run = _Run(call, settings, brakes)
    while True:
        try:
            yield from run.pass_gate()
            step = run.make_step()
            began = settings.clock.monotonic()
            reply = _hide_echo((yield step), call, settings)
            elapsed = settings.clock.monotonic() - began
            if isinstance(reply, HTTPResponse) and run.has_succeeded(reply):
                yield Arrived(content=reply.content)
            result, error = run.read(reply)
            wait = run.conclude(reply, error, elapsed)
        finally:
            run.leave_gate()
        if error is None:
            return run.with_attempts(result)
        if wait is None:
            raise error
        yield Sleep(seconds=wait)
        if settings.clock.monotonic() >= run.deadline:  # a machine may sleep longer than asked
            raise run.give_up(error, "the wait took until the end of timeouts.call")


class _Run:
    """One call under way."""

    def __init__(self, call: Call, settings: Settings, brakes: Brakes) -> None:
        self.deadline = settings.clock.monotonic() + settings.timeouts.call
        self._call = call
        self._settings = settings
        self._brakes = brakes
        self._tries = Tries()
        self._attempts: list[Attempt] = []
        self._answered = False

    def pass_gate(self) -> Generator[Step, Reply, None]:
        """Wait while the service has asked all calls of the client to wait."""
        self._answered = False
        clock = self._settings.clock
        while (ahead := self._brakes.gate.ask(self, clock.monotonic())) is not None:
            left = self.deadline - clock.monotonic()
            if isinstance(ahead, Future):
                if left <= 0:
                    raise self._late("the call that went first after a wait was not answered in time")
                yield Follow(other=ahead, seconds=left)
            elif (told := self._brakes.gate.told) is not None and (told.too_long or ahead >= left):
                raise self._refused(told)
            elif ahead >= left:
                raise self._late(f"all calls of this client have to wait {_seconds(ahead)} s more")
            else:
                yield Sleep(seconds=ahead)

    def leave_gate(self) -> None:
        """Let the others go, if they wait for this call."""
        self._brakes.gate.leave(self, answered=self._answered)

    def make_step(self) -> Send:
        """The next attempt."""
        request = build_request(self._call, self._settings)
        remaining = self.deadline - self._settings.clock.monotonic()
        if remaining <= 0:  # a function that was asked for the credential took its time
            del request  # it holds the credential, and the error's traceback would keep it
            raise self._late("no time was left to send it")
        return Send(request=request, timeout=min(self._settings.timeouts.attempt, remaining))

    def has_succeeded(self, answer: HTTPResponse) -> bool:
        """Whether it is a success, as far as can be said of one that was not read; then nobody has to wait for that."""
        operation = self._call.operation
        if answer.status not in operation.success | operation.empty or answer.fault is not None:
            return False
        self._answered = True
        self.leave_gate()
        return True

    def read(self, reply: Reply) -> tuple[Any, SdkError | None]:
        """The result of an attempt, or its error."""
        result, error = _read(self._call, self._settings, reply)
        if error is not None:
            _hide_credentials(error, self._settings)
        return result, error

    def conclude(self, reply: Reply, error: SdkError | None, elapsed: float) -> float | None:
        """Note the attempt; seconds until the next one, or None where there is none."""
        status = reply.status if isinstance(reply, HTTPResponse) else None
        self._answered = status is not None and status != _RATE_LIMITED
        if error is None:
            self._brakes.budget.give_back()
            self.leave_gate()  # before the hook is called, which may make calls of its own
            self._note(reply, None, None, elapsed)
            return None
        outcome = _outcome(self._call, reply, error)
        decision = self._decide(outcome)
        self._tries = decision.tries
        if status == _RATE_LIMITED:
            wait = outcome.hint if outcome.hint is not None else decision.wait or 0.0
            now, longest = self._settings.clock.monotonic(), self._settings.retry.longest_hint
            told = Told(error=_remake(error, str(error), wait), until=now + wait, too_long=wait > longest)
            # A wait beyond all measure must not shut the client for good: it is asked again after the longest hint.
            self._brakes.gate.close(now + min(wait, longest), told)
        self.leave_gate()
        self._note(reply, error, decision.wait, elapsed)
        if decision.stop is not None:
            self.give_up(error, decision.stop)
        error.attempts = tuple(self._attempts)
        return decision.wait

    def give_up(self, error: SdkError, why: str) -> SdkError:
        """The error, with what was tried in its text."""
        count = len(self._attempts)
        text = f"{error.args[0]} (sent {count} {'time' if count == 1 else 'times'}; {why})"
        error.args = (text, *error.args[1:])
        return error

    def with_attempts(self, result: Any) -> Any:
        """The result; a page with the attempts that it took."""
        if self._call.operation.pagination is None:
            return result
        listing: Listing[Any] = result
        # As `attrs.evolve` does it, which would take as long as all the rest of a page of few items.
        page = Page(
            items=listing.page.items,
            raw=listing.page.raw,
            request_id=listing.page.request_id,
            attempts=tuple(self._attempts),
            items_at=listing.page.items_at,
        )
        return Listing(page=page, values=listing.values, ids=listing.ids, token=listing.token, foreign=listing.foreign)

    def _decide(self, outcome: Outcome) -> Decision:
        decision = self._settings.retry.decide(self._tries, outcome)
        if decision.wait is None:
            return decision
        if self._settings.clock.monotonic() + decision.wait >= self.deadline:
            why = f"a wait of {_seconds(decision.wait)} s would cross timeouts.call"
            return Decision(tries=decision.tries, stop=why)
        if decision.own and not self._brakes.budget.take():
            return Decision(
                tries=decision.tries, stop="the client's retry.budget is spent, look at the service's health"
            )
        return decision

    def _note(self, reply: Reply, error: SdkError | None, wait: float | None, elapsed: float) -> None:
        answer = reply if isinstance(reply, HTTPResponse) else None
        request_id = None if answer is None else first_header(answer, self._settings.errors.request_id_headers)
        attempt = Attempt(
            status=None if answer is None else answer.status,
            reason="ok" if error is None else str(error),
            wait=wait,
            elapsed=elapsed,
            request_id=request_id,
        )
        self._attempts.append(attempt)
        event = AttemptEvent(
            operation=self._call.operation.name,
            method=self._call.operation.method,
            url=redact_query(f"{self._settings.origin.url}{self._settings.prefix}{self._call.target}"),
            attempt=len(self._attempts),
            status=attempt.status,
            error=None if error is None else type(error).__name__,
            elapsed=elapsed,
            wait=wait,
            request_id=request_id,
        )
        self._settings.observer.tell(event)

    def _refused(self, told: Told) -> SdkError:
        left = max(0.0, told.until - self._settings.clock.monotonic())
        text = f"{self._call.operation.name}: was not sent, for the service asked all calls of this client to wait"
        advice = "call again after that, or raise timeouts.call"
        error = _remake(told.error, f"{text} {_seconds(left)} s more ({told.error}); {advice}", left)
        error.attempts = tuple(self._attempts)
        return error

    def _late(self, why: str) -> SdkError:
        text = f"{self._call.operation.name}: was not sent, for {why}; raise timeouts.call, or call later"
        error = AttemptTimeoutError(text)
        error.attempts = tuple(self._attempts)
        return error


def build_request(call: Call, settings: Settings) -> HTTPRequest:
    """The request of one attempt; credentials are asked for here and nowhere else.

    Raises:
        ConfigurationError: a credential that the operation needs was not given.
    """
    chosen = [settings.credentials[name] for name in choose_credentials(call, settings.credentials)]
    media_type = {} if call.content is None else {"Content-Type": "application/json"}
    return HTTPRequest(
        method=call.operation.method,
        url=f"{settings.origin.url}{settings.prefix}{call.target}",
        headers={
            **call.headers,
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": settings.user_agent,
            **media_type,
            # Never under a local name: where the second one fails, a traceback with locals would show the first.
            **{credential.header: credential.prefix + credential.secret.reveal() for credential in chosen},
        },
        content=call.content,
    )


def choose_credentials(call: Call, given: Mapping[str, Credential]) -> tuple[str, ...]:
    """The names of the credentials to send: the first alternative that was given whole."""
    for alternative in call.operation.security:
        if all(name in given for name in alternative):
            return alternative
    wanted = " or ".join(" with ".join(alternative) for alternative in call.operation.security)
    raise ConfigurationError(f"{call.operation.name}: needs {wanted}; give it to the client")


def _seconds(wait: float) -> str:
    # Three digits are enough, but a long wait is no power of ten.
    return f"{wait:.3g}" if wait < 999.5 else f"{wait:.0f}"  # noqa: PLR2004  # what rounds to 1000


def _read(call: Call, settings: Settings, reply: Reply) -> tuple[Any, SdkError | None]:
    # The request without its headers: no error, and no frame of one, holds the credential.
    shown = HTTPRequest(
        method=call.operation.method, url=f"{settings.origin.url}{settings.prefix}{call.target}", headers={}
    )
    if isinstance(reply, TransportError):
        return None, _without_frames(reply)
    answer = cast("HTTPResponse", reply)  # only waits are answered with None
    if answer.status not in call.operation.success | call.operation.empty:
        return None, read_failure(call, shown, answer, settings.errors, settings.clock.now())
    if answer.fault is not None:
        return None, _without_frames(answer.fault)
    try:
        return read_success(call, shown, answer, settings.errors, strict=settings.strict_json), None
    except DecodeError as error:
        return None, _without_frames(error)


def _without_frames(error: SdkError) -> SdkError:
    # The frames that it came through hold what the service sent, which may be an echo of the credential.
    for one in (error, error.__cause__):
        if one is not None:
            one.__traceback__ = None
    return error


def _remake(error: SdkError, text: str, wait: float) -> APIStatusError:
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


def _hide_echo(reply: Reply, call: Call, settings: Settings) -> Reply:
    """An answer without credentials that the service has echoed; a success keeps its bytes, they are evidence."""
    if not isinstance(reply, HTTPResponse):
        return reply
    for credential in settings.credentials.values():
        hide, hide_in = credential.secret.hide, credential.secret.hide_in
        shown = "".join(reply.headers.values())
        if hide(shown) != shown:
            reply = evolve(reply, headers={name: hide(value) for name, value in reply.headers.items()})
        if reply.status not in call.operation.success:
            reply = evolve(reply, content=hide_in(reply.content))
    return reply


def _hide_credentials(error: SdkError, settings: Settings) -> None:
    """Replace credentials that the service has echoed, in all that the error shows."""
    for credential in settings.credentials.values():
        hide, hide_in = credential.secret.hide, credential.secret.hide_in
        error.args = tuple(hide(part) if isinstance(part, str) else part for part in error.args)
        for name, value in vars(error).items():
            if isinstance(value, str):
                setattr(error, name, hide(value))
            elif isinstance(value, bytes):
                setattr(error, name, hide_in(value))
        shown = f"{error.__cause__} {vars(error.__cause__) if error.__cause__ is not None else ''}"
        if hide(shown) != shown:
            error.__cause__ = error.__context__ = None


def _outcome(call: Call, reply: Reply, error: SdkError) -> Outcome:
    if isinstance(error, TransportError):
        repeats = {"never": False, "if idempotent": call.operation.idempotent, "always": True}
        return Outcome(may_repeat=repeats[error.repeat])
    if not isinstance(reply, HTTPResponse) or reply.status not in _TRANSIENT:
        return Outcome(may_repeat=False)
    wait: timedelta | None = cast("APIStatusError", error).wait
    return Outcome(
        may_repeat=call.operation.idempotent or reply.status == _RATE_LIMITED,
        hint=None if wait is None else wait.total_seconds(),
    )
