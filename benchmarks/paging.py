"""Listings from their first to their last page, as a worker runs them; only our pager is played."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

from .pages import read_session
from .timing import Sample


def run(  # one keyword for each thing of an order
    peer: ModuleType,
    loop: asyncio.AbstractEventLoop,
    *,
    url: str,
    kind: str,
    session: str,
    top: int,
    at_once: int = 1,
    prefetch: bool = False,
) -> Sample | None:
    """CPU and wall time of so many listings side by side; None where the pager cannot prefetch."""
    if prefetch and not peer.PREFETCH:
        return None
    more: dict[str, Any] = {"top": top} | ({"prefetch": True} if prefetch else {})
    cpu, wall = time.process_time(), time.perf_counter()
    if kind == "async":
        counts = loop.run_until_complete(_count_async(peer, url, session, at_once, more))
    else:
        counts = _count(peer, url, session, at_once, more)
    taken = time.process_time() - cpu, time.perf_counter() - wall
    if counts != at_once * [read_session(session)[0]]:
        raise SystemExit(f"{kind}: listed {counts} entries of {session}")
    return taken


def _count(peer: ModuleType, url: str, session: str, at_once: int, more: dict[str, Any]) -> list[int]:
    pager = peer.page_sync(url)

    def count(_: int) -> int:
        return sum(1 for _ in pager(session, **more))

    if at_once == 1:
        return [count(0)]
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(count, range(at_once)))


async def _count_async(peer: ModuleType, url: str, session: str, at_once: int, more: dict[str, Any]) -> list[int]:
    pager = peer.page_async(url)

    async def count() -> int:
        entries = 0
        async for _ in pager(session, **more):
            entries += 1
        return entries

    return list(await asyncio.gather(*(count() for _ in range(at_once))))
