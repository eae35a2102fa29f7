"""Random tamperings with an export, each of which has to be found."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from attrs import evolve
from face_audit import FaceAuditClient
from face_audit_tools import export_session, verify
from face_audit_tools.generated import KEY, GeneratedEmulator, generate

from tests.tools.tampering import KINDS, tamper

from .promises import keep


def tamper_at_random(folder: Path, *, times: int, sessions: int, largest: int) -> list[list[object]]:
    """Tamper this many times, and verify each time; a row of figures for each kind.

    Raises:
        BrokenPromiseError: one was not found, or an untouched export does not verify.
    """
    made, chance = generate(sessions=sessions, smallest=1, largest=largest, seed=2), random.Random(1)
    # Some of the entries, then all: so that there are segments.
    for shown in ([evolve(one, count=one.count // 2) for one in made], made):
        http_client = GeneratedEmulator(shown).http_client()
        with FaceAuditClient(KEY, endpoint="http://localhost", http_client=http_client) as client:
            for one in shown:
                export_session(client, one.session_id, folder, top=100)
    keep(verify(folder).passed, "an untouched export does not verify")
    tried, found, named = Counter[str](), Counter[str](), Counter[str]()
    for number in range(times):
        kind = KINDS[number % len(KINDS)]
        with tamper(folder, kind, chance) as paths:
            result = verify(folder)
        keep(not result.passed, f"{kind} in {sorted(path.name for path in paths)} was not found")
        tried[kind] += 1
        found[kind] += bool(result.problems)
        named[kind] += bool(paths & {problem.file for problem in result.problems})
    keep(verify(folder).passed, "an export that was put back does not verify")
    rows: list[list[object]] = [[kind, tried[kind], found[kind], named[kind]] for kind in KINDS]
    return [*rows, ["all", tried.total(), found.total(), named.total()]]
