"""The attempts of one call: what each step asks of the client, the time left, and when it is sent again."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Future
from datetime import timedelta
from typing import Any, NamedTuple, TypeAlias, cast

from attrs import field, frozen

from ..errors import APIStatusError, Attempt, AttemptTimeoutError, SdkError, TransportError
from ..operation import Call
from ..responses.pages import Listing, Page
from ..responses.status_errors import first_header
from ..wire import HTTPRequest, HTTPResponse
from .retry import Decision, Outcome, Tries
from .settings import Brakes, Settings, build_request
from .telemetry import AttemptEvent, redact_query
from .throttle import Told


class Send(NamedTuple):
    """Send this request within `timeout` seconds; reply with an HTTPResponse or a TransportError.

    After each wait for a connection, ask `may_send`; if it says no, reply with None and send nothing.
    """

    request: HTTPRequest
    timeout: float
    may_send: Callable[[], bool]


class Sleep(NamedTuple):
    """Wait for `seconds`; reply with None."""

    seconds: float


class Follow(NamedTuple):
    """Wait until another call's attempt is over, but for `seconds` at most; reply with None."""

    other: Future[None]
    seconds: float


@frozen(kw_only=True)
class Arrived:
    """A success has arrived and is not decoded yet; reply with None once it is needed."""

    content: bytes = field(repr=False)


Step: TypeAlias = Send | Sleep | Follow | Arrived
Reply: TypeAlias = HTTPResponse | TransportError | None
Steps: TypeAlias = Generator[Step, Reply, Any]

# RFC 9110 and RFC 6585 for 408, 429 and 5xx; 520 to 526 are a gateway's names for a broken way to its origin.
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504, *range(520, 527)})
_RATE_LIMITED = 429


class Run:
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
        timeout = min(self._settings.timeouts.attempt, remaining)
        return Send(request=request, timeout=timeout, may_send=self._may_send)

    def has_succeeded(self, answer: HTTPResponse) -> bool:
        """Whether it is a success, as far as can be said of one that was not read; then nobody has to wait for that."""
        operation = self._call.operation
        if answer.status not in operation.success | operation.empty or answer.fault is not None:
            return False
        self._answered = True
        self.leave_gate()
        return True

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
        return Listing(page=page, texts=listing.texts, ids=listing.ids, token=listing.token, foreign=listing.foreign)

    def _may_send(self) -> bool:
        # The gate may have closed while the request waited for a connection.
        return self._brakes.gate.ask(self, self._settings.clock.monotonic()) is None

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
        if not self._settings.observer.wants(failed=error is not None):
            return
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


def _seconds(wait: float) -> str:
    # Three digits are enough, but a long wait is no power of ten.
    return f"{wait:.3g}" if wait < 999.5 else f"{wait:.0f}"  # noqa: PLR2004  # what rounds to 1000


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
