"""Plays one fault to one client of ours, and says in what the client falls short of what it owes."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import attrs
from face_audit import AsyncFaceAuditClient, FaceAuditClient, FaceAuditError, RetryPolicy, Timeouts
from face_audit._runtime.settings import Clock as RuntimeClock

from .script import COUNT, MIDDLE, SESSION, TOP
from .stage import Stage

if TYPE_CHECKING:
    from .fault import Fault, Outcome, Range, Where

Kind: TypeAlias = Literal["sync", "async"]

CANARY = "canary0123456789abcdef0123456789"
NOON = datetime(2024, 4, 1, 12, 0, 0, tzinfo=UTC)
IDS = [str(number) for number in range(COUNT, 0, -1)]
LONG = 2e6
"""Seconds after which every wait that a server asked for is over."""


def secret() -> str:
    """The key, which stands in no variable of a test."""
    return CANARY


class Clock:
    """Real time, in which waits pass at once."""

    def __init__(self) -> None:
        """Begin now."""
        self.waits: list[float] = []
        self.ahead = 0.0
        self.on_wait = lambda: None

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.waits.append(seconds)
        self.ahead += seconds
        self.on_wait()

    def pause(self, _: object, seconds: float) -> None:
        """The same for a wait that an event could end."""
        self.sleep(seconds)

    async def pause_async(self, _: object, seconds: float) -> None:
        """The same for asyncio."""
        self.sleep(seconds)
        await asyncio.sleep(0)

    def of_runtime(self) -> RuntimeClock:
        """The same as the runtime's type."""
        return RuntimeClock(
            monotonic=self.monotonic,
            now=lambda: NOON + timedelta(seconds=self.ahead),
            pause=self.pause,
            pause_async=self.pause_async,
        )


