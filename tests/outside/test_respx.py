"""respx answers for the default clients, in both of its ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import httpx
import pytest
import respx
from face_audit import ConnectError
from respx.models import AllMockedAssertionError

from ..client.conftest import KEY
from ..client.servers import PATH, entries
from .conftest import CANARY, secret, trace

if TYPE_CHECKING:
    from ..client.conftest import Clock, Driver
    from ..client.servers import Service
    from .conftest import Early

Way: TypeAlias = Literal["httpcore", "httpx"]


@pytest.fixture(params=["httpcore", "httpx"])
def using(request: pytest.FixtureRequest) -> Way:
    """What respx replaces: the pools of httpcore, which is its default, or the transports of httpx."""
    chosen: Way = request.param
    return chosen


def test_default_way_of_respx_is_tested() -> None:
    """A mock without arguments replaces the pools of httpcore."""
    assert respx.mock.using == "httpcore"


def test_route_answers_in_place_of_the_service(early: Early, service: Service, using: Way) -> None:
    """A route gets the request of a default client, and the service gets nothing."""
    with respx.mock(using=using) as mock:
        route = mock.get(service.url + PATH).respond(json=entries("7"))
        page = early.client().page()

    assert [one.id for one in page.items] == ["7"]
    assert route.call_count == 1
    assert route.calls.last.request.headers["ocp-apim-subscription-key"] == KEY
    assert service.requests == []


def test_stopped_mock_leaves_the_client_to_the_service(early: Early, service: Service, using: Way) -> None:
    """A client that was mocked reaches the service once the mock is stopped."""
    with respx.mock(using=using) as mock:
        mock.get(service.url + PATH).respond(json=entries("7"))
        client = early.client()
        client.page()
    service.will(entries("8"))

    page = client.page()

    assert [one.id for one in page.items] == ["8"]
    assert len(service.requests) == 1


def test_listing_runs_through_the_routes(driver: Driver, service: Service, using: Way) -> None:
    """Routes may tell the pages of a listing apart by their cursors."""
    pages = {"9": entries("8"), "8": []}
    with respx.mock(using=using) as mock:
        for start, page in pages.items():
            mock.get(service.url + PATH, params={"start": start}).respond(json=page)
        mock.get(service.url + PATH).respond(json=entries("9"))
        found = driver.client(service.url).list()

    assert [one.id for one in found] == ["9", "8"]
    assert service.requests == []


def test_mocked_failures_are_retried(driver: Driver, service: Service, using: Way) -> None:
    """A status and a network error of a route are handled as those of a service."""
    outcomes = [httpx.Response(503), httpx.ConnectError("down"), httpx.Response(200, json=entries("7"))]
    with respx.mock(using=using) as mock:
        mock.get(service.url + PATH).mock(side_effect=outcomes)
        page = driver.client(service.url).page()

    assert [one.id for one in page.items] == ["7"]
    assert [attempt.status for attempt in page.attempts] == [503, None, 200]
    assert "down" in page.attempts[1].reason


def test_mocked_failure_that_stays_has_its_class(driver: Driver, service: Service, using: Way) -> None:
    """A route that fails every time costs all attempts, and its error is the cause."""
    with respx.mock(using=using) as mock:
        route = mock.get(service.url + PATH).mock(side_effect=httpx.ConnectError("down"))
        with pytest.raises(ConnectError, match="down") as caught:
            driver.client(service.url).page()

    assert route.call_count == 5
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


def test_request_without_a_route_is_named_and_not_retried(
    early: Early, service: Service, clock: Clock, using: Way
) -> None:
    """What respx says about a request that no route expects comes out as itself, after one attempt."""
    with respx.mock(using=using) as mock:
        mock.get("https://other.invalid/").respond(200)
        with pytest.raises(AllMockedAssertionError, match=f"'GET', '{service.url}{PATH}'.*not mocked"):
            early.client().page()
        mock.clear()

    assert clock.waits == []
    assert service.requests == []


def test_error_of_respx_shows_no_key(driver: Driver, service: Service, using: Way) -> None:
    """Its traceback with locals does not hold the key."""
    with respx.mock(using=using), pytest.raises(AllMockedAssertionError) as caught:
        driver.client(service.url, key=secret).page()

    assert CANARY not in trace(caught.value)


def test_passed_request_reaches_the_service(driver: Driver, service: Service, using: Way) -> None:
    """A route with `pass_through()` lets the request go to the service, with its key."""
    service.will(entries("7"))
    with respx.mock(using=using) as mock:
        mock.get(service.url + PATH).pass_through()
        page = driver.client(service.url).page()

    assert [one.id for one in page.items] == ["7"]
    assert service.requests[0].headers["ocp-apim-subscription-key"] == KEY
