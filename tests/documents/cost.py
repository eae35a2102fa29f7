"""Measures the command `strict-clients generate`: processor time and memory, with the start of Python and with ruff."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.pages import ROOT

_UNIT = 1024 if sys.platform == "darwin" else 1
"""Bytes on macOS, kilobytes on Linux."""


@dataclass(frozen=True)
class Cost:
    """What one run of the command took."""

    seconds: float
    megabytes: float
    done: bool


def measure(document: Path, output: Path) -> Cost:
    """Generate from a document in a process of its own; `done` is False where it was refused."""
    command = [
        sys.executable,
        "-m",
        "strict_clients",
        "generate",
        "--document",
        str(document),
        "--output",
        str(output),
    ]
    process = subprocess.Popen([*command, "--partial"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024 / _UNIT, process.returncode == 0)
