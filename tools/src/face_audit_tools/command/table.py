"""Tables that are never wider than the screen, and in which nothing is cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .screen import console, note
from .streams import as_far_as_read

_GAP = 2
"""Between two columns."""


@frozen
class Column:
    """A column of a table."""

    head: str
    least: int = 0
    """How wide it is, at least; one that wraps becomes as narrow as that where it has to."""
    wraps: bool = False
    """Whether its texts may take several lines, and may be below their rows; numbers and ids may not."""
    spare: bool = False
    """Whether it is left out where that makes the others fit; the last one first."""


class Sheet:
    """A table that comes in parts.

    Where the screen is too narrow, spare columns are left out, which is said; then texts that wrap come below their
    rows; where that does not help, each row is a block of lines `name: value`.
    """

    def __init__(self, *columns: Column) -> None:
        """Nothing is shown yet."""
        self._columns = columns
        self._heads: list[str] | None = None
        """Of the columns that the part before has shown."""

    def show(self, rows: Sequence[Sequence[Text]]) -> None:
        """Write some rows; heads come where they are not those of the rows before."""
        screen = console()
        shown = self._choose(rows, screen.width)
        if shown is None:
            self._show_blocks(rows, screen)
            return
        below = [at for at, one in enumerate(self._columns) if one.wraps and at not in shown]
        heads = [self._columns[at].head for at in shown]
        widths = {at: self._width(at, rows) for at in shown}
        for number, part in enumerate([[row] for row in rows] if below else [rows]):
            screen.print(self._table(widths, part, has_heads=not number and heads != self._heads))
            for value in (row[at] for row in part for at in below if row[at]):
                screen.print(Padding(value, (0, 0, 0, _GAP)))
        left_out = [one.head for at, one in enumerate(self._columns) if at not in (*shown, *below)]
        if left_out and heads != self._heads:
            note(f"{', '.join(left_out)}: left out for the width of the screen; --format json shows all")
        self._heads = heads

    def _table(self, widths: Mapping[int, int], rows: Sequence[Sequence[Text]], *, has_heads: bool) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold", show_header=has_heads)
        for at, width in widths.items():
            column = self._columns[at]
            table.add_column(column.head, min_width=width, no_wrap=not column.wraps, overflow="fold")
        for row in rows:
            table.add_row(*(row[at] for at in widths))
        return table

    def _show_blocks(self, rows: Sequence[Sequence[Text]], screen: Console) -> None:
        for row in rows:
            for column, value in ((one, text) for one, text in zip(self._columns, row, strict=True) if text):
                # The terminal breaks a line that is too long, so that what is copied of it is whole.
                screen.print(Text(f"{column.head}: ").append_text(value), soft_wrap=True)
            screen.print()

    def _choose(self, rows: Sequence[Sequence[Text]], width: int) -> list[int] | None:
        """The columns that fit, by their places, or None where too few do."""
        shown = [at for at, one in enumerate(self._columns) if not one.wraps or any(row[at] for row in rows)]
        spare = [at for at in shown if self._columns[at].wraps] + [at for at in shown if self._columns[at].spare]
        while sum(self._width(at, rows) + _GAP for at in shown) - _GAP > width:
            if not spare:
                return None
            shown.remove(spare.pop())
        return shown

    def _width(self, at: int, rows: Sequence[Sequence[Text]]) -> int:
        column = self._columns[at]
        needed = max([len(column.head), *(row[at].cell_len for row in rows)])
        return min(needed, max(column.least, len(column.head))) if column.wraps else max(column.least, needed)


def show_table(columns: Iterable[Column], rows: Sequence[Sequence[Text]]) -> None:
    """Write a table that is there as a whole."""
    with as_far_as_read():
        Sheet(*columns).show(rows)
