"""Many threads or tasks on one client while most answers of the service are errors for a while, and with strays."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen
from face_audit import AsyncFaceAuditClient, FaceAuditClient, FaceAuditError

from .measures import KEY, RETRY, TIMEOUTS, Held, Ledger, Server, Tally, require, serve

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRIES, TOP = 40, 4
CALM = 1.0
"""The least length in seconds of the phases before and after a brown-out."""
PREFETCHING = 4
"""One caller of this many lists with `prefetch=True`."""
PAUSE = 0.1
"""Seconds that a caller waits after an error before it resumes from the checkpoint."""
MOST_EARLY = 0.01
"""The share of the requests in a brown-out that may arrive while all calls were told to wait."""
FEW = 3
"""The number of such requests that a short run may have."""
PATIENCE = 2.0
"""Seconds within which threads and tasks must have ended after the client was closed."""


@frozen
class Load:
    """How many callers list for how long, and how."""

    callers: int
    seconds: float
    """The length of the brown-out."""
    strays: float
    """The share of the pages that the service sends with a stray."""
    verify: Literal["end"] | None

    def begin(self, kind: str, caller: int, number: int) -> Listing:
        """The next listing of a caller."""
        ledger = Ledger(f"{kind}-{caller}-{number}", ENTRIES)
        return Listing(ledger, {"top": TOP, "verify": self.verify, "prefetch": caller % PREFETCHING == 0})

    @property
    def phases(self) -> tuple[tuple[str, float], ...]:
        """Their names and their lengths in seconds."""
        calm = max(CALM, self.seconds / 10)
        return ("before", calm), ("brown-out", self.seconds), ("after", calm)


@frozen
class Listing:
    """The entries that one listing must give, and its arguments."""

    ledger: Ledger
    arguments: Mapping[str, Any]

    def finish(self) -> Counter[str]:
        """Count it; only a plain listing may have ended early."""
        if self.arguments["verify"] is not None:
            self.ledger.finish()
        left = self.ledger.left
        return Counter(
            {"listings": 1, "prefetched": int(self.arguments["prefetch"]), "early": int(left > 0), "missing": left}
        )


def brown_out_sync(load: Load) -> dict[str, object]:
    """The figures of the sync client, with a thread for each caller."""
    with serve() as server:
        server.begin_strays(load.strays)
        before, tally, stop = Held.now(), Tally(), threading.Event()
        with FaceAuditClient(KEY, endpoint=server.url, retry=RETRY, timeouts=TIMEOUTS, on_event=tally) as client:

            def work(caller: int) -> Counter[str]:
                finished = Counter[str]()
                while not stop.is_set():
                    listing = load.begin("thread", caller, finished["listings"])
                    _list(client, listing, tally)
                    finished += listing.finish()
                return finished

            with ThreadPoolExecutor(load.callers) as threads:
                running = [threads.submit(work, caller) for caller in range(load.callers)]
                phases = _Phases(server)
                for name, length in load.phases:
                    phases.begin(name, length)
                    time.sleep(length)
                    phases.end()
                stop.set()
                finished = sum((thread.result() for thread in running), Counter[str]())
        ends = time.monotonic() + PATIENCE
        while (after := Held.now()) != before and time.monotonic() < ends:
            time.sleep(0.05)  # threads that request pages ahead end by themselves
        require(after == before, f"held {before} before and {after} after")
        return _figures(load, finished, tally, phases)


def _list(client: FaceAuditClient, listing: Listing, tally: Tally) -> None:
    ledger, again = listing.ledger, True
    pager = client.audit_entries.list(ledger.session, **listing.arguments)
    while True:
        try:
            for entry in pager:
                ledger.take(entry)
        except FaceAuditError as error:
            tally.surface(error)
            time.sleep(PAUSE)
            again = not again
            if again:  # every second time a new pager resumes, as after a restart
                checkpoint = json.loads(json.dumps(error.checkpoint))
                pager = client.audit_entries.list(ledger.session, checkpoint=checkpoint, **listing.arguments)
        else:
            return


def brown_out_async(load: Load) -> dict[str, object]:
    """The figures of the async client, with a task for each caller."""
    return asyncio.run(_brown_out_async(load))


async def _brown_out_async(load: Load) -> dict[str, object]:
    with serve() as server:
        server.begin_strays(load.strays)
        before, tally, stop = Held.now(len(asyncio.all_tasks())), Tally(), asyncio.Event()
        made = AsyncFaceAuditClient(KEY, endpoint=server.url, retry=RETRY, timeouts=TIMEOUTS, on_event=tally)
        async with made as client:

            async def work(caller: int) -> Counter[str]:
                finished = Counter[str]()
                while not stop.is_set():
                    listing = load.begin("task", caller, finished["listings"])
                    await _list_async(client, listing, tally)
                    finished += listing.finish()
                return finished

            running = [asyncio.create_task(work(caller)) for caller in range(load.callers)]
            phases = _Phases(server)
            for name, length in load.phases:
                phases.begin(name, length)
                await asyncio.sleep(length)
                phases.end()
            stop.set()
            finished = sum(await asyncio.gather(*running), Counter[str]())
        ends = time.monotonic() + PATIENCE
        while (  # noqa: ASYNC110  # what closes in the loop's next turns sets no event
            (after := Held.now(len(asyncio.all_tasks()))) != before and time.monotonic() < ends
        ):
            await asyncio.sleep(0.05)
        require(after == before, f"held {before} before and {after} after")
        return _figures(load, finished, tally, phases)


async def _list_async(client: AsyncFaceAuditClient, listing: Listing, tally: Tally) -> None:
    ledger, again = listing.ledger, True
    pager = client.audit_entries.list(ledger.session, **listing.arguments)
    while True:
        try:
            async for entry in pager:
                ledger.take(entry)
        except FaceAuditError as error:
            tally.surface(error)
            await asyncio.sleep(PAUSE)
            again = not again
            if again:
                checkpoint = json.loads(json.dumps(error.checkpoint))
                pager = client.audit_entries.list(ledger.session, checkpoint=checkpoint, **listing.arguments)
        else:
            return


class _Phases:
    """What the service counted in each phase."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.counted: dict[str, dict[str, float]] = {}
        self._name, self._length = "", 0.0
        self._start: Counter[str]

    def begin(self, name: str, length: float) -> None:
        """Begin a phase."""
        self._name, self._length = name, length
        self._start = self._server.figures()
        if name == "brown-out":
            self._server.begin_brown_out(length)

    def end(self) -> None:
        """End it."""
        counted = self._server.figures()
        counted.subtract(self._start)
        self.counted[self._name] = {name: value / self._length for name, value in counted.items()}
        if self._name == "brown-out":
            self.brown_out = counted

    def total(self) -> Counter[str]:
        """What the service has counted since it began."""
        return self._server.figures()


