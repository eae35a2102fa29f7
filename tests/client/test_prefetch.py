"""`prefetch=True`: the next page is requested while the page at hand is worked on, and nothing else changes."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import (
    AsyncFaceAuditClient,
    AttemptEvent,
    ClientClosedError,
    DecodeError,
    FaceAuditClient,
    PaginationError,
    RateLimitedError,
    RetryPolicy,
    SessionNotFoundError,
    WrongEventLoopError,
)
from face_audit._runtime.aio import prefetch as awaiting
from face_audit._runtime.pagination.pager import find_cursor, follow, guess_cursor
from face_audit._runtime.responses.pages import Listing, Page
from face_audit._runtime.sync import prefetch as blocking
from face_audit._runtime.values.scalars import Type
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import KEY, Driver
from .properties import FIXED, JSON, Listed, listings, page_of, talking_to
from .servers import SESSION, Answer, Order, Received, Service, answer, entries
from .test_forks import in_child
from .test_operations import TOKEN, token_page
from .wires import eventually

if TYPE_CHECKING:
    from .conftest import Clock, Walk

CALL = AUDIT_ENTRIES_LIST.call({"session_id": SESSION, "top": 5})


class WatchedService(Service):
    """Says when a request has come, and can hold its answer back."""

    def __init__(self, count: int, *, held: int = 0) -> None:
        """Hold back the request of this number, counted from 1, until `release` is set."""
        super().__init__(count)
        self.release = threading.Event()
        self._held = held

    def respond(self, request: Received) -> Answer:
        """What the next request gets."""
        reply = super().respond(request)
        if len(self.requests) == self._held:
            self.release.wait(10)
        return reply


class FalteringService(Service):
    """Holds back what follows one cursor, and then fails it."""

    def __init__(self, count: int, *, fails: str) -> None:
        """Answer all other requests."""
        super().__init__(count)
        self.release = threading.Event()
        self._fails = fails

    def respond(self, request: Received) -> Answer:
        """What the next request gets."""
        if request.start != self._fails:
            return super().respond(request)
        self.requests.append(request)
        self.release.wait(10)
        return Answer(status=503)


def ids(found: list[Any]) -> list[str]:
    """The ids of entries."""
    return [one.id for one in found]


def starts(service: Service) -> list[str | None]:
    """The cursor of each request."""
    return [one.start for one in service.requests]


def wait_until(driver: Driver, claim: Any) -> None:
    """Wait for what another thread or task brings about."""
    if driver.runner is None:
        eventually(claim)
    else:
        driver.runner.run(asyncio.to_thread(eventually, claim))


def close(driver: Driver, walk: Walk) -> None:
    """Close a pager."""
    if driver.runner is None:
        walk.pager.close()
    else:
        driver.runner.run(walk.pager.aclose())


def under_way(client: Any) -> bool:
    """Whether a task or a thread of a pager is."""
    threads = any("_Prefetched.run" in repr(getattr(one, "_args", "")) for one in threading.enumerate())
    return threads or bool(getattr(client.made._shared, "tasks", ()))


@pytest.mark.parametrize("order", ["newest first", "oldest first"])
@pytest.mark.parametrize("settings", [{}, {"trust_short_page": True}, {"verify": "stable"}], ids=str)
def test_same_entries_checkpoints_and_requests(driver: Driver, order: Order, settings: dict[str, Any]) -> None:
    """A listing that is read to its end is the same with prefetch, down to its requests."""
    with Service(25, order=order, longest_page=9) as plain, Service(25, order=order, longest_page=9) as service:
        without = driver.client(plain.url).walk(top=10, **settings)
        ahead = driver.client(service.url).walk(top=10, prefetch=True, **settings)
        for _ in range(26):
            assert ids(ahead.take(1)) == ids(without.take(1))
            kept = ahead.checkpoint | {"endpoint": plain.url}
            assert kept == without.checkpoint

    assert starts(service) == starts(plain)
    assert ahead.checkpoint["finished"] is True


@settings(FIXED, max_examples=60)
@given(listings(), st.none() | st.integers(1, 7), st.data())
def test_listing_comes_exactly_once(driver: Driver, listed: Listed, top: int | None, data: st.DataObject) -> None:
    """Items and pages in any mix give the whole listing in its order, and it can be resumed after any of them."""
    walk = driver.client(**listed.options()).walk(top=top, prefetch=True)
    found: list[Any] = []

    for _ in range(data.draw(st.integers(0, 3))):
        found += walk.take(data.draw(st.integers(0, 3)))
        found += [one for page in walk.pages(data.draw(st.integers(0, 1))) for one in page.items]
    rest = driver.client(**listed.options()).list(checkpoint=walk.checkpoint, prefetch=True)
    own = walk.take()

    driver.close()
    assert ids(found + rest) == ids(found + own) == listed.ids


def test_next_page_is_requested_while_the_caller_works(driver: Driver) -> None:
    """With the first entry in the caller's hands, the second page is under way, and no third one."""
    with WatchedService(30) as service:
        walk = driver.client(service.url).walk(top=10, prefetch=True)
        walk.take(1)
        wait_until(driver, lambda: len(service.requests) == 2)
        walk.take(9)
        sent = starts(service)

    assert sent == [None, "21"]


