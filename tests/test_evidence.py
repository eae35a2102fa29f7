"""The experiments of `nox -s evidence`, briefly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .evidence.__main__ import TEXTS

ROOT = Path(__file__).parent.parent


def test_evidence_tool_keeps_its_promises() -> None:
    """Killed, tampered with and with a long session: nothing is lost, doubled, changed or overlooked."""
    command = [sys.executable, "-m", "tests.evidence", "--quick"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "all promises held" in ran.stdout


def test_page_has_the_figures_of_a_full_run() -> None:
    """docs/evidence.md says what was tried and what came of it; the guide shows a terminal of the same run."""
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    guide = (ROOT / "docs" / "evidence-tool.md").read_text(encoding="utf-8")

    assert all(f"\n## {title}\n\n{text}\n\n| " in page for title, text in TEXTS.items())
    assert "| runs killed with SIGKILL | 60 |" in page
    assert "| all | 7,000 | 7,000 | " in page
    assert "| entries | 1,000,000 |" in page
    assert "(face-audit.svg)" in guide
    assert (ROOT / "docs" / "face-audit.svg").exists()
