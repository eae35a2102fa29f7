"""One peer in a process of its own: `python -m benchmarks.worker PEER`. Orders in, figures out, as JSON lines."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from . import memory, paging
from .pages import body
from .shapes import shaped
from .timing import Sample, sample, sample_async


class Worker:
    """A peer and what it has opened."""

    def __init__(self, peer: ModuleType) -> None:
        """Begin with nothing opened."""
        self._peer = peer
        self._loop = asyncio.new_event_loop()
        self._open_sync = cache(peer.open_sync) if hasattr(peer, "open_sync") else None
        self._opened = dict[str, Callable[..., Awaitable[Any]]]()

    def facts(self, *, url: str, session: str, top: int) -> dict[str, Any]:
        """What the peer finds in a page, by the way on which it came."""
        content = body(session, top=top)
        ways = {"decoded": self._peer.decode(content)}
        if self._open_sync is not None:
            ways["sync"] = self._open_sync(url)(session, top)
            ways["async"] = self._loop.run_until_complete(self._fetch_async(url)(session, top))
        return {way: [self._peer.facts(entry) for entry in entries] for way, entries in ways.items()}

    def exact(self, *, session: str) -> bool:
        """Whether the peer holds all that came."""
        return self._peer.is_exact(body(session))

    def decode(self, *, session: str, seconds: float) -> list[Sample]:
        """Decoding a page; freeing it is left out."""
        content = body(session)
        return sample(lambda: self._peer.decode(content), seconds=seconds)

    def decide(self, *, session: str, seconds: float) -> list[Sample]:
        """Decoding a page, and the decision of each entry."""
        content = body(session)
        return sample(lambda: [*map(self._peer.decision, self._peer.decode(content))], seconds=seconds)

    def decode_shape(self, *, shape: str, seconds: float) -> list[Sample]:
        """The same for a page in another shape; malformed entries are kept."""
        content = shaped(shape)
        return sample(lambda: self._peer.decode_any(content), seconds=seconds)

    def decide_shape(self, *, shape: str, seconds: float) -> list[Sample]:
        """The same, and the decision of each entry that has one."""
        content = shaped(shape)
        return sample(lambda: [*map(self._peer.decision_of_any, self._peer.decode_any(content))], seconds=seconds)

    def check(self, *, session: str, seconds: float) -> list[Sample]:
        """Verifying a page that was decoded."""
        return sample(self._peer.check(body(session)), seconds=seconds)

    def sync(self, *, url: str, session: str, top: int, seconds: float, batch: int) -> list[Sample]:
        """Calls one after the other."""
        assert self._open_sync is not None
        fetch = self._open_sync(url)
        return sample(lambda: fetch(session, top), seconds=seconds, batch=batch)

    def run(self, *, url: str, session: str, top: int, at_once: int, seconds: float, batch: int) -> list[Sample]:
        """Calls of this many tasks, `batch` of each in one sample."""
        fetch = self._fetch_async(url)

        async def call() -> None:
            for _ in range(batch):
                await fetch(session, top)

        async def call_all() -> None:
            await asyncio.gather(*(call() for _ in range(at_once)))

        return self._loop.run_until_complete(sample_async(call_all, seconds=seconds, calls=at_once * batch))

    def page(self, **order: Any) -> Sample | None:
        """A listing from its first to its last page."""
        return paging.run(self._peer, self._loop, **order)

    def peak(self) -> int:
        """The most memory that this process has held, in bytes."""
        return memory.peak()

    def retained(self, *, session: str, read: bool) -> float:
        """What an entry keeps in memory, in bytes, the page's own bytes left out."""
        return memory.retained(self._peer, body(session), read=read)

    def kept(self, *, session: str) -> int:
        """What one entry of a page keeps in memory, in bytes, the page included where it keeps that."""
        return memory.kept(self._peer, body(session))

    def _fetch_async(self, url: str) -> Any:
        if url not in self._opened:
            self._opened[url] = self._loop.run_until_complete(self._peer.open_async(url))
        return self._opened[url]


if __name__ == "__main__":
    worker = Worker(import_module(f"benchmarks.peers.{sys.argv[1]}"))
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(getattr(worker, order.pop("do"))(**order)), flush=True)
    os._exit(0)  # connections end with the process, and nobody is told that they were left open
