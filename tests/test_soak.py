"""The soak of `nox -s soak`, briefly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SIZES = ("--pages", "200", "--cancelled", "50", "--callers", "8", "--brown-out", "0.3")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the soak counts what Linux shows below /proc")
def test_a_short_soak_breaks_no_promise() -> None:
    """Paging, cancelling and a brown-out with both clients: nothing is lost, doubled, crossed or left."""
    command = [sys.executable, "-m", "tests.soak", *SIZES]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "all promises held" in ran.stdout
