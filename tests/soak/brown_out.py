"""Many threads or tasks on one client while most answers of the service are errors for a while."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from face_audit import AsyncFaceAuditClient, FaceAuditClient, FaceAuditError

from .measures import KEY, RETRY, TIMEOUTS, Held, Ledger, Server, Tally, require, serve

if TYPE_CHECKING:
    from collections import Counter

ENTRIES, TOP = 40, 4
PAUSE = 0.1
"""Seconds that a caller waits after an error, before it goes on from the checkpoint."""
MOST_EARLY = 0.01
"""Of the requests in a brown-out: those that may come while all calls were told to wait."""
FEW = 3
"""Of them in a short run."""


def brown_out_sync(callers: int, seconds: float) -> dict[str, object]:
    """The figures of the sync client, with as many threads."""
    with serve() as server:
        before, tally, stop = Held.now(), Tally(), threading.Event()
        with FaceAuditClient(KEY, endpoint=server.url, retry=RETRY, timeouts=TIMEOUTS, on_event=tally) as client:

            def work(caller: int) -> int:
                for number in itertools.count():
                    if stop.is_set():
                        return number
                    ledger = Ledger(f"thread-{caller}-{number}", ENTRIES)
                    _list(client, ledger, tally)
                    ledger.finish()
                raise AssertionError

            with ThreadPoolExecutor(callers) as threads:
                running = [threads.submit(work, caller) for caller in range(callers)]
                phases = _Phases(server)
                for name, length in _plan(seconds):
                    phases.begin(name, length)
                    time.sleep(length)
                    phases.end()
                stop.set()
                finished = sum(thread.result() for thread in running)
        require((after := Held.now()) == before, f"held {before} before and {after} after")
        return _figures(callers, finished, tally, phases)


def _list(client: FaceAuditClient, ledger: Ledger, tally: Tally) -> None:
    pager, again = client.audit_entries.list(ledger.session, top=TOP), True
    while True:
        try:
            for entry in pager:
                ledger.take(entry)
        except FaceAuditError as error:
            tally.surface(error)
            time.sleep(PAUSE)
            again = not again
            if again:  # every second time a new pager goes on, as after a restart
                checkpoint = json.loads(json.dumps(error.checkpoint))
                pager = client.audit_entries.list(ledger.session, top=TOP, checkpoint=checkpoint)
        else:
            return


def brown_out_async(callers: int, seconds: float) -> dict[str, object]:
    """The figures of the async client, with as many tasks."""
    return asyncio.run(_brown_out_async(callers, seconds))


async def _brown_out_async(callers: int, seconds: float) -> dict[str, object]:
    with serve() as server:
        before, tally, stop = Held.now(len(asyncio.all_tasks())), Tally(), asyncio.Event()
        made = AsyncFaceAuditClient(KEY, endpoint=server.url, retry=RETRY, timeouts=TIMEOUTS, on_event=tally)
        async with made as client:

            async def work(caller: int) -> int:
                for number in itertools.count():
                    if stop.is_set():
                        return number
                    ledger = Ledger(f"task-{caller}-{number}", ENTRIES)
                    await _list_async(client, ledger, tally)
                    ledger.finish()
                raise AssertionError

            running = [asyncio.create_task(work(caller)) for caller in range(callers)]
            phases = _Phases(server)
            for name, length in _plan(seconds):
                phases.begin(name, length)
                await asyncio.sleep(length)
                phases.end()
            stop.set()
            finished = sum(await asyncio.gather(*running))
        await asyncio.sleep(0.1)
        after = Held.now(len(asyncio.all_tasks()))
        require(after == before, f"held {before} before and {after} after")
        return _figures(callers, finished, tally, phases)


async def _list_async(client: AsyncFaceAuditClient, ledger: Ledger, tally: Tally) -> None:
    pager, again = client.audit_entries.list(ledger.session, top=TOP), True
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
                pager = client.audit_entries.list(ledger.session, top=TOP, checkpoint=checkpoint)
        else:
            return


def _plan(seconds: float) -> tuple[tuple[str, float], ...]:
    return ("before", seconds / 10), ("brown-out", seconds), ("after", seconds / 10)


class _Phases:
    """What the service counted in each phase."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.counted: dict[str, dict[str, float]] = {}
        self._name, self._length = "", 0.0
        self._start: Counter[str]

    def begin(self, name: str, length: float) -> None:
        """A phase begins."""
        self._name, self._length = name, length
        self._start = self._server.figures()
        if name == "brown-out":
            self._server.begin_brown_out(length)

    def end(self) -> None:
        """It is over."""
        counted = self._server.figures()
        counted.subtract(self._start)
        self.counted[self._name] = {name: value / self._length for name, value in counted.items()}
        if self._name == "brown-out":
            self.brown_out = counted


def _figures(callers: int, finished: int, tally: Tally, phases: Any) -> dict[str, object]:
    tally.check_budget()
    counted = phases.brown_out
    most = max(MOST_EARLY * counted["requests"], FEW)
    require(counted["too early"] <= most, f"{counted['too early']} requests came while all calls were told to wait")
    return {
        "callers": callers,
        "sessions listed, each entry once and in order": finished,
        "requests": tally.attempts,
        "retries": tally.retries,
        "retries of the client's own": tally.own_retries,
        "errors that reached the callers": sum(tally.surfaced.values()),
        "of them for a spent budget": tally.refusals,
        **{f"requests/s {name}": round(rates["requests"]) for name, rates in phases.counted.items()},
        **{f"faults in the brown-out: {name}": counted[name] for name in ("reset", "503", "429")},
        "requests in the brown-out while told to wait": counted["too early"],
    }