def _figures(load: Load, finished: Counter[str], tally: Tally, phases: _Phases) -> dict[str, object]:
    tally.check_budget()
    counted, total = phases.brown_out, phases.total()
    most = max(MOST_EARLY * counted["requests"], FEW)
    require(counted["too early"] <= most, f"{counted['too early']} requests came while all calls were told to wait")
    strays = {
        "strays after a page, in its segment": total["strays: same segment"],
        "strays on an idle connection": total["strays: idle"],
        "strays before a page": total["strays: before"],
        "strays that the client read as an answer": total["strays read"],
        "answers that it read for another request's": total["shifted"],
    }
    if load.verify is None:
        return {
            "callers": load.callers,
            "listings": finished["listings"],
            **strays,
            "listings that ended early, unseen": finished["early"],
            "entries that were lost with them": finished["missing"],
        }
    # Otherwise no stray was taken for an end, and the run has shown nothing.
    require(not load.strays or total["ends contradicted"] > 0, "no end of a listing was contradicted; run for longer")
    return {
        "callers": load.callers,
        "listings, each entry once and in order": finished["listings"],
        "listings with prefetch=True": finished["prefetched"],
        **strays,
        "ends that a fresh connection contradicted": total["ends contradicted"],
        "requests": tally.attempts,
        "retries": tally.retries,
        "retries within the budget": tally.own_retries,
        "errors that reached the callers": sum(tally.surfaced.values()),
        "by class": ", ".join(f"{name}: {count:,}" for name, count in sorted(tally.surfaced.items())) or "none",
        "of them for a spent budget": tally.refusals,
        **{f"requests/s {name}": round(rates["requests"]) for name, rates in phases.counted.items()},
        **{f"faults in the brown-out: {name}": counted[name] for name in ("reset", "503", "429")},
        "requests in the brown-out while told to wait": counted["too early"],
    }
