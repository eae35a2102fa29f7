"""The processes of a run: the server, a worker for each peer, and commands in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from .timing import Sample

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Without what would have every process compile what it imports."""
_ROOT = Path(__file__).parent.parent


class Server:
    """The server, until the block is left."""

    def __enter__(self) -> str:
        """Start it; gives its URL."""
        self._process = _start("benchmarks.server")
        assert self._process.stdout is not None
        return f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def __exit__(self, *_: object) -> None:
        """End it."""
        _end(self._process)


class Peer:
    """A worker, until the block is left."""

    def __init__(self, name: str) -> None:
        """Start it."""
        self.name = name
        self._process = _start("benchmarks.worker", name)

    def ask(self, do: str, **order: Any) -> Any:
        """What comes of an order."""
        inward, outward = self._process.stdin, self._process.stdout
        assert inward is not None
        assert outward is not None
        inward.write(json.dumps({"do": do, **order}) + "\n")
        inward.flush()
        line = outward.readline()
        if not line:
            raise SystemExit(f"{self.name}: ended while it was asked for {do!r}; what it said is above")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        _end(self._process)


def run_fresh(code: str) -> Sample:
    """CPU and wall time of a Python that runs `code`, from its start to its end."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code], env=ENVIRONMENT)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{code!r} ended with {process.returncode}; what it said is above")
    return used.ru_utime + used.ru_stime, wall


def _start(module: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=_ROOT, env=ENVIRONMENT)


def _end(process: subprocess.Popen[str]) -> None:
    process.communicate()  # both end with their standard input
