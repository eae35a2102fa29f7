"""Every fault of the catalogue, shown to both clients over a caller's client of httpx2."""

from __future__ import annotations

import warnings
from math import inf
from typing import TYPE_CHECKING

import pytest

from .callers import cells, falls_short
from .ours import CANARY
from .secrets_shown import logged, shown

if TYPE_CHECKING:
    from .callers import Cell


@pytest.mark.uncovered
@pytest.mark.parametrize("cell", cells("httpx2"), ids=lambda cell: cell.name)
def test_fault_over_a_callers_client_is_as_declared(cell: Cell, caplog: pytest.LogCaptureFixture) -> None:
    """What the catalogue asks for holds, but for what is declared; no error, log or warning shows the key."""
    if cell.times == inf:  # logging everything takes as long as most faults
        caplog.set_level(1)

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        report = cell.play()

    assert falls_short(cell, report) == []
    said = [repr(report.shown), *(str(one.message) for one in warned), logged(caplog.records)]
    assert CANARY not in "".join(said)
    assert report.error is None or CANARY not in shown(report.error)
