"""The progress of an export: sessions, entries, rate, retries and the time left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Self

from face_audit import AttemptEvent
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ..record import Record
from ..result import Result
from .screen import can_animate, many

_COLUMNS = (
    TextColumn("{task.fields[finished]:,} of {task.total:,} sessions"),
    BarColumn(bar_width=None),
    TextColumn("{task.fields[entries]}, {task.fields[rate]:,.0f}/s, {task.fields[retries]}, left"),
    TimeRemainingColumn(compact=True),
)
_NARROW = 80
"""The width of a screen without room for the bar next to all numbers."""


class Meter:
    """Counts the progress of an export, and shows it in a terminal."""

    def __init__(self, screen: Console, total: int, *, clock: Callable[[], float] = monotonic) -> None:
        """Begin at 0 of `total` sessions."""
        self.entries: int = 0
        """Of this run."""
        self.retries: int = 0
        """The same."""
        self.results: list[Result] = []
        self._finished = 0
        self._clock, self._began = clock, clock()
        self._parts, self._counts = dict[str, float](), dict[str, int]()
        columns = _COLUMNS if screen.width >= _NARROW else (*_COLUMNS[:2], _COLUMNS[-1])
        self._progress = Progress(*columns, console=screen, transient=True, disable=not can_animate(screen))
        self._task = self._progress.add_task("", total=total, **self._fields())

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # the terminal was closed
            self._progress.stop()

    @property
    def done(self) -> float:
        """The finished sessions, plus the estimated share of the others."""
        return self._finished + sum(self._parts.values())

    def hear_event(self, event: AttemptEvent) -> None:
        """Count a request that is sent again."""
        self.retries += event.wait is not None
        self._show()

    def hear_page(self, record: Record) -> None:
        """Count the entries of a page."""
        self.entries += record.pages[-1].entries
        self._parts[record.listing.session_id] = estimate(record.first_id, record.last_id)
        self._show()

    def hear_result(self, result: Result) -> None:
        """Count a finished session, or keep the progress of an interrupted one."""
        if result.outcome != "unfinished":
            self._parts.pop(result.session_id, None)
            self._finished += 1
        self.results.append(result)
        self._show()

    def _show(self) -> None:
        self._progress.update(self._task, completed=self.done, **self._fields())

    def _fields(self) -> dict[str, Any]:
        spent = max(self._clock() - self._began, 0.001)
        return {
            "finished": self._finished,
            "entries": many(self.entries, "entry", "entries"),
            "rate": self.entries / spent,
            "retries": many(self.retries, "retry", "retries"),
        }


def estimate(first_id: str | None, last_id: str | None) -> float:
    """The share of a session that has arrived, if its ids descend to 1; otherwise 0."""
    try:
        first, last = int(first_id or ""), int(last_id or "")
    except ValueError:
        return 0.0
    return (first - last) / first if 0 < last < first else 0.0
