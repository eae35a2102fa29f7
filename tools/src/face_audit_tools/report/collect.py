"""Reads an export once and counts it. Evidence that is damaged is counted up to its first damage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from ..errors import DamagedError
from ..evidence import open_evidence
from ..folder import session_ids
from ..gaps import Runs
from ..reading import read_entries
from ..record import Manifest
from ..result import SessionSummary, read_summary
from ..shortfall import describe_shortfall
from ..verifying import outcome_of
from .tally import SessionTally, Tally, Thresholds

OnSession: TypeAlias = Callable[[str], object]
"""Is told each session once it was counted."""


def collect(
    folder: Path, thresholds: Thresholds, on_session: OnSession, deleted: Mapping[str, str]
) -> tuple[Tally, list[DamagedError]]:
    """What an export holds, and what is damaged; `deleted` has a sentence for each session with a tombstone."""
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
        if session_id in deleted:  # the summary may lag behind, where a deletion was killed
            session.outcome, session.error = "deleted", deleted[session_id]
            continue
        if row is not None and (session_id not in exported or row.outcome == "deleted"):
            session.outcome = row.outcome
            continue
        try:
            evidence = open_evidence(folder, session_id)
            session.asked = evidence.record.asked
            session.retries = evidence.retries
            runs = Runs()
            for entry in read_entries(evidence.files, evidence.record, runs):
                tally.add(session, entry)
            session.outcome = outcome_of(evidence, row)
            if isinstance(evidence.record, Manifest) and session.outcome in ("complete", "partial"):
                _tell(session, evidence.record, runs)
        except DamagedError as error:
            problems.append(error)
        session.end()
        on_session(session_id)
    return tally, problems


def _tell(session: SessionTally, record: Manifest, runs: Runs) -> None:
    """What a session lacks that was listed to its end; version 0.1.0 did not look for gaps."""
    session.error = describe_shortfall(record, runs)
    session.outcome = "complete" if session.error is None else "partial"
    session.gone = record.last.gone
    session.refused = 0 if record.last.quarantine is None else record.last.quarantine.count
