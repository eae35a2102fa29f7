"""Rules of connections that no listing shows by itself."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit import ConfigurationError, ConnectError, RetryPolicy, Timeouts

from .conftest import origin_of
from .test_public_transport import Asking

if TYPE_CHECKING:
    from .conftest import Driver
    from .servers import Service

ONCE = RetryPolicy(max_attempts=1)


def test_answer_that_is_closed_twice_gives_its_place_back_once(driver: Driver, service: Service) -> None:
    """Closing an answer again does nothing."""
    asking = Asking(driver, service.url)
    stream = asking.client.build_request("GET", service.url)
    if driver.runner is None:
        answer = asking.client.send(stream, stream=True)
        for _ in range(2):
            answer.stream.close()
    else:
        answer = driver.runner.run(asking.client.send(stream, stream=True))
        for _ in range(2):
            driver.runner.run(answer.stream.aclose())

    assert asking.transport._pool._origin._room._value == 100


def test_callers_client_after_a_fork_is_refused(
    driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool that a fork has copied would mix the answers of both processes."""
    transport: Any = httpx.HTTPTransport() if driver.runner is None else httpx.AsyncHTTPTransport()
    client = driver.client(service.url, http_client=driver.http_client(transport))
    client.page()
    monkeypatch.setattr(os, "getpid", lambda: -1)

    with pytest.raises(ConfigurationError, match="http_client: was used before a fork"):
        client.page()

    assert len(service.requests) == 1


def test_transport_that_was_closed_stays_closed_after_a_fork(
    driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child may not send over a transport that its parent has closed."""
    asking = Asking(driver, service.url)
    member = asking.transport._pool._origin
    member._connections.take()
    asking.close()
    monkeypatch.setattr(os, "getpid", lambda: -1)

    member._require_own_process()

    assert member._connections.closed


def test_connection_that_is_being_opened_is_left_to_the_parent(
    driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child starts with no connection, although its parent was opening one."""
    client = driver.client(service.url)
    member = origin_of(client.made)
    member._connections.take()
    monkeypatch.setattr(os, "getpid", lambda: -1)

    client.page()

    assert len(origin_of(client.made)._connections._all) == 1


def test_all_addresses_silent_or_refused_end_at_the_limit(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that refuses leaves the one before it, which is silent, all of the time."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        place = silent.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(place)
        found = [(socket.AF_INET, 1, 6, "", place), (socket.AF_INET, 1, 6, "", ("127.0.0.1", 1))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        client = driver.client("http://localhost:80", retry=ONCE, timeouts=Timeouts(connect=0.5))
        with pytest.raises(ConnectError, match="not in time"):
            client.page()
        for one in waiting:
            one.close()


def test_address_that_cannot_be_tried_is_passed_over(
    driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that the system refuses at once costs no time."""
    port = int(service.url.rpartition(":")[2])
    found = [(socket.AF_INET, 1, 6, "", ("255.255.255.255", 1)), (socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    page = driver.client("http://localhost:80", retry=ONCE).page()

    assert page.raw == b"[]"
