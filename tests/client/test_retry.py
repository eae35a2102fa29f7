"""Retries: what is sent again, after how long, and what is final. The clock is the test's: nothing sleeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit import (
    APIStatusError,
    ConfigurationError,
    ConnectionLostError,
    FaceAuditError,
    IncompleteBodyError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    Timeouts,
    TransportError,
)

from .conftest import Clock
from .servers import Answer, Service, answer, entries

if TYPE_CHECKING:
    from .conftest import Driver

LIMITED = {"error": {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 26 seconds."}}
LATER = "Mon, 01 Apr 2024 13:00:09 GMT"
CHUNKED = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
BROKEN = [
    (Answer(lost="closed"), ConnectionLostError, "closed the connection before it answered"),
    (Answer(lost="reset"), ConnectionLostError, "closed the connection before it answered"),
    (Answer(body=b"[1, 2, 3]", cut_after=4), IncompleteBodyError, "the body ended after 4 of 9 bytes"),
    (Answer(headers=CHUNKED, body=b"5\r\n[1, 2", cut_after=9), IncompleteBodyError, "of unknown bytes"),
]


@pytest.mark.parametrize(("broken", "kind", "reason"), BROKEN, ids=["closed", "reset", "cut", "chunked"])
def test_broken_connection_is_tried_again(
    driver: Driver, service: Service, clock: Clock, broken: Answer, kind: type[Any], reason: str
) -> None:
    """A connection that breaks before or within an answer is a passing failure; the page tells of the attempts."""
    service.will(broken, entries("1"))

    page = driver.client(service.url, clock=clock).page()

    assert [entry.id for entry in page.items] == ["1"]
    assert [attempt.status for attempt in page.attempts] == [None if broken.lost else 200, 200]
    assert reason in page.attempts[0].reason
    assert page.attempts[0].wait == 0.25
    assert page.attempts[1].reason == "ok"
    assert clock.waits == [0.25]


@pytest.mark.parametrize(("broken", "kind", "reason"), BROKEN, ids=["closed", "reset", "cut", "chunked"])
def test_connection_that_stays_broken_raises_after_five_attempts(
    driver: Driver, service: Service, clock: Clock, broken: Answer, kind: type[Any], reason: str
) -> None:
    """The fifth failure is raised, with all attempts and the waits between them."""
    service.will(*[broken] * 6)

    with pytest.raises(TransportError, match=reason) as caught:
        driver.client(service.url, clock=clock).page()

    assert type(caught.value) is kind
    assert f"GET {service.url}" in str(caught.value)
    assert len(service.requests) == 5
    assert [attempt.wait for attempt in caught.value.attempts] == [0.25, 0.5, 1.0, 2.0, None]
    assert clock.waits == [0.25, 0.5, 1.0, 2.0]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 526])
def test_transient_status_is_tried_again(driver: Driver, service: Service, status: int) -> None:
    """These statuses pass: the next attempt may succeed."""
    service.will(Answer(status=status, body=b""), entries("1"))

    page = driver.client(service.url).page()

    assert [attempt.status for attempt in page.attempts] == [status, 200]


@pytest.mark.parametrize("status", [501, 505, 519, 527, 600, 999])
def test_other_server_errors_are_final(driver: Driver, service: Service, status: int) -> None:
    """These do not pass."""
    service.will(Answer(status=status, body=b""))

    with pytest.raises(ServerError) as caught:
        driver.client(service.url).page()

    assert caught.value.status_code == status
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (answer(LIMITED, 429), 26.0),
        (answer({}, 429, Retry_After="7"), 7.0),
        (answer({}, 429, Retry_After="0"), 0.0),
        (answer({}, 503, Retry_After="3"), 3.0),
        (answer(LIMITED, 429, Retry_After="120"), 120.0),
        (answer({}, 429, Retry_After="Mon, 01 Apr 2024 12:01:00 GMT"), 60.0),
        (answer({}, 429, Retry_After="Mon, 01 Apr 2024 11:00:00 GMT"), 0.0),
        (answer({}, 429, Retry_After=LATER, Date="Mon, 01 Apr 2024 13:00:00 GMT"), 9.0),
        (answer({}, 429, x_ms_retry_after_ms="40"), 0.04),
        (answer({"error": {"message": "Try again in a moment, or try again in 26 seconds."}}, 429), 26.0),
    ],
)
def test_wait_that_the_service_asks_for_is_kept(
    driver: Driver, service: Service, clock: Clock, reply: Answer, wait: float
) -> None:
    """The client waits as long as the service says, and no attempt comes earlier."""
    service.will(reply, entries("1"))

    page = driver.client(service.url, clock=clock).page()

    assert clock.waits == [wait]
    assert page.attempts[0].wait == wait


@pytest.mark.parametrize(
    "junk", ["-1", "nan", "inf", "1" + "0" * 20, "1_0", "0x10", "1e1", "+1", "soon", "Mon, 99 Foo 2024", "", "5, 7"]
)
def test_junk_in_place_of_a_wait_is_ignored(driver: Driver, service: Service, clock: Clock, junk: str) -> None:
    """What is not a wait is passed over, and the client's own backoff holds."""
    service.will(answer({}, 429, Retry_After=junk, retry_after_ms=junk), entries("1"))

    driver.client(service.url, clock=clock).page()

    assert clock.waits == [0.25]


