"""Connections: time limits on the clock, addresses, reuse, cancellation, and what they leave open."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpcore
import pytest
from face_audit import (
    AsyncFaceAuditClient,
    AttemptTimeoutError,
    ClientClosedError,
    ConnectError,
    ConnectionLostError,
    FaceAuditError,
    IncompleteBodyError,
    Page,
    PoolExhaustedError,
    RetryPolicy,
    Timeouts,
    WrongEventLoopError,
)
from face_audit._runtime.http import connections
from face_audit._runtime.http.async_sockets import AsyncSockets
from face_audit._runtime.http.connections import Connections
from face_audit._runtime.http.deadline import Deadline
from face_audit._runtime.http.sockets import Address, BlockingSockets, run
from face_audit._runtime.operation import Operation
from face_audit._runtime.requests import bodies
from face_audit._runtime.values import scalars

from .conftest import KEY, Client, Driver, origin_of
from .servers import SESSION, Service, answer, entries
from .wires import EMPTY, Crowd, Wire, eventually, ok

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .wires import Line

ONCE = RetryPolicy(max_attempts=1)
TWICE = RetryPolicy(max_attempts=2, random=lambda: 0.5)
CANARY = "canary0123456789abcdef"


def secret() -> str:
    """The key, which no variable of a test holds."""
    return CANARY


def quick(driver: Driver, url: str, **settings: Any) -> Client:
    """A client whose only attempt takes a fifth of a second at most."""
    arguments: dict[str, Any] = {"retry": ONCE, "timeouts": Timeouts(attempt=0.2)} | settings
    return driver.client(url, **arguments)


def failure(client: Client) -> tuple[FaceAuditError, float]:
    """The error of a call, and the seconds that it took."""
    began = time.monotonic()
    with pytest.raises(FaceAuditError) as caught:
        client.page()
    return caught.value, time.monotonic() - began


def descriptors() -> int:
    """How many files and sockets this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what the system's resolver finds for any name: addresses, or an error that it raises."""

    def set_them(*found: tuple[str, int] | Exception) -> None:
        def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
            if found and isinstance(found[0], Exception):
                raise found[0]
            family = socket.AF_INET
            return [(one[2] if len(one) > 2 else family, 1, 6, "", one[:2]) for one in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return set_them


@pytest.fixture
def full() -> Iterator[tuple[str, int]]:
    """An address that takes no connection and refuses none: its backlog is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        place = listener.getsockname()
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(place)
            waiting.append(one)
        yield place
        for one in waiting:
            one.close()


@pytest.mark.parametrize("begun", [b"", ok(b"[" + b" " * 900 + b"]").partition(b"[")[0]], ids=["head", "body"])
def test_byte_now_and_then_ends_at_the_limit(driver: Driver, begun: bytes) -> None:
    """A service that sends a byte now and then does not outlast the attempt's limit, in head or body."""
    rest = b"[" + b" " * 900 + b"]" if begun else b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 900

    def trickle(line: Line) -> None:
        line.receive()
        line.send(begun)
        line.trickle(rest)

    with Wire(trickle) as wire:
        error, took = failure(quick(driver, wire.url))

    assert type(error) is AttemptTimeoutError
    assert "no complete answer within 0.2 s" in str(error)
    assert ("of 902 bytes" if begun else "0 of unknown bytes") in str(error)
    assert 0.19 < took < 1


def test_service_that_takes_the_request_only_ends_at_the_limit(driver: Driver) -> None:
    """No answer at all."""
    with Wire(lambda line: line.hold()) as wire:
        error, took = failure(quick(driver, wire.url))

    assert type(error) is AttemptTimeoutError
    assert took < 1


def test_service_that_reads_nothing_ends_at_the_limit(driver: Driver) -> None:
    """A request that cannot be sent ends at the limit, too."""
    release = threading.Event()
    with Wire(lambda line: bool(release.wait(5))) as wire:
        client = quick(driver, wire.url)
        began = time.monotonic()
        with pytest.raises(AttemptTimeoutError):
            client.send(POST.call({}, "x" * 20_000_000))
        took = time.monotonic() - began
        release.set()

    assert took < 2


def test_connecting_ends_at_its_own_limit(driver: Driver, full: tuple[str, int]) -> None:
    """Where nobody takes the connection, `timeouts.connect` ends it."""
    client = quick(driver, f"http://127.0.0.1:{full[1]}", timeouts=Timeouts(connect=0.1))

    error, took = failure(client)

    assert type(error) is ConnectError
    assert f"no connection to '127.0.0.1:{full[1]}'" in str(error)
    assert took < 1


def test_time_to_connect_is_an_option_of_some_calls(driver: Driver, full: tuple[str, int]) -> None:
    """A client with other timeouts connects within its own, shorter or longer than the first one's."""
    client = quick(driver, f"http://127.0.0.1:{full[1]}", timeouts=Timeouts(connect=0.5))
    shorter, longer = (client.made.with_options(timeouts=Timeouts(connect=limit)) for limit in (0.05, 0.7))

    times = [failure(Client(one, client._runner))[1] for one in (shorter, longer)]

    assert times[0] < 0.5
    assert times[1] >= 0.7


def test_connecting_ends_at_the_limit_of_the_attempt(driver: Driver, full: tuple[str, int]) -> None:
    """An attempt's limit holds while it connects, too."""
    client = quick(driver, f"http://127.0.0.1:{full[1]}", timeouts=Timeouts(connect=5, attempt=0.1))

    error, took = failure(client)

    assert type(error) is ConnectError
    assert took < 1


def test_second_address_is_tried_where_the_first_refuses(
    driver: Driver, service: Service, addresses: Callable[..., None]
) -> None:
    """All addresses of a host are tried in their order."""
    port = int(service.url.rpartition(":")[2])
    addresses(("127.0.0.1", 1), ("127.0.0.1", 2), ("127.0.0.1", port))

    page = driver.client("http://localhost:80").page()

    assert page.items == ()
    assert len(page.attempts) == 1


def test_second_address_is_tried_where_the_first_is_silent(
    driver: Driver, service: Service, addresses: Callable[..., None], full: tuple[str, int]
) -> None:
    """An address that does not answer leaves time for those after it."""
    port = int(service.url.rpartition(":")[2])
    addresses(full, ("127.0.0.1", port))

    page = quick(driver, "http://localhost:80", timeouts=Timeouts(attempt=1, connect=0.4)).page()

    assert page.items == ()


def test_family_that_the_machine_lacks_is_passed_over(
    driver: Driver, service: Service, addresses: Callable[..., None]
) -> None:
    """An address for which no socket can be made does not end the attempt."""
    port = int(service.url.rpartition(":")[2])
    addresses(("nowhere", 1, 9999), ("127.0.0.1", port))

    page = driver.client("http://localhost:80", retry=ONCE).page()

    assert page.items == ()


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ([], "the name has no address"),
        ([socket.gaierror(-2, "Name or service not known")], "Name or service not known"),
        ([("127.0.0.1", 1), ("127.0.0.1", 2)], "refused"),
    ],
)
def test_host_that_cannot_be_reached_is_named(
    driver: Driver, addresses: Callable[..., None], found: list[Any], text: str
) -> None:
    """The error names the host and the cause, and says what to check."""
    addresses(*found)

    error, _ = failure(driver.client("http://localhost:99"))

    assert type(error) is ConnectError
    assert text in str(error)
    assert "localhost:99" in str(error)
    assert "check region or endpoint" in str(error)
    assert len(error.attempts) == 5


