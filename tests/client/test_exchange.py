"""One call from its first attempt to its result, without I/O: what it asks its driver to do, and when."""

from __future__ import annotations

import traceback
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from face_audit import (
    APIStatusError,
    AttemptEvent,
    AttemptTimeoutError,
    CertificateError,
    ConfigurationError,
    ConnectError,
    ConnectionLostError,
    DecodeError,
    FaceAuditClient,
    FaceAuditError,
    IncompleteBodyError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    Timeouts,
)
from face_audit._runtime.calls.attempts import Arrived, Follow, Send, Sleep, make_attempts
from face_audit._runtime.calls.retry import Brakes, Budget, Gate, Told
from face_audit._runtime.wire import HTTPResponse
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST

from .conftest import KEY, Clock
from .servers import PREFIX, SESSION

if TYPE_CHECKING:
    from face_audit._runtime.operation import Call

EMPTY = HTTPResponse(status=200, headers={}, content=b"[]")
DOWN = HTTPResponse(status=503, headers={}, content=b"")
CALL = AUDIT_ENTRIES_LIST.call({"session_id": SESSION})


def limited(wait: float | None = None) -> HTTPResponse:
    """A 429, with a wait or without one."""
    return HTTPResponse(status=429, headers={} if wait is None else {"retry-after": str(wait)}, content=b"")


class Driven:
    """A call whose driver is the test."""

    def __init__(self, clock: Clock, brakes: Brakes | None = None, call: Call = CALL, **arguments: Any) -> None:
        """Begin `call`; `arguments` are a client's."""
        self.events: list[AttemptEvent] = []
        self.arrived: list[bytes] = []
        given = {"key": KEY, "endpoint": "https://example.com", "on_event": self.events.append}
        given |= {"retry": RetryPolicy(random=lambda: 1.0)} | arguments
        with FaceAuditClient(**given) as client:
            settings = client._settings._replace(clock=clock.of_runtime())
        self.brakes = brakes or Brakes(gate=Gate(), budget=Budget(settings.retry.budget))
        self._steps = make_attempts(call, settings, self.brakes)
        self.step: Any = next(self._steps)

    def reply(self, reply: Any = None) -> Any:
        """Answer the last step; the next one. A success that is here is wanted at once."""
        self.step = self._steps.send(reply)
        while isinstance(self.step, Arrived):
            self.arrived.append(self.step.content)
            self.step = self._steps.send(None)
        return self.step

    def end(self, reply: Any = None) -> Any:
        """Answer the last step; the result."""
        with pytest.raises(StopIteration) as done:
            self.reply(reply)
        return done.value.value


def test_attempts_are_sent_with_what_is_left_of_the_call(clock: Clock) -> None:
    """An attempt has its own limit, or the rest of the call's time where that is less."""
    call = Driven(clock, timeouts=Timeouts(attempt=30, call=50))

    first = call.step
    clock.seconds += 29.5
    wait = call.reply(DOWN)
    clock.seconds += wait.seconds
    second = call.reply()

    assert (first.timeout, wait, second.timeout) == (30, Sleep(seconds=0.5), 20)
    assert isinstance(first, Send)


@pytest.mark.parametrize(("late", "message"), [(4.5, None), (5.0, "timeouts.call was over after the wait")])
def test_nothing_is_sent_at_the_deadline(clock: Clock, late: float, message: str | None) -> None:
    """A wait that lasts until the deadline itself ends the call with the error that it waited for."""
    call = Driven(clock, timeouts=Timeouts(call=20))
    wait = call.reply(limited(15))
    clock.seconds += wait.seconds + late

    if message is None:
        assert call.reply().timeout == 0.5
    else:
        with pytest.raises(RateLimitedError, match=rf"\(sent 1 time; {message}\)$"):
            call.reply()


@pytest.mark.parametrize(("asked", "accepted"), [(19.5, True), (20, False), (20.5, False)])
def test_no_wait_begins_that_would_last_until_the_deadline(clock: Clock, asked: float, accepted: bool) -> None:
    """The deadline itself is too late."""
    call = Driven(clock, timeouts=Timeouts(call=20))

    if accepted:
        assert call.reply(limited(asked)) == Sleep(seconds=asked)
    else:
        with pytest.raises(RateLimitedError, match=rf"\(sent 1 time; a wait of {asked} s would cross timeouts.call\)$"):
            call.reply(limited(asked))


def test_error_counts_what_was_sent_and_shows_waits_in_three_digits(clock: Clock) -> None:
    """The message says how often the request was sent, and why no more."""
    call = Driven(clock, timeouts=Timeouts(call=20))

    wait = call.reply(limited(1.23456))
    clock.seconds += wait.seconds
    call.reply()
    with pytest.raises(RateLimitedError, match=r"\(sent 2 times; a wait of 20\.1 s would cross timeouts\.call\)$"):
        call.reply(limited(20.123456))


