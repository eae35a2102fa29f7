"""Where ids of digits skip: which of them are here, as runs without a gap.

Ids count up by one within a session, as far as anybody has seen. A gap can mean a page or an entry that the service
left out, an entry that it deleted, or ids that it never gave; from outside, nobody can tell.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Self, TypeAlias

from .record import Record

Gap: TypeAlias = tuple[str, str]
"""The first and the last id that are not here."""

MOST_RUNS = 1000
"""Beyond this many, ids are scattered, and gaps are not told one by one."""
_LONGEST = 18
"""Digits of an id that is taken for a number: more could not be one of a counter."""


def as_number(found_id: str | None) -> int | None:
    """An id of digits as a number, or None if it is not such an id."""
    if found_id is None or not (found_id.isascii() and found_id.isdigit()):
        return None
    plain = found_id.lstrip("0") or "0"
    return int(plain) if len(plain) <= _LONGEST else None


class Runs:
    """The ids of digits that a session has, and where they skip."""

    def __init__(self) -> None:
        """None yet."""
        self._lows, self._highs = list[int](), list[int]()
        self.scattered: bool = False
        """Whether they skip so often that gaps say nothing."""

    @classmethod
    def of(cls, record: Record) -> Self | None:
        """Those of a record, without reading its entries; None where it does not say, because format 1 wrote it."""
        last = record.segments[-1]
        if any(one.format == 1 for one in record.segments):
            return None
        made = cls()
        if last.gaps is None:
            made.scattered = True
            return made
        ends = [as_number(one) for each in record.segments for one in (each.first_id, each.last_id)]
        numbers = [one for one in ends if one is not None]
        if numbers:
            lows = [min(numbers), *(int(end) + 1 for _, end in last.gaps)]
            highs = [*(int(first) - 1 for first, _ in last.gaps), max(numbers)]
            for low, high in zip(lows, highs, strict=True):
                made.add(low, high)
        return made

    @property
    def gaps(self) -> list[Gap] | None:
        """The ids that are not here, between the smallest and the largest; None where they are scattered."""
        if self.scattered:
            return None
        return [(str(high + 1), str(low - 1)) for high, low in zip(self._highs[:-1], self._lows[1:], strict=True)]

    @property
    def count(self) -> int:
        """How many ids are here."""
        return sum(high - low + 1 for low, high in zip(self._lows, self._highs, strict=True))

    def add_ids(self, ids: Sequence[str | None]) -> None:
        """Add the ids of a page, or of one entry."""
        for low, high in runs_of(ids):
            self.add(low, high)

    def add(self, low: int, high: int) -> None:
        """Add all from one number to another."""
        if self.scattered:
            return
        begin, end = bisect_left(self._highs, low - 1), bisect_right(self._lows, high + 1)
        if begin < end:
            low, high = min(low, self._lows[begin]), max(high, self._highs[end - 1])
        self._lows[begin:end], self._highs[begin:end] = [low], [high]
        self.scattered = len(self._lows) > MOST_RUNS

    def has(self, number: int) -> bool:
        """Whether a number is here; where they are scattered, nobody knows."""
        at = bisect_right(self._lows, number) - 1
        return at >= 0 and number <= self._highs[at]


def runs_of(ids: Iterable[str | None]) -> list[tuple[int, int]]:
    """The ids of digits among these as runs without a gap, in order."""
    numbers = sorted({one for one in map(as_number, ids) if one is not None})
    if numbers and numbers[-1] - numbers[0] == len(numbers) - 1:
        return [(numbers[0], numbers[-1])]
    made = list[tuple[int, int]]()
    for one in numbers:
        if made and made[-1][1] == one - 1:
            made[-1] = (made[-1][0], one)
        else:
            made.append((one, one))
    return made
