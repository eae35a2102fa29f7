"""Shows how many sessions of a folder are done."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .screen import can_animate, console


@contextmanager
def counting(what: str, total: int) -> Generator[Callable[[str], None]]:
    """A progress bar in a terminal; call the result with each session."""
    screen = console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("sessions"), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True, disable=not can_animate(screen)) as progress:
        task = progress.add_task("", total=total)
        yield lambda _: progress.advance(task)
