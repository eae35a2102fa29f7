"""What is on the page, in the order of the page, as plain values; the template only lays it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from attrs import frozen

from .charts import Chart, Series
from .patterns import Found, Pattern, found_in
from .tally import DECISIONS, LONGEST_LATENCY, SessionTally, Tally

_LATENCIES = (100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, LONGEST_LATENCY)
_ATTEMPTS = (1, 2, 3, 5, 10, 20, 50, 100, 1_000)
_RETRIES = (0, 1, 2, 5, 10, 50)
_MOST_STATUSES = 12
_UNITS = ((365 * 86_400, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute"))


@frozen
class Row:
    """A session, and the patterns that it shows."""

    session: SessionTally
    found: list[Found]


def rows_of(tally: Tally, patterns: tuple[Pattern, ...]) -> list[Row]:
    """All sessions, in the order of their ids."""
    rows = [Row(one, found_in(one, patterns)) for one in tally.sessions]
    return sorted(rows, key=lambda row: row.session.session_id)


def suspects(rows: Sequence[Row]) -> list[Row]:
    """Those that show a pattern; those that show most first."""
    shown = [row for row in rows if row.found]
    return sorted(shown, key=lambda row: (-len(row.found), -row.session.decisions["spoofface"], -row.session.attempts))


def over_time(tally: Tally) -> Chart:
    """Decisions by when their attempts were received."""
    width, slots = tally.timeline.slots()
    days = width >= timedelta(days=1)
    labels = [f"{one.start:%Y-%m-%d}" if days else f"{one.start:%Y-%m-%d %H:%M}" for one in slots]
    names = [name for name in DECISIONS if any(one.counts[name] for one in slots)]
    return Chart(
        key="over-time",
        title="Decisions over time",
        of="Received from (UTC)",
        summary=f"Each column is {_spell(width)} of attempts by their decision, times in UTC",
        labels=labels,
        series=[
            Series(name=name, values=[one.counts[name] for one in slots], colour=DECISIONS[name]) for name in names
        ],
    )


def distributions(tally: Tally) -> list[Chart]:
    """How attempts, statuses, latencies, retries and outcomes are spread."""
    attempts = Counter(_bucket(one.attempts, (0, *_ATTEMPTS)) for one in tally.sessions)
    retries = Counter(_bucket(one.retries, _RETRIES) for one in tally.sessions)
    latencies = Counter[int]()
    for milliseconds, times in tally.latencies.items():
        latencies[next((one for one in _LATENCIES if milliseconds < one), LONGEST_LATENCY + 1)] += times
    statuses = Counter(dict(sorted(tally.statuses.most_common(_MOST_STATUSES))))
    rest = tally.statuses.total() - statuses.total()
    outcomes = Counter(one.outcome for one in tally.sessions)
    return [
        _chart("attempts", "Attempts per session", "Attempts", "Sessions", _ranges(attempts, (0, *_ATTEMPTS))),
        _chart("latencies", "Latency", "Latency", "Attempts", _latencies(latencies)),
        _chart("statuses", "Statuses", "Status", "Attempts", statuses | ({"all others": rest} if rest else {})),
        _chart("outcomes", "Outcome of each session", "Outcome", "Sessions", dict(outcomes.most_common())),
        _chart("retries", "Retries per session", "Requests sent again", "Sessions", _ranges(retries, _RETRIES)),
    ]


def quantile(counts: Mapping[int, int], share: float) -> int | None:
    """The value that so great a share does not exceed; None where there is none."""
    total, before = sum(counts.values()), 0
    for value in sorted(counts):
        before += counts[value]
        if before >= share * total:
            return value
    return None


def _chart(key: str, title: str, of: str, name: str, counts: Mapping[str, int]) -> Chart:
    most = max(counts, key=lambda label: counts[label], default="")
    summary = f"{name} by {of.lower()}; most often {most} ({counts[most]:,})" if counts else "There are none"
    return Chart(
        key=key,
        title=title,
        of=of,
        summary=summary,
        labels=list(counts),
        series=[Series(name=name, values=list(counts.values()))],
    )


def _bucket(value: int, bounds: Sequence[int]) -> int:
    """The first bound that is not below a value; one above the last where there is none."""
    return next((one for one in bounds if value <= one), bounds[-1] + 1)


def _ranges(counts: Mapping[int, int], bounds: Sequence[int]) -> dict[str, int]:
    """Counts by bucket, under names such as `4 to 5`: from the first to the last that is not empty."""
    lows = [bounds[0], *(one + 1 for one in bounds)]
    names = [_range(low, high) for low, high in zip(lows, [*bounds, None], strict=True)]
    return _trim(dict(zip(names, (counts.get(one, 0) for one in [*bounds, bounds[-1] + 1]), strict=True)))


def _range(low: int, high: int | None) -> str:
    if high is None:
        return f"{low:,} or more"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _latencies(counts: Mapping[int, int]) -> dict[str, int]:
    names, low = dict[str, int](), 0
    for high in _LATENCIES:
        names[f"{_seconds(low)} to {_seconds(high)}" if low else f"below {_seconds(high)}"] = counts.get(high, 0)
        low = high
    names[f"{_seconds(low)} or more"] = counts.get(LONGEST_LATENCY + 1, 0)
    return _trim(names)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds} ms" if milliseconds < 1_000 else f"{milliseconds // 1_000} s"  # noqa: PLR2004  # of a second


def _trim(counts: dict[str, int]) -> dict[str, int]:
    """Without the empty ones at both ends."""
    filled = [number for number, count in enumerate(counts.values()) if count]
    return dict(list(counts.items())[filled[0] : filled[-1] + 1]) if filled else {}


def _spell(width: timedelta) -> str:
    seconds = int(width.total_seconds())
    unit, name = next((unit, name) for unit, name in _UNITS if not seconds % unit)
    return f"{seconds // unit:,} {name}{'s' if seconds > unit else ''}"