@pytest.mark.parametrize(("took", "sent"), [(19.5, True), (20.0, False), (21.0, False)])
def test_credential_that_takes_until_the_deadline_is_not_sent(clock: Clock, took: float, sent: bool) -> None:
    """A function that was asked for the key may take its time; past the deadline nothing is sent, or shown."""

    def slow() -> str:
        clock.seconds += took
        return "canary" + "0123456789"

    if sent:
        assert Driven(clock, key=slow, timeouts=Timeouts(call=20)).step.timeout == 0.5
        return
    with pytest.raises(
        AttemptTimeoutError, match="AuditEntries_list: was not sent, because no time was left"
    ) as caught:
        Driven(clock, key=slow, timeouts=Timeouts(call=20))
    trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "canary" + "0123456789" not in "".join(trace.format())


def test_waiting_for_the_gate_counts_against_the_deadline(clock: Clock) -> None:
    """A call waits at the gate as long as the service asked another one, within its own time."""
    brakes = Brakes(gate=Gate(), budget=Budget(9))
    brakes.gate.close(10)

    call = Driven(clock, brakes, timeouts=Timeouts(call=20))
    wait = call.step
    clock.seconds += wait.seconds
    send = call.reply()

    assert wait == Sleep(seconds=10)
    assert send.timeout == 10


@pytest.mark.parametrize(("until", "accepted"), [(19.5, True), (20, False), (123.456, False)])
def test_gate_that_opens_at_the_deadline_is_not_waited_for(clock: Clock, until: float, accepted: bool) -> None:
    """The call fails at once, and says how long it would have been."""
    brakes = Brakes(gate=Gate(), budget=Budget(9))
    brakes.gate.close(until)

    if accepted:
        assert Driven(clock, brakes, timeouts=Timeouts(call=20)).step == Sleep(seconds=until)
    else:
        with pytest.raises(
            AttemptTimeoutError, match=f"all calls of this client have to wait {until:.3g} s more"
        ) as caught:
            Driven(clock, brakes, timeouts=Timeouts(call=20))
        assert caught.value.attempts == ()


def test_call_follows_the_one_that_went_first(clock: Clock) -> None:
    """While one call probes, the others wait for its end, but not past their deadline; then they say what they sent."""
    brakes = Brakes(gate=Gate(), budget=Budget(9))
    call = Driven(clock, brakes, timeouts=Timeouts(call=20))
    other = object()
    brakes.gate.close(1)
    clock.seconds = 1
    assert brakes.gate.ask(other, 1) is None

    wait = call.reply(ConnectionLostError("lost"))
    clock.seconds += wait.seconds
    follow = call.reply()
    clock.seconds = 19.5
    again = call.reply()
    clock.seconds = 20
    with pytest.raises(AttemptTimeoutError, match="the first call after a wait was not answered") as caught:
        call.reply()

    assert isinstance(follow, Follow)
    assert isinstance(follow.other, Future)
    assert (follow.seconds, again.seconds) == (18.5, 0.5)
    assert [attempt.reason for attempt in caught.value.attempts] == ["lost"]


@pytest.mark.parametrize(
    ("reply", "opens"),
    [
        (EMPTY, True),
        (DOWN, True),
        (limited(3), False),
        (limited(0), False),
        (limited(), False),
        (ConnectionLostError("lost"), False),
    ],
)
def test_gate_opens_with_an_answer_other_than_a_429(clock: Clock, reply: Any, opens: bool) -> None:
    """A call that goes first opens the gate for all where the service answers it; a failed one does not."""
    brakes = Brakes(gate=Gate(), budget=Budget(9))
    brakes.gate.close(0)
    call = Driven(clock, brakes)

    if reply is EMPTY:
        call.end(reply)
    else:
        call.reply(reply)

    first, second = object(), object()
    clock.seconds += 100
    asked = [brakes.gate.ask(one, clock.seconds) for one in (first, second)]
    assert asked[0] is None
    assert (asked[1] is None) is opens


@pytest.mark.parametrize(
    ("reply", "closed"), [(limited(7), 7), (limited(7000), 120), (limited(0), 0), (limited(), 0.5), (DOWN, None)]
)
def test_gate_closes_for_as_long_as_a_429_asks(clock: Clock, reply: HTTPResponse, closed: float | None) -> None:
    """As told, up to the longest hint; without a wait for the call's own; another failure closes nothing."""
    clock.seconds = 1000
    call = Driven(clock, retry=RetryPolicy(random=lambda: 1.0, max_attempts=2))

    with suppress(RateLimitedError):
        call.reply(reply)

    assert call.brakes.gate._opens_at == (None if closed is None else 1000 + closed)


