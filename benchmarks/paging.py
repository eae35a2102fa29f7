"""Listings from their first to their last page, as a worker runs them; only our pager is played."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import ModuleType
from typing import Any, TypeAlias

from .pages import read_session
from .timing import Sample

Use: TypeAlias = Callable[[Any], object]
"""What the caller does with an entry."""


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
    read: bool = False,
) -> Sample | None:
    """CPU and wall time of this many listings side by side; None where the pager cannot prefetch.

    With `read`, the caller reads the decision of each entry, and else does nothing with it.
    """
    if prefetch and not peer.PREFETCH:
        return None
    more: dict[str, Any] = {"top": top} | ({"prefetch": True} if prefetch else {})
    listing = partial((peer.page_async if kind == "async" else peer.page_sync)(url), session, **more)
    use = peer.decision if read else bool
    cpu, wall = time.process_time(), time.perf_counter()
    if kind == "async":
        counts = loop.run_until_complete(_count_async(listing, use, at_once))
    else:
        counts = _count(listing, use, at_once)
    taken = time.process_time() - cpu, time.perf_counter() - wall
    if counts != at_once * [read_session(session)[0]]:
        raise SystemExit(f"{kind}: listed {counts} entries of {session}")
    return taken


def _count(listing: Callable[[], Iterator[Any]], use: Use, at_once: int) -> list[int]:
    def count(_: int) -> int:
        entries = 0
        for entry in listing():
            use(entry)
            entries += 1
        return entries

    if at_once == 1:
        return [count(0)]
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(count, range(at_once)))


async def _count_async(listing: Callable[[], AsyncIterator[Any]], use: Use, at_once: int) -> list[int]:
    async def count() -> int:
        entries = 0
        async for entry in listing():
            use(entry)
            entries += 1
        return entries

    return list(await asyncio.gather(*(count() for _ in range(at_once))))
