"""`list_many`: many sessions side by side, each in its order; one that fails stops no other."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from face_audit import (
    AsyncFaceAuditClient,
    FaceAuditClient,
    FaceAuditError,
    InvalidArgumentError,
    Listed,
    MalformedItem,
    Page,
    PaginationError,
    SessionNotFoundError,
)
from face_audit._runtime.pagination.many import Pace, many
from face_audit._runtime.pagination.position import Progress
from face_audit._runtime.values.scalars import Type
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST as OPERATION

from .conftest import KEY, Clock, Driver
from .servers import Answer, Received, Service, answer, entry
from .wires import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = [f"session-{number}" for number in range(6)]


class Sessions(Service):
    """Sessions of 5 entries each; those whose names are in `lost` are unknown."""

    def __init__(self, *lost: str) -> None:
        """Serve them, and note how many requests are answered at once."""
        super().__init__(5)
        self.lost = set(lost)
        self.enough = 1000
        """Requests after which the service asks for a long wait."""
        self.held = threading.Event()
        self.held.set()
        self.most = 0
        self._now = 0
        self._turn = threading.Lock()

    def respond(self, request: Received) -> Answer:
        """A page of the session that is asked for."""
        session = urlsplit(request.target).path.split("/")[-2]
        with self._turn:
            self._now += 1
            self.most = max(self.most, self._now)
            self.entries = [entry(number, sessionId=session) for number in range(5, 0, -1)]
            reply = super().respond(request)
            if len(self.requests) > self.enough:
                reply = answer({}, 429, Retry_After="100")
        self.held.wait(10)
        with self._turn:
            self._now -= 1
        return Answer(status=404) if session in self.lost else reply

    def asked(self, session: str) -> list[str | None]:
        """The cursors of the requests for a session."""
        return [one.start for one in self.requests if f"/{session}/" in one.target]


class Run:
    """A run over many sessions, by either client."""

    def __init__(
        self, driver: Driver, url: str, sessions: Any = NAMES, *, clock: Clock | None = None, **told: Any
    ) -> None:
        """Begin it."""
        self._runner = driver.runner
        self.client = driver.client(url, clock=clock).made
        self.results = self.client.audit_entries.list_many(sessions, **told)

    def take(self, count: int | None = None) -> list[Listed[Any]]:
        """The next results, all of them without `count`."""
        if self._runner is None:
            return list(islice(self.results, count))
        return self._runner.run(self._collect(count))

    async def _collect(self, count: int | None) -> list[Listed[Any]]:
        found: list[Listed[Any]] = []
        while (count is None or len(found) < count) and (one := await anext(self.results, None)) is not None:
            found.append(one)
        return found

    def wait_until(self, claim: Any) -> None:
        """Wait for what the run's threads or tasks bring about."""
        if self._runner is None:
            eventually(claim)
        else:
            self._runner.run(asyncio.to_thread(eventually, claim))

    def close(self) -> None:
        """Stop it."""
        if self._runner is None:
            self.results.close()
        else:
            self._runner.run(self.results.aclose())


def workers() -> list[threading.Thread]:
    """The threads of runs."""
    return [one for one in threading.enumerate() if "_work" in one.name]


