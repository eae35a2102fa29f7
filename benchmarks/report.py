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

`nox -s bench` plays our clients beside two others and beside the floors, in one run, and writes this page; `-- --quick`
takes less than a minute and writes nothing. A server on loopback, in a process of its own, answers with bytes that it
has ready: pages of 5 and of 1000 entries in the shape that was recorded, {size:.0f} bytes an entry. Each peer works in
a process of its own, and they take turns in every round. Before anything is timed, every peer has to find the same
entries, with the same ids, digests, times, statuses and decisions, in every page and on every way; and ours has to give
back fields that it does not know.

- **ours**: both clients of face-audit, as they come.
- **structs**: the floor of a typed call: a raw socket (sync) or aiohttp (async), and msgspec Structs, which lose the
  fields that they do not know. There are no retries, limits, checks or errors.
- **orjson**: the floor of decoding, `orjson.loads`, which gives plain values.
- **stock**: what openapi-python-client makes of the same document.
- **azure**: azure-ai-vision-face, the vendor's package."""
_FIGURES = """## Figures

Ratios of medians; of CPU time of the client's process, but for chained pages, which are about wall time.

What prefetching hides is the time that the client and its caller take for a page. Of the client alone that is too
little beside 20 ms for the figure; with a caller that reads the decision of each entry, which has rows of its own
below, it is more. First pages come from an endpoint in the clear: with https, each loads and sets up TLS, too."""
_TIMES = """## Times

Milliseconds of one call or one process: the median, with the quartiles around it. Decoding leaves out freeing what was
decoded. Of ours it is what the client does with the bytes of an answer, up to the listing whose ids and sessions are
read; the pager's checks of a page stand for themselves. What the document leaves open, such as the body with the
decision, ours reads when it is asked for, so a row of its own asks for it. Imports and first pages count whole
processes, from Python's start to its end; the figures above take bare Python's off imports and off nothing else."""
_GROWTH = """## The cost of a page as listings grow

CPU milliseconds of a page of five entries, from listings that are paged to their end by threads or tasks on one client;
medians of three runs. `-`: together they would have more than 64,000 pages, and were left out."""
_PEAKS = """## Peak memory

MB that a fresh process held at most that lists a session, entry by entry, in pages of 1000."""
_RETAINED = """## An entry that is kept

Bytes of memory of one entry of a page of 1000, the page's own bytes left out: as it comes, and once its id, digest,
time, status and decision were read."""
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
        table(("bytes", "as it comes", "read"), [[name, *map(round, both)] for name, both in results.retained.items()]),
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
