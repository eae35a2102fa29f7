"""What a session lacks, in words: gaps in its ids, and entries that were refused."""

from __future__ import annotations

from msgspec.structs import replace

from .gaps import Runs
from .record import Record, Segment

MEANING = (
    "the service may have left them out, may have deleted them, or may never have given these ids; "
    "later exports ask for them again while the session lives"
)
_MOST_NAMED = 3


def falls_short(segment: Segment) -> bool:
    """Whether ids of digits skip, or an entry was refused; version 0.1.0 did not look."""
    refused = segment.quarantine is not None and segment.quarantine.passed_over > 0
    return segment.format > 1 and (segment.gaps != [] or refused)


def describe_gaps(gaps: list[tuple[str, str]] | None) -> str:
    """Which ids are not here."""
    if gaps is None:
        return "ids skip more than 1,000 times, so that nobody can tell whether entries are missing"
    named = [f"{int(low):,}" if low == high else f"{int(low):,} to {int(high):,}" for low, high in gaps[:_MOST_NAMED]]
    more = f", and {len(gaps) - _MOST_NAMED:,} more gaps" if len(gaps) > _MOST_NAMED else ""
    verb = "is" if len(gaps) == 1 and gaps[0][0] == gaps[0][1] else "are"
    return f"ids skip: {', '.join(named)}{more} {verb} not here; {MEANING}"


def describe(segment: Segment) -> str | None:
    """What is missing after this segment, in a sentence; None where nothing is known to be."""
    if not falls_short(segment):
        return None
    parts = list[str]()
    if segment.gaps != []:
        parts.append(describe_gaps(segment.gaps))
    if segment.quarantine is not None and segment.quarantine.passed_over:
        count = segment.quarantine.passed_over
        parts.append(f"{count:,} {'entry was' if count == 1 else 'entries were'} refused, and kept in quarantine")
    return "; ".join(parts)


def describe_shortfall(record: Record, runs: Runs) -> str | None:
    """What a record that was read as a whole lacks, of either format."""
    return describe(replace(record.last, format=2, gaps=runs.gaps))
