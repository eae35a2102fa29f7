"""The reader of pages under the oldest msgspec that the package accepts; every other test has the newest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec

OLDEST = Path(sys.prefix) / "msgspec-oldest"
"""Where `nox -s tests` installs it."""
ROOT = Path(__file__).parents[2]
TESTS = ("model_reader", "decoding", "models", "model_views", "raw_items", "on_invalid", "properties_decoding")


def test_pages_are_read_alike_under_the_oldest_version() -> None:
    """The tests of reading pages and models pass under both ends of the range of versions."""
    files = [f"tests/client/test_{name}.py" for name in TESTS]
    shown = "import msgspec, pytest, sys; print(msgspec.__version__); sys.exit(pytest.main(sys.argv[1:]))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(OLDEST), os.environ.get("PYTHONPATH", "")])}

    ran = subprocess.run(
        [sys.executable, "-c", shown, "-q", "--no-cov", "-p", "no:xdist", "--tb=short", *files],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert OLDEST.is_dir(), f"{OLDEST} is missing; use `nox -s tests`"
    assert ran.stdout.startswith("0.22."), ran.stdout
    assert msgspec.__version__.startswith("0.23.")
    assert ran.returncode == 0, ran.stdout[-2000:]
    assert " passed" in ran.stdout
