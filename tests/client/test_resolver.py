"""Looking up names: shared, bounded, and never in the way of an exit."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import httpcore
import pytest
from face_audit import ConnectError, RetryPolicy, Timeouts
from face_audit._runtime.http import sockets
from face_audit._runtime.http.async_sockets import AsyncSockets, wait_for
from face_audit._runtime.http.deadline import Deadline
from face_audit._runtime.http.sockets import Address, Addresses, BlockingSockets, Resolver, run

from .wires import Crowd, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Clock, Driver

FOUND = [(2, 1, 6, "", ("192.0.2.1", 443))]


def find(resolver: Resolver, host: str, port: int) -> Addresses:
    """What a call of the sync client finds."""
    limit = Deadline(time.monotonic() + 5)
    return run(resolver.find(host, port, lambda found: BlockingSockets().result_of(found, limit)))


async def find_async(resolver: Resolver, host: str, port: int) -> Addresses:
    """What a call of the async client finds."""
    limit = Deadline(time.monotonic() + 5)
    return await resolver.find(host, port, lambda found: AsyncSockets().result_of(found, limit))


class System:
    """The system's resolver, as a test wants it."""

    def __init__(self) -> None:
        """Hang until `release` is set."""
        self.asked: list[str] = []
        self.release = threading.Event()
        self.raises: BaseException | None = None

    def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        """What it finds."""
        self.asked.append(host)
        self.release.wait(10)
        if self.raises is not None:
            raise self.raises
        return FOUND


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """A resolver of the system's that hangs."""
    made = System()
    monkeypatch.setattr("socket.getaddrinfo", made.getaddrinfo)
    yield made
    made.release.set()


def test_lookup_that_hangs_ends_at_the_limit(driver: Driver, system: System, clock: Clock) -> None:
    """A resolver that does not come back takes no longer than connecting may; the name is looked up anew."""
    policy = RetryPolicy(max_attempts=3, random=lambda: 0.5)
    client = driver.client("http://localhost", clock=clock, retry=policy, timeouts=Timeouts(connect=0.05))
    began = time.monotonic()

    with pytest.raises(ConnectError, match="check region or endpoint") as caught:
        client.page()

    assert time.monotonic() - began < 1
    assert len(caught.value.attempts) == 3
    assert "localhost:80: not in time" in str(caught.value)
    assert system.asked == ["localhost"] * 3


def test_lookup_ends_at_the_limit_of_the_attempt(driver: Driver, system: System) -> None:
    """An attempt's limit holds while a name is looked up, too."""
    limits = Timeouts(connect=5, attempt=0.3)
    client = driver.client("http://localhost", retry=RetryPolicy(max_attempts=1), timeouts=limits)
    began = time.monotonic()

    with pytest.raises(ConnectError, match="no connection to 'localhost'"):
        client.page()

    assert time.monotonic() - began < 1


def test_calls_share_one_lookup(driver: Driver, system: System) -> None:
    """Many calls that begin at once ask for a name once."""
    client = driver.client(
        "http://localhost", retry=RetryPolicy(max_attempts=1), timeouts=Timeouts(connect=0.1, attempt=0.1)
    )

    outcomes = Crowd(client, 10).join()

    assert all(type(outcome) is ConnectError for outcome in outcomes)
    assert system.asked == ["localhost"]


HANGING = """
import asyncio, socket, sys, time
import face_audit
socket.getaddrinfo = lambda *_, **__: time.sleep(60)
settings = dict(key="0123456789abcdef", endpoint="http://localhost",
    retry=face_audit.RetryPolicy(max_attempts=1), timeouts=face_audit.Timeouts(connect=0.05))
async def run():
    async with face_audit.AsyncFaceAuditClient(**settings) as client:
        await client.audit_entries.list_page("session")
try:
    if sys.argv[1] == "sync":
        with face_audit.FaceAuditClient(**settings) as client:
            client.audit_entries.list_page("session")
    else:
        asyncio.run(run())
except face_audit.ConnectError:
    print("bounded")
"""


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_lookup_that_hangs_does_not_keep_the_process(kind: str) -> None:
    """The interpreter ends, and `asyncio.run` returns, while a lookup still hangs."""
    ended = subprocess.run(
        [sys.executable, "-c", HANGING, kind], capture_output=True, text=True, timeout=20, check=True
    )

    assert (ended.stdout, ended.stderr) == ("bounded\n", "")


def test_lookup_that_failed_is_made_again(system: System) -> None:
    """Neither a failure nor a result outlasts those who waited for it."""
    resolver = Resolver()
    system.release.set()
    system.raises = OSError("not now")
    with pytest.raises(httpcore.ConnectError, match="not now"):
        find(resolver, "a.example", 443)
    system.raises = None

    found = [find(resolver, "a.example", 443), asyncio.run(find_async(resolver, "a.example", 443))]

    assert found == [(Address(2, ("192.0.2.1", 443)),)] * 2
    assert system.asked == ["a.example"] * 3


@pytest.mark.parametrize("error", [SystemExit("stop"), ValueError("stop"), UnicodeError("stop"), OSError("stop")])
def test_any_error_of_a_lookup_reaches_its_callers(system: System, error: BaseException) -> None:
    """Even an error that ends its thread is reported to the callers that wait, as a failed connection."""
    system.release.set()
    system.raises = error

    with pytest.raises(httpcore.ConnectError, match="stop"):
        find(Resolver(), "a.example", 443)


def test_thread_that_cannot_be_started_leaves_no_lookup_behind(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    """Where no thread can be made, the next call does not wait for one that never ran."""
    resolver = Resolver()
    system.release.set()

    class Full(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(sockets.threading, "Thread", Full)
        with pytest.raises(httpcore.ConnectError, match="can't start"):
            find(resolver, "a.example", 443)

    assert find(resolver, "a.example", 443)


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", Address(2, ("127.0.0.1", 7))), ("::1", Address(10, ("::1", 7)))],
)
def test_address_is_not_looked_up(system: System, host: str, address: Address) -> None:
    """What is an address needs no resolver."""
    assert find(Resolver(), host, 7) == (address,)
    assert asyncio.run(find_async(Resolver(), host, 7)) == (address,)
    assert system.asked == []


def test_cancelled_task_leaves_the_lookup_to_the_others(system: System) -> None:
    """Who gives up waiting does not take the result from those who still wait."""
    resolver = Resolver()

    async def run() -> tuple[Any, Any]:
        given_up = asyncio.create_task(find_async(resolver, "a.example", 443))
        waiting = asyncio.create_task(find_async(resolver, "a.example", 443))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.sleep(0)
        system.release.set()
        return tuple(await asyncio.gather(given_up, waiting, return_exceptions=True))

    first, second = asyncio.run(run())

    assert isinstance(first, asyncio.CancelledError)
    assert second == (Address(2, ("192.0.2.1", 443)),)
    assert system.asked == ["a.example"]


def test_what_ends_after_its_loop_is_told_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """A future that ends when the loop that waited is gone disturbs nobody."""
    future: Future[int] = Future()

    async def give_up() -> None:
        async with asyncio.timeout(0.01):
            await wait_for(future)

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    future.set_result(1)

    assert caplog.records == []
    eventually(future.done)
