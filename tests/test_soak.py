"""The soak of `nox -s soak`, briefly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SIZES = (
    *("--pages", "200", "--cancelled", "50"),
    *("--threads", "8", "--tasks", "8", "--strays", "0.3", "--brown-out", "0.3", "--plain", "0.3"),
)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the soak reads /proc of Linux")
def test_a_short_soak_breaks_no_promise() -> None:
    """Paging, cancelling and a brown-out with strays: both clients lose, double, cross and leave nothing.

    The soak fails as well if no end of a listing was contradicted, because it would then show nothing about strays.
    """
    command = [sys.executable, "-m", "tests.soak", *SIZES]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "all promises held" in ran.stdout
