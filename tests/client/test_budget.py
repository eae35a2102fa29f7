"""The retry budget of a client, and the waits that a service asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit import APIStatusError, ConfigurationError, Page, RateLimitedError, RetryPolicy, ServerError, Timeouts
from face_audit._runtime.calls.retry import Budget

from .servers import Answer, Service, answer
from .wires import Crowd

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Clock, Driver

DOWN = Answer(status=503, body=b"")
LIMITED = answer({}, 429, Retry_After="1")


def policy(**settings: Any) -> RetryPolicy:
    """A policy whose random waits are half of the longest."""
    return RetryPolicy(**{"random": lambda: 0.5} | settings)


def test_outage_spends_no_more_retries_than_the_budget(driver: Driver, service: Service, clock: Clock) -> None:
    """Many calls to a service that is down are sent once each, and `budget` times more in all."""
    service.will(*[DOWN] * 200)
    client = driver.client(service.url, clock=clock, retry=policy(budget=7))

    outcomes = Crowd(client, 20).join()

    assert len(service.requests) == 20 + 7
    assert sum(len(outcome.attempts) for outcome in outcomes) == 27
    assert all(type(outcome) is ServerError for outcome in outcomes)


def test_error_says_that_the_budget_is_spent(driver: Driver, service: Service) -> None:
    """Who finds a call with fewer attempts than the policy allows is told why."""
    service.will(DOWN, DOWN)

    with pytest.raises(ServerError, match=r"\(sent 2 times; the client's retry\.budget is spent, look at") as caught:
        driver.client(service.url, retry=policy(budget=1)).page()

    assert [attempt.wait for attempt in caught.value.attempts] == [0.25, None]


def test_successes_give_back(driver: Driver, service: Service) -> None:
    """Every success gives one retry back, and none beyond the budget."""
    service.will(DOWN, answer([]), DOWN, answer([]), answer([]), answer([]), DOWN, DOWN)
    client = driver.client(service.url, retry=policy(budget=1))
    found = [client.page() for _ in range(4)]

    with pytest.raises(ServerError, match="budget is spent"):
        client.page()

    assert [len(page.attempts) for page in found] == [2, 2, 1, 1]
    assert len(service.requests) == 8


def test_asked_waits_spend_no_budget(driver: Driver, service: Service, clock: Clock) -> None:
    """A service that says when to come back is not one that is down."""
    service.will(LIMITED, answer({}, 503, Retry_After="2"))

    page = driver.client(service.url, clock=clock, retry=policy(budget=0)).page()

    assert [attempt.wait for attempt in page.attempts] == [1, 2, None]


def test_retry_that_is_not_made_spends_no_budget(driver: Driver, service: Service, clock: Clock) -> None:
    """Where the wait would cross the deadline nothing is sent again, and nothing is spent."""
    service.will(DOWN, DOWN)
    client = driver.client(
        service.url, clock=clock, retry=policy(budget=1, first_wait=20), timeouts=Timeouts(call=9, attempt=9)
    )
    with pytest.raises(ServerError, match=r"sent 1 time; a wait of 10 s would cross timeouts\.call"):
        client.page()

    assert client.made._shared.brakes.budget.take()


def test_asked_waits_do_not_count_as_attempts_up_to_ten(driver: Driver, service: Service, clock: Clock) -> None:
    """Ten waits are free; those after them count like any failed attempt."""
    service.will(*[LIMITED] * 20)

    with pytest.raises(RateLimitedError, match=r"sent 15 times; no attempt was left, see retry\.max_attempts"):
        driver.client(service.url, clock=clock).page()

    assert clock.waits == [1] * 14


def test_final_failure_spends_no_budget(driver: Driver, service: Service) -> None:
    """An error that is never sent again leaves the retries to the other calls, and says nothing of the budget."""
    service.will(answer({}, 400), DOWN, answer([]), answer({}, 400))
    client = driver.client(service.url, retry=policy(budget=1))

    with pytest.raises(APIStatusError):
        client.page()
    page = client.page()
    assert client.made._shared.brakes.budget.take()
    with pytest.raises(APIStatusError) as caught:
        client.page()

    assert len(page.attempts) == 2
    assert "budget" not in str(caught.value)


@pytest.mark.parametrize(("free", "sent"), [(0, 2), (1, 3), (3, 5)])
def test_number_of_free_waits_is_settable(driver: Driver, service: Service, free: int, sent: int) -> None:
    """`max_asked_waits` says how many."""
    service.will(*[LIMITED] * 20)

    with pytest.raises(RateLimitedError):
        driver.client(service.url, retry=policy(max_attempts=2, max_asked_waits=free)).page()

    assert len(service.requests) == sent


def test_free_waits_leave_the_attempts_to_failures(driver: Driver, service: Service, clock: Clock) -> None:
    """A call that waited as asked still has all its attempts, and its own waits begin where they would have."""
    service.will(LIMITED, LIMITED, *[DOWN] * 9)

    with pytest.raises(ServerError, match="sent 7 times"):
        driver.client(service.url, clock=clock).page()

    assert clock.waits == [1, 1, 0.25, 0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    "reply", [LIMITED, DOWN, Answer(lost="closed"), answer({}, 429), answer({}, 429, Retry_After="0")]
)
def test_single_attempt_is_never_sent_again(driver: Driver, service: Service, reply: Answer) -> None:
    """With `max_attempts=1` not even a wait that the service asks for is followed by another attempt."""
    service.will(reply)

    outcomes = Crowd(driver.client(service.url, retry=policy(max_attempts=1)), 1).join()

    assert not isinstance(outcomes[0], Page)
    assert "(sent 1 time; no attempt was left" in str(outcomes[0])
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: RetryPolicy(budget=-1),
        lambda: RetryPolicy(max_attempts=0),
        lambda: RetryPolicy(max_asked_waits=-1),
        lambda: RetryPolicy(first_wait=-0.1),
        lambda: RetryPolicy(longest_hint=-1),
        lambda: RetryPolicy(longest_wait=float("nan")),
        lambda: Timeouts(attempt=float("inf")),
        lambda: Timeouts(call=float("nan")),
        lambda: Timeouts(call="5"),  # type: ignore[arg-type]
        lambda: Timeouts(connect=True),
        lambda: RetryPolicy(max_attempts=2.5),  # type: ignore[arg-type]
        lambda: RetryPolicy(first_wait=None),  # type: ignore[arg-type]
    ],
)
def test_setting_that_makes_no_sense_is_refused(wrong: Callable[[], object]) -> None:
    """Negative, zero and endless settings are mistakes."""
    with pytest.raises(ConfigurationError, match=r"(retry|timeouts)\..*; give "):
        wrong()


def test_budget_holds_no_more_than_its_size() -> None:
    """What is given back to a full budget is lost."""
    budget = Budget(1)
    budget.give_back()

    assert [budget.take(), budget.take()] == [True, False]
    budget.give_back()
    assert budget.take()
