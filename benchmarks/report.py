"""The page and the chart of a run: docs/benchmarks.md and docs/benchmarks.svg."""

from __future__ import annotations

from typing import Any

from tests import figures
from tests.figures import table

from .figures import FIGURES
from .importing import longest
from .results import Results
from .timing import Spread

CHART = figures.ROOT / "docs" / "benchmarks.svg"
_PACKAGES = (
    "face-audit",
    "attrs",
    "httpcore",
    "aiohttp",
    "msgspec",
    "orjson",
    "openapi-python-client",
    "httpx",
    "azure-ai-vision-face",
    "azure-core",
    "requests",
)
_INTRODUCTION = """# Benchmarks

`nox -s bench` measures our clients, two others and two floors in one run, and writes this page; `-- --quick` takes
about a minute and writes nothing. A server on loopback, which is a separate process, answers with prepared bytes:
pages of 5 and of 1000 entries in the recorded shape, {size:.0f} bytes an entry. Each peer works in its own process,
and the peers take turns in every round. Before anything is timed, every peer has to find the same entries, with the
same ids, digests, times, statuses and decisions, in every page and on every way; and ours has to give back fields
that it does not know.

- **ours**: both clients of face-audit, with their defaults.
- **structs**: the floor of a typed call: a raw socket (sync) or aiohttp (async), and msgspec Structs, which lose
  unknown fields. There are no retries, limits, checks or errors.
- **orjson**: the floor of decoding: `orjson.loads`, which gives plain values.
- **stock**: the client that openapi-python-client generates from the same document.
- **azure**: azure-ai-vision-face, the vendor's package."""
_FIGURES = """## Figures

Ratios of medians. They compare CPU time of the client's process; those of chained pages compare wall time.

Prefetching hides the time that the client and its caller take for a page. The client alone takes too little beside 20
ms to reach the figure; a caller that reads the decision of each entry, which has its own rows below, takes more.
First pages come from an endpoint without TLS; with https, each peer also loads and sets up TLS."""
_TIMES = """## Times

Milliseconds of one call or one process: the median, with the quartiles around it. Decoding excludes the time to free
the result. For ours, it is the client's work on the bytes of an answer, up to the listing whose ids and sessions are
read; the pager's checks of a page have their own row. Ours reads values that the document leaves open, such as the
body with the decision, on first access; another row includes that access. Imports and first pages count whole
processes, from Python's start to its end; only the figure of imports above has bare Python's time subtracted."""
_GROWTH = """## The cost of a page as listings grow

CPU milliseconds of a page of five entries, from listings that threads or tasks of one client page to their end;
medians of three runs. `-`: not measured, because the listings together would have more than 16,000 pages."""
_PEAKS = """## Peak memory

The most memory, in MB, of a fresh process that lists a session, entry by entry, in pages of 1000."""
_RETAINED = """## An entry that is kept

Bytes of memory of one entry of a page of 1000, without the bytes of the page: before any access, and after reading
its id, digest, time, status and decision."""
_IMPORTS = """## What is imported

`python -X importtime`, microseconds: of the modules that a bare Python does not load, the fifteen that take longest."""
_NONE = "-"


def origin() -> str:
    """The origin of the figures: versions, commit, sources and date."""
    return figures.origin("benchmarks.md", *_PACKAGES)


def figures_table(results: Results) -> str:
    """The figures to reach."""
    return table(("what", "at most", "measured", "reached"), [figure.row(results) for figure in FIGURES])


def page(results: Results, source: str, entry_size: float) -> list[str]:
    """The parts of docs/benchmarks.md; `entry_size` is in bytes."""
    return [
        _INTRODUCTION.format(size=entry_size),
        _FIGURES,
        figures_table(results),
        f"![CPU time of each peer, measure by measure]({CHART.name})",
        _TIMES,
        _times_table(results),
        _GROWTH,
        _growth_table(results),
        _PEAKS,
        _peaks_table(results),
        _RETAINED,
        table(("bytes", "not read", "read"), [[name, *map(round, both)] for name, both in results.retained.items()]),
        _IMPORTS,
        *_import_tables(results),
        "## Origin",
        source,
    ]


def _times_table(results: Results) -> str:
    rows = list[list[Any]]()
    for measure, timings in results.timings.items():
        for place, (peer, timing) in enumerate(timings.items()):
            times = [*_milliseconds(timing.cpu), *_milliseconds(timing.wall)]
            rows.append(["" if place else measure, peer, *times, timing.samples])
    return table(("measure", "peer", "CPU", "quartiles", "wall", "quartiles", "samples"), rows)


def _milliseconds(spread: Spread) -> tuple[str, str]:
    low, middle, high = (f"{seconds * 1000:.3g}" for seconds in (spread.low, spread.middle, spread.high))
    return middle, f"{low} to {high}"


def _growth_table(results: Results) -> str:
    lengths = sorted({pages for costs in results.growth.values() for pages in costs})
    rows = [
        [f"{kind}, {at_once} at once"]
        + [f"{costs[pages].cpu.middle * 1000:.3f}" if pages in costs else _NONE for pages in lengths]
        for (kind, at_once), costs in results.growth.items()
    ]
    return table(("pages of each listing", *(f"{pages:,}" for pages in lengths)), rows)


def _peaks_table(results: Results) -> str:
    counts = sorted({entries for peaks in results.peaks.values() for entries in peaks})
    rows = [[kind, *(f"{peaks[entries] / 1e6:.1f}" for entries in counts)] for kind, peaks in results.peaks.items()]
    return table(("entries", *(f"{entries:,}" for entries in counts)), rows)


def _import_tables(results: Results) -> list[str]:
    parts = list[str]()
    for statement, times in results.import_times.items():
        rows = [[f"`{one.module}`", one.own, one.total] for one in longest(times)]
        rows.append([f"in all: {len(times)}", sum(one.own for one in times), ""])
        parts.append(table((f"`{statement}`", "itself", "with all that it loads"), rows))
    return parts
