"""pytest-httpx answers for the default clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from face_audit import TransportError

from ..client.conftest import KEY
from ..client.servers import PATH, entries
from .conftest import CANARY, secret, trace

if TYPE_CHECKING:
    from pytest_httpx import HTTPXMock

    from ..client.conftest import Clock, Driver
    from ..client.servers import Service
    from .conftest import Early


@pytest.fixture
def mocked(early: Early, request: pytest.FixtureRequest) -> HTTPXMock:
    """The mock, which begins after a client was used if `early` says so."""
    begun: HTTPXMock = request.getfixturevalue("httpx_mock")
    return begun


def test_response_answers_in_place_of_the_service(early: Early, service: Service, mocked: HTTPXMock) -> None:
    """A response is given to a default client, and the service gets nothing."""
    # pytest-httpx compares names as they are sent, which is in lower case.
    mocked.add_response(url=service.url + PATH, match_headers={"ocp-apim-subscription-key": KEY}, json=entries("7"))

    page = early.client().page()

    assert [one.id for one in page.items] == ["7"]
    assert [str(one.url) for one in mocked.get_requests()] == [service.url + PATH]
    assert service.requests == []


def test_stopped_mock_leaves_the_client_to_the_service(
    early: Early, service: Service, monkeypatch: pytest.MonkeyPatch, mocked: HTTPXMock
) -> None:
    """A client that was mocked reaches the service once the mock is stopped."""
    mocked.add_response(json=entries("7"))
    client = early.client()
    client.page()
    monkeypatch.undo()  # what stops the mock at the end of a test
    service.will(entries("8"))

    page = client.page()

    assert [one.id for one in page.items] == ["8"]
    assert len(service.requests) == 1


def test_listing_runs_through_the_responses(driver: Driver, service: Service, httpx_mock: HTTPXMock) -> None:
    """Responses may tell the pages of a listing apart by their cursors."""
    httpx_mock.add_response(url=service.url + PATH, json=entries("9"))
    httpx_mock.add_response(url=f"{service.url}{PATH}?start=9", json=entries("8"))
    httpx_mock.add_response(url=f"{service.url}{PATH}?start=8", json=[])

    found = driver.client(service.url).list()

    assert [one.id for one in found] == ["9", "8"]
    assert service.requests == []


def test_mocked_failures_are_retried(driver: Driver, service: Service, httpx_mock: HTTPXMock) -> None:
    """A status and a network error of the mock are handled as those of a service."""
    httpx_mock.add_response(status_code=503)
    httpx_mock.add_exception(httpx.ReadTimeout("too slow"))
    httpx_mock.add_response(json=entries("7"))

    page = driver.client(service.url).page()

    assert [attempt.status for attempt in page.attempts] == [503, None, 200]
    assert [one.id for one in page.items] == ["7"]


@pytest.mark.httpx_mock(assert_all_requests_were_expected=False)
def test_unexpected_request_is_named_and_not_retried(
    early: Early, service: Service, clock: Clock, mocked: HTTPXMock
) -> None:
    """What pytest-httpx says about a request without a response is in the error's text, after one attempt."""
    text = f"cannot be sent .No response can be found for GET request on {service.url}{PATH}"

    with pytest.raises(TransportError, match=text) as caught:
        early.client().page()

    assert len(caught.value.attempts) == len(mocked.get_requests()) == 1
    assert isinstance(caught.value.__cause__, httpx.TimeoutException)
    assert clock.waits == []
    assert service.requests == []


@pytest.mark.httpx_mock(assert_all_requests_were_expected=False)
def test_error_for_an_unexpected_request_shows_no_key(driver: Driver, service: Service, httpx_mock: HTTPXMock) -> None:
    """Its traceback with locals does not hold the key."""
    with pytest.raises(TransportError) as caught:
        driver.client(service.url, key=secret).page()

    assert CANARY not in trace(caught.value)


@pytest.mark.httpx_mock(should_mock=lambda request: False)
def test_request_that_is_not_mocked_reaches_the_service(
    driver: Driver, service: Service, httpx_mock: HTTPXMock
) -> None:
    """With `should_mock`, other requests go to the service, with their key."""
    service.will(entries("7"))

    page = driver.client(service.url).page()

    assert [one.id for one in page.items] == ["7"]
    assert service.requests[0].headers["ocp-apim-subscription-key"] == KEY