def of(results: list[Listed[Any]], session: str) -> list[str]:
    """The ids that came of a session."""
    pages = [one.outcome for one in results if one.of == session]
    assert all(isinstance(page, Page) for page in pages)
    return [item.id for page in pages for item in page.items]


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No test leaves a thread running."""
    yield
    assert workers() == []


@pytest.mark.parametrize("concurrency", [1, 3, 50])
def test_every_session_comes_once_and_in_order(driver: Driver, concurrency: int) -> None:
    """All pages of all sessions come, those of each in order, with no more requests at once than asked for."""
    with Sessions() as service:
        results = Run(driver, service.url, iter(NAMES), concurrency=concurrency, top=2).take()

    assert {session: of(results, session) for session in NAMES} == {one: ["5", "4", "3", "2", "1"] for one in NAMES}
    assert all(service.asked(session) == [None, "4", "2", "1"] for session in NAMES)
    assert service.most <= concurrency
    last = {one.of: one.checkpoint for one in results}
    assert all(last[session]["finished"] and last[session]["arguments"] == {"session_id": session} for session in NAMES)


def test_one_session_after_the_other_with_one_at_a_time(driver: Driver) -> None:
    """With `concurrency=1` they come in the order in which they were given."""
    with Sessions() as service:
        results = Run(driver, service.url, NAMES[:2], concurrency=1, trust_short_page=True).take()

    assert [(one.of, len(one.outcome.items)) for one in results] == [(NAMES[0], 5), (NAMES[1], 5)]


def test_sessions_are_paged_at_once(driver: Driver) -> None:
    """As many requests are under way as was asked for."""
    with Sessions() as service:
        service.held.clear()
        run = Run(driver, service.url, concurrency=4)
        releaser = threading.Thread(target=lambda: (eventually(lambda: service.most == 4), service.held.set()))
        releaser.start()
        results = run.take()
        releaser.join()

    assert service.most == 4
    assert len(results) == 2 * len(NAMES)


def test_error_of_one_session_stops_no_other(driver: Driver) -> None:
    """It takes the place of that session's page, with where it can be resumed."""
    with Sessions(NAMES[2]) as service:
        results = Run(driver, service.url, concurrency=2).take()

    failed = [one for one in results if isinstance(one.outcome, FaceAuditError)]
    assert [one.of for one in failed] == [NAMES[2]]
    assert isinstance(failed[0].outcome, SessionNotFoundError)
    assert failed[0].checkpoint == failed[0].outcome.checkpoint
    assert all(of(results, session) == ["5", "4", "3", "2", "1"] for session in NAMES if session != NAMES[2])


def test_failed_session_is_resumed_from_its_checkpoint(driver: Driver, service: Service) -> None:
    """What had come of it does not come again."""
    wrong = [entry(9, sessionId=NAMES[0])]
    service.will([entry(2, sessionId=NAMES[0])], [entry(1, sessionId=NAMES[0])], wrong, wrong)
    results = Run(driver, service.url, NAMES[:1]).take()

    service.will([])
    rest = driver.client(service.url).list(NAMES[0], checkpoint=results[-1].checkpoint)

    assert [len(one.outcome.items) for one in results[:-1]] == [1, 1]
    assert isinstance(results[-1].outcome, PaginationError)
    assert rest == []
    assert service.requests[-1].start == "1"


def test_sessions_are_verified_and_malformed_entries_kept(driver: Driver, service: Service) -> None:
    """The switches of a listing are switches of many."""
    page = [entry(1, sessionId=NAMES[0]) | {"digest": 5}]
    service.will(page, [], page, [])

    results = Run(driver, service.url, NAMES[:1], verify="stable", on_invalid="keep", top=3).take()

    assert [type(item) for one in results for item in one.outcome.items] == [MalformedItem]
    assert [urlsplit(one.target).query for one in service.requests] == [
        "top=3",
        "start=1&top=3",
        "top=1",
        "start=1&top=1",
    ]


WRONG = [
    ({"sessions": [NAMES[0], "../x/.."]}, "session_id"),
    ({"sessions": [NAMES[0], ""]}, "session_id"),
    ({"sessions": [NAMES[0], None]}, "session_id"),
    ({"sessions": NAMES[0]}, "session_id: is a single text"),
    ({"sessions": NAMES[0].encode()}, "session_id: is a single text"),
    ({"top": 0}, "top"),
    ({"verify": "yes"}, "verify"),
    ({"on_invalid": "drop"}, "on_invalid"),
    *[({"concurrency": wrong}, "concurrency") for wrong in (0, -1, True, 1.5, None)],
    *[({"rate": wrong}, "rate") for wrong in (0, -1, True, float("nan"), float("inf"), "1")],
]


