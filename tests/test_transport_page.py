"""The page about the default transport names tests that exist, and every declared difference of callers' clients."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .faults.callers import DIFFERENCES

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "transport.md"


def promises() -> list[list[str]]:
    """The cells of each row below the head of the table."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[1:]]


def test_every_promise_names_a_test_that_exists() -> None:
    """Pytest collects each test that the page names, with its parameters if it names them."""
    named = [cells[-1].strip("`") for cells in promises()]
    files = sorted({name.partition("::")[0] for name in named})

    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:schemathesis", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    known = {*collected, *(line.partition("[")[0] for line in collected)}
    assert len(named) == len(promises()) > 10
    assert [name for name in named if name not in known] == []


def test_every_difference_has_its_reason_on_the_page() -> None:
    """What is declared of callers' clients is explained in the same words."""
    page = " ".join(PAGE.read_text(encoding="utf-8").split())

    assert [one.fault for one in DIFFERENCES if one.reason not in page] == []
