"""Every fault of the catalogue, shown to both clients on the first page and within a listing."""

from __future__ import annotations

import warnings
from math import inf
from typing import TYPE_CHECKING

import pytest

from .catalogue import CATALOGUE
from .harness import CANARY, complaints, play
from .secrets_shown import logged, shown

if TYPE_CHECKING:
    from .fault import Fault, Where
    from .harness import Kind

CELLS = [
    pytest.param(fault, kind, where, times, id=f"{fault.name}-{kind}-{where}-{'once' if times == 1 else 'stays'}")
    for fault in CATALOGUE
    if fault.place != "client"
    for where in fault.pages
    for kind in ("sync", "async")
    # Where the same is owed either way, the fault that stays shows more.
    for times in ([inf] if fault.once == fault.stays else [1, inf])
]


@pytest.mark.parametrize(("fault", "kind", "where", "times"), CELLS)
def test_client_owes_what_the_catalogue_says(
    fault: Fault, kind: Kind, where: Where, times: float, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault costs what the catalogue says, loses and doubles no entry, shows no key, and leaves the client usable."""
    caplog.set_level(1)

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        report = play(fault, kind, where, times=times)

    assert complaints(report, fault.once if times == 1 else fault.stays) == []
    said = [repr(report.shown), *(str(one.message) for one in warned), logged(caplog.records)]
    assert CANARY not in "".join(said)
    assert report.error is None or CANARY not in shown(report.error)