def test_all_silent_addresses_share_the_time(
    driver: Driver, addresses: Callable[..., None], full: tuple[str, int]
) -> None:
    """However many addresses a host has, connecting ends at its limit."""
    addresses(full, full, full)

    error, took = failure(quick(driver, "http://localhost:80", timeouts=Timeouts(connect=0.2)))

    assert type(error) is ConnectError
    assert took < 1


def test_connection_is_kept_for_the_next_call(driver: Driver, service: Service) -> None:
    """Calls one after another use one connection."""
    client = driver.client(service.url)
    for _ in range(5):
        client.page()

    assert len({request.port for request in service.requests}) == 1


@pytest.mark.parametrize("ending", ["close", "header"])
def test_connection_that_the_server_closed_is_not_used_again(driver: Driver, ending: str) -> None:
    """A kept connection that ended while idle costs no attempt."""

    def once(line: Line) -> None:
        line.receive()
        line.send(EMPTY if ending == "close" else ok(b"[]", "Connection: close"))

    with Wire(once) as wire:
        client = driver.client(wire.url)
        client.page()
        eventually(lambda: wire.open == 0)
        settle(client)
        page = client.page()

    assert len(page.attempts) == 1
    assert wire.accepted == 2


def settle(client: Client) -> None:
    """Let the event loop, if there is one, see what has arrived."""
    if client._runner is not None:
        client._runner.run(asyncio.sleep(0.01))