def test_last_429_without_a_wait_closes_the_gate_for_no_time(clock: Clock) -> None:
    """Where nothing is waited for, the next call goes at once, as the one that probes."""
    call = Driven(clock, retry=RetryPolicy(max_attempts=1))

    with pytest.raises(RateLimitedError):
        call.reply(limited())

    assert call.brakes.gate.ask(object(), clock.seconds) is None
    assert isinstance(call.brakes.gate.ask(object(), clock.seconds), Future)


def test_attempts_and_events_tell_what_happened(clock: Clock) -> None:
    """Each attempt is told with its number, status, reason, duration, the wait after it and the service's id."""
    call = Driven(clock)

    clock.seconds += 2
    wait = call.reply(attrs.evolve(DOWN, headers={"apim-request-id": "r1"}))
    clock.seconds += wait.seconds
    call.reply()
    clock.seconds += 3
    listing = call.end(EMPTY)

    first, second = listing.page.attempts
    assert (first.status, first.wait, first.elapsed, first.request_id) == (503, 0.5, 2, "r1")
    assert "status 503" in first.reason
    assert (second.status, second.reason, second.wait, second.elapsed, second.request_id) == (200, "ok", None, 3, None)
    assert [(one.attempt, one.status, one.error, one.elapsed, one.wait) for one in call.events] == [
        (1, 503, "ServerError", 2, 0.5),
        (2, 200, None, 3, None),
    ]


@pytest.mark.parametrize(("budget", "waits"), [(0, []), (1, [0.5]), (2, [0.5, 1.0])])
def test_own_retries_spend_the_budget(clock: Clock, budget: int, waits: list[float]) -> None:
    """Every retry that nobody asked for takes one; where none is left the error says so."""
    call = Driven(clock, retry=RetryPolicy(random=lambda: 1.0, budget=budget))

    for wait in waits:
        assert call.reply(DOWN) == Sleep(seconds=wait)
        clock.seconds += wait
        call.reply()
    with pytest.raises(ServerError, match=r"; the client's retry\.budget is spent") as caught:
        call.reply(DOWN)

    assert caught.value.attempts[-1].wait is None


def test_gate_is_left_before_the_hook_is_called(clock: Clock) -> None:
    """A hook may make calls of its own: after an answer, failed or not, they need not wait for this one."""
    brakes, asked = Brakes(gate=Gate(), budget=Budget(9)), list[Any]()

    for reply in (DOWN, EMPTY):
        brakes.gate.close(clock.seconds)
        call = Driven(clock, brakes, on_event=lambda _: asked.append(brakes.gate.ask(object(), clock.seconds)))
        with suppress(StopIteration):
            call.reply(reply)

    assert asked == [None, None]


def test_gate_tells_what_closed_it_last() -> None:
    """The longest wait holds, and of equal ones the last that was asked for is told."""
    gate = Gate()
    told = [Told(error=APIStatusError("429", status_code=429), until=until, too_long=False) for until in (5, 9, 9, 7)]
    shown = []

    for one in told:
        gate.close(one.until, one)
        shown.append(gate.told)

    assert [found is one for found, one in zip(shown, [*told[:3], told[2]], strict=True)] == [True] * 4
    assert gate.ask(object(), 0) == 9


LONG = HTTPResponse(
    status=429,
    headers={"retry-after": "7000", "apim-request-id": "r1"},
    content=b'{"error": {"code": "Busy", "message": "Later."}}',
)


def test_call_that_is_held_back_for_too_long_fails_as_the_one_that_was_told(clock: Clock) -> None:
    """Its error says all that the service said to the other call, what is left of the wait, and its own attempts."""
    brakes = Brakes(gate=Gate(), budget=Budget(9))
    first, second = Driven(clock, brakes), Driven(clock, brakes)
    wait = second.reply(DOWN)
    with pytest.raises(RateLimitedError, match="longest_hint"):
        first.reply(LONG)

    clock.seconds += 100
    with pytest.raises(RateLimitedError, match="asked all calls of this client to wait 6900 s more") as caught:
        second.reply()

    error = caught.value
    assert wait == Sleep(seconds=0.5)
    assert (error.status_code, error.code, error.message, error.request_id) == (429, "Busy", "Later.", "r1")
    assert error.retry_after == 6900
    assert [attempt.status for attempt in error.attempts] == [503]


