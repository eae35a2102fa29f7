"""What a run measured, and how much of it there is to be."""

from __future__ import annotations

from dataclasses import dataclass, field

from .importing import ImportTime
from .rooms import Rooms
from .timing import Timing

SHAPE, SHAPE_READ = "decode 1000, {}", "decode 1000, {}, each decision read"
DECODE, DECODE_READ = "decode 1000", "decode 1000, the decision of each read"
DECODE_UNKNOWN, CHECK = "decode 1000, unknown fields in each", "pager's checks of 1000"
SYNC_SMALL, SYNC_LARGE = "sync call, 5", "sync call, 1000"
ASYNC_LARGE = "async call, 1000"
IMPORT, FIRST_PAGE = "import", "first page, cold process"
CHAINED = {kind: f"10 chained pages, {kind}" for kind in ("sync", "async")}
CHAINED_READ = {kind: f"{measure}, each decision read" for kind, measure in CHAINED.items()}
SEQUENTIAL, PREFETCHED = "ours", "ours, prefetch"
AT_ONCE = (1, 16, 64)


def async_small(at_once: int) -> str:
    """The name of a measure."""
    return f"async call, 5, {at_once} at once"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is measured."""

    rounds: int
    seconds: float
    """Of each peer in each round."""
    starts: int
    """Fresh processes of each kind."""
    chained: int
    """Rounds of chained pages."""
    entries: tuple[int, ...]
    """Of the listings whose peak memory is measured."""
    pages: tuple[int, ...]
    """Of the listings whose cost per page is measured."""
    most_pages: int
    """Of all listings side by side."""


FULL = Size(
    rounds=12,
    seconds=0.4,
    starts=20,
    chained=10,
    entries=(1_000, 10_000, 100_000, 1_000_000),
    pages=(10, 100, 1_000),
    most_pages=16_000,
)
QUICK = Size(rounds=3, seconds=0.05, starts=4, chained=2, entries=(1_000, 10_000), pages=(10, 100), most_pages=640)


@dataclass(kw_only=True)
class Results:
    """All that was measured."""

    timings: dict[str, dict[str, Timing]] = field(default_factory=dict)
    """By measure and peer."""
    peaks: dict[str, dict[int, int]] = field(default_factory=dict)
    """Bytes, by kind of client and entries of the listing."""
    kept: dict[str, int] = field(default_factory=dict)
    """Bytes that one entry keeps, of all that came with it, by peer."""
    retained: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Bytes of an entry, untouched and once some fields were read, by peer."""
    growth: dict[tuple[str, int], dict[int, Timing]] = field(default_factory=dict)
    """Of one page, by kind of client and listings side by side, and by pages of each."""
    rooms: Rooms | None = None
    walked: int = 0
    """Files of the package that a second `list()` enters, up to its first entry."""
    import_times: dict[str, list[ImportTime]] = field(default_factory=dict)
    """By what is run."""
