"""The attempts of one call, without I/O: the steps of each, how long it may take, and what follows it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from concurrent.futures import Future
from copy import copy
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from ..errors import Attempt, AttemptTimeoutError, DecodeError, SdkError, TransportError
from ..operation import Call, Operation
from ..requests.credentials import Credential, Secret, build_request, choose_credentials, hide_in_answer, hide_in_error
from ..requests.headers import hold_headers
from ..responses.pages import read_success
from ..responses.status_errors import read_failure
from ..wire import HTTPRequest, HTTPResponse
from .retry import RATE_LIMITED, Brakes, Decision, Told, Tries, read_outcome, remake
from .settings import Settings

if TYPE_CHECKING:
    from ..requests.asked import AskedSecret, Question


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
    """Wait until another call's attempt is over, at most `seconds`; reply with None."""

    other: Future[None]
    seconds: float


class Ask(NamedTuple):
    """Begin to ask this question, and go on while it is asked; reply with None."""

    question: Question


class Arrived:
    """A success arrived and is not decoded yet; reply with None when it is needed."""

    __slots__ = ("content",)

    def __init__(self, content: bytes) -> None:
        self.content = content


Step: TypeAlias = Send | Sleep | Follow | Ask | Arrived
Reply: TypeAlias = HTTPResponse | TransportError | None
Steps: TypeAlias = Generator[Step, Reply, Any]
_Ended: TypeAlias = tuple[HTTPResponse | TransportError, float, SdkError | None, Decision]
"""An attempt that was sent: the reply, after how many seconds it came, its error, and what follows."""


def make_attempts(call: Call, settings: Settings, brakes: Brakes) -> Steps:
    """Make attempts of `call` under the retry policy; return its result.

    Raises:
        SdkError: the last attempt's, with all attempts on it.
    """
    return _Attempts(call, settings, brakes).run()


