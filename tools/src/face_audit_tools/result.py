"""What became of the sessions of an export: one by one, and in the summary of the folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from attrs import frozen

from .folder import SUMMARY
from .record import Count, now
from .sealed import Sealed, read_sealed, seal, write_sealed

Outcome: TypeAlias = Literal["complete", "expired", "refused", "failed"]


@frozen(kw_only=True)
class Result:
    """What became of one session."""

    session_id: str
    outcome: Outcome
    """`expired`: the service does not have the session (404); `refused`: the key or its quota was (401, 403); `failed`:
    anything else. All but `complete` can be exported again, and go on where they stopped."""
    count: int
    """Entries that its files hold now."""
    added: int
    """Of these, those that this run has brought."""
    head: str | None = None
    """Of the chain, where there is a manifest."""
    error: str | None = None
    """Why it is not complete, and what to do."""


class SessionSummary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last that became of one session."""

    count: Count
    error: str | None
    head: str | None
    outcome: Outcome
    when: str


class Summary(Sealed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`summary.json`: all sessions that were ever exported to the folder."""

    format: Literal[1] = 1
    sessions: dict[str, SessionSummary]
    """By session id."""

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many sessions came to each outcome."""
        made: dict[Outcome, int] = dict.fromkeys(("complete", "expired", "refused", "failed"), 0)
        for one in self.sessions.values():
            made[one.outcome] += 1
        return made


def read_summary(folder: Path) -> Summary:
    """The summary of a folder, an empty one where there is none.

    Raises:
        DamagedError: it was changed.
    """
    path = folder / SUMMARY
    return read_sealed(path, Summary) if path.exists() else Summary(sessions={})


def write_summary(folder: Path, before: Summary, results: Sequence[Result]) -> None:
    """Write the summary of a folder: that of before, with the results of a run."""
    when = now()
    made = {
        one.session_id: SessionSummary(count=one.count, error=one.error, head=one.head, outcome=one.outcome, when=when)
        for one in results
    }
    write_sealed(folder / SUMMARY, seal(Summary(sessions=before.sessions | made)))