@pytest.mark.parametrize(("asked", "waited"), [(120, True), (120.5, False)])
def test_call_waits_at_the_gate_for_the_longest_hint(clock: Clock, asked: float, waited: bool) -> None:
    """What one call may wait for, all may; what is too long for one is too long for all."""
    brakes = Brakes(gate=Gate(), budget=Budget(9))
    with suppress(RateLimitedError):
        Driven(clock, brakes).reply(limited(asked))

    if waited:
        assert Driven(clock, brakes).step == Sleep(seconds=120)
    else:
        with pytest.raises(RateLimitedError, match="was not sent"):
            Driven(clock, brakes)


@pytest.mark.parametrize(
    ("asked", "shown"), [(20.123456, "20.1"), (99.96, "100"), (999.4, "999"), (999.5, "1000"), (1234.56, "1235")]
)
def test_long_wait_is_shown_in_whole_seconds(clock: Clock, asked: float, shown: str) -> None:
    """A reader sees seconds, and never a power of ten."""
    call = Driven(clock, timeouts=Timeouts(call=20), retry=RetryPolicy(longest_hint=5000))

    with pytest.raises(RateLimitedError, match=rf"a wait of {shown} s would cross timeouts\.call"):
        call.reply(limited(asked))


def test_gate_opens_before_a_success_is_read(clock: Clock) -> None:
    """Reading takes its time, and may wait until the page is wanted: the other calls need not wait for that."""
    brakes = Brakes(gate=Gate(), budget=Budget(9))
    brakes.gate.close(0)
    call = Driven(clock, brakes)

    step = call._steps.send(EMPTY)

    assert isinstance(step, Arrived)
    assert step.content == b"[]"
    assert brakes.gate.ask(object(), clock.seconds) is None
    assert brakes.gate.ask(object(), clock.seconds) is None


@pytest.mark.parametrize(
    "reply", [DOWN, limited(1), attrs.evolve(EMPTY, content=b"", fault=IncompleteBodyError("it broke off"))]
)
def test_only_a_whole_success_has_arrived(clock: Clock, reply: HTTPResponse) -> None:
    """Nothing can be done ahead with the page of an answer that failed, or broke off."""
    call = Driven(clock)

    assert isinstance(call.reply(reply), Sleep)
    assert call.arrived == []


def test_attempt_that_was_not_sent_opens_no_gate(clock: Clock) -> None:
    """A call whose first attempt was answered goes first later, and fails before it sends: the others stay careful."""
    brakes, keys = Brakes(gate=Gate(), budget=Budget(9)), [KEY, ""]
    call = Driven(clock, brakes, key=lambda: keys.pop(0))

    wait = call.reply(DOWN)
    clock.seconds += wait.seconds
    brakes.gate.close(clock.seconds)
    with pytest.raises(ConfigurationError, match="key: is empty"):
        call.reply()

    assert brakes.gate.ask(object(), clock.seconds) is None
    assert isinstance(brakes.gate.ask(object(), clock.seconds), Future)


def test_request_says_what_it_takes_and_who_asks(clock: Clock) -> None:
    """JSON, as it is or as gzip; the client's name, and the key in its own header."""
    request = Driven(clock).step.request

    assert (request.method, request.url) == ("GET", f"https://example.com{PREFIX}{CALL.target}")
    agent = request.headers["user-agent"]
    assert agent.startswith("face-audit/")
    assert request.headers == {
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": agent,
        "ocp-apim-subscription-key": KEY,
        "client-request-id": request.headers["client-request-id"],
    }


@pytest.mark.parametrize("strict", [False, True])
def test_key_that_stands_twice_is_refused_where_that_was_asked_for(clock: Clock, strict: bool) -> None:
    """With `strict_json=True` an answer with the same key twice in one object is not a result."""
    answer = attrs.evolve(EMPTY, content=b'[{"id": "1", "id": "1"}]')
    call = Driven(clock, strict_json=strict)

    if strict:
        with pytest.raises(DecodeError, match="contains the key 'id' twice"):
            call.reply(answer)
    else:
        assert call.end(answer).ids == ("1",)


@pytest.mark.parametrize(
    ("method", "failure", "repeated"),
    [
        ("GET", ConnectError("refused"), True),
        ("POST", ConnectError("refused"), True),
        ("GET", ConnectionLostError("lost"), True),
        ("POST", ConnectionLostError("lost"), False),
        ("GET", CertificateError("expired"), False),
        ("POST", limited(), True),
        ("POST", DOWN, False),
    ],
)
def test_what_may_have_happened_is_not_done_twice(clock: Clock, method: str, failure: Any, repeated: bool) -> None:
    """What never reached the service is sent again, and what it refused to do yet; else only what changes nothing."""
    call = Driven(clock, call=CALL._replace(operation=CALL.operation._replace(method=method)))

    if repeated:
        assert call.reply(failure) == Sleep(seconds=0.5)
    else:
        with pytest.raises(FaceAuditError):
            call.reply(failure)