@pytest.mark.parametrize(("told", "said"), WRONG)
def test_wrong_argument_is_refused_before_anything_is_sent(
    driver: Driver, service: Service, told: dict[str, Any], said: str
) -> None:
    """One session id that is none, the last of many too, refuses them all at once."""
    with pytest.raises(InvalidArgumentError, match=f"^{said}"):
        Run(driver, service.url, **told)

    assert service.requests == []


@pytest.mark.parametrize("name", ["concurrency", "rate"])
def test_refusal_shows_the_beginning_of_a_wrong_argument(driver: Driver, service: Service, name: str) -> None:
    """However long it is, the message is short."""
    with pytest.raises(InvalidArgumentError) as caught:
        Run(driver, service.url, **{name: "x" * 1000})

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("rate", [0.01, 1])
def test_rate_may_be_any_number_above_nought(driver: Driver, service: Service, rate: float) -> None:
    """A call every hundred seconds is a rate as well."""
    assert Run(driver, service.url, [], rate=rate).take() == []


def test_call_of_each_list_is_made_once() -> None:
    """Every argument of a list is checked once, before anything is sent, and the first page is requested by that."""
    checked = list[int]()

    class Counted(Type):
        decode = encode = staticmethod(lambda value: checked.append(value) or value)  # type: ignore[func-returns-value]

    parameters = tuple(one._replace(type=Counted()) if one.name == "top" else one for one in OPERATION.parameters)
    operation = OPERATION._replace(parameters=parameters)

    made = many(
        *(operation, "session_id", NAMES, {"top": 3}),
        concurrency=8,
        rate=None,
        trust_short_page=False,
        verify=None,
        on_invalid="raise",
    )

    assert [made.of(call) for call in made.calls] == NAMES
    progress = [Progress(call, place={}) for call in made.calls]
    assert [next(one.fetch()) for one in progress] == [*made.calls]
    assert checked == [3] * len(NAMES)


def test_no_session_gives_nothing(driver: Driver, service: Service) -> None:
    """No sessions, no pages."""
    assert Run(driver, service.url, []).take() == []


def test_no_more_pages_than_asked_for_are_held(driver: Driver) -> None:
    """Anyone who works on a page holds it: only the others go on."""
    with Sessions() as service:
        run = Run(driver, service.url, concurrency=2, top=1)
        sent = []
        for taken in range(1, 7):
            run.take(1)
            run.wait_until(lambda taken=taken: len(service.requests) == taken + 1)
            sent.append(len(service.requests))
        run.close()

    assert sent == [2, 3, 4, 5, 6, 7]


def test_calls_are_spaced_evenly(driver: Driver, clock: Clock) -> None:
    """With `rate=4` a call goes out every quarter of a second, whichever session it is for."""
    with Sessions() as service:
        Run(driver, service.url, NAMES[:2], concurrency=1, rate=4, top=3, clock=clock).take()

    assert len(service.requests) == 6
    assert clock.waits == [0.25] * 5


def test_pace_is_one_for_all_calls() -> None:
    """Calls that come at once are lined up; time that nobody used is not saved up."""
    pace = Pace(2)

    assert [pace.wait(now) for now in (10.0, 10.0, 10.0, 11.0, 20.0, 20.25)] == [0, 0.5, 1.0, 0.5, 0, 0.25]
    assert [Pace(None).wait(now) for now in (10.0, 10.0)] == [0, 0]


def test_stopping_early_leaves_nothing_behind(driver: Driver) -> None:
    """Closed amid, it sends nothing more, and has no thread, task or page left."""
    with Sessions() as service:
        run = Run(driver, service.url, concurrency=3, top=1)
        run.take(4)
        run.close()
        again = run.take()

    assert again == []
    assert len(service.requests) <= 6


