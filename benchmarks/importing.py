"""What `python -X importtime` says of the package."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from .processes import ENVIRONMENT

_SHOWN = 15
_STATEMENTS = ("import face_audit", "from face_audit import FaceAuditClient")


@dataclass(frozen=True, kw_only=True)
class ImportTime:
    """One module that was loaded, in microseconds."""

    module: str
    own: int
    total: int
    """With all that it loaded first."""


def import_times() -> dict[str, list[ImportTime]]:
    """By statement, what it loads beyond what a bare Python has: the package itself, then what takes longest."""
    bare = {one.module for one in _import_times("pass")}
    return {statement: [one for one in _import_times(statement) if one.module not in bare] for statement in _STATEMENTS}


def longest(times: list[ImportTime]) -> list[ImportTime]:
    """At most fifteen of them, those with the longest own time."""
    return sorted(times, key=lambda one: -one.own)[:_SHOWN]


def _import_times(statement: str) -> list[ImportTime]:
    command = [sys.executable, "-X", "importtime", "-c", statement]
    for _ in range(2):  # the first one may write bytecode
        said = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT).stderr
    rows = [line.removeprefix("import time:").split("|") for line in said.splitlines()[1:]]
    return [
        ImportTime(module=module.strip(), own=int(own), total=int(total))
        for own, total, module in (row for row in rows if len(row) == 3)
    ]
