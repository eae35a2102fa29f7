"""Runs both clients against a service with faults, prints tables, and writes docs/soak.md: `nox -s soak`."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tests.figures import origin, table, write_page

from .brown_out import Load, brown_out_async, brown_out_sync
from .cancelling import cancel
from .measures import BrokenPromiseError
from .paging import page_async, page_sync

if TYPE_CHECKING:
    from collections.abc import Callable

CALLERS = {"threads": 64, "tasks": 256, "strays": 0.1}
FULL = {"pages": 100_000, "cancelled": 10_000, **CALLERS, "brown_out": 60.0, "plain": 10.0}
QUICK = {"pages": 4_000, "cancelled": 1_000, **CALLERS, "brown_out": 4.0, "plain": 1.0}

INTRODUCTION = """# Soak

`nox -s soak` runs both clients for minutes against a service on loopback, which is a separate process and shares no
code with the package; `-- --quick` takes less than a minute. The session fails at the first broken promise. These are
the figures of the last full run."""
TEXTS = {
    "Paging": """One listing of two entries a page with each client, and a fault in one of twenty requests: resets, cut
bodies, 503, 429, slow answers; every tenth page is compressed. Every entry must arrive once and in order, memory may
grow by less than 1 MB over the second half, and file descriptors, threads and tasks may not grow at all.""",
    "Cancelling": """Calls of 32 tasks, each cancelled after a random time or a random number of turns of the event
loop, with the same faults. A cancelled call must end as cancelled and leave nothing open, and the client must list a
session afterwards.""",
    "Brown-out": """Many callers share one client, with more tasks than its pool has connections (100). For a minute,
85 % of the requests are answered by a reset, a 503, or a 429 that asks to wait 0.4 s. A caller that gets an error
resumes after 0.1 s, every second time with a new pager from the checkpoint. One of ten pages comes with a stray: an
empty page that no request asked for, in the same segment after the page, in a segment of its own on the idle connection
up to 2 ms later, or in a segment of its own before the page, which shifts all later answers of the connection by one. A
stray never comes first on a connection. All listings use `verify="end"`, and one caller of four `prefetch=True`.

Every caller must get its own entries, once and in order. An end is contradicted if a fresh connection gives entries
where an empty page, a stray or the answer to another request, seemed to end the listing. The client's own retries must
stay within the budget and what successes add to it. While the service has asked to wait, requests may arrive for 0.2 s
that were already under way; later, at most one request in a hundred may arrive.""",
    "Plain listings": """The same for ten seconds without `verify`. A stray can end such a listing early, and no error
says so. That is the limit which `verify="end"` removes. Entries that do arrive must be the caller's own, once and in
order. The service sends strays far more often than a real one, so the share of such listings predicts nothing.""",
}


def main() -> int:
    """Run all parts; returns 1 if one of them broke a promise."""
    parser = argparse.ArgumentParser(prog="nox -s soak --", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, less than a minute; writes nothing")
    parser.add_argument("--pages", type=int, help="of both clients together")
    parser.add_argument("--cancelled", type=int, help="calls")
    parser.add_argument("--threads", type=int, help="on one sync client in the brown-out")
    parser.add_argument("--tasks", type=int, help="on one async client in the brown-out")
    parser.add_argument("--strays", type=float, help="the share of the pages in the brown-out that come with a stray")
    parser.add_argument("--brown-out", type=float, help="seconds")
    parser.add_argument("--plain", type=float, help="seconds of the brown-out with plain listings")
    given = vars(parser.parse_args())
    sizes = (QUICK if given.pop("quick") else FULL) | {name: size for name, size in given.items() if size is not None}
    pages, cancelled, threads, tasks, strays, seconds, plain = (sizes[name] for name in FULL)
    parts: dict[str, dict[str, Callable[[], dict[str, object]]]] = {
        "Paging": {"sync": lambda: page_sync(pages // 2), "async": lambda: page_async(pages // 2)},
        "Cancelling": {"async": lambda: cancel(cancelled)},
        "Brown-out": {
            "sync": lambda: brown_out_sync(Load(threads, seconds, strays, "end")),
            "async": lambda: brown_out_async(Load(tasks, seconds, strays, "end")),
        },
        "Plain listings": {
            "sync": lambda: brown_out_sync(Load(threads, plain, strays, None)),
            "async": lambda: brown_out_async(Load(tasks, plain, strays, None)),
        },
    }
    full = sizes == FULL
    source = origin("soak.md", "face-audit", "attrs")
    began = time.monotonic()
    try:
        tables = {title: run(title, part) for title, part in parts.items()}
    except BrokenPromiseError as error:
        print(f"broken: {error}")
        return 1
    print(f"all promises held, in {time.monotonic() - began:.0f} s")
    text = page(tables, source)
    if full:
        write_page("soak.md", *text)
    return 0


def run(title: str, part: dict[str, Callable[[], dict[str, object]]]) -> str:
    """The table of one part: a row for each figure, a column for each client."""
    columns = {name: work() for name, work in part.items()}
    (first, *_) = columns.values()
    rows = [[figure, *(column[figure] for column in columns.values())] for figure in first]
    made = table((title.lower(), *columns), rows)
    print(made, end="\n\n", flush=True)
    return made


def page(tables: dict[str, str], source: str) -> list[str]:
    """The parts of docs/soak.md."""
    parts = [f"## {title}\n\n{TEXTS[title]}\n\n{made}" for title, made in tables.items()]
    return [INTRODUCTION, *parts, "## Origin", source]


if __name__ == "__main__":
    sys.exit(main())
