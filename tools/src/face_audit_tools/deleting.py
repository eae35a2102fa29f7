"""Deletes sessions on purpose, as a rule of retention asks for; what remains is a tombstone for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attrs import frozen

from .errors import DamagedError, InputError
from .evidence import open_evidence
from .folder import Files, locked, session_ids
from .record import Manifest, Record, now, seals_of
from .result import Result, SessionSummary, read_summary, write_summary
from .tombstone import Tombstone, bury

_LONGEST = 300
"""Characters of a reason."""


@frozen(kw_only=True)
class Deleted:
    """A session that was deleted."""

    session_id: str
    count: int
    """Entries that it had."""
    deleted: str
    """When."""
    reason: str


def delete_sessions(folder: str | Path, ids: Iterable[str], *, reason: str) -> list[Deleted]:
    """Delete all files of sessions, and leave a tombstone for each, which `verify` tells of.

    Exports do not ask for these sessions again. A deletion that is killed is completed by the next one.

    Args:
        folder: of the export.
        ids: the sessions; one that was deleted before is passed over.
        reason: why, such as the rule that asks for it; it is written to the tombstones.

    Raises:
        InputError: one of them was never exported to the folder, or there is no reason; nothing was deleted.
        FolderError: an export writes to the folder.
        DamagedError: the folder's summary was changed.
    """
    folder, ids = Path(folder), list(dict.fromkeys(ids))
    if not reason.strip() or len(reason) > _LONGEST or not reason.isprintable():
        raise InputError(f"reason: give one, of {_LONGEST} characters at most, on one line")
    known = set(session_ids(folder))
    with locked(folder):
        summary = read_summary(folder)
        unknown = [one for one in ids if one not in known and one not in summary.sessions]
        if unknown:
            raise InputError(f"sessions: {unknown[0]!r:.80} was never exported to {folder}; nothing was deleted")
        results = [_delete(Files(folder, one), summary.sessions.get(one), reason) for one in ids]
        write_summary(folder, summary, [result for result, _ in results])
    return [
        Deleted(session_id=result.session_id, count=one.count, deleted=one.deleted, reason=one.reason)
        for result, one in results
    ]


def older_sessions(folder: str | Path, age: timedelta) -> list[str]:
    """The sessions of a folder whose last listing ended longer ago than this, in the order of their ids.

    Of a session whose listing has not ended, its last page counts.

    Raises:
        InputError: there is no such folder.
    """
    return list(_older(Path(folder), datetime.now(UTC) - age))


def _older(folder: Path, moment: datetime) -> Iterator[str]:
    for session_id in session_ids(folder):
        files = Files(folder, session_id)
        if files.are_deleted or not files.have_record:
            continue
        if datetime.fromisoformat(_when(open_evidence(folder, session_id).record)) < moment:
            yield session_id


def _when(record: Record) -> str:
    """When a listing ended, or, if it never did, when its last page came."""
    if isinstance(record, Manifest):
        return record.finished
    return max([record.last.asked, *(one.received for one in record.last.pages)])


def _delete(files: Files, row: SessionSummary | None, reason: str) -> tuple[Result, Tombstone]:
    made = bury(files, _tombstone(files, row, reason))
    result = Result(
        session_id=files.session_id,
        outcome="deleted",
        count=0,
        added=0,
        head=made.head,
        error=made.told,
        manifest=made.manifests[-1] if made.manifests else None,
    )
    return result, made


def _tombstone(files: Files, row: SessionSummary | None, reason: str) -> Tombstone:
    """What is to be said of a session; of one that is damaged, the summary says what it was."""
    try:
        record = open_evidence(files.folder, files.session_id).record
    except DamagedError:
        count, head, outcome = (0, None, "damaged") if row is None else (row.count, row.head, row.outcome)
        manifests = [] if row is None or row.manifest is None else [row.manifest]
    else:
        count, head, manifests = record.count, record.head, seals_of(record)
        outcome = record.outcome if isinstance(record, Manifest) else "unfinished"
    return Tombstone(
        count=count,
        deleted=now(),
        head=head,
        manifests=manifests,
        outcome=outcome,
        reason=reason,
        session_id=files.session_id,
    )
