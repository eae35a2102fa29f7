"""The life of a client: closing, event loops, cancellation, the real clock."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import (
    AsyncFaceAuditClient,
    ClientClosedError,
    ConfigurationError,
    FaceAuditClient,
    RetryPolicy,
)
from face_audit._runtime.http import connections

from .conftest import KEY, NOON, origin_of
from .servers import SESSION, Answer, Service, answer, entries
from .wires import Crowd, Wire, eventually

if TYPE_CHECKING:
    from .conftest import Client, Driver


def test_closed_client_is_refused_and_says_so(driver: Driver, service: Service) -> None:
    """After `close()` nothing is sent; closing twice does nothing."""
    client = driver.client(service.url)
    walk = client.walk()
    client.close()
    client.close()

    for use in (client.page, client.list, client.enter, walk.take):
        with pytest.raises(ClientClosedError, match="was closed; make a new client"):
            use()

    assert service.requests == []


def test_with_block_closes_the_client(driver: Driver, service: Service) -> None:
    """A client is open within its block, and closed after it."""
    client = driver.client(service.url)

    client.enter()
    page = client.page()
    client.leave()

    assert page.items == ()
    with pytest.raises(ClientClosedError):
        client.page()


def test_async_client_of_another_event_loop_is_refused(service: Service) -> None:
    """Connections belong to one event loop: in a second one the client says so before it sends."""
    client = AsyncFaceAuditClient(KEY, endpoint=service.url)
    asyncio.run(_page(client))

    with pytest.raises(ConfigurationError, match="event loop"):
        asyncio.run(_page(client))

    assert len(service.requests) == 1


def test_cancelled_async_call_stops_at_once(service: Service) -> None:
    """Cancellation passes through, is not retried, and leaves the client usable."""
    service.will(Answer(status=503))

    async def cancel() -> list[str]:
        client = AsyncFaceAuditClient(KEY, endpoint=service.url, retry=RetryPolicy(first_wait=20, random=lambda: 1.0))
        async with client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(_page(client), timeout=0.2)
            service.will(entries("1"))
            return [entry.id for entry in (await _page(client)).items]

    found = asyncio.run(cancel())

    assert found == ["1"]
    assert len(service.requests) == 2


def test_real_clock_sleeps_and_is_aware(service: Service) -> None:
    """Without a test's clock, waits are real and dates are compared with the present."""
    service.will(Answer(status=503), answer({}, 429, Retry_After="Mon, 01 Apr 2024 12:00:00 GMT"))

    with FaceAuditClient(KEY, endpoint=service.url, retry=RetryPolicy(first_wait=0.001)) as client:
        page = client.audit_entries.list_page(SESSION)
        now = client._settings.clock.now()

    assert [attempt.status for attempt in page.attempts] == [503, 429, 200]
    assert now > NOON


async def _page(client: AsyncFaceAuditClient) -> Any:
    return await client.audit_entries.list_page(SESSION)


def test_closing_ends_calls_that_wait_for_their_answer(driver: Driver) -> None:
    """A call whose client is closed ends at once, in its thread or task, and is not sent again."""
    with Wire(lambda line: line.hold()) as wire:
        client = driver.client(wire.url)
        crowd = Crowd(client, 2)
        eventually(lambda: wire.accepted == 2)
        threading.Event().wait(0.02)
        began = time.monotonic()
        close_beside(client)
        outcomes = crowd.join()

    assert [type(one) for one in outcomes] == [ClientClosedError] * 2
    assert time.monotonic() - began < 2
    assert wire.accepted == 2


def test_closing_lets_nobody_in_who_waited_for_a_place(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that waited for a place when the client was closed send nothing, and no connection is opened for them."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 1)
    with Wire(lambda line: line.hold()) as wire:
        client = driver.client(wire.url)
        crowd = Crowd(client, 3)
        eventually(lambda: wire.accepted == 1)
        threading.Event().wait(0.02)
        close_beside(client)
        outcomes = crowd.join()
        eventually(lambda: wire.open == 0)

    assert [type(one) for one in outcomes] == [ClientClosedError] * 3
    assert wire.accepted == 1
    assert origin_of(client.made)._connections._all == set()


def close_beside(client: Client) -> None:
    """Close it from another thread, or in a task of its loop."""
    if client._runner is None:
        client.close()
    else:
        asyncio.run_coroutine_threadsafe(client.made.aclose(), client._runner.get_loop()).result(5)
