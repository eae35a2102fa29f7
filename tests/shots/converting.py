"""Converts a large export to each format, each in a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from face_audit import AsyncFaceAuditClient
from face_audit_tools import export_sessions
from face_audit_tools.generated import KEY, GeneratedEmulator, generate

if TYPE_CHECKING:
    from pathlib import Path

HEADS = ["format", "entries", "seconds", "entries a second", "bytes", "memory of the process, MB"]
_SESSIONS, _ENTRIES = 100, 2_000


def convert_all(folder: Path) -> list[list[Any]]:
    """For each format how long it took, how large its file is, and the most memory that was held."""
    _export(folder / "evidence")
    return [_convert(folder, to) for to in ("parquet", "csv", "duckdb")]


def _export(folder: Path) -> None:
    made = generate(sessions=_SESSIONS, smallest=_ENTRIES, largest=_ENTRIES, seed=1)
    http_client = GeneratedEmulator(made).async_http_client()

    async def work() -> None:
        async with AsyncFaceAuditClient(KEY, endpoint="https://face.example.com", http_client=http_client) as client:
            await export_sessions(client, [one.session_id for one in made], folder)

    asyncio.run(work())


def _convert(folder: Path, to: str) -> list[Any]:
    out = folder / f"evidence.{to}"
    words = ["convert", str(folder / "evidence"), "--to", to, "--out", str(out)]
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", "from face_audit_tools.command import main; main()", *words])
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"converting to {to} failed")
    count = _SESSIONS * _ENTRIES
    return [to, count, round(seconds, 1), round(count / seconds), out.stat().st_size, used.ru_maxrss // 1024]
