"""Plays one fault to one client of ours, and says in what the client falls short of what it owes."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from face_audit import FaceAuditError, RetryPolicy, Timeouts

from .ours import IDS, Clock, Ours
from .script import COUNT, MIDDLE
from .stage import Stage

if TYPE_CHECKING:
    from .fault import Fault, Outcome, Range, Where
    from .ours import HTTP, Kind

LONG = 2e6
"""Seconds after which every wait that a server asked for is over."""


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
    endless: bool = False
    """The call had not ended when the fault was ended for it."""
    shown: list[Any] = field(default_factory=list)
    """The client, its pager, and what it has told of its attempts."""


class Ender:
    """Ends a fault that holds a call for too long."""

    def __init__(self, patience: float, stage: Stage) -> None:
        """Act after `patience` seconds."""
        self.acted = False
        self._stage = stage
        self._timer = threading.Timer(patience, self._act)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """Do not act any more."""
        self._timer.cancel()

    def _act(self) -> None:
        self.acted = True
        self._stage.end()


def play(
    fault: Fault,
    kind: Kind,
    where: Where,
    *,
    times: float,
    prefetch: bool = False,
    http: HTTP = "default",
    patience: float = 10.0,
    token: bool = False,
) -> Report:
    """Show the fault `times` times, then go on with the same pager, then list anew with the same client.

    With `token` the client sends a token instead of the key. With `prefetch` the fault has to be one of an answer: it
    is met by the request ahead. A fault that holds the call for `patience` seconds is ended.
    """
    clock = Clock()
    timeouts = Timeouts(connect=min(fault.connect, fault.attempt), attempt=fault.attempt)
    events: list[Any] = []
    policy = RetryPolicy(max_attempts=fault.tries, random=lambda: 0.5)
    settings = {"timeouts": timeouts, "retry": policy, "on_event": events.append, "token": token}
    with (
        Stage(fault, slow=http != "default") as stage,
        Ours(kind, stage.server.url, http=http, clock=clock, **settings) as ours,
    ):
        pager = ours.pager(prefetch=prefetch)
        start = None if where == "first" else MIDDLE
        if prefetch:
            stage.arm(start, times)
        ids = [] if where == "first" else [entry.id for entry in ours.next_page(pager).items]
        if not prefetch:
            stage.arm(start, times)
        if times == 1:
            clock.on_wait = stage.pass_over
        ender = Ender(patience, stage)
        page, error, began = None, None, time.monotonic()
        try:
            page = ours.next_page(pager)
            ids += [entry.id for entry in page.items]
        except FaceAuditError as raised:
            error = raised
        ender.cancel()
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
            longest=_longest(fault, len((error or page).attempts)),
            endless=ender.acted,
            shown=[ours.client, pager, events],
        )


def _longest(fault: Fault, attempts: int) -> float:
    """Seconds that this many attempts may need."""
    if fault.attempt < 1:
        return fault.attempt * attempts + 1
    return 8 if "MiB" in fault.name else 2.5  # the server makes a large answer when it is asked for the first time


def result_of(report: Report) -> str:
    """What came of the fault, in the words of the table."""
    if report.endless:
        return "no end"
    if report.error is not None:
        return type(report.error).__name__
    found = _listed(report.ids)
    return found if report.again == IDS else f"{found}; another listing: {_listed(report.again)}"


def _listed(ids: list[str]) -> str:
    if ids == IDS:
        return "all entries"
    *listed, last = ids or [""]
    # What is not an id is the text of the error that ended the listing.
    if (name := last.partition("(")[0]).endswith("Error"):
        return f"{len(listed)} of {COUNT} entries, {name}"
    return f"{len(ids)} of {COUNT} entries, no error"


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
    if report.endless:
        found.append("it had no end")
    elif report.seconds > report.longest:
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