def test_connection_that_waited_too_long_is_not_used_again(
    driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers and gateways forget idle connections without a word."""
    monkeypatch.setattr(connections, "_KEPT_SECONDS", 0.0)
    client = driver.client(service.url)
    client.page()
    client.page()

    assert len({request.port for request in service.requests}) == 2


def test_connections_that_stay_idle_end_too(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were needed at once only are closed, though the others are used again and again."""
    together = threading.Barrier(4)

    def meet(line: Line) -> None:
        line.receive()
        together.wait(5)
        line.send(EMPTY)
        line.answer(EMPTY)

    with Wire(meet) as wire:
        client = driver.client(wire.url)
        Crowd(client, 4).join()
        for line in origin_of(client.made)._connections._idle[:3]:
            line.expires = time.monotonic() - 1
        for _ in range(3):
            client.page()
        eventually(lambda: wire.open == 1)

    assert wire.accepted == 4


def page_of(*ids: str) -> bytes:
    """The body of a page with these entries."""
    return answer(entries(*ids)).body


POST = Operation(
    name="Things_create",
    method="POST",
    path="/things",
    success=frozenset({200}),
    empty=frozenset({204}),
    result=scalars.STRING,
    body=bodies.JSONContent("application/json", scalars.STRING),
)


def test_large_request_body_arrives_whole(driver: Driver, service: Service) -> None:
    """A body of megabytes is sent in as many pieces as it takes."""
    service.will(answer("done"))
    text = "0123456789" * 500_000

    result = driver.client(service.url).send(POST.call({}, text))

    assert result == "done"
    assert service.requests[0].body == b'"' + text.encode() + b'"'


def test_early_answer_to_a_large_body_is_read(driver: Driver) -> None:
    """A server that refuses a body before it has read it has answered nonetheless."""

    def refuse(line: Line) -> None:
        line.receive()
        line.send(ok(b"{}", "Connection: close", status=413))
        line.socket.shutdown(socket.SHUT_WR)
        line.hold()

    with Wire(refuse) as wire:
        client = driver.client(wire.url, retry=ONCE)
        with pytest.raises(FaceAuditError, match="413") as caught:
            client.send(POST.call({}, "x" * 3_000_000))

    assert [attempt.status for attempt in caught.value.attempts] == [413]


def test_large_body_to_a_server_that_resets_is_lost(driver: Driver) -> None:
    """Where the connection breaks while the request is sent, nothing came of it."""

    def refuse(line: Line) -> None:
        line.receive()
        line.reset()

    with Wire(refuse) as wire:
        client = driver.client(wire.url)
        with pytest.raises(ConnectionLostError) as caught:
            client.send(POST.call({}, "x" * 20_000_000))

    assert len(caught.value.attempts) == 1  # a POST is not repeated


@pytest.mark.parametrize("size", [10, 300_000, 3_000_000])
def test_large_answer_is_read_whole(driver: Driver, size: int) -> None:
    """Answers larger than any buffer arrive whole."""
    text = b"[" + b" " * size + b"]"

    with Wire(lambda line: line.answer(ok(text))) as wire:
        client = driver.client(wire.url)
        pages = [client.page(), client.page()]

    assert [page.raw for page in pages] == [text, text]
    assert wire.accepted == 1


def test_answer_that_ends_with_its_connection_is_read_whole(driver: Driver) -> None:
    """A body without a length ends where the server closes (RFC 9112, 6.3)."""

    def old(line: Line) -> None:
        line.receive()
        line.send(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[ ]")

    with Wire(old) as wire:
        client = driver.client(wire.url)
        pages = [client.page(), client.page()]

    assert [page.raw for page in pages] == [b"[ ]", b"[ ]"]


def test_reset_in_the_body_is_tried_again(driver: Driver) -> None:
    """A connection that breaks within a body is a passing failure."""
    sent = threading.Event()

    def reset(line: Line) -> None:
        line.receive()
        line.send(ok(page_of("7"))[:-5])
        sent.wait(0.05)
        line.reset()

    with Wire(reset, lambda line: line.answer(ok(page_of("7")))) as wire:
        page = driver.client(wire.url).page()

    assert [one.id for one in page.items] == ["7"]
    assert "the body ended after" in page.attempts[0].reason


def test_what_is_no_http_is_lost(driver: Driver) -> None:
    """A server of another protocol has not answered."""
    with Wire(lambda line: line.answer(b"220 mail ready\r\n\r\n")) as wire:
        error, _ = failure(driver.client(wire.url, retry=ONCE))

    assert isinstance(error, ConnectionLostError)


def test_interim_answer_is_passed_over(driver: Driver) -> None:
    """What comes before the answer (1xx) is not the answer."""
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"

    with Wire(lambda line: line.answer(interim + ok(page_of("7")))) as wire:
        page = driver.client(wire.url).page()

    assert [one.id for one in page.items] == ["7"]


def test_switch_of_protocol_is_no_answer(driver: Driver) -> None:
    """Nobody asked for another protocol (101)."""
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"

    with Wire(lambda line: line.answer(switch)) as wire:
        error, took = failure(quick(driver, wire.url))

    assert isinstance(error, FaceAuditError)
    assert took < 1


def test_all_connections_in_use_is_an_error_of_its_own(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many calls at a time have an error of their own; a connection that is free again is used."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 2)
    release = threading.Event()

    def wait(line: Line) -> None:
        line.receive()
        release.wait(5)
        line.send(EMPTY)
        line.answer(EMPTY)

    with Wire(wait) as wire:
        client = driver.client(wire.url, retry=ONCE)
        calls = [client.made.audit_entries.list_page] * 2

        def hurry() -> None:
            client.made._settings = client.made._settings._replace(timeouts=Timeouts(attempt=0.1))

        async def crowd() -> tuple[list[Any], list[Any]]:
            early = [asyncio.create_task(call(SESSION)) for call in calls]
            while wire.accepted < 2:  # noqa: ASYNC110  # another thread counts
                await asyncio.sleep(0)
            hurry()
            late = await asyncio.gather(*(call(SESSION) for call in calls), return_exceptions=True)
            release.set()
            return await asyncio.gather(*early), late

        if client._runner is None:
            first = Crowd(client, 2)
            eventually(lambda: wire.accepted == 2)
            hurry()
            late = Crowd(client, 2).join()
            release.set()
            early = first.join()
        else:
            early, late = client._runner.run(crowd())
        later = client.page()

    assert [type(outcome) for outcome in late] == [PoolExhaustedError] * 2
    assert "connections of this client are in use; make fewer calls at a time" in str(late[0])
    assert [page.raw for page in [*early, later]] == [b"[]"] * 3
    assert wire.accepted == 2


def test_calls_beyond_the_limit_wait_for_their_turn(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """More calls than connections are only slower."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 3)
    with Wire(lambda line: line.answer(EMPTY)) as wire:
        outcomes = Crowd(driver.client(wire.url), 30).join()

    assert all(isinstance(outcome, Page) for outcome in outcomes)
    assert wire.accepted <= 3


def test_closing_ends_the_connections(driver: Driver) -> None:
    """After `close()` the server sees no connection, and nothing is sent."""
    with Wire(lambda line: line.answer(EMPTY)) as wire:
        client = driver.client(wire.url)
        client.page()
        client.close()
        settle(client)
        eventually(lambda: wire.open == 0)
        with pytest.raises(ClientClosedError):
            client.page()

    assert wire.accepted == 1


def test_client_that_is_closed_during_a_call_says_so(driver: Driver) -> None:
    """A call whose client is closed meanwhile ends with a typed error, and is not sent again."""
    asked, closed = threading.Event(), threading.Event()

    def wait(line: Line) -> None:
        line.receive()
        asked.set()
        closed.wait(5)
        line.send(b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n")

    with Wire(wait) as wire:
        client = driver.client(wire.url)
        crowd = Crowd(client, 1)
        asked.wait(5)
        if client._runner is None:
            client.close()
        else:
            asyncio.run_coroutine_threadsafe(client.made.aclose(), client._runner.get_loop()).result(5)
        closed.set()
        outcomes = crowd.join()

    assert type(outcomes[0]) is ClientClosedError
    assert wire.accepted == 1


def test_closing_in_a_second_event_loop_is_refused(service: Service) -> None:
    """Connections of another loop cannot be closed from this one; the error says so."""
    client = AsyncFaceAuditClient(KEY, endpoint=service.url)

    async def use() -> None:
        await client.audit_entries.list_page(SESSION)

    asyncio.run(use())
    with pytest.raises(WrongEventLoopError, match="in each loop"):
        asyncio.run(client.aclose())
    with pytest.raises(ClientClosedError):
        asyncio.run(use())


def test_many_threads_and_tasks_get_their_own_answers(driver: Driver, service: Service) -> None:
    """64 calls at once: every one gets an answer, over connections that are used again."""
    client = driver.client(service.url)

    outcomes = Crowd(client, 64).join() + Crowd(client, 64).join()

    assert all(isinstance(outcome, Page) for outcome in outcomes)
    assert len(service.requests) == 128
    assert len({request.port for request in service.requests}) <= 64


CHUNKS = [EMPTY[:10], EMPTY[10:60], EMPTY[60:-1], EMPTY[-1:]]


@pytest.mark.parametrize("first", range(0, 45, 9))
def test_cancellation_anywhere_leaves_nothing_behind(first: int) -> None:
    """A task that is cancelled after any number of steps is not sent again, and leaves no socket, task or place."""

    def serve(line: Line) -> None:
        while line.receive():
            for chunk in CHUNKS:
                line.send(chunk)

    async def run(url: str) -> list[Any]:
        async with AsyncFaceAuditClient(secret, endpoint=url) as client:
            await client.audit_entries.list_page(SESSION)
            outcomes = []
            wire = origin_of(client)
            for steps in range(first, first + 9):
                task, other = (asyncio.create_task(client.audit_entries.list_page(SESSION)) for _ in range(2))
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                outcomes += await asyncio.gather(task, return_exceptions=True)
                await other
                assert wire._room._value == connections.MOST_CONNECTIONS
                assert len(wire._connections._all) == len(wire._connections._idle)
                assert len(asyncio.all_tasks()) == 1
        return outcomes

    before = descriptors()
    with Wire(serve) as wire:
        outcomes = asyncio.run(run(wire.url))
        eventually(lambda: wire.open == 0)

    assert all(isinstance(outcome, (Page, asyncio.CancelledError)) for outcome in outcomes)
    assert not any(CANARY in shown(outcome) for outcome in outcomes if isinstance(outcome, BaseException))
    eventually(lambda: descriptors() <= before)


def test_second_cancellation_while_the_first_is_cleaned_up_leaves_nothing_behind() -> None:
    """Not even a task that is cancelled at every step from some moment on keeps a connection."""

    async def run(url: str) -> None:
        async with AsyncFaceAuditClient(KEY, endpoint=url) as client:
            for steps in range(40):
                task = asyncio.create_task(client.audit_entries.list_page(SESSION))
                for _ in range(steps):
                    await asyncio.sleep(0)
                while not task.done():
                    task.cancel()
                    await asyncio.sleep(0)
                await asyncio.gather(task, return_exceptions=True)
            wire = origin_of(client)
            assert wire._room._value == connections.MOST_CONNECTIONS
            assert len(wire._connections._all) == len(wire._connections._idle)
            await client.audit_entries.list_page(SESSION)

    with Wire(lambda line: line.answer(EMPTY)) as server:
        asyncio.run(run(server.url))


def shown(error: BaseException) -> str:
    """A traceback as tools render it that show the locals of every frame."""
    trace = traceback.TracebackException(type(error), error, error.__traceback__, capture_locals=True)
    return "".join(frame for frame in trace.format() if __file__ not in frame)


@pytest.mark.parametrize("moment", ["head", "body"])
def test_cancelled_task_shows_no_key(moment: str) -> None:
    """A cancellation passes through frames that hold the request; none of them shows the key, or an echo of it."""
    asked = threading.Event()

    def echo(line: Line) -> None:
        head = line.receive()
        if moment == "body":
            line.send(ok(head + b" " * 90_000, "X-Echo: " + CANARY)[:-5])
        asked.set()
        line.hold()

    async def run(url: str) -> BaseException:
        async with AsyncFaceAuditClient(secret, endpoint=url) as client:
            task = asyncio.create_task(client.audit_entries.list_page(SESSION))
            while not asked.is_set():  # noqa: ASYNC110  # another thread sets it
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            return caught.value

    with Wire(echo) as wire:
        error = asyncio.run(run(wire.url))

    assert "list_page" in shown(error)
    assert CANARY not in shown(error)


@pytest.mark.parametrize("moment", ["head", "body"])
def test_interrupt_passes_and_shows_no_key(moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during a read is not caught, not sent again, leaves no connection, and its frames show no key."""
    reads = iter(range(100))
    receive = BlockingSockets.receive

    async def interrupt(self: Any, connected: Any, most: int, deadline: Deadline) -> bytes:
        if next(reads) == (0 if moment == "head" else 1):
            raise KeyboardInterrupt
        return await receive(self, connected, most, deadline)

    monkeypatch.setattr(BlockingSockets, "receive", interrupt)

    def echo(line: Line) -> None:
        head = line.receive()
        line.send(ok(head + b" " * 900_000, "X-Echo: " + CANARY))
        line.hold()

    driver = Driver(None)
    with Wire(echo) as wire:
        client = driver.client(wire.url, key=secret)
        with pytest.raises(KeyboardInterrupt) as caught:
            client.page()
        kept = origin_of(client.made)._connections
        eventually(lambda: wire.accepted == 1)
        eventually(lambda: wire.open == 0)
    driver.close()

    assert kept._all == set()
    assert wire.accepted == 1
    assert "list_page" in shown(caught.value)
    assert CANARY not in shown(caught.value)


def test_timeout_of_the_callers_own_passes(service: Service) -> None:
    """A caller's `asyncio.timeout` is a cancellation, and no reason to try again."""

    async def run(url: str) -> None:
        async with AsyncFaceAuditClient(KEY, endpoint=url) as client:
            async with asyncio.timeout(0.05):
                await client.audit_entries.list_page(SESSION)

    with Wire(lambda line: line.hold()) as wire:
        with pytest.raises(TimeoutError):
            asyncio.run(run(wire.url))
        eventually(lambda: wire.open == 0)

    assert wire.accepted == 1


def test_late_answers_leave_no_connection(driver: Driver) -> None:
    """What ends at its limit is closed: its answer must not meet the next request."""

    def late(line: Line) -> None:
        line.receive()
        line.hold()

    with Wire(late) as wire:
        client = quick(driver, wire.url, timeouts=Timeouts(attempt=0.05), retry=TWICE)
        error, _ = failure(client)
        settle(client)
        eventually(lambda: wire.open == 0)

    assert len(error.attempts) == 2
    assert wire.accepted == 2


def test_any_error_of_the_resolver_is_a_failed_connection(driver: Driver, addresses: Callable[..., None]) -> None:
    """Whatever the system's resolver raises is a failed connection, with its text in the error."""
    addresses(ValueError("odd"))

    error, _ = failure(driver.client("http://localhost:80", retry=ONCE))

    assert type(error) is ConnectError
    assert "odd" in str(error)


def test_cut_body_is_an_incomplete_one(driver: Driver) -> None:
    """Fewer bytes than announced are never a whole answer, however the connection ends."""

    def cut(line: Line) -> None:
        line.receive()
        line.send(ok(page_of("7"))[:-5])

    with Wire(cut) as wire:
        error, _ = failure(driver.client(wire.url, retry=ONCE))

    assert type(error) is IncompleteBodyError


def test_pool_error_is_always_safe_to_repeat() -> None:
    """Nothing was sent."""
    assert PoolExhaustedError.repeat == "always"


def test_place_that_is_freed_at_the_last_moment_is_none() -> None:
    """Calls that began together end together: the error is that of the crowd, not of a connection without time."""
    with pytest.raises(httpcore.PoolTimeout):
        Deadline(time.monotonic() + 0.5).confirm(30)


def test_peer_that_floods_leaves_the_loop_to_other_tasks() -> None:
    """What arrives faster than it is read stops no other task, and is read whole."""
    size = 8 * 1024 * 1024

    async def read() -> tuple[int, int]:
        limit, others = Deadline(time.monotonic() + 30), 0
        connected = await AsyncSockets().connect((Address(socket.AF_INET, ("127.0.0.1", wire.port)),), limit)
        ended = asyncio.Event()

        async def count() -> None:
            nonlocal others
            while not ended.is_set():
                others += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        found = 0
        while piece := await AsyncSockets().receive(connected, 64 * 1024, limit):
            time.sleep(0.001)  # noqa: ASYNC251  # the peer fills the buffer meanwhile
            found += len(piece)
        ended.set()
        await counting
        connected.close()
        return found, others

    with Wire(lambda line: line.send(b"x" * size)) as wire:
        found, others = asyncio.run(read())

    assert found == size
    assert others > 50


def test_client_that_is_closed_during_a_handshake_says_so(driver: Driver) -> None:
    """A call whose client is closed while it connects ends with a typed error, and does not connect again."""
    with Wire(lambda line: line.hold()) as wire:
        client = driver.client(f"https://127.0.0.1:{wire.port}", timeouts=Timeouts(connect=0.3))
        crowd = Crowd(client, 1)
        eventually(lambda: wire.accepted == 1)
        if client._runner is None:
            client.close()
        else:
            threading.Event().wait(0.05)
            asyncio.run_coroutine_threadsafe(client.made.aclose(), client._runner.get_loop()).result(5)
        outcomes = crowd.join()

    assert type(outcomes[0]) is ClientClosedError
    assert wire.accepted == 1


@pytest.mark.parametrize(
    "junk", [b"x" * 90_000 + b"\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"]
)
def test_answer_that_is_no_http_is_named_as_such_and_cut(driver: Driver, junk: bytes) -> None:
    """The connection was not closed: the error quotes what arrived, in a text of bounded length."""

    def babble(line: Line) -> None:
        line.receive()
        line.send(junk)
        line.hold()

    with Wire(babble) as wire:
        error, _ = failure(driver.client(wire.url, retry=ONCE))

    assert type(error) is ConnectionLostError
    assert "did not answer in HTTP/1.1" in str(error)
    assert len(str(error)) < 1000


def test_connection_of_a_closed_client_is_closed() -> None:
    """A connection that opens while its client is closed is closed with it."""
    blocking = BlockingSockets()
    kept = Connections(blocking)
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = kept.take()
        address = Address(socket.AF_INET, server.getsockname())
        connection.socket = run(blocking.connect((address,), Deadline(time.monotonic() + 5)))
        kept.close()
        with pytest.raises(httpcore.ConnectError, match="was closed"):
            kept.require_open()
        kept.put_back(connection)

    assert connection.socket.fileno() == -1
    with pytest.raises(httpcore.ConnectError):
        kept.take()
