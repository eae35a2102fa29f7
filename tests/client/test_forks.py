"""Forks: a child with a warm client has connections and locks of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import AsyncFaceAuditClient, FaceAuditClient

from .conftest import KEY, origin_of
from .servers import SESSION, Service
from .wires import EMPTY, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Driver

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Python warns of forks beside threads, which the test's server has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def in_child(act: Callable[[], Any]) -> str:
    """The result of a forked child as text; `TimeoutError` where it hangs."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = str(act())
        except BaseException as error:  # noqa: BLE001  # the parent's test looks at it
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    ender = threading.Timer(10, os.kill, (child, 9))
    ender.start()
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    ender.cancel()
    os.waitpid(child, 0)
    return said


def ports(service: Service) -> list[int]:
    """The connections over which the requests came."""
    return [request.port for request in service.requests]


def test_child_uses_a_connection_of_its_own(service: Service) -> None:
    """The parent's warm connection is left to the parent, in both directions of time."""
    with FaceAuditClient(KEY, endpoint=service.url) as client:
        client.audit_entries.list_page(SESSION)
        said = in_child(lambda: [client.audit_entries.list_page(SESSION).raw for _ in range(2)])
        client.audit_entries.list_page(SESSION)

    first, *child, last = ports(service)
    assert said == "[b'[]', b'[]']"
    assert first == last
    assert child[0] == child[1] != first


def test_child_that_closes_its_client_leaves_the_parents_open(service: Service) -> None:
    """Closing in the child ends nothing in the parent."""
    with FaceAuditClient(KEY, endpoint=service.url) as client:
        client.audit_entries.list_page(SESSION)
        said = in_child(client.close)
        client.audit_entries.list_page(SESSION)

    assert said == "None"
    assert len(set(ports(service))) == 1


def test_child_does_not_wait_for_locks_of_the_parents_threads() -> None:
    """A thread of the parent that holds a lock at the moment of the fork does not exist in the child."""
    with Wire(lambda line: line.answer(EMPTY)) as wire, FaceAuditClient(KEY, endpoint=wire.url) as client:
        client.audit_entries.list_page(SESSION)
        brakes, connections = client._shared.brakes, origin_of(client)._connections
        with brakes.gate._lock, brakes.budget._lock, connections._lock:
            said = in_child(lambda: (client.audit_entries.list_page(SESSION).raw, client.close()))

    assert said == "(b'[]', None)"


def test_child_is_not_held_back_by_the_parents_gate() -> None:
    """A call of the parent that goes first is not there in the child, which must not wait for it."""
    with Wire(lambda line: line.answer(EMPTY)) as wire, FaceAuditClient(KEY, endpoint=wire.url) as client:
        client._shared.brakes.gate.close(0.0)
        client._shared.brakes.gate.ask(object(), 1.0)
        said = in_child(lambda: client.audit_entries.list_page(SESSION).raw)

    assert said == "b'[]'"


def test_children_at_once_get_their_own_answers(service: Service) -> None:
    """Many children of one parent share no connection."""
    with FaceAuditClient(KEY, endpoint=service.url) as client:
        client.audit_entries.list_page(SESSION)
        said = [in_child(lambda: client.audit_entries.list_page(SESSION).raw) for _ in range(5)]

    assert said == ["b'[]'"] * 5
    assert len(set(ports(service))) == 6


ASYNC = """
import asyncio, os, sys, warnings
import face_audit
warnings.simplefilter("ignore")
client = face_audit.AsyncFaceAuditClient("0123456789abcdef", endpoint=sys.argv[1])
async def page():
    return (await client.audit_entries.list_page("session")).raw
async def close():
    await client.aclose()
with asyncio.Runner() as runner:
    print(runner.run(page()), flush=True)
    child = os.fork()
    if child == 0:
        asyncio.set_event_loop(None)
        asyncio._set_running_loop(None)
        print(asyncio.run(both()) if sys.argv[2] == "both" else asyncio.run(close()), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    print(runner.run(page()), flush=True)
    runner.run(close())
"""


@pytest.mark.parametrize("what", ["both", "close"])
def test_child_uses_an_async_client_in_a_loop_of_its_own(service: Service, what: str) -> None:
    """An async client that was used in the parent's loop is used, or closed, in the child's; the parent's goes on."""
    script = ASYNC.replace(
        "async def close",
        "async def both():\n    raw = await page()\n    await close()\n    return raw\nasync def close",
    )

    ended = subprocess.run(
        [sys.executable, "-c", script, service.url, what], capture_output=True, text=True, timeout=20, check=True
    )

    child = "b'[]'" if what == "both" else "None"
    assert ended.stdout.split("\n") == ["b'[]'", child, "b'[]'", ""]
    assert ended.stderr == ""
    assert ports(service)[0] == ports(service)[-1]
    assert len(set(ports(service))) == (2 if what == "both" else 1)


def test_client_in_another_process_begins_anew(
    driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the process is another than the one that made the client, connections and brakes are new."""
    client = driver.client(service.url)
    client.page()
    brakes, connections = client.made._shared.brakes, origin_of(client.made)._connections
    monkeypatch.setattr(os, "getpid", lambda: -1)

    client.page()

    assert client.made._shared.brakes is not brakes
    assert origin_of(client.made)._connections is not connections
    assert len(set(ports(service))) == 2


def test_client_that_was_never_used_may_be_closed_in_a_child(service: Service) -> None:
    """Nothing was opened, so nothing is left."""
    client = FaceAuditClient(KEY, endpoint=service.url)

    assert in_child(client.close) == "None"
    client.close()
    asyncio.run(AsyncFaceAuditClient(KEY, endpoint=service.url).aclose())
