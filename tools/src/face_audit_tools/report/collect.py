"""Reads an export once and counts it. Evidence that is damaged is counted up to its first damage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from ..errors import DamagedError
from ..evidence import open_evidence
from ..folder import session_ids
from ..result import SessionSummary, read_summary
from ..verifying import outcome_of
from .tally import SessionTally, Tally, Thresholds

OnSession: TypeAlias = Callable[[str], object]
"""Is told each session once it was counted."""


def collect(folder: Path, thresholds: Thresholds, on_session: OnSession) -> tuple[Tally, list[DamagedError]]:
    """What stands in an export, and what was found damaged on the way."""
    tally, problems = Tally(thresholds), list[DamagedError]()
    try:
        summary = read_summary(folder).sessions
    except DamagedError as error:
        problems.append(error)
        summary = dict[str, SessionSummary]()
    exported = set(session_ids(folder))
    for session_id in sorted(exported | summary.keys()):
        session = SessionTally(session_id=session_id)
        tally.sessions.append(session)
        row = summary.get(session_id)
        if row is not None:
            session.error = row.error
        if session_id not in exported and row is not None:
            session.outcome = row.outcome
            continue
        try:
            evidence = open_evidence(folder, session_id)
            session.retries = evidence.retries
            for entry in evidence.entries():
                tally.add(session, entry)
            session.outcome = outcome_of(evidence, row)
        except DamagedError as error:
            problems.append(error)
        session.end()
        on_session(session_id)
    return tally, problems
