"""How much memory an export takes, and how fast it is beside the pager alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from face_audit_tools import verify

from .promises import keep

MOST = 150_000_000
"""Bytes that an export may take."""
_ROOT = Path(__file__).parent.parent.parent


def weigh(folder: Path, *, entries: int, rounds: int, slowest: float) -> dict[str, object]:
    """Page through a long session, and export it, in turns; gives the figures.

    `slowest` is the export's speed beside the pager's, at least.

    Raises:
        BrokenPromiseError: the export takes too much memory or time, or does not verify.
    """
    figures: dict[str, list[dict[str, Any]]] = {"pager": [], "export": []}
    with _serving() as url:
        for _ in range(rounds):
            for what, found in figures.items():
                shutil.rmtree(folder / "out", ignore_errors=True)
                found.append(_run(what, url, f"long-{entries}", folder / "out"))
                keep(found[-1]["count"] == entries, f"{what} brought {found[-1]['count']} entries")
    written = sum(path.stat().st_size for path in (folder / "out").glob("long-*"))
    keep(verify(folder / "out").passed, "the export of a long session does not verify")
    peak = max(one["peak"] for one in figures["export"])
    keep(peak < MOST, f"an export of {entries} entries took {peak} bytes")
    seconds, cpu = (
        {what: median(one[key] for one in found) for what, found in figures.items()} for key in ("seconds", "cpu")
    )
    ratio = seconds["pager"] / seconds["export"]
    keep(ratio >= slowest, f"an export has {ratio:.2f} of the pager's speed")
    return {
        "entries": entries,
        "rounds, in turns": rounds,
        "peak memory of the export, MB": peak / 1e6,
        "of the pager alone, MB": max(one["peak"] for one in figures["pager"]) / 1e6,
        "seconds of the export, median": seconds["export"],
        "of the pager alone": seconds["pager"],
        "CPU seconds of the export, median": cpu["export"],
        "of the pager alone, CPU": cpu["pager"],
        "speed of the export, of the pager's": ratio,
        "the same by CPU time": cpu["pager"] / cpu["export"],
        "written, MB": written / 1e6,
    }


def _run(what: str, url: str, session: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.evidence.worker", what, url, session, str(folder)]
    ran = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@contextmanager
def _serving() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.evidence.server"]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
