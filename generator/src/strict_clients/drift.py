"""Compares a folder with what its document gives now, and reports what has changed."""

import os
import subprocess
import sys
from pathlib import Path

from strict_clients.lock import describe, moves, read
from strict_clients.pipeline import make
from strict_clients.runtime import TEMPLATES
from strict_clients.source import UNCHANGED, Changes
from strict_clients.write import SUMS, compare, sums_in


def find_drift(path: Path, output: Path, *, changes: Changes = UNCHANGED, lock: Path | None = None) -> list[str]:
    """The sources of the package that have changed since, and its files that differ, one line each.

    The package is built twice, under two hash seeds.

    Raises: GenerationRefused and GenerationFailed as in `generate`, and the latter if the lock is invalid.
    """
    with _second_build(path, changes) as second:
        source, _, files = make(path, changes)
        then = {} if lock is None else read(lock)
        now = {} if lock is None else describe(source.facts, files, templates=TEMPLATES)
        differences = compare(output, files, then.get("package", {}))
        return moves(then, now) + differences + _seed_differences(second, sums_in(files[SUMS]))


def _second_build(document: Path, changes: Changes) -> subprocess.Popen[str]:
    """A build that runs in parallel in another process, because the hash seed of a process is fixed."""
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "0" else "0"
    return subprocess.Popen(  # noqa: S603  # our own arguments
        [
            sys.executable,
            "-m",
            "strict_clients",
            "generate",
            "--document",
            str(document),
            "--sums",
            *changes.options(),
        ],
        env=os.environ | {"PYTHONHASHSEED": seed},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _seed_differences(second: subprocess.Popen[str], first: dict[str, str]) -> list[str]:
    printed, complaint = second.communicate()
    if second.returncode != 0:
        return [f"another hash seed: generation fails; sort what is iterated over\n{complaint}"]
    other = sums_in(printed)
    differing = sorted(path for path in first.keys() | other.keys() if first.get(path) != other.get(path))
    return [f"{path}: differs under another hash seed; sort what is iterated over" for path in differing]
