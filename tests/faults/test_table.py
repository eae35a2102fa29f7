"""The committed table of faults is that of the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.figures import origin

from .callers import difference
from .catalogue import CATALOGUE
from .ours import CALLERS, KINDS
from .peers import page, show_ours

if TYPE_CHECKING:
    from .fault import Fault
    from .ours import HTTP

PAGE = Path(__file__).parents[2] / "docs" / "fault-table.md"


def rows(text: str) -> list[list[str]]:
    """The cells of each row of the first table, without its head."""
    lines = text.partition("\n## ")[0].splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] not in {"fault", "---"}]


@pytest.fixture(name="shown")
def rows_of_the_page() -> list[list[str]]:
    """The rows of the page in the repository."""
    return rows(PAGE.read_text(encoding="utf-8"))


def test_table_lists_exactly_the_faults_of_the_catalogue(shown: list[list[str]]) -> None:
    """Every fault has a row, in the catalogue's order, and there is no other."""
    named = [name for name, *_ in shown]

    assert named == [f"{fault.group}: {fault.name}" for fault in CATALOGUE]


def test_ours_holds_in_every_row(shown: list[list[str]]) -> None:
    """Our clients do what the catalogue requires for every fault."""
    short = [name for name, ours, *_ in shown if not ours.startswith("holds: ")]

    assert short == []


@pytest.mark.parametrize(("column", "http"), list(enumerate(CALLERS, start=2)))
def test_callers_clients_hold_but_for_what_is_declared(column: int, http: HTTP, shown: list[list[str]]) -> None:
    """A row without a declared difference holds, and one with it says for which client what happens instead."""
    for fault, cells in zip(CATALOGUE, shown, strict=True):
        declared = [one for kind in KINDS if (one := difference(fault, http, kind)) is not None]

        assert cells[column].startswith("holds: ") is (declared == [])
        assert all(one.stays in cells[column] for one in declared)


def test_other_clients_are_shown_no_redirect(shown: list[list[str]]) -> None:
    """Where another client sends a key is reported to its maker, not here."""
    cells = [row[-2:] for row in shown if row[0].startswith("redirects: ")]

    assert cells
    assert all(cell == "-" for row in cells for cell in row)


def test_written_page_has_a_row_for_each_fault() -> None:
    """The page that `nox -s faults` writes is read by these tests as it was made."""
    cells = [(f"holds: {number}", "httpx", "httpx2", "stock", "azure") for number, _ in enumerate(CATALOGUE)]

    text = "\n\n".join(page(cells, origin("fault-table.md")))

    assert [row[1:] for row in rows(text)] == [list(row) for row in cells]


@pytest.mark.parametrize("fault", CATALOGUE[::40], ids=lambda fault: fault.name)
def test_session_shows_that_ours_holds(fault: Fault) -> None:
    """The session makes the cell of our clients as it did for the page."""
    cell = show_ours(fault)

    assert cell.startswith("holds: ")
