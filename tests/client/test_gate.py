"""The gate: after a 429 all calls of a client wait, one goes first, then the others follow."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import AttemptTimeoutError, ConnectionLostError, Page, RateLimitedError, RetryPolicy, Timeouts
from face_audit._runtime.calls.retry import Gate
from face_audit._runtime.http import connections

from .conftest import KEY, Clock, Driver
from .servers import SESSION, Answer, Received, Service, answer
from .wires import Crowd, Wire, eventually, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .wires import Line

LIMITED = answer({}, 429, Retry_After="26")
ONCE = RetryPolicy(max_attempts=1)


class StoppedClock(Clock):
    """Time that only the test moves; calls that wait do not move until then."""

    def __init__(self) -> None:
        """Begin at noon."""
        super().__init__()
        self.sleeping = 0
        self._moved = threading.Condition()
        self._tasks: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def pause(self, _: object, seconds: float) -> None:
        """Wait until the test has moved the time that far."""
        with self._moved:
            until = self._begin(seconds)
            assert self._moved.wait_for(lambda: self.seconds >= until, timeout=10)
            self.sleeping -= 1

    async def pause_async(self, _: object, seconds: float) -> None:
        """The same for asyncio."""
        moved = asyncio.Event()
        with self._moved:
            until = self._begin(seconds)
            self._tasks.append((asyncio.get_running_loop(), moved))
        try:
            while self.seconds < until:
                await moved.wait()
                moved.clear()
        finally:
            self.sleeping -= 1

    def move(self, seconds: float) -> None:
        """Let time pass."""
        with self._moved:
            self.seconds += seconds
            self._moved.notify_all()
            for loop, moved in self._tasks:
                loop.call_soon_threadsafe(moved.set)

    def _begin(self, seconds: float) -> float:
        self.waits.append(seconds)
        self.sleeping += 1
        return self.seconds + seconds


class HoldingService(Service):
    """Keeps the requests whose numbers are in `held` waiting until `release` is set."""

    def __init__(self, *held: int) -> None:
        """Hold these requests, counted from 1."""
        super().__init__()
        self.release = threading.Event()
        self._lock = threading.Lock()
        self._held = held

    def respond(self, request: Received) -> Answer:
        """What the next request gets, and when."""
        with self._lock:
            reply = super().respond(request)
            held = len(self.requests) in self._held
        if held:
            assert self.release.wait(10)
        return reply


@pytest.fixture
def stopped() -> StoppedClock:
    """A clock that only the test moves."""
    return StoppedClock()


@pytest.fixture
def holding() -> Iterator[HoldingService]:
    """A service that does not answer its second request until it is told."""
    with HoldingService(2) as running:
        yield running
        running.release.set()


def pages(outcomes: list[Any]) -> int:
    """How many calls returned a page."""
    return sum(isinstance(outcome, Page) for outcome in outcomes)


def test_all_calls_wait_one_goes_first_then_the_others_follow(
    driver: Driver, holding: HoldingService, stopped: StoppedClock
) -> None:
    """No call is sent before the wait is over; then one is, and the rest only when it was answered."""
    holding.will(LIMITED)
    client = driver.client(holding.url, clock=stopped, retry=ONCE)
    first = Crowd(client, 1).join()

    crowd = Crowd(client, 8)
    eventually(lambda: stopped.sleeping == 8)
    stopped.move(25.9)
    before = len(holding.requests)
    stopped.move(0.2)
    eventually(lambda: len(holding.requests) == 2)
    while_probing = len(holding.requests), len(crowd.outcomes)
    holding.release.set()

    assert isinstance(first[0], RateLimitedError)
    assert before == 1
    assert while_probing == (2, 0)
    assert pages(crowd.join()) == 8
    assert len(holding.requests) == 9


def test_others_stay_while_the_first_is_under_way(driver: Driver, stopped: StoppedClock) -> None:
    """Nobody overtakes the call that goes first, however long it takes to be answered."""
    overtaken: list[int] = []

    class Slow(HoldingService):
        def respond(self, request: Received) -> Answer:
            reply = super().respond(request)
            if len(self.requests) == 2:
                self.release.wait(0.05)
                overtaken.append(len(self.requests) - 2)
            return reply

    with Slow() as service:
        service.will(LIMITED)
        client = driver.client(service.url, clock=stopped, retry=ONCE)
        Crowd(client, 1).join()
        stopped.move(26)
        outcomes = Crowd(client, 6).join()

    assert overtaken == [0]
    assert pages(outcomes) == 6


@pytest.mark.parametrize("reply", [Answer(lost="closed"), answer({}, 429)])
def test_first_call_that_fails_gives_its_place_to_the_next(
    driver: Driver, service: Service, clock: Clock, reply: Answer
) -> None:
    """Where the first call is lost or limited again, another one goes first."""
    service.will(LIMITED, reply)
    client = driver.client(service.url, clock=clock, retry=ONCE)
    Crowd(client, 1).join()
    clock.seconds += 26

    outcomes = Crowd(client, 4).join()

    assert pages(outcomes) == 3
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, Page)] in (
        [ConnectionLostError],
        [RateLimitedError],
    )


def test_first_call_that_is_limited_again_closes_the_gate_again(
    driver: Driver, service: Service, stopped: StoppedClock
) -> None:
    """A second 429 holds all calls back for its own wait."""
    service.will(LIMITED, answer({}, 429, Retry_After="7"))
    client = driver.client(service.url, clock=stopped, retry=ONCE)
    Crowd(client, 1).join()
    stopped.move(26)

    crowd = Crowd(client, 4)
    eventually(lambda: stopped.sleeping == 3)
    sent = len(service.requests)
    stopped.move(7)

    assert sent == 2
    assert stopped.waits == [7, 7, 7]
    assert pages(crowd.join()) == 3


def test_first_call_without_key_gives_its_place_to_the_next(driver: Driver, service: Service, clock: Clock) -> None:
    """A call that fails before it is sent does not hold the others back."""
    keys = iter(["first-key", "", "third-key"])
    service.will(LIMITED)
    client = driver.client(service.url, clock=clock, retry=ONCE, key=lambda: next(keys))
    Crowd(client, 1).join()
    clock.seconds += 26

    refused = Crowd(client, 1).join()
    found = Crowd(client, 1).join()

    assert "key: is empty" in str(refused[0])
    assert pages(found) == 1


def test_hint_above_the_longest_closes_the_gate_for_the_longest_only(
    driver: Driver, service: Service, stopped: StoppedClock
) -> None:
    """A service that asks for days is asked again after `longest_hint`; till then calls are refused at once."""
    service.will(answer({}, 429, Retry_After="86400"))
    client = driver.client(service.url, clock=stopped)
    refused = Crowd(client, 1).join()

    stopped.move(100)
    at_once = Crowd(client, 2).join()
    stopped.move(20)

    assert refused[0].retry_after == 86400
    assert [(type(one), one.retry_after, one.attempts) for one in at_once] == [(RateLimitedError, 86300, ())] * 2
    assert stopped.waits == []
    assert pages(Crowd(client, 2).join()) == 2


def test_call_that_would_wait_past_its_deadline_fails_at_once(driver: Driver, service: Service, clock: Clock) -> None:
    """A call whose time ends before the gate opens sends nothing and waits for nothing."""
    service.will(LIMITED)
    client = driver.client(service.url, clock=clock, retry=ONCE, timeouts=Timeouts(call=26))
    Crowd(client, 1).join()

    outcomes = Crowd(client, 2).join()

    assert [(type(outcome), outcome.retry_after) for outcome in outcomes] == [(RateLimitedError, 26)] * 2
    assert "was not sent, because the service asked all calls of this client to wait 26 s more" in str(outcomes[0])
    assert "raise timeouts.call" in str(outcomes[0])
    assert outcomes[0].attempts == ()
    assert clock.waits == []
    assert len(service.requests) == 1


def test_call_does_not_wait_for_the_first_one_past_its_deadline(driver: Driver, stopped: StoppedClock) -> None:
    """Where the first call takes longer than another one has, that one fails and sends nothing."""

    class Leap(HoldingService):
        def respond(self, request: Received) -> Answer:
            reply = super().respond(request)
            if len(self.requests) == 2:
                self.release.wait(0.15)
                stopped.move(21)
            return reply

    with Leap() as service:
        service.will(LIMITED, Answer(lost="closed"))
        client = driver.client(service.url, clock=stopped, retry=ONCE, timeouts=Timeouts(call=20))
        Crowd(client, 1).join()
        stopped.move(26)
        outcomes = Crowd(client, 4).join()

    kinds = [type(outcome) for outcome in outcomes]
    assert sorted(kind.__name__ for kind in kinds) == ["AttemptTimeoutError"] * 3 + ["ConnectionLostError"]
    assert len(service.requests) == 2


def test_wait_for_the_first_call_ends_on_the_clock(driver: Driver, holding: HoldingService) -> None:
    """A call waits for another one no longer than its own time, even where that one hangs."""
    holding.will(answer({}, 429, Retry_After="0"))
    client = driver.real_time(driver.client(holding.url, retry=ONCE))
    Crowd(client, 1).join()

    async def both() -> list[Any]:
        first = asyncio.create_task(client.made.audit_entries.list_page(SESSION))
        while len(holding.requests) < 2:  # noqa: ASYNC110  # another thread receives them
            await asyncio.sleep(0)
        hurry()
        late = await asyncio.gather(client.made.audit_entries.list_page(SESSION), return_exceptions=True)
        holding.release.set()
        return [*late, await first]

    def hurry() -> None:
        client.made._settings = client.made._settings._replace(timeouts=Timeouts(call=0.05, attempt=0.05))

    if client._runner is None:
        first = Crowd(client, 1)
        eventually(lambda: len(holding.requests) == 2)
        hurry()
        outcomes = Crowd(client, 1).join()
        holding.release.set()
        outcomes += first.join()
    else:
        outcomes = client._runner.run(both())

    assert [type(outcome) for outcome in outcomes] == [AttemptTimeoutError, Page]
    assert "the first call after a wait was not answered in time" in str(outcomes[0])
    assert len(holding.requests) == 2


def test_limited_call_goes_first_itself(driver: Driver, service: Service, clock: Clock) -> None:
    """The call that was asked to wait is sent again when its wait is over."""
    service.will(LIMITED)

    page = driver.client(service.url, clock=clock).page()

    assert [attempt.status for attempt in page.attempts] == [429, 200]
    assert clock.waits == [26]


def test_cancelled_first_task_gives_its_place_to_the_next(holding: HoldingService, clock: Clock) -> None:
    """A task that is cancelled while it goes first does not hold the others back."""

    async def run(client: Any) -> list[Any]:
        first = asyncio.create_task(client.audit_entries.list_page(SESSION))
        while len(holding.requests) < 2:  # noqa: ASYNC110  # another thread receives them
            await asyncio.sleep(0)
        others = [asyncio.create_task(client.audit_entries.list_page(SESSION)) for _ in range(3)]
        await asyncio.sleep(0.01)
        first.cancel()
        return await asyncio.gather(first, *others, return_exceptions=True)

    with asyncio.Runner() as runner:
        made = Driver(runner)
        holding.will(LIMITED)
        client = made.client(holding.url, clock=clock, retry=ONCE)
        Crowd(client, 1).join()
        clock.seconds += 26
        first, *others = runner.run(run(client.made))
        made.close()

    assert isinstance(first, asyncio.CancelledError)
    assert pages(others) == 3
    assert len(holding.requests) == 5


def test_call_that_was_limited_meanwhile_keeps_the_gate_closed() -> None:
    """An answer to the first call does not open a gate that an older call has closed again in the meantime."""
    gate = Gate()
    gate.close(10)
    first, older, other = object(), object(), object()
    asked = gate.ask(first, 10)
    gate.close(30)
    gate.leave(older, answered=False)
    gate.leave(first, answered=True)

    assert asked is None
    assert gate.ask(other, 15) == 15
    assert gate.ask(other, 30) is None


def test_gate_closes_for_the_longest_of_several_waits() -> None:
    """A shorter wait that is told later does not open the gate earlier."""
    gate = Gate()
    gate.close(30)
    gate.close(10)

    assert gate.ask(object(), 20) == 10


def test_others_are_told_when_the_first_call_is_over() -> None:
    """What they wait for ends with the first call's attempt."""
    gate = Gate()
    first = object()
    gate.close(0)
    gate.ask(first, 0)
    ahead = gate.ask(object(), 0)
    again = gate.ask(first, 0)
    gate.leave(first, answered=True)

    assert again is None
    assert isinstance(ahead, Future)
    assert ahead.done()
    assert gate.ask(object(), 0) is None


def test_calls_that_wait_for_a_connection_are_not_sent_after_a_429(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that found the gate open asks again once a connection is free."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 1)
    asked: list[int] = []
    sent: list[int] = []

    def credential() -> str:
        asked.append(1)  # each call asks for it after it passed the gate
        return KEY

    def serve(line: Line) -> None:
        while line.receive():
            sent.append(1)
            eventually(lambda: len(asked) == 8)
            line.send(ok(b"{}", "Retry-After: 86400", status=429))

    with Wire(serve) as wire:
        outcomes = Crowd(driver.client(wire.url, key=credential), 8).join()

    assert [type(outcome) for outcome in outcomes] == [RateLimitedError] * 8
    # The connection is free a moment before the gate is closed, and a thread may use that moment.
    assert len(sent) <= 2
