"""One long listing with each client, with faults in one of twenty requests."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from face_audit import AsyncFaceAuditClient, FaceAuditClient, FaceAuditError

from .measures import KEY, RETRY, TIMEOUTS, Held, Ledger, Samples, Tally, require, serve

if TYPE_CHECKING:
    from .measures import Server

TOP = 2
"""Entries of a page."""
SAMPLES = 100
JUDGED = 5_000
"""Pages from which on the growth of memory says something."""
MOST_GROWTH = 1.0
"""MB."""


def page_sync(pages: int) -> dict[str, object]:
    """The figures of the sync client."""
    with serve() as server:
        before, began = Held.now(), time.monotonic()
        ledger, tally, samples = Ledger("sync", pages * TOP), Tally(), Samples()
        with FaceAuditClient(KEY, endpoint=server.url, retry=RETRY, timeouts=TIMEOUTS, on_event=tally) as client:
            pager = client.audit_entries.list(ledger.session, top=TOP)
            taken = 0
            while True:
                try:
                    for entry in pager:
                        ledger.take(entry)
                        taken += 1
                        if taken % (ledger.count // SAMPLES) == 0:
                            samples.add()
                    break
                except FaceAuditError as error:
                    tally.surface(error)
        ledger.finish()
        _check(samples, before, Held.now(), judge_memory=pages >= JUDGED)
        return _figures(pages, server, tally, samples, time.monotonic() - began)


def page_async(pages: int) -> dict[str, object]:
    """The figures of the async client."""
    return asyncio.run(_page_async(pages))


async def _page_async(pages: int) -> dict[str, object]:
    with serve() as server:
        before, began = Held.now(len(asyncio.all_tasks())), time.monotonic()
        ledger, tally, samples = Ledger("async", pages * TOP), Tally(), Samples()
        made = AsyncFaceAuditClient(KEY, endpoint=server.url, retry=RETRY, timeouts=TIMEOUTS, on_event=tally)
        async with made as client:
            pager = client.audit_entries.list(ledger.session, top=TOP)
            taken = 0
            while True:
                try:
                    async for entry in pager:
                        ledger.take(entry)
                        taken += 1
                        if taken % (ledger.count // SAMPLES) == 0:
                            samples.add(len(asyncio.all_tasks()))
                    break
                except FaceAuditError as error:
                    tally.surface(error)
        ledger.finish()
        await asyncio.sleep(0.05)  # closed sockets are taken out of the loop in its next turn
        after = Held.now(len(asyncio.all_tasks()))
        _check(samples, before, after, judge_memory=pages >= JUDGED)
        return _figures(pages, server, tally, samples, time.monotonic() - began)


def _figures(pages: int, server: Server, tally: Tally, samples: Samples, seconds: float) -> dict[str, object]:
    counted = server.figures()
    return {
        "pages": pages,
        "entries, each once and in order": pages * TOP,
        "requests": counted["requests"],
        **{f"faults: {name}": counted[name] for name in ("reset", "cut", "503", "429", "slow")},
        "retries": tally.retries,
        "errors that reached the caller": sum(tally.surfaced.values()),
        "memory at the end, MB": samples.memory[-1],
        "growth over the second half, MB": samples.growth,
        "file descriptors": samples.span("files"),
        "threads": samples.span("threads"),
        "tasks": samples.span("tasks"),
        "seconds": round(seconds, 1),
    }


def _check(samples: Samples, before: Held, after: Held, *, judge_memory: bool) -> None:
    require(after == before, f"held {before} before and {after} after")
    half = len(samples.held) // 2
    for name in ("files", "threads", "tasks"):
        early, late = (max(getattr(one, name) for one in part) for part in (samples.held[:half], samples.held[half:]))
        require(late <= early, f"{name} grew from {early} to {late}")
    if judge_memory:
        require(samples.growth < MOST_GROWTH, f"memory grew by {samples.growth:.2f} MB")
