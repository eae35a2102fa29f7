"""The measures of a run: which peers take part, and what each of them is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from .cold import first_pages, imports
from .pages import MOST, session
from .processes import Peer
from .results import (
    ASYNC_LARGE,
    AT_ONCE,
    CHAINED,
    CHAINED_READ,
    CHECK,
    DECODE,
    DECODE_READ,
    DECODE_UNKNOWN,
    FIRST_PAGE,
    IMPORT,
    PREFETCHED,
    SEQUENTIAL,
    SHAPE,
    SHAPE_READ,
    SYNC_LARGE,
    SYNC_SMALL,
    Results,
    Size,
    async_small,
)
from .shapes import SHAPES
from .timing import Sample, Timing, interleave

PEERS = ("ours", "structs", "orjson", "stock", "azure")
_CALLERS = ("ours", "structs", "stock", "azure")
_DECODERS = ("ours", "orjson")
"""Those that take a page in every shape."""
_FEW = 5
_BATCHES = {1: 16, 16: 4, 64: 2}
"""Calls of each task in one sample."""

Workers: TypeAlias = Mapping[str, Peer]


def time_decoding(workers: Workers, size: Size, results: Results) -> None:
    """A page of 1000 entries, from bytes, and the same in every shape."""
    plain, unknown = session(MOST), session(MOST, unknown=True)
    for measure, do, name in (
        (DECODE, "decode", plain),
        (DECODE_READ, "decide", plain),
        (DECODE_UNKNOWN, "decode", unknown),
    ):
        asked = {peer: _asking(workers[peer], do, session=name, seconds=size.seconds) for peer in PEERS}
        results.timings[measure] = interleave(asked, rounds=size.rounds)
    for shape in SHAPES:
        for measure, do in ((SHAPE, "decode_shape"), (SHAPE_READ, "decide_shape")):
            asked = {peer: _asking(workers[peer], do, shape=shape, seconds=size.seconds) for peer in _DECODERS}
            results.timings[measure.format(shape)] = interleave(asked, rounds=size.rounds)
    asked = {"ours": _asking(workers["ours"], "check", session=session(MOST), seconds=size.seconds)}
    results.timings[CHECK] = interleave(asked, rounds=size.rounds)


def time_calls(workers: Workers, size: Size, results: Results, url: str) -> None:
    """Whole calls, the sync client's one after the other, the async client's side by side."""
    some: dict[str, Any] = {"url": url, "seconds": size.seconds}
    for measure, top, batch in ((SYNC_SMALL, _FEW, 10), (SYNC_LARGE, MOST, 1)):
        order = {"session": session(top), "top": top, "batch": batch}
        asked = {peer: _asking(workers[peer], "sync", **order, **some) for peer in _CALLERS}
        results.timings[measure] = interleave(asked, rounds=size.rounds)
    small = [(async_small(at_once), _FEW, at_once, _BATCHES[at_once]) for at_once in AT_ONCE]
    for measure, top, at_once, batch in (*small, (ASYNC_LARGE, MOST, 1, 1)):
        order = {"session": session(top), "top": top, "batch": batch, "at_once": at_once}
        asked = {peer: _asking(workers[peer], "run", **order, **some) for peer in _CALLERS}
        results.timings[measure] = interleave(asked, rounds=size.rounds)


def time_processes(size: Size, results: Results, url: str) -> None:
    """Imports and first pages."""
    results.timings[IMPORT] = imports(size.starts)
    results.timings[FIRST_PAGE] = first_pages(url, session(_FEW), size.starts)


def time_chains(workers: Workers, size: Size, results: Results, url: str) -> None:
    """Ten pages that depend on each other, each of which takes the server 20 ms."""
    ours = workers["ours"]
    order: dict[str, Any] = {"url": url, "session": session(10 * MOST, milliseconds=20), "top": MOST}
    for kind, measure, read in (
        *((kind, measure, False) for kind, measure in CHAINED.items()),
        *((kind, measure, True) for kind, measure in CHAINED_READ.items()),
    ):
        order |= {"kind": kind, "read": read}
        asked = {SEQUENTIAL: partial(_one, ours, **order)}
        if ours.ask("page", prefetch=True, **order) is not None:
            asked[PREFETCHED] = partial(_one, ours, prefetch=True, **order)
        results.timings[measure] = interleave(asked, rounds=size.chained)


def time_growth(workers: Workers, size: Size, results: Results, url: str) -> None:
    """The cost of a page of five entries, as listings grow and as more of them are paged side by side."""
    for kind in ("sync", "async"):
        for at_once in AT_ONCE:
            lengths = [pages for pages in size.pages if pages * at_once <= size.most_pages]
            results.growth[kind, at_once] = {
                pages: _page_costs(workers["ours"], url, kind, pages, at_once) for pages in lengths
            }


def weigh(workers: Workers, size: Size, results: Results, url: str) -> None:
    """Peak memory of paging, in fresh processes, and what kept entries take."""
    for kind in ("sync", "async"):
        results.peaks[kind] = {}
        for entries in size.entries:
            with Peer("ours") as fresh:
                fresh.ask("page", url=url, kind=kind, session=session(entries), top=MOST)
                results.peaks[kind][entries] = fresh.ask("peak")
    for name, worker in workers.items():
        untouched, read = (worker.ask("retained", session=session(MOST), read=read) for read in (False, True))
        results.retained[name] = untouched, read
        results.kept[name] = worker.ask("kept", session=session(MOST))


def _page_costs(ours: Peer, url: str, kind: str, pages: int, at_once: int) -> Timing:
    asked = [_one(ours, url=url, kind=kind, session=session(pages * _FEW), top=_FEW, at_once=at_once) for _ in range(3)]
    count = pages * at_once
    return Timing.of([(cpu / count, wall / count) for ((cpu, wall),) in asked])


def _one(ours: Peer, **order: Any) -> list[Sample]:
    return [ours.ask("page", **order)]


def _asking(worker: Peer, do: str, **order: Any) -> Callable[[], list[Sample]]:
    return partial(worker.ask, do, **order)