class _Attempts:
    _deadline: float

    def __init__(self, call: Call, settings: Settings, brakes: Brakes) -> None:
        self._call, self._settings, self._brakes = call, settings, brakes
        self._tries = Tries()
        self._attempts: list[Attempt] = []
        self._chosen: list[Credential] = []
        # What this attempt alone sends.
        self._asked: list[Credential] = []
        self._added: dict[str, Credential] = {}
        self._renewed = False
        self._id = settings.name_call()
        url = f"{find_base(settings, call.operation)}{call.target}"
        # Without credentials, so that no error and no frame of one holds any.
        self._shown = HTTPRequest(method=call.operation.method, url=url, headers={})

    def run(self) -> Steps:
        self._deadline = self._settings.clock.monotonic() + self._settings.timeouts.call
        while True:
            ended = yield from self._send()
            if ended is None:
                continue
            reply, elapsed, error, decision = ended
            if error is None:
                answer = cast("HTTPResponse", reply)  # a success
                yield Arrived(answer.content)
                result, error = self._read(answer, elapsed)
                if error is None:
                    return result
            else:
                self._note(self._attempt(reply, elapsed, error, decision.wait), error)
            if decision.wait is None:
                raise self._with_attempts(error, decision.stop)
            yield Sleep(seconds=decision.wait)
            if self._left() <= 0:  # a machine may sleep longer than asked
                raise self._with_attempts(error, "timeouts.call was over after the wait")

    def _send(self) -> Generator[Step, Reply, _Ended | None]:
        """One attempt; None if it was not sent, because the service asked all calls to wait in the meantime."""
        answered = False
        try:
            yield from self._pass_gate()
            self._added = self._add_headers()  # first: while the hook runs, no frame holds a credential
            yield from self._choose()
            send = self._next_send()
            began = self._settings.clock.monotonic()
            reply = yield send
            if reply is None:
                return None
            elapsed = self._settings.clock.monotonic() - began
            if isinstance(reply, HTTPResponse):
                answered = reply.status != RATE_LIMITED
                operation = self._call.operation
                kept = operation.named(reply.status) in operation.success  # its bytes are evidence
                reply = hide_in_answer(reply, self._secrets(), keep_content=kept)
            failure = self._find_failure(reply)
            decision = Decision(self._tries) if failure is None else self._decide(reply, failure)
            return reply, elapsed, failure, decision
        finally:
            # Before a page is decoded, which takes time, and before the hook, which may make calls itself.
            self._brakes.gate.leave(self, answered=answered)

    def _pass_gate(self) -> Generator[Step, Reply, None]:
        """Wait while the service has asked all calls of the client to wait."""
        clock, gate = self._settings.clock, self._brakes.gate
        while (ahead := gate.ask(self, clock.monotonic())) is not None:
            left = self._left()
            if isinstance(ahead, Future):
                if left <= 0:
                    raise self._late("the first call after a wait was not answered in time")
                yield Follow(other=ahead, seconds=left)
            elif (told := gate.told) is not None and (told.too_long or ahead >= left):
                raise self._refused(told)
            elif ahead >= left:
                raise self._late(f"all calls of this client have to wait {_seconds(ahead)} s more")
            else:
                yield Sleep(seconds=ahead)

    def _choose(self) -> Generator[Step, Reply, None]:
        """Choose the credentials of one attempt, and ask for those that are not at hand."""
        chosen = choose_credentials(self._call.operation, self._settings.credentials)
        self._chosen, self._asked = [], []
        for one in chosen:
            if one.secret.is_asked:
                one = one._replace(secret=(yield from self._ask(cast("AskedSecret", one.secret))))  # noqa: PLW2901
                self._asked.append(one)
            self._chosen.append(one)

    def _ask(self, secret: AskedSecret) -> Generator[Step, Reply, Secret]:
        while True:
            asked = secret.ask(self, self._settings.clock)
            found = asked if isinstance(asked, Secret) else (yield from self._wait_for(asked))
            if found is not None:
                return found

    def _wait_for(self, question: Question) -> Generator[Step, Reply, Secret | None]:
        """The answer to a question; None where another call that asked it has given up."""
        try:
            if question.asker is self:
                yield Ask(question)
                question.begun = True
            yield Follow(other=question.over, seconds=max(0.0, self._left()))
        except BaseException:
            question.leave(self)
            raise
        if (error := question.error) is not None:
            # All calls that wait for it get it; an error of ours takes what each call and listing notes on it.
            raise copy(error) if isinstance(error, SdkError) else error.with_traceback(None)
        if question.answer is None and (question.asker is self or not question.over.done()):
            question.leave(self)
            raise self._late("the credential that was asked for did not come in time")
        return question.answer

    def _next_send(self) -> Send:
        call, settings = self._call, self._settings
        # A traceback with locals shows the request's repr, which shows no credential.
        own = {"user-agent": settings.user_agent}
        if self._id is not None:
            own[settings.call_id_header] = self._id
        headers = {**settings.headers, **self._added}
        request = build_request(call, self._shown, self._chosen, headers, own)
        remaining = self._left()
        if remaining <= 0:  # the function that returns the credential took too long
            del request  # it holds the credential, and the error's traceback would keep it
            raise self._late("no time was left to send it")
        return Send(request, timeout=min(settings.timeouts.attempt, remaining), may_send=self._may_send)

    def _add_headers(self) -> dict[str, Credential]:
        """The headers that the caller's hook adds to this attempt, held as credentials are."""
        settings, hook = self._settings, self._settings.on_request
        if hook is None:
            return {}
        from .telemetry import AttemptRequest, ask, redact_query  # noqa: PLC0415  # only if a hook is set

        request = AttemptRequest(
            operation=self._call.operation.name,
            method=self._shown.method,
            url=redact_query(self._shown.url),
            attempt=len(self._attempts) + 1,
        )
        # Not in a local variable: a traceback with locals would show them.
        return hold_headers(
            ask(request, settings.logger, hook),
            where="on_request",
            credentials=settings.credentials,
            taken=[*self._call.headers, settings.call_id_header],
        )

    def _may_send(self) -> bool:
        # The gate may have closed while the request waited for a connection.
        return self._brakes.gate.ask(self, self._settings.clock.monotonic()) is None

    def _left(self) -> float:
        return self._deadline - self._settings.clock.monotonic()

    def _find_failure(self, reply: HTTPResponse | TransportError) -> SdkError | None:
        """The error that a reply means before its content is read."""
        operation, settings = self._call.operation, self._settings
        if isinstance(reply, TransportError):
            error: SdkError | None = reply
        elif operation.named(reply.status) is None:
            error = read_failure(self._call, self._shown, reply, settings.errors, settings.clock.now())
        else:
            error = reply.fault
        return None if error is None else self._without_secrets(error)

    def _read(self, answer: HTTPResponse, elapsed: float) -> tuple[Any, SdkError | None]:
        """The result of a success, recorded as an attempt, or the error in its content."""
        settings, attempt = self._settings, self._attempt(answer, elapsed)
        try:
            result = read_success(
                self._call,
                self._shown,
                answer,
                settings.errors,
                strict=settings.strict_json,
                attempts=(*self._attempts, attempt),
            )
        except DecodeError as refused:
            error = self._without_secrets(refused)
            self._note(self._attempt(answer, elapsed, error), error)
            return None, error
        self._brakes.budget.give_back()
        self._note(attempt, None)
        return result, None

    def _without_secrets(self, error: SdkError) -> SdkError:
        # Its frames hold what the service sent, which may be an echo of the credential.
        for one in (error, error.__cause__):
            if one is not None:
                one.__traceback__ = None
        hide_in_error(error, self._secrets())
        return error

    def _secrets(self) -> list[Credential]:
        """What must not be shown where the service has echoed it; other calls may have sent other keys since."""
        return [*self._settings.secrets, *self._asked, *self._added.values()]

    def _decide(self, reply: HTTPResponse | TransportError, error: SdkError) -> Decision:
        """What follows a failure; after a 429, all calls of the client wait."""
        clock, retry = self._settings.clock, self._settings.retry
        outcome = read_outcome(self._call, reply, error)
        if self._renew(reply):
            return Decision(self._tries, wait=0.0)
        decision = retry.decide(self._tries, outcome)
        self._tries = decision.tries
        if decision.wait is not None and decision.wait >= self._left():
            why = f"a wait of {_seconds(decision.wait)} s would cross timeouts.call"
            decision = Decision(self._tries, stop=why)
        elif decision.wait is not None and decision.own and not self._brakes.budget.take():
            decision = Decision(self._tries, stop="the client's retry.budget is spent, look at the service's health")
        if isinstance(reply, HTTPResponse) and reply.status == RATE_LIMITED:
            wait = outcome.hint if outcome.hint is not None else decision.wait or 0.0
            now, longest = clock.monotonic(), retry.longest_hint
            told = Told(error=remake(error, str(error), wait), until=now + wait, too_long=wait > longest)
            # An extreme wait must not block the client for good: the service is asked again after the longest hint.
            self._brakes.gate.close(now + min(wait, longest), told)
        return decision

    def _renew(self, reply: HTTPResponse | TransportError) -> bool:
        """Whether to send the call once more, with another token: where the service refused the one that was sent."""
        if not isinstance(reply, HTTPResponse) or reply.status != HTTPStatus.UNAUTHORIZED or self._renewed:
            return False
        challenge = reply.headers.get("www-authenticate", "")
        for one in self._chosen:
            self._renewed |= one.secret.renew(challenge)
        return self._renewed and self._settings.retry.max_attempts > 1

    def _attempt(
        self,
        reply: HTTPResponse | TransportError,
        elapsed: float,
        error: SdkError | None = None,
        wait: float | None = None,
    ) -> Attempt:
        answer = reply if isinstance(reply, HTTPResponse) else None
        return Attempt(
            status=None if answer is None else answer.status,
            reason="ok" if error is None else str(error),
            wait=wait,
            elapsed=elapsed,
            request_id=None if answer is None else answer.first_header(self._settings.errors.request_id_headers),
            client_request_id=self._id,
        )

    def _note(self, attempt: Attempt, error: SdkError | None) -> None:
        self._attempts.append(attempt)
        logger, hook = self._settings.logger, self._settings.on_event
        if hook is None and not logger.isEnabledFor(logging.DEBUG if error is None else logging.WARNING):
            return
        from .telemetry import AttemptEvent, redact_query, tell  # noqa: PLC0415  # only if a hook is set

        event = AttemptEvent(
            operation=self._call.operation.name,
            method=self._shown.method,
            url=redact_query(self._shown.url),
            attempt=len(self._attempts),
            status=attempt.status,
            error=None if error is None else type(error).__name__,
            elapsed=attempt.elapsed,
            wait=attempt.wait,
            request_id=attempt.request_id,
            client_request_id=self._id,
        )
        tell(event, logger, hook)

    def _refused(self, told: Told) -> SdkError:
        left = max(0.0, told.until - self._settings.clock.monotonic())
        text = f"{self._call.operation.name}: was not sent, because the service asked all calls of this client to wait"
        advice = "call again after that, or raise timeouts.call"
        return self._with_attempts(remake(told.error, f"{text} {_seconds(left)} s more ({told.error}); {advice}", left))

    def _late(self, why: str) -> SdkError:
        text = f"{self._call.operation.name}: was not sent, because {why}; raise timeouts.call, or call later"
        return self._with_attempts(AttemptTimeoutError(text))

    def _with_attempts(self, error: SdkError, why: str | None = None) -> SdkError:
        """The error with all attempts so far; with `why`, its text gives their number and why there are no more."""
        error.attempts = tuple(self._attempts)
        if why is not None:
            count = len(self._attempts)
            text = f"{error.args[0]} (sent {count} {'time' if count == 1 else 'times'}; {why})"
            error.args = (text, *error.args[1:])
        return error


def find_base(settings: Settings, operation: Operation) -> str:
    """The URL that precedes the operation's path: of its own server, or of the service."""
    if operation.prefix is None:
        return f"{settings.endpoint.url}{settings.prefix}"
    # A caller who names an endpoint wants nothing sent elsewhere, least of all credentials.
    origin = operation.origin if operation.origin in settings.origins else settings.endpoint.url
    return f"{origin}{operation.prefix}"


def _seconds(wait: float) -> str:
    # Three digits are enough, but not for a long wait: `g` would write it as a power of ten.
    return f"{wait:.3g}" if wait < 999.5 else f"{wait:.0f}"  # noqa: PLR2004  # what rounds to 1000
