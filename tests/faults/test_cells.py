"""Every fault of the catalogue, shown to both clients on the first page and within a listing."""

from __future__ import annotations

import tracemalloc
import warnings
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

import pytest

from .catalogue import CATALOGUE
from .contents import GZIP
from .harness import complaints, play
from .ours import CANARY
from .secrets_shown import logged, shown

if TYPE_CHECKING:
    from .fault import Fault, Where
    from .ours import Kind

CELLS = [
    pytest.param(fault, kind, where, times, id=f"{fault.name}-{kind}-{where}-{'once' if times == 1 else 'stays'}")
    for fault in CATALOGUE
    if fault.place != "client"
    for where in fault.pages
    for kind in ("sync", "async")
    # Where the same is owed either way, the fault that stays shows more.
    for times in ([inf] if fault.once == fault.stays else [1, inf])
]


@pytest.mark.uncovered
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


@pytest.mark.uncovered
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(fault, "async" if number % 2 else "sync", id=fault.name)
        for number, fault in enumerate(CATALOGUE)
        # After a 401, another token is asked for.
        if fault.place != "client" and "first" in fault.pages and "401" not in fault.name
    ],
)
def test_client_with_a_token_owes_the_same(fault: Fault, kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """It costs what it costs with a key, and shows the token nowhere that the key is not."""
    caplog.set_level(1)

    report = play(fault, kind, "first", times=inf, token=True)

    assert complaints(report, fault.stays) == []
    assert CANARY not in repr(report.shown) + logged(caplog.records)
    assert report.error is None or CANARY not in shown(report.error)


@pytest.mark.uncovered
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    "fault",
    # With a request ahead a connection is never idle between two pages.
    [fault for fault in CATALOGUE if fault.place == "answer" and "middle" in fault.pages and not fault.idle],
    ids=lambda fault: fault.name,
)
def test_request_ahead_owes_the_same(fault: Fault, kind: Kind) -> None:
    """With `prefetch=True` a fault that stays costs what it costs without: requests, attempts, waits and its error."""
    report = play(fault, kind, "middle", times=inf, prefetch=True)

    lowest, highest = fault.stays.requests
    # Each of the two pages that contradict the listing may end with the cursor that it follows, which is then requested
    # before the contradiction is seen.
    most = highest + 2 * (fault.stays.error == "PaginationError")
    owed = replace(fault.stays, requests=(lowest, most), attempts=fault.stays.attempts or fault.stays.requests)
    assert complaints(report, owed) == []
    assert CANARY not in repr(report.shown)
    assert report.error is None or CANARY not in shown(report.error)


def test_catalogue_names_every_fault_once() -> None:
    """A name means one fault, and none is left out for being named like another."""
    names = [f"{fault.group}: {fault.name}" for fault in CATALOGUE]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("fault", [fault for fault in GZIP if "MiB" in fault.name], ids=lambda fault: fault.name)
def test_large_answer_takes_little_memory(fault: Fault, kind: Kind) -> None:
    """What is too large is refused before it is held: memory grows by 64 MiB at most."""
    play(fault, kind, "first", times=1)  # what the server keeps for later is made now
    tracemalloc.start()

    try:
        play(fault, kind, "first", times=1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 64 * 1024 * 1024
