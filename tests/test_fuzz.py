"""The targets of `nox -s fuzz`, on random bytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_random_bytes_break_no_promise_of_a_reader() -> None:
    """All six targets hold their promises on their seeds and on some thousand random inputs."""
    command = [sys.executable, "-m", "tests.fuzz", "--plain", "--runs", "5000"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count(" 0 findings") == 6
