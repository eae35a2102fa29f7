"""The figures to reach: each as a bound, and how it comes out of what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .cold import BARE
from .results import (
    CHAINED,
    DECODE,
    FIRST_PAGE,
    IMPORT,
    PREFETCHED,
    SEQUENTIAL,
    SHAPE,
    SHAPE_READ,
    SYNC_LARGE,
    SYNC_SMALL,
    Results,
    async_small,
)
from .shapes import SHAPES

_MEGABYTE = 1_000_000
NOT_BUILT = "not built"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure."""

    what: str
    bound: float
    measure: Callable[[Results], dict[str, float]]
    """What is compared with the bound, by the name of its part; nothing where it is not built."""
    text: str = ""
    """How it is written, such as `{:+.3g} MB`; without it, it is a ratio."""

    def row(self, results: Results) -> list[str]:
        """What, at most, measured, reached."""
        values = self.measure(results)
        measured = ", ".join(f"{part}: {self._text(value)}".removeprefix(": ") for part, value in values.items())
        reached = "yes" if all(value <= self.bound for value in values.values()) else "no"
        return [self.what, self._text(self.bound), measured or NOT_BUILT, reached if values else NOT_BUILT]

    def _text(self, value: float) -> str:
        if self.text:
            return self.text.format(value)
        return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _cpu(results: Results, measure: str, peer: str) -> float:
    return results.timings[measure][peer].cpu.middle


def _ratio(measure: str, other: str) -> Callable[[Results], dict[str, float]]:
    return lambda results: {"": _cpu(results, measure, "ours") / _cpu(results, measure, other)}


def _shapes(measure: str) -> Callable[[Results], dict[str, float]]:
    return lambda results: {
        shape: _cpu(results, measure.format(shape), "ours") / _cpu(results, measure.format(shape), "orjson")
        for shape in SHAPES
    }


def _farthest(results: Results) -> dict[str, float]:
    ratios = _shapes(SHAPE)(results).values()
    return {"": max(ratios) / min(ratios)}


def _side_by_side(other: str) -> Callable[[Results], dict[str, float]]:
    def measure(results: Results) -> dict[str, float]:
        measures = {str(at_once): async_small(at_once) for at_once in (16, 64)}
        return {at_once: _cpu(results, name, "ours") / _cpu(results, name, other) for at_once, name in measures.items()}

    return measure


def _over_bare(results: Results) -> dict[str, float]:
    bare = _cpu(results, IMPORT, BARE)
    return {"": (_cpu(results, IMPORT, "ours") - bare) / (_cpu(results, IMPORT, "azure") - bare)}


def _prefetched(results: Results) -> dict[str, float]:
    timings = {kind: results.timings[measure] for kind, measure in CHAINED.items()}
    return {
        kind: timing[PREFETCHED].wall.middle / timing[SEQUENTIAL].wall.middle
        for kind, timing in timings.items()
        if PREFETCHED in timing
    }


def _grown(results: Results) -> dict[str, float]:
    return {kind: (peaks[max(peaks)] - peaks[min(peaks)]) / _MEGABYTE for kind, peaks in results.peaks.items()}


def _retained(results: Results) -> dict[str, float]:
    return {"": results.retained["ours"][0] / results.retained["azure"][0]}


def _rooms(count: str) -> Callable[[Results], dict[str, float]]:
    return lambda results: {"": getattr(results.rooms, count)}


FIGURES = (
    Figure(what="decode 1000 entries, unknown fields exact, against `orjson.loads`", bound=2.5, measure=_shapes(SHAPE)),
    Figure(what="the slowest of these shapes against the fastest", bound=1.8, measure=_farthest),
    Figure(what="decode 1000 entries and read each decision, against the same", bound=3.6, measure=_shapes(SHAPE_READ)),
    Figure(what="decode 1000 entries, against azure-ai-vision-face", bound=0.04, measure=_ratio(DECODE, "azure")),
    Figure(
        what="whole sync call, 5 entries, against stock openapi-python-client",
        bound=0.85,
        measure=_ratio(SYNC_SMALL, "stock"),
    ),
    Figure(
        what="whole sync call, 1000 entries, against stock openapi-python-client",
        bound=0.37,
        measure=_ratio(SYNC_LARGE, "stock"),
    ),
    Figure(
        what="the same against the floor (raw socket + Structs)",
        bound=2.8,
        measure=_ratio(SYNC_LARGE, "structs"),
    ),
    Figure(
        what="whole async call, 5 entries, 16 and 64 at once, against stock openapi-python-client",
        bound=0.25,
        measure=_side_by_side("stock"),
    ),
    Figure(
        what="`import face_audit`, CPU over bare Python, against azure.ai.vision.face", bound=0.03, measure=_over_bare
    ),
    Figure(
        what="first client built and first page listed, cold process, against stock openapi-python-client",
        bound=1.0,
        measure=_ratio(FIRST_PAGE, "stock"),
    ),
    Figure(
        what="10 chained pages, 20 ms of server time, with prefetch, against sequential",
        bound=0.8,
        measure=_prefetched,
    ),
    Figure(
        what="peak memory of paging 1,000,000 entries, against paging 1,000",
        bound=20,
        measure=_grown,
        text="{:+.3g} MB",
    ),
    Figure(
        what="an entry's retained memory (the page's bytes apart), against azure-ai-vision-face's",
        bound=0.75,
        measure=_retained,
    ),
    Figure(
        what="an entry that is kept, with all that it keeps of its page",
        bound=4000,
        measure=lambda results: {"": results.kept["ours"]},
        text="{:,.0f} bytes",
    ),
    Figure(what="modules of the runtime", bound=50, measure=_rooms("modules"), text="{:.0f}"),
    Figure(what="circles among their imports", bound=0, measure=_rooms("circles"), text="{:.0f}"),
    Figure(what="lines of the runtime, without the emulator", bound=6000, measure=_rooms("lines"), text="{:,.0f}"),
    Figure(
        what="files that a second `list()` enters up to its first entry",
        bound=24,
        measure=lambda results: {"": results.walked},
        text="{:.0f}",
    ),
)
