"""The experiments of `nox -s evidence`, briefly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_evidence_tool_keeps_its_promises() -> None:
    """Killed, tampered with and with a long session: nothing is lost, doubled, changed or overlooked."""
    command = [sys.executable, "-m", "tests.evidence", "--quick"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "all promises held" in ran.stdout
