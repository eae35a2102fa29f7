"""The fuzzers of `nox -s fuzz`, briefly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_a_short_run_of_every_fuzzer_finds_nothing() -> None:
    """All five targets hold their promises on their seeds and on some thousand random inputs."""
    command = [sys.executable, "-m", "tests.fuzz", "--runs", "5000"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count(" 0 findings") == 5
