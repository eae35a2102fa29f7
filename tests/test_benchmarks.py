"""The parts of `nox -s bench` that need no other client, and the page that it writes."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from face_audit import MalformedItem

from benchmarks.chart import draw
from benchmarks.cold import BARE
from benchmarks.figures import FIGURES
from benchmarks.importing import ImportTime
from benchmarks.measures import PEERS
from benchmarks.pages import facts, numbers, session
from benchmarks.peers import ours
from benchmarks.processes import Peer, Server
from benchmarks.report import page
from benchmarks.results import PREFETCHED, SEQUENTIAL, Results
from benchmarks.rooms import Rooms, count_rooms
from benchmarks.shapes import EMULATED, SHAPES, shaped
from benchmarks.timing import Timing
from benchmarks.verification import compare, verify
from benchmarks.walk import walk
from tests.figures import ROOT


def test_our_clients_find_every_entry_of_the_pages_that_are_timed() -> None:
    """Decoding, sync and async calls give every compared value and all unknown fields."""
    with Server() as url, Peer("ours") as ours:
        verify(ours, url)
        exact = ours.ask("exact", session=session(1000, unknown=True))

    assert exact is True


def test_runtime_has_few_modules_and_no_circle() -> None:
    """What its layout is held to."""
    found = count_rooms()

    assert (found.modules <= 54, found.circles) == (True, 0)


@pytest.mark.parametrize(("library", "module"), [("httpx", "http/client.py"), ("h11", "http/protocol.py")])
def test_library_of_the_network_is_imported_in_one_module(library: str, module: str) -> None:
    """What changes with another version of it is in one place."""
    runtime = ROOT / "templates" / "runtime"
    statement = re.compile(rf"^\s*(import|from) {library}\b", re.MULTILINE)

    found = [path for path in runtime.rglob("*.py") if statement.search(path.read_text(encoding="utf-8"))]

    assert found == [runtime / module]


def test_circle_among_imports_is_counted(tmp_path: Path) -> None:
    """One that only type checkers follow counts as well; the emulator's lines do not."""
    for name in ("emulator", "room"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    (tmp_path / "emulator" / "server.py").write_text("\n" * 9)
    (tmp_path / "room" / "one.py").write_text("from .two import TWO\n\nONE = 1\n")
    (tmp_path / "room" / "two.py").write_text("if TYPE_CHECKING:\n    from . import one\n")

    assert count_rooms(tmp_path) == Rooms(modules=3, circles=1, lines=5)


def test_walk_of_a_call_finds_each_room_of_the_runtime_once() -> None:
    """Each file that a call enters is counted once, from the client's method on; the emulator is left out."""
    with Server() as url:
        files = walk(url)

    runtime = [file.split("/")[1] for file in files if file.startswith("_runtime/")]
    assert files[0] == "client/sync.py"
    assert len(files) == len({*files}) <= 24
    assert {"sync", "pagination", "calls", "requests", "http", "responses", "values"} <= {*runtime}
    assert not {"aio", "emulator"} & {*runtime}
    assert len([room for room in runtime if room != "http"]) <= 20


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_holds_the_same_decisions(shape: str) -> None:
    """Decoding does the same work in each shape, but for the malformed entries of one."""
    entries = ours.decode_any(shaped(shape))

    found = [ours.decision_of_any(entry) for entry in entries]

    wanted = [entry["response"]["body"]["livenessDecision"] for entry in json.loads(shaped("under `result`"))]
    malformed = sum(isinstance(entry, MalformedItem) for entry in entries)
    assert malformed == (50 if "malformed" in shape else 0)
    assert len(entries) == len(wanted) == 1000
    assert shape == EMULATED or all(one in {None, other} for one, other in zip(found, wanted, strict=True))
    assert found.count(None) == malformed


def test_a_peer_that_finds_something_else_is_not_timed() -> None:
    """A lost entry and another status are reported; the digit of a time that Python does not hold may differ."""
    wanted = facts(numbers(session(5)))
    number, digest, moment, status, decision = wanted[-1]

    assert compare([*wanted[:-1], (number, digest, moment + 1, status, decision)], wanted) is None
    assert compare(wanted[:-1], wanted) == "4 entries in place of 5"
    assert compare([*wanted[:-1], (number, digest, moment, 500, decision)], wanted) is not None
    assert compare([*wanted[:-1], (number, digest, moment, status, "else")], wanted) is not None


def test_the_page_has_every_figure() -> None:
    """docs/benchmarks.md holds the name, the bound and the result of each figure."""
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")

    missing = [figure.what for figure in FIGURES if f"\n| {figure.what} | " not in text]

    assert missing == []
    assert (ROOT / "docs" / "benchmarks.svg").exists()


def test_page_and_chart_are_made_of_the_results_of_a_run() -> None:
    """The page that the session writes has every figure, and the chart every peer."""
    slow, fast = Timing.of([(0.003, 0.004), (0.005, 0.006)]), Timing.of([(0.001, 0.002), (0.003, 0.004)])
    peers = dict.fromkeys((*PEERS, SEQUENTIAL, PREFETCHED), slow) | {BARE: fast}
    results = Results(
        timings=defaultdict(lambda: peers),
        peaks={kind: {1_000: 10_000_000, 1_000_000: 11_000_000} for kind in ("sync", "async")},
        kept={"ours": 2000},
        rooms=count_rooms(),
        walked=20,
        retained=dict.fromkeys(PEERS, (1000.0, 2000.0)),
        growth={("sync", 1): {10: slow}, ("async", 64): {10: slow, 100: slow}},
        import_times={"import face_audit": [ImportTime(module="face_audit", own=1, total=2)]},
    )

    text = "\n\n".join(page(results, "| date | now |", 700.0))
    chart = draw(results)

    assert [figure.what for figure in FIGURES if f"\n| {figure.what} | " not in text] == []
    assert "| date | now |" in text
    assert "azure-ai-vision-face" in chart
