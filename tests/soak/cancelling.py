"""Async calls that are cancelled at random points, some while connecting, some while waiting, some while reading."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections import Counter
from typing import TYPE_CHECKING

from face_audit import AsyncFaceAuditClient, FaceAuditError

from .measures import KEY, RETRY, TIMEOUTS, Held, Ledger, Server, Tally, require, serve

if TYPE_CHECKING:
    from face_audit import Page
    from face_audit.models import AuditEntry

AT_ONCE = 32
LATEST = 0.04
"""Seconds after which a call is cancelled, at most."""
MOST_TURNS = 40
"""Of the event loop after which a call is cancelled, at most."""
PATIENCE = 2.0
"""Seconds within which a cancelled call has to end."""


def cancel(count: int) -> dict[str, object]:
    """The figures, after `count` calls have been cancelled."""
    return asyncio.run(_cancel(count))


async def _cancel(count: int) -> dict[str, object]:
    with serve() as server:
        tally, ends, began = Tally(), Counter[str](), time.monotonic()
        without_client = Held.now(len(asyncio.all_tasks()))
        made = AsyncFaceAuditClient(KEY, endpoint=server.url, retry=RETRY, timeouts=TIMEOUTS, on_event=tally)
        slowest, chance = 0.0, random.Random(2)
        async with made as client:
            while ends["cancelled"] < count:
                batch = [_cancel_one(client, f"cancelled-{number}", chance) for number in range(AT_ONCE)]
                for end, seconds in await asyncio.gather(*batch):
                    ends[end] += 1
                    slowest = max(slowest, seconds)
            await _require_nothing_leaked(server, without_client)
            await _require_it_works(client, tally)
            files = Held.now().files - without_client.files
        await asyncio.sleep(0.1)
        after = Held.now(len(asyncio.all_tasks()))
        require(after == without_client, f"held {without_client} before the client and {after} after it")
        require(slowest < PATIENCE, f"a cancelled call took {slowest:.2f} s to end")
        return {
            "calls": ends.total(),
            "cancelled": ends["cancelled"],
            "answered before that": ends["answered"],
            "errors that reached the caller": ends["error"],
            "slowest end of a cancelled call, ms": round(slowest * 1000, 1),
            "connections kept at the end": files,
            "left after closing": "nothing",
            "seconds": round(time.monotonic() - began, 1),
        }


async def _cancel_one(client: AsyncFaceAuditClient, name: str, chance: random.Random) -> tuple[str, float]:
    """How the call ended, and how many seconds after it was cancelled."""
    ledger = Ledger(name, 3)
    call = asyncio.create_task(_one_page(client, ledger))
    if chance.random() < 0.5:
        await asyncio.wait([call], timeout=chance.random() * LATEST)
    else:
        for _ in range(chance.randrange(MOST_TURNS)):
            await asyncio.sleep(0)
    told, at = call.cancel(), time.monotonic()
    (result,) = await asyncio.gather(call, return_exceptions=True)
    if isinstance(result, asyncio.CancelledError):
        return "cancelled", time.monotonic() - at
    require(not told, f"a call was cancelled and returned {result!r:.200}")
    if isinstance(result, FaceAuditError):
        return "error", 0.0
    require(not isinstance(result, BaseException), f"a call ended with {result!r:.200}")
    ledger.finish()
    return "answered", 0.0


async def _one_page(client: AsyncFaceAuditClient, ledger: Ledger) -> None:
    page: Page[AuditEntry] = await client.audit_entries.list_page(ledger.session, top=ledger.count)
    for entry in page.items:
        ledger.take(entry)


async def _require_nothing_leaked(server: Server, without_client: Held) -> None:
    gc.collect()
    for _ in range(20):  # the service has to notice that connections were closed
        await asyncio.sleep(0.1)
        held, served = Held.now(len(asyncio.all_tasks())), server.figures()["open"]
        if held.files - without_client.files == served:
            break
    require(held.tasks == without_client.tasks, f"{held.tasks - without_client.tasks} tasks are left")
    require(held.threads == without_client.threads, f"{held.threads - without_client.threads} threads are left")
    kept = held.files - without_client.files
    require(kept == served, f"the client holds {kept} descriptors, the service has {served} connections")
    require(kept <= AT_ONCE, f"{kept} connections are left of {AT_ONCE} calls at once")


async def _require_it_works(client: AsyncFaceAuditClient, tally: Tally) -> None:
    ledger = Ledger("afterwards", 400)
    pager = client.audit_entries.list(ledger.session, top=2)
    while True:
        try:
            async for entry in pager:
                ledger.take(entry)
            break
        except FaceAuditError as error:
            tally.surface(error)
    ledger.finish()
