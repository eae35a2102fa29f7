"""The session `nox -s mutation` on one module with few tests, and the names that it is given by hand."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from .mutation.changes import find_mutants
from .mutation.report import GROUPS, Reasons, render
from .mutation.trial import KILLED, LEFT_OUT, SURVIVED

ROOT = Path(__file__).parent.parent
RUNTIME = ROOT / "templates" / "runtime"
MODULES = [module for group in GROUPS.values() for module in group]


@pytest.fixture(name="changes", scope="module")
def all_changes() -> dict[str, list[str]]:
    """The names of all changes that a full run tries, by module."""
    sources = {module: RUNTIME.joinpath(*module.split(".")).with_suffix(".py") for module in MODULES}
    return {
        module: [mutant.name for mutant in find_mutants(module, source.read_text(encoding="utf-8"))]
        for module, source in sources.items()
    }


def test_session_tries_a_module() -> None:
    """All changes of the module get a verdict; those that these few tests do not notice, or do not reach, survive."""
    command = [sys.executable, "-m", "tests.mutation", "calls.telemetry", "--tests", "tests/client/test_observer.py"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    *_, counts, summary = ran.stdout.splitlines()
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "survives, and has no reason: calls.telemetry.tell: event.error is None: Is -> IsNot" in ran.stdout
    assert "survives, and has no reason: calls.telemetry.redact_query: path + mark: Add -> Sub" in ran.stdout
    assert "no verdict" not in ran.stdout
    assert counts.startswith("calls.telemetry: {")
    assert re.fullmatch(r"[0-9.]+% of [0-9]+ changes noticed", summary)


def test_every_reason_is_for_a_change(changes: dict[str, list[str]]) -> None:
    """A full run would find only after an hour that a change with a reason does not exist any more."""
    tried = {name for names in changes.values() for name in names}

    gone = [name for name in Reasons.load().by_name if name not in tried]

    assert gone == []


def test_every_module_has_changes(changes: dict[str, list[str]]) -> None:
    """A module without changes would be in the table with no figures."""
    assert [module for module, names in changes.items() if not names] == []


def test_tests_that_are_left_out_exist() -> None:
    """A test file under a new name would not be left out any more."""
    missing = [name for name in LEFT_OUT if not (ROOT / "tests" / "client" / f"test_{name}.py").is_file()]

    assert missing == []


def test_page_has_a_row_for_each_module_and_every_survivor(changes: dict[str, list[str]]) -> None:
    """The page can be written once the verdicts are there."""
    survivors = list(Reasons.load().by_name)
    counts = {
        module: Counter(SURVIVED if name in survivors else KILLED for name in names)
        for module, names in changes.items()
    }

    text = render(counts, survivors, Reasons.load(), seconds=3600.0, source="| date | now |")

    assert all(f" | `{module}` | {counts[module].total()} | " in text for module in MODULES)
    assert all(f"\n- `{name}`" in text for name in survivors)
    assert "No reason yet" not in text
    assert "| date | now |" in text
    assert "took 60 minutes" in text