def test_next_page_is_requested_before_the_page_is_decoded(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoding holds up all threads and tasks, so the request goes out first."""
    for ahead in (blocking, awaiting):
        monkeypatch.setattr(ahead, "HEAD_START", 10)
    said: list[str] = []
    listed = Listed(["3", "2", "1"])
    was_read = threading.Event()

    def answered(request: HTTPRequest) -> HTTPResponse:
        if said:
            was_read.wait(0.3)  # times out, because it is not read yet
        said.append(f"asked {len(said)}")
        return listed.answer(request)

    def read(event: AttemptEvent) -> None:
        said.append(f"read {event.status}")
        was_read.set()

    client = driver.client(**talking_to(answered), on_event=read)
    client.walk(top=2, prefetch=True).take(1)

    assert said == ["asked 0", "asked 1", "read 200"]


def test_call_of_a_page_is_made_once(driver: Driver) -> None:
    """What was prefetched is what the pager asks for: no argument is encoded again for it."""
    encoded = list[int]()

    class Counted(Type):
        decode = encode = staticmethod(lambda value: encoded.append(value) or value)  # type: ignore[func-returns-value]

    parameters = tuple(
        one._replace(type=Counted()) if one.name == "top" else one for one in AUDIT_ENTRIES_LIST.parameters
    )
    operation = AUDIT_ENTRIES_LIST._replace(parameters=parameters)
    with Service(6) as service:
        client = driver.client(service.url)
        pager = type(client.walk().pager)(
            client.made, operation.begin({"session_id": SESSION, "top": 2}), prefetch=True
        )
        found = type(client.walk())(pager, driver.runner).take()

    assert len(found) == 6
    assert len(encoded) == len(service.requests) == 4


def test_trusted_short_page_is_not_followed_by_a_request(driver: Driver) -> None:
    """Where a short page is the end, the next request waits until the page is known to be full."""
    with Service(15) as service:
        found = driver.client(service.url).list(top=10, trust_short_page=True, prefetch=True)

    assert len(found) == 15
    assert starts(service) == [None, "6"]


def test_pages_by_token_are_requested_ahead(driver: Driver, service: Service) -> None:
    """Where pages follow by token, the request goes out once the page is decoded."""
    service.will(token_page("a", "b", token="x"), token_page(token="y"), token_page("c", token=None))
    walk = driver.client(service.url).walk_through(TOKEN, prefetch=True)

    first = walk.take(1)
    wait_until(driver, lambda: len(service.requests) == 2)
    rest = walk.take()

    assert ids(first + rest) == ["a", "b", "c"]
    assert len(service.requests) == 3


def test_error_of_the_next_page_comes_where_that_page_would(driver: Driver, service: Service) -> None:
    """What a request ahead fails with is raised after the entries before it; iterating again goes on."""
    service.will(entries("3", "2"), Answer(status=404), entries("1"), [])
    walk = driver.client(service.url).walk(prefetch=True)

    found = walk.take(2)
    wait_until(driver, lambda: len(service.requests) == 2)
    with pytest.raises(SessionNotFoundError) as caught:
        walk.take()
    found += walk.take()

    assert ids(found) == ["3", "2", "1"]
    assert caught.value.checkpoint is not None
    assert caught.value.checkpoint["cursor"] == "2"
    assert len(caught.value.attempts) == 1


def test_request_ahead_is_retried_as_any_other(driver: Driver, service: Service, clock: Clock) -> None:
    """It waits as it is told, counts its attempts, and shows them on its page."""
    limited = answer({}, 429, Retry_After="26")
    service.will(entries("3"), Answer(status=503), Answer(lost="closed"), limited, entries("2"), [])
    walk = driver.client(service.url, clock=clock).walk(prefetch=True)

    pages = walk.pages()

    assert [ids(list(page.items)) for page in pages] == [["3"], ["2"], []]
    assert [attempt.status for attempt in pages[1].attempts] == [503, None, 429, 200]
    assert clock.waits == [0.25, 0.5, 26.0]


def test_request_ahead_gives_up_as_any_other(driver: Driver, service: Service) -> None:
    """A wait that is too long is not begun; the error says so where the page would have come."""
    service.will(entries("2"), answer({}, 429, Retry_After="3600"), entries("1"), [])
    walk = driver.client(service.url).walk(prefetch=True)

    found = walk.take(1)
    with pytest.raises(RateLimitedError) as caught:
        walk.take()

    assert ids(found) == ["2"]
    assert caught.value.retry_after == 3600


def test_malformed_page_gives_up_what_was_requested_behind_it(driver: Driver) -> None:
    """A page that is refused is refused as ever; the page after it is requested anew."""
    malformed = [page_of([*entries("4"), {"id": "3", "sessionId": 5}, *entries("2")])]
    listed = Listed(["4", "3"])

    def answered(request: HTTPRequest) -> HTTPResponse:
        honest = listed.answer(request)
        return malformed.pop() if listed.requests[-1] is None and malformed else honest

    walk = driver.client(**talking_to(answered)).walk(prefetch=True)
    with pytest.raises(DecodeError) as caught:
        walk.take()
    found = walk.take()

    assert caught.value.place == "/1/sessionId"
    assert ids(found) == ["4", "3"]


@pytest.mark.parametrize("cursor", ["2", "3"])
def test_page_that_contradicts_is_fetched_once_more(driver: Driver, cursor: str) -> None:
    """A stale page heals or is refused as without prefetch, even if it was requested ahead a second time."""
    stale = [page_of([{"id": "3"}])] * (2 if cursor == "2" else 3)
    listed = Listed(["3", "2", "1"], caps=[1])

    def answered(request: HTTPRequest) -> HTTPResponse:
        honest = listed.answer(request)
        return stale.pop() if listed.requests[-1] == cursor and stale else honest

    walk = driver.client(**talking_to(answered)).walk(prefetch=True)
    found = walk.take(4 - int(cursor))
    with pytest.raises(PaginationError, match="id '3'"):
        walk.take()
    found += walk.take()

    assert ids(found) == ["3", "2", "1"]


def test_wrong_guess_is_thrown_away(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the end of the bytes seemed to say is verified: a page that does not follow is never handed over."""
    for ahead in (blocking, awaiting):
        monkeypatch.setattr(ahead, "guess_cursor", lambda call, body: "2")
    with Service(6) as service:
        found = driver.client(service.url).list(top=2, prefetch=True)

    assert ids(found) == ["6", "5", "4", "3", "2", "1"]
    assert {"5", "3", "1"} < set(starts(service))


def test_wrong_guess_is_given_up_once_the_page_is_decoded(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right page is requested ahead in its place, and the wrong one is not asked for again where it fails."""
    for ahead in (blocking, awaiting):
        monkeypatch.setattr(ahead, "guess_cursor", lambda call, body: "2")
    with FalteringService(6, fails="2") as service:
        client = driver.client(service.url)
        walk = client.walk(top=2, prefetch=True)
        found = walk.take(1)
        wait_until(driver, lambda: "5" in starts(service))
        found += walk.take()
        service.release.set()
        wait_until(driver, lambda: not under_way(client))

    assert ids(found) == ["6", "5", "4", "3", "2", "1"]
    assert starts(service).count("2") <= 4  # one for each page


def test_page_behind_a_stale_one_is_given_up(driver: Driver) -> None:
    """Where a page is fetched once more, what it seemed to lead to is not asked for again."""
    with FalteringService(0, fails="4") as service:
        service.will(entries("5", "3"), entries("4"), entries("2"), [])
        client = driver.client(service.url)
        walk = client.walk(prefetch=True)
        found = walk.take()
        service.release.set()
        wait_until(driver, lambda: not under_way(client))

    assert ids(found) == ["5", "3", "2"]
    assert starts(service).count("4") <= 1


def test_id_that_cannot_be_asked_for_is_not_requested_ahead(driver: Driver, service: Service) -> None:
    """The pager raises the error when it reaches that page."""
    service.will(entries("x" * 65))
    walk = driver.client(service.url).walk(prefetch=True)

    found = walk.take(1)
    with pytest.raises(PaginationError, match="cannot be sent"):
        walk.take()

    assert len(found) == len(service.requests) == 1


@pytest.mark.parametrize("how", ["closed", "dropped"])
def test_stopping_early_costs_one_request(driver: Driver, how: str) -> None:
    """A pager that is closed or dropped sends nothing more, though a wait was under way, and leaves nothing behind."""
    with Service(6) as service:
        client = driver.real_time(driver.client(service.url))
        service.will(service.entries[:2], answer({}, 429, Retry_After="100"))
        walk = client.walk(top=2, prefetch=True)
        walk.take(1)
        wait_until(driver, lambda: len(service.requests) == 2)
        if how == "closed":
            close(driver, walk)
            close(driver, walk)
        del walk
        wait_until(driver, lambda: not under_way(client))
        count = len(service.requests)

    assert count == 2


def test_closed_pager_goes_on(driver: Driver) -> None:
    """Closing gives up what was requested ahead, and no more than that."""
    with WatchedService(6, held=2) as service:
        client = driver.client(service.url)
        walk = client.walk(top=2, prefetch=True)
        found = walk.take(1)
        wait_until(driver, lambda: len(service.requests) == 2)
        close(driver, walk)
        service.release.set()
        found += walk.take()
        wait_until(driver, lambda: not under_way(client))

    assert ids(found) == ["6", "5", "4", "3", "2", "1"]


def test_pager_without_prefetch_is_closed_in_vain(driver: Driver) -> None:
    """There is nothing to give up."""
    with Service(2) as service:
        walk = driver.client(service.url).walk()
        close(driver, walk)
        found = walk.take()

    assert len(found) == 2


def test_dropped_pager_whose_page_has_arrived_is_quiet(
    driver: Driver, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither an answer nor an error that nobody asked for is ever complained about."""
    for last in (entries("1"), Answer(status=404)):
        service.will(entries("2"), last)
        client = driver.client(service.url)
        walk = client.walk(prefetch=True)
        walk.take(1)
        wait_until(driver, lambda client=client: not under_way(client))
        del walk
        gc.collect()

    assert not [one for one in caplog.records if one.name == "asyncio"]


def test_closed_client_ends_what_was_requested_ahead(driver: Driver) -> None:
    """A closed client leaves no task running; the pager is told where it asks for the page."""
    with WatchedService(6, held=2) as service:
        client = driver.client(service.url)
        walk = client.walk(top=2, prefetch=True)
        walk.take(1)
        wait_until(driver, lambda: len(service.requests) == 2)
        client.close()
        tasks = list(getattr(client.made._shared, "tasks", ()))
        service.release.set()
        with pytest.raises(Exception, match="was closed|closed the connection|ended"):
            walk.take(2)
        with pytest.raises(ClientClosedError):
            walk.take(1)

    assert tasks == []


def test_no_more_threads_is_no_error(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no thread can be started, pages are requested as they are asked for."""
    with Service(6) as service:
        client = driver.client(service.url)
        client.page()

        def refuse(thread: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        # The service has a thread for the connection that is kept.
        monkeypatch.setattr(threading.Thread, "start", refuse)
        found = client.list(top=2, prefetch=True)
        monkeypatch.undo()

    assert len(found) == 6


def test_interrupt_is_raised_and_the_listing_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during the wait for a page ends that wait alone; a loop is interrupted as a whole."""
    with WatchedService(4, held=2) as service, FaceAuditClient(KEY, endpoint=service.url) as client:
        pager = client.audit_entries.list(SESSION, top=2, prefetch=True)
        found = [next(pager), next(pager)]
        waited = threading.Event.wait

        def interrupt(event: threading.Event, timeout: float | None = None) -> bool:
            if timeout is None:
                raise KeyboardInterrupt
            return waited(event, timeout)

        monkeypatch.setattr(threading.Event, "wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            next(pager)
        monkeypatch.undo()
        service.release.set()
        found += pager

    assert ids(found) == ["4", "3", "2", "1"]


def test_interrupted_wait_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request that was waited for ends with its attempt; its thread never holds up the end of the program."""
    retry = RetryPolicy(random=lambda: 0.0)
    with FalteringService(4, fails="3") as service, FaceAuditClient(KEY, endpoint=service.url, retry=retry) as client:
        pager = client.audit_entries.list(SESSION, top=2, prefetch=True)
        begun = [next(pager), next(pager)]
        eventually(lambda: len(service.requests) == 2)
        (thread,) = [one for one in threading.enumerate() if "_Prefetched.run" in repr(getattr(one, "_args", ""))]

        def interrupt(event: threading.Event, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

        monkeypatch.setattr(threading.Event, "wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            next(pager)
        monkeypatch.undo()
        service.release.set()
        thread.join(10)

    assert ids(begun) == ["4", "3"]
    assert thread.daemon
    assert starts(service) == [None, "3"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_child_does_not_wait_for_a_thread_of_its_parent() -> None:
    """After a fork, the child requests the page itself; an event loop does not survive one."""
    with WatchedService(4, held=2) as service, FaceAuditClient(KEY, endpoint=service.url) as client:
        pager = client.audit_entries.list(SESSION, top=2, prefetch=True)
        begun = [next(pager), next(pager)]
        eventually(lambda: len(service.requests) == 2)
        said = in_child(lambda: ",".join(ids(list(pager))))
        service.release.set()

    assert ids(begun) == ["4", "3"]
    assert said == "2,1"


def test_context_of_the_caller_is_seen_by_its_hook(service: Service) -> None:
    """What traces calls finds the caller's context where a request ahead is retried, too."""
    traced: ContextVar[str] = ContextVar("traced", default="lost")
    seen: list[str] = []
    service.will(entries("2"), Answer(status=503), entries("1"), [])
    retry = RetryPolicy(random=lambda: 0.0)
    with FaceAuditClient(
        KEY, endpoint=service.url, retry=retry, on_event=lambda _: seen.append(traced.get())
    ) as client:
        traced.set("seen")
        found = list(client.audit_entries.list(SESSION, prefetch=True))

    assert ids(found) == ["2", "1"]
    assert seen == ["seen"] * 4


def run(act: Any) -> Any:
    """The result of a coroutine function in a loop of its own that complains to nobody."""
    complaints: list[Any] = []

    async def listen() -> Any:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        return await act()

    result = asyncio.run(listen())
    gc.collect()
    assert complaints == []
    return result


def test_cancelled_wait_ends_the_task_and_the_listing_goes_on() -> None:
    """Cancelling anyone who waits for a page that was requested ahead ends that request; nothing is lost."""

    async def act() -> tuple[list[str], int]:
        with WatchedService(4, held=2) as service:
            async with AsyncFaceAuditClient(KEY, endpoint=service.url) as client:
                pager = client.audit_entries.list(SESSION, top=2, prefetch=True)
                found = [(await anext(pager)).id for _ in range(2)]
                waiting = asyncio.create_task(anext(pager))
                await asyncio.to_thread(eventually, lambda: len(service.requests) == 2)
                waiting.cancel()
                await asyncio.wait([waiting])
                left = len(client._shared.tasks)
                service.release.set()
                found += [entry.id async for entry in pager]
        return found, left

    assert run(act) == (["4", "3", "2", "1"], 0)


def test_pager_that_is_closed_as_a_coroutine_awaits_nothing() -> None:
    """A coroutine that is thrown away cannot wait: what was requested ahead ends with the client."""

    async def act() -> int:
        with WatchedService(4, held=2) as service:
            async with AsyncFaceAuditClient(KEY, endpoint=service.url) as client:
                pager = client.audit_entries.list(SESSION, top=2, prefetch=True)
                await anext(pager)
                await anext(pager)
                thrown = pager.__anext__()
                thrown.send(None)  # type: ignore[attr-defined]
                thrown.close()  # type: ignore[attr-defined]
            service.release.set()
            return len(client._shared.tasks)

    assert run(act) == 0


def test_pager_of_another_loop_is_refused_as_ever() -> None:
    """What a loop that is gone has requested ahead is let go of without a sound."""
    pagers: list[Any] = []
    with WatchedService(4) as service:
        client = AsyncFaceAuditClient(KEY, endpoint=service.url)

        async def begin() -> None:
            pagers.append(client.audit_entries.list(SESSION, top=2, prefetch=True))
            await anext(pagers[0])
            await anext(pagers[0])

        async def go_on() -> None:
            with pytest.raises(WrongEventLoopError):
                await anext(pagers[0])

        run(begin)
        run(go_on)


def test_dropped_pager_of_a_loop_that_is_gone_is_quiet() -> None:
    """Nobody is left who could be told to stop."""

    async def act() -> Any:
        client = AsyncFaceAuditClient(KEY, endpoint=service.url)
        pager = client.audit_entries.list(SESSION, top=2, prefetch=True)
        await anext(pager)
        return pager

    with WatchedService(4) as service:
        pager = run(act)
        del pager
        gc.collect()


BODIES = [
    (b'[{"id": "3"}, {"id": "2", "a": {"id": "x", "b": [{}]}}]', "2"),
    (b'[{"a": {"id": "3"}, "id": 2}]\n\r\t ', "2"),
    (b'[{"id": "2", "a": "{\\"id\\": \\"7\\"}"}]', "2"),
    (b'[{"id": "' + b"9" * 65 + b'"}]', None),
    (b"[]", None),
    (b"", None),
    (b"{}", None),
    (b"[3]", None),
    (b'[{"id": ""}]', None),
    (b'[{"id": true}]', None),
    (b'[{"id": 1.5}]', None),
    (b'[{"no": 1}]', None),
    (b'[{"id": "2"}]X', None),
    (b'[{"id": "2", "a": [' + b"{}, " * 30 + b"{}]}]", "2"),
    (b'[{"id": "2", "a": [' + b"{}, " * 31 + b"{}]}]", None),
    (b'[{"id": "2", "a": "%b"}]' % (b"x" * (16 * 1024 - 21)), "2"),
    (b'[{"id": "2", "a": "%b"}]' % (b"x" * (16 * 1024 - 20)), None),
    (b'[{"a": ' + b"[" * 8000 + b"]", None),
    (b'[{"id": "2", "a": "\xc3', None),
]


@pytest.mark.parametrize(("body", "cursor"), BODIES)
def test_last_id_is_read_off_the_end_of_a_body(body: bytes, cursor: str | None) -> None:
    """The id of the last item, whatever is in it; nothing where that is not plain to see."""
    guessed = guess_cursor(CALL, body)

    found = follow(CALL, guessed, None)
    assert found == (None if cursor is None else AUDIT_ENTRIES_LIST.call({**CALL.arguments, "start": cursor}))


def test_following_call_keeps_what_becomes_of_malformed_items() -> None:
    """It is the very call that the pager would make."""
    call = AUDIT_ENTRIES_LIST.call({"session_id": SESSION}, on_invalid="keep")

    found = follow(call, "2", None)

    assert found == AUDIT_ENTRIES_LIST.call({"session_id": SESSION, "start": "2"}, on_invalid="keep")


@pytest.mark.parametrize(
    ("length", "limit", "trusted", "follows"),
    [
        (0, 3, False, False),
        (2, 3, False, True),
        (2, 3, True, False),
        (3, 3, True, True),
        (1, None, True, True),
    ],
)
def test_decoded_page_says_whether_another_one_follows(
    length: int, limit: int | None, *, trusted: bool, follows: bool
) -> None:
    """After an empty page none does, nor after a short one where that is trusted and it is known what is short."""
    assert AUDIT_ENTRIES_LIST.pagination is not None
    pagination = AUDIT_ENTRIES_LIST.pagination._replace(limit=None, default_limit=limit)
    call = CALL._replace(operation=AUDIT_ENTRIES_LIST._replace(pagination=pagination))
    names = ("9", "8", "7")[:length]

    found = find_cursor(
        call,
        Listing(page=Page(items=names, raw=b"", request_id=None), ids=names),
        trust_short_page=trusted,
    )

    assert found == (names[-1] if follows else None)


@pytest.mark.parametrize("change", [{"style": "token"}, {"items": "/value"}])
def test_last_id_is_only_looked_for_at_the_end(change: dict[str, str]) -> None:
    """Where the array is not the whole body, its end is not the body's."""
    assert AUDIT_ENTRIES_LIST.pagination is not None
    operation = AUDIT_ENTRIES_LIST._replace(pagination=AUDIT_ENTRIES_LIST.pagination._replace(**change))

    assert guess_cursor(CALL._replace(operation=operation), BODIES[0][0]) is None


@FIXED
@given(
    st.lists(
        st.fixed_dictionaries(
            {"id": st.text('0123456789é"\\{}[]', min_size=1, max_size=9)}, optional={"a": JSON, "{": JSON}
        )
    )
)
def test_last_id_is_the_last_items(items: list[dict[str, Any]]) -> None:
    """Of every page it is the one that the decoder finds, or none."""
    found = guess_cursor(CALL, page_of(items).content)

    assert found is None or found == items[-1]["id"]