class Ours:
    """A client of ours of either kind. Use it as a context manager."""

    def __init__(self, kind: Kind, endpoint: str, *, clock: Clock | None = None, **arguments: Any) -> None:
        """Make a client whose random waits are half of the longest; without `clock`, waits are real."""
        self._runner = asyncio.Runner() if kind == "async" else None
        settings = {"endpoint": endpoint, "retry": RetryPolicy(random=lambda: 0.5)} | arguments
        made = FaceAuditClient if self._runner is None else AsyncFaceAuditClient
        self.client: Any = made(secret, **settings)
        if clock is not None:
            self.client._settings = attrs.evolve(self.client._settings, clock=clock.of_runtime())

    def pager(self, **told: Any) -> Any:
        """A new pager over the session."""
        return self.client.audit_entries.list(SESSION, top=TOP, **told)

    def next_page(self, pager: Any) -> Any:
        """The next page, or None behind the last one."""
        if self._runner is None:
            return next(pager.pages(), None)
        return self._runner.run(_next_page(pager))

    def page(self) -> Any:
        """The first page; a coroutine in the async client."""
        return self.client.audit_entries.list_page(SESSION, top=TOP)

    def run(self, coroutine: Any) -> Any:
        """What the coroutine gives back, on this client's loop."""
        assert self._runner is not None
        return self._runner.run(coroutine)

    def ids(self, pager: Any) -> list[str]:
        """The ids of all entries from here on, and the name of the error that ended them."""
        found: list[str] = []
        try:
            while (page := self.next_page(pager)) is not None:
                found += [entry.id for entry in page.items]
        except FaceAuditError as error:
            found.append(repr(error))
        return found

    def close(self) -> None:
        """Close the client, but not its loop."""
        if self._runner is None:
            self.client.close()
        else:
            self._runner.run(self.client.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        if self._runner is not None:
            self._runner.close()


async def _next_page(pager: Any) -> Any:
    return await anext(pager.pages(), None)


@dataclass(kw_only=True)
class Report:
    """What came of a fault."""

    requests: int
    """For the page, as the server saw them."""
    attempts: int
    waits: list[float]
    seconds: float
    """Real ones, without the waits."""
    error: FaceAuditError | None
    ids: list[str]
    """Of all entries of the pager that met the fault: before it, and after it had gone."""
    again: list[str]
    """Of all entries of a new pager of the same client."""
    strayed: bool
    """A request went to another server."""
    longest: float
    """Seconds that the client may have needed."""
    shown: list[Any] = field(default_factory=list)
    """The client, its pager, and what it has told of its attempts."""


def play(fault: Fault, kind: Kind, where: Where, *, times: float, prefetch: bool = False) -> Report:
    """Show the fault `times` times, then go on with the same pager, then list anew with the same client.

    With `prefetch` the fault has to be one of an answer: it is met by the request ahead.
    """
    clock = Clock()
    timeouts = Timeouts(connect=min(fault.attempt, 5), attempt=fault.attempt)
    events: list[Any] = []
    policy = RetryPolicy(max_attempts=fault.tries, random=lambda: 0.5)
    settings = {"timeouts": timeouts, "retry": policy, "on_event": events.append}
    with Stage(fault) as stage, Ours(kind, stage.server.url, clock=clock, **settings) as ours:
        pager = ours.pager(prefetch=prefetch)
        start = None if where == "first" else MIDDLE
        if prefetch:
            stage.arm(start, times)
        ids = [] if where == "first" else [entry.id for entry in ours.next_page(pager).items]
        if not prefetch:
            stage.arm(start, times)
        if times == 1:
            clock.on_wait = stage.pass_over
        page, error, began = None, None, time.monotonic()
        try:
            page = ours.next_page(pager)
            ids += [entry.id for entry in page.items]
        except FaceAuditError as raised:
            error = raised
        seconds = time.monotonic() - began
        stage.settle()
        waits, requests = list(clock.waits), sum(one.start == start for one in stage.server.requests)
        if error is not None:
            stage.heal()
            clock.ahead += LONG
        ids += ours.ids(pager)
        stage.heal()
        return Report(
            requests=requests,
            attempts=len((error or page).attempts),
            waits=waits,
            seconds=seconds,
            error=error,
            ids=ids,
            again=ours.ids(ours.pager()),
            strayed=stage.server.was_left(),
            longest=fault.attempt * len((error or page).attempts) + 1 if fault.attempt < 1 else 2.5,
            shown=[ours.client, pager, events],
        )


def complaints(report: Report, owed: Outcome) -> list[str]:
    """In what the client fell short."""
    found: list[str] = []
    error = report.error
    if owed.error != (None if error is None else type(error).__name__):
        found.append(f"{owed.error or 'the page'} was owed, came {error!r}")
    elif error is not None and not re.search(owed.text, str(error)):
        found.append(f"{owed.text!r} is not in {error}")
    if error is not None and owed.hint is not None and _hint(error) != owed.hint:
        found.append(f"the error says to wait {_hint(error)} s, the service says {owed.hint} s")
    found += _outside("requests", report.requests, owed.requests)
    found += _outside("attempts", report.attempts, owed.attempts or owed.requests)
    if owed.wait is not None and not (report.waits and owed.wait <= report.waits[0] <= owed.wait + 1):
        found.append(f"a first wait of {owed.wait} s was owed, the waits were {report.waits}")
    if report.seconds > report.longest:
        found.append(f"it took {report.seconds:.2f} s, where {report.longest} s are the limit")
    if report.ids != IDS:
        found.append(f"the pager that met the fault gave {report.ids}")
    if report.again != IDS:
        found.append(f"a new pager gave {report.again}")
    if report.strayed:
        found.append("a request went to another server")
    return found


def _hint(error: FaceAuditError) -> float | None:
    wait: timedelta | None = getattr(error, "wait", None)
    return None if wait is None else wait.total_seconds()


def _outside(name: str, count: int, allowed: Range) -> list[str]:
    lowest, highest = allowed
    return [] if lowest <= count <= highest else [f"{count} {name}, where {lowest} to {highest} were owed"]