def test_stopping_ends_waits(driver: Driver) -> None:
    """Nobody waits for as long as the service asks for a run that nobody wants any more."""
    with Sessions() as service:
        run = Run(driver, service.url, concurrency=2, top=1)
        driver.real_time(next(one for one in driver._open if one.made is run.client))
        service.enough = 1
        run.take(1)
        run.wait_until(lambda: len(service.requests) >= 2)
        run.close()

    assert len(service.requests) <= 3


def test_run_that_is_dropped_is_stopped(driver: Driver) -> None:
    """Anyone who only breaks out of the loop leaves nothing behind either."""
    with Sessions() as service:
        run = Run(driver, service.url, concurrency=3, top=1)
        run.take(1)
        client = run.client
        del run
        gc.collect()
        if driver.runner is not None:
            driver.runner.run(asyncio.sleep(0))
        else:
            assert workers() == []
        client.audit_entries  # noqa: B018  # still open


def test_run_that_never_began_needs_no_end(driver: Driver, service: Service) -> None:
    """Nothing starts before the first result is asked for."""
    run = Run(driver, service.url)
    run.close()

    assert run.take() == []
    assert service.requests == []


def test_failure_that_is_not_ours_ends_the_run(driver: Driver, service: Service) -> None:
    """What a caller's own function raises is raised to the caller."""

    def fail() -> str:
        raise ArithmeticError("the vault is shut")

    client = driver.client(service.url, key=fail).made
    run = Run(driver, service.url)
    run.results = client.audit_entries.list_many(NAMES, concurrency=2)

    with pytest.raises(ArithmeticError, match="the vault is shut"):
        run.take()


def test_thread_that_cannot_be_started_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The threads that were started end with it."""
    with Sessions() as service, FaceAuditClient(KEY, endpoint=service.url) as client:
        started, begin = [], threading.Thread.start

        def refuse(thread: threading.Thread) -> None:
            if "_work" in thread.name and started:
                raise RuntimeError("can't start new thread")
            started.append(thread)
            begin(thread)

        monkeypatch.setattr(threading.Thread, "start", refuse)
        results = client.audit_entries.list_many(NAMES, concurrency=3)
        with pytest.raises(RuntimeError, match="can't start"):
            list(results)


def test_cancelled_run_ends_its_tasks() -> None:
    """Cancelling anyone who waits for a result ends all of the run."""

    async def act() -> set[Any]:
        with Sessions() as service:
            service.held.clear()
            async with AsyncFaceAuditClient(KEY, endpoint=service.url) as client:
                waiting = asyncio.create_task(anext(client.audit_entries.list_many(NAMES)))
                await asyncio.to_thread(eventually, lambda: len(service.requests) == len(NAMES))
                waiting.cancel()
                await asyncio.wait([waiting])
            service.held.set()
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(act()) == set()


PROGRAM = """
from face_audit import FaceAuditClient

client = FaceAuditClient("k", endpoint={url!r})
results = client.audit_entries.list_many({names!r}, top=1)
pager = client.audit_entries.list({names[0]!r}, top=1, prefetch=True)
next(results), next(pager)
"""


def test_interpreter_ends_amid_a_run() -> None:
    """Neither a run nor a request ahead that nobody closed holds up the end of a program."""
    with Sessions() as service:
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(url=service.url, names=NAMES)],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    assert (ran.returncode, ran.stderr) == (0, "")


def test_threads_are_not_joined_at_the_end_of_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """They do not run any more, and from Python 3.14 on `join` raises an error then."""

    def refuse(thread: threading.Thread, timeout: float | None = None) -> None:
        raise RuntimeError("cannot join a thread at the end of the interpreter")

    with Sessions() as service, FaceAuditClient(KEY, endpoint=service.url) as client:
        results = client.audit_entries.list_many(NAMES, top=1)
        next(results)
        with monkeypatch.context() as ending:
            ending.setattr(sys, "is_finalizing", lambda: True)
            ending.setattr(threading.Thread, "join", refuse)
            results.close()

        assert list(results) == []
        eventually(lambda: workers() == [])
