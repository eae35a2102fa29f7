"""The outcomes of the sessions of an export: one by one, and in the summary of the folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from attrs import frozen

from .errors import DamagedError
from .folder import SUMMARY, SessionId, session_ids
from .record import Count, now
from .sealed import Sealed, read_sealed, seal, write_sealed

Outcome: TypeAlias = Literal["complete", "partial", "unfinished", "expired", "refused", "failed", "deleted"]
OUTCOMES: tuple[Outcome, ...] = ("complete", "partial", "unfinished", "expired", "refused", "failed", "deleted")


@frozen(kw_only=True)
class Result:
    """The outcome of one session."""

    session_id: str
    outcome: Outcome
    """`complete`: all that the service had when it was asked last is here; `partial`: the same, but ids of digits skip,
    or an entry was refused; `expired`: before the end of its entries, the service did not have the session (404);
    `refused`: the key or its quota was (401, 403); `failed`: anything else; `unfinished`: the export has not
    reached its end; `deleted`: it was deleted here on purpose. All but `deleted` can be exported again, and go on
    where they stopped."""
    count: int
    """Entries that its files hold, or, where this run has not read them, those that the summary knows of."""
    added: int
    """Of these, those that this run has brought."""
    head: str | None = None
    """Of the chain after these entries, where there are files."""
    error: str | None = None
    """Why it is not complete, and what to do."""
    asked: str | None = None
    """As of when its entries are here: what is newer is not."""
    gone: bool = False
    """Whether the service did not have the session any more when it was asked again (404)."""
    manifest: str | None = None
    """The seal of its last manifest."""


class SessionSummary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The last outcome of one session."""

    count: Count
    error: str | None
    head: str | None
    manifest: str | None = None
    """The seal of its last manifest; version 0.1.0 did not write it."""
    outcome: Outcome
    when: str
    """Since when it is so."""


class Summary(Sealed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`summary.json`: all sessions that were ever exported to the folder."""

    format: Literal[1, 2] = 2
    sessions: dict[SessionId, SessionSummary]
    """By session id."""

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many sessions have each outcome."""
        made: dict[Outcome, int] = dict.fromkeys(OUTCOMES, 0)
        for one in self.sessions.values():
            made[one.outcome] += 1
        return made


def read_summary(folder: str | Path) -> Summary:
    """The summary of a folder, an empty one where nothing was exported to it.

    Raises:
        DamagedError: it was changed, or is missing beside files of sessions, before which it is written.
        InputError: there is no such folder.
    """
    path = Path(folder) / SUMMARY
    seen = session_ids(path.parent)  # before the summary is looked for, because an export may begin at any time
    if os.path.lexists(path):
        return read_sealed(path, Summary)
    if seen:
        raise DamagedError(path, None, "is missing, and there are files of sessions")
    return Summary(sessions={})


def write_summary(folder: Path, before: Summary, results: Sequence[Result]) -> Summary:
    """Write the summary of a folder, where it says something new: that of before, with these results; gives it.

    An export does so before it writes anything of a session, and at its end. So a row may be out of date, where a
    process was killed, and never the other way round.
    """
    rows = before.sessions | {one.session_id: _row(one, before.sessions.get(one.session_id)) for one in results}
    if before.seal and rows == before.sessions:
        return before
    after = seal(Summary(sessions=rows))  # of the present format, whichever it was before
    write_sealed(folder / SUMMARY, after)
    return after


def _row(result: Result, before: SessionSummary | None) -> SessionSummary:
    if before is not None and before.outcome == "deleted" != result.outcome:
        return before  # a session does not come back because its tombstone is gone
    made = SessionSummary(
        count=result.count,
        error=result.error,
        head=result.head,
        manifest=result.manifest,
        outcome=result.outcome,
        when=now(),
    )
    if before is not None and msgspec.structs.replace(made, when=before.when) == before:
        return before
    return made
