"""The committed table of faults is that of the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .callers import difference
from .catalogue import CATALOGUE
from .ours import CALLERS, KINDS

if TYPE_CHECKING:
    from .ours import HTTP

TABLE = Path(__file__).parents[2] / "docs" / "fault-table.md"


def rows() -> list[list[str]]:
    """The cells of each row below the head."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[1:]]


def test_table_lists_exactly_the_faults_of_the_catalogue() -> None:
    """Every fault has a row, in the catalogue's order, and there is no other."""
    named = [name for name, *_ in rows()]

    assert named == [f"{fault.group}: {fault.name}" for fault in CATALOGUE]


def test_ours_holds_in_every_row() -> None:
    """No fault is listed in which our clients fall short."""
    short = [name for name, ours, *_ in rows() if not ours.startswith("holds: ")]

    assert short == []


@pytest.mark.parametrize(("column", "http"), list(enumerate(CALLERS, start=2)))
def test_callers_clients_hold_but_for_what_is_declared(column: int, http: HTTP) -> None:
    """A row without a declared difference holds, and one with it says for which client what happens instead."""
    for fault, cells in zip(CATALOGUE, rows(), strict=True):
        declared = [one for kind in KINDS if (one := difference(fault, http, kind)) is not None]

        assert cells[column].startswith("holds: ") is (declared == [])
        assert all(one.stays in cells[column] for one in declared)


def test_other_clients_are_shown_no_redirect() -> None:
    """What another client does with a key is told to its maker, not here."""
    shown = [cells[-2:] for name, *cells in rows() if name.startswith("redirects: ")]

    assert shown
    assert all(cell == "-" for cells in shown for cell in cells)
