"""Counts what happened when, in as many slots of time as a chart can show, and in bounded memory."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime, timedelta

from attrs import frozen

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = datetime.min.replace(tzinfo=UTC)
_YEAR = 365 * 86_400
_WIDTHS = (60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 7 * 86_400, 30 * 86_400, 90 * 86_400)
_LONG_WIDTHS = (_YEAR, 5 * _YEAR, 25 * _YEAR, 100 * _YEAR, 500 * _YEAR)
_MOST_SHOWN = 24
_MOST_HELD = 2_000


@frozen
class Slot:
    """What happened within one width of time."""

    start: datetime
    counts: Counter[str]


def in_utc(moment: datetime) -> datetime:
    """A time in UTC; where that would be beyond the calendar, the same time without its offset."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


class Timeline:
    """Counts by time and by name; the names are few."""

    def __init__(self) -> None:
        """Begin with slots of a minute; they are merged when they become too many."""
        self._widths = [*_WIDTHS, *_LONG_WIDTHS]
        self._slots = dict[int, Counter[str]]()

    def add(self, moment: datetime, name: str) -> None:
        """Count one."""
        seconds = (in_utc(moment) - _EPOCH) // timedelta(seconds=1)
        self._slots.setdefault(seconds // self._widths[0], Counter())[name] += 1
        if len(self._slots) > _MOST_HELD:
            self._widen()

    def slots(self) -> tuple[timedelta, list[Slot]]:
        """How wide the slots are, and all from the first that holds something to the last, the empty ones included."""
        while self._span() > _MOST_SHOWN:
            self._widen()
        width = timedelta(seconds=self._widths[0])
        if not self._slots:
            return width, []
        numbers = range(min(self._slots), max(self._slots) + 1)
        return width, [Slot(_start(one * self._widths[0]), self._slots.get(one, Counter())) for one in numbers]

    def _span(self) -> int:
        return max(self._slots) - min(self._slots) + 1 if self._slots else 0

    def _widen(self) -> None:
        """Take wider slots: the next width at which there are fewer."""
        before, merged = self._widths.pop(0), dict[int, Counter[str]]()
        # Widths need not divide each other: what was in a slot goes where that slot began.
        for number, counts in self._slots.items():
            merged.setdefault(math.floor(number * before / self._widths[0]), Counter()).update(counts)
        self._slots = merged


def _start(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=max(seconds, (_FIRST - _EPOCH) // timedelta(seconds=1)))