def test_wait_above_the_cap_raises_at_once(driver: Driver, service: Service, clock: Clock) -> None:
    """Longer than `longest_hint` no call sleeps: the error says how long it would have been."""
    service.will(answer({}, 429, Retry_After="121"))

    with pytest.raises(RateLimitedError) as caught:
        driver.client(service.url, clock=clock).page()

    assert caught.value.retry_after == 121
    assert clock.waits == []
    assert len(service.requests) == 1


def test_wait_past_the_deadline_raises_at_once(driver: Driver, service: Service, clock: Clock) -> None:
    """No wait begins that would end after the call's time."""
    service.will(answer({}, 429, Retry_After="15"), answer({}, 429, Retry_After="15"))
    client = driver.client(service.url, clock=clock, timeouts=Timeouts(call=20))

    with pytest.raises(RateLimitedError) as caught:
        client.page()

    assert clock.waits == [15]
    assert [attempt.wait for attempt in caught.value.attempts] == [15, None]


def test_wait_that_oversleeps_the_deadline_sends_nothing_more(driver: Driver, service: Service) -> None:
    """A machine may sleep longer than asked: past the deadline the last error is raised, and nothing is sent."""
    service.will(answer({}, 429, Retry_After="15"))
    client = driver.client(service.url, clock=Clock(late=10), timeouts=Timeouts(call=20))

    with pytest.raises(RateLimitedError) as caught:
        client.page()

    assert [attempt.wait for attempt in caught.value.attempts] == [15]
    assert len(service.requests) == 1


def test_backoff_doubles_up_to_its_limit(driver: Driver, service: Service, clock: Clock) -> None:
    """The bound of the random wait doubles until `longest_wait`."""
    service.will(*[Answer(status=503)] * 6)
    policy = RetryPolicy(max_attempts=6, first_wait=1, longest_wait=5, random=lambda: 1.0)

    with pytest.raises(ServerError):
        driver.client(service.url, clock=clock, retry=policy).page()

    assert clock.waits == [1, 2, 4, 5, 5]


def test_default_waits_are_random_below_their_bounds(driver: Driver, service: Service, clock: Clock) -> None:
    """Full jitter: a fleet of clients does not come back in step."""
    service.will(*[Answer(status=503)] * 5)

    with pytest.raises(ServerError):
        driver.client(service.url, clock=clock, retry=None).page()

    assert all(0 <= wait <= bound for wait, bound in zip(clock.waits, [0.5, 1, 2, 4], strict=True))


@pytest.mark.parametrize("setting", ["connect", "attempt", "call"])
def test_timeout_of_nought_is_refused(setting: str) -> None:
    """A time limit that lets nothing happen is a mistake."""
    with pytest.raises(ConfigurationError, match=setting):
        Timeouts(**{setting: 0})


def test_each_page_of_a_listing_is_retried_on_its_own(driver: Driver, service: Service, clock: Clock) -> None:
    """Attempts and deadline belong to one request of a listing, not to the whole of it."""
    for number in ("3", "2", "1"):
        service.will(*[Answer(status=503)] * 4, entries(number))

    pages = driver.client(service.url, clock=clock).walk().pages()

    assert [len(page.attempts) for page in pages] == [5, 5, 5, 1]


def test_error_of_a_listing_tells_of_its_attempts(driver: Driver, service: Service) -> None:
    """What a pager raises says what was sent, and why each attempt failed."""
    service.will(Answer(lost="closed"), answer({"error": {"code": "SessionNotFound", "message": "Gone."}}, 404))

    with pytest.raises(FaceAuditError) as caught:
        driver.client(service.url).list()

    assert isinstance(caught.value, APIStatusError)
    assert [attempt.status for attempt in caught.value.attempts] == [None, 404]
    assert [attempt.wait for attempt in caught.value.attempts] == [0.25, None]
    assert "Gone." in caught.value.attempts[1].reason
