"""Verifies an export, offline: finds what was changed, left out, added, swapped or cut."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from attrs import Factory, frozen

from .chain import first_head
from .errors import DamagedError, InputError
from .evidence import Evidence, open_evidence
from .folder import SUMMARY, Files, manifests, session_ids
from .gaps import Runs
from .reading import Entry, read_entries
from .record import Manifest, Segment, read_manifest, seals_of
from .result import OUTCOMES, Outcome, SessionSummary, read_summary
from .shortfall import describe_shortfall
from .tombstone import Tombstone, read_tombstone

OnSession: TypeAlias = Callable[[str], object]
"""Is told each session once it was looked at."""
Rows: TypeAlias = Mapping[str, SessionSummary]


@frozen(kw_only=True)
class Verification:
    """What was found in a folder."""

    sessions: int
    """That have files in it."""
    entries: int
    """That are as the service sent them."""
    problems: tuple[DamagedError, ...]
    """For each session the first line that is not as it was written, and what is wrong with the folder as a whole."""
    unfinished: tuple[str, ...]
    """Sessions whose export is not finished; their entries are verified up to the last checkpoint."""
    expired: tuple[str, ...]
    """Sessions of which the service may have more entries than are here: before their end, it did not have them."""
    incomplete: Mapping[Outcome, int]
    """How many sessions are not complete, by outcome, those without files included; damaged ones are problems."""
    partial: Mapping[str, str] = Factory(dict[str, str])
    """What sessions lack that were listed to their end, by session: ids of digits, or entries that were refused."""
    quarantined: Mapping[str, int] = Factory(dict[str, int])
    """How many refused answers and entries are kept beside the evidence, by session."""
    deleted: Mapping[str, str] = Factory(dict[str, str])
    """Sessions that were deleted on purpose, and when and why."""
    gone: tuple[str, ...] = ()
    """Sessions that the service did not have any more when it was asked again; what it had before is here."""

    @property
    def passed(self) -> bool:
        """Whether there is evidence, all of it as it was written, no export unfinished, and nothing known to lack."""
        is_some = self.sessions > 0 or bool(self.deleted)
        return is_some and not self.problems and not self.unfinished and not self.partial


def verify(
    folder: str | Path, *, manifest_store: str | Path | None = None, on_session: OnSession | None = None
) -> Verification:
    """Read every file of an export and compare it with the chain, the manifests and the summary.

    An export may be at work in the folder, or may have been killed in it: that is not a problem.

    Args:
        folder: of the export.
        manifest_store: a folder with copies of the manifests, kept where nobody who can write to `folder` can write.
            Without it, anyone who can rewrite all files of a session, its manifest and the summary goes unnoticed.
        on_session: is told each session once it was looked at.

    Raises:
        InputError: there is no such folder, nothing was exported to it, or the store holds no manifest.
    """
    folder = Path(folder)
    # Ids first, then the summary, then the sessions: so that each is at least as far as what was read before it.
    ids, problems = session_ids(folder), list[DamagedError]()
    rows = _rows(folder, problems)
    if not ids and not rows and not problems:
        raise InputError(f"{folder}: holds no export; give the folder of one")
    found, entries, lacking, deleted = dict[str, Evidence](), 0, dict[str, str](), dict[str, str]()
    named = {name for name, row in (rows or {}).items() if row.head is not None or row.outcome == "deleted"}
    named.update(ids)
    for session_id in sorted(named):
        try:
            buried = _look_for_tombstone(folder, session_id, rows)
            if buried is not None:
                deleted[session_id] = buried.told
                continue
            found[session_id], count, missing = _look_twice(folder, session_id, rows)
            entries += count
            if missing is not None:
                lacking[session_id] = missing
        except DamagedError as error:
            problems.append(error)
        finally:
            if on_session is not None:
                on_session(session_id)
    if manifest_store is not None:
        problems += _against_store(folder, Path(manifest_store))
    outcomes = _outcomes(found, rows or {}, named)
    outcomes["deleted"] += len(deleted)
    kept = {one: evidence.record.last.quarantine for one, evidence in found.items()}
    return Verification(
        sessions=len(ids) - len(deleted),
        entries=entries,
        problems=tuple(problems),
        unfinished=tuple(one for one, evidence in found.items() if evidence.outcome == "unfinished"),
        expired=tuple(one for one, evidence in found.items() if evidence.outcome == "expired"),
        incomplete={one: outcomes[one] for one in OUTCOMES if one != "complete" and outcomes[one]},
        partial=lacking,
        quarantined={one: each.count for one, each in kept.items() if each is not None},
        deleted=deleted,
        gone=tuple(one for one, evidence in found.items() if evidence.record.last.gone),
    )


def find_evidence(folder: Path, session_id: str, row: SessionSummary | None) -> Evidence:
    """What was exported of a session; its record may be ahead of the summary's row, where an export was killed.

    Raises:
        DamagedError: it is missing, was changed, or does not go on from what the row speaks of.
    """
    files = Files(folder, session_id)
    if row is not None and row.head is not None and not files.have_record:
        said = f"{SUMMARY} says that the session is {row.outcome}, with {row.count} entries"
        raise DamagedError(files.manifest, None, f"is missing; {said}")
    evidence = open_evidence(folder, session_id)
    if row is not None and not _continues(evidence, row):
        raise DamagedError(evidence.file, None, f"is not the one that {SUMMARY} speaks of")
    return evidence


def is_of(evidence: Evidence, row: SessionSummary) -> bool:
    """Whether evidence is what a row speaks of, no less and no more."""
    record = evidence.record
    if row.manifest is not None:
        return isinstance(record, Manifest) and record.seal == row.manifest
    return (evidence.outcome, record.head, record.count) == (row.outcome, row.head, row.count)


def _continues(evidence: Evidence, row: SessionSummary) -> bool:
    """Whether evidence is what a row speaks of, or continues that."""
    seals, segments = seals_of(evidence.record), evidence.record.segments
    if row.manifest is not None and row.manifest not in seals:
        return False
    if row.outcome not in ("complete", "partial", "expired"):
        return True  # its entries are compared when they are read
    spoken_of = segments if row.manifest is None else [segments[seals.index(row.manifest)]]
    return any((one.outcome, one.head, one.count) == (row.outcome, row.head, row.count) for one in spoken_of)


def read_through(
    evidence: Evidence, known: SessionSummary | Segment | None, runs: Runs | None = None
) -> Iterator[Entry]:
    """The entries; each is verified, and at last that they go on from what was known of them before.

    Raises:
        DamagedError: they are not as they were written.
    """
    head = first_head(evidence.record.listing)
    for entry in read_entries(evidence.files, evidence.record, Runs() if runs is None else runs):
        if known is not None and entry.number == known.count:
            head = entry.head
        yield entry
    if known is not None and known.head not in (None, head.hex()):
        raise DamagedError(evidence.file, None, "does not go on from what was known of the session")


def read_all(evidence: Evidence, known: SessionSummary | Segment | None, runs: Runs | None = None) -> int:
    """How many entries there are; raises as `read_through`."""
    return sum(1 for _ in read_through(evidence, known, runs))


def _rows(folder: Path, problems: list[DamagedError]) -> Rows | None:
    try:
        return read_summary(folder).sessions
    except DamagedError as error:
        problems.append(error)
        return None


def _look_for_tombstone(folder: Path, session_id: str, rows: Rows | None) -> Tombstone | None:
    """What remains of a session that was deleted on purpose.

    Raises:
        DamagedError: it was changed, or files of the session are still there.
    """
    files = Files(folder, session_id)
    if not files.are_deleted:
        return None
    found, row = read_tombstone(files), None if rows is None else rows.get(session_id)
    if rows is not None and (row is None or (row.manifest is not None and row.manifest not in found.manifests)):
        raise DamagedError(files.tombstone, None, f"is not of the session that {SUMMARY} speaks of")
    left = next((path for path in files.all_of_it if os.path.lexists(path)), None)
    if left is not None:
        raise DamagedError(left, None, f"is still there, beside {files.tombstone.name}", "delete the session again")
    return found


def _look_twice(folder: Path, session_id: str, rows: Rows | None) -> tuple[Evidence, int, str | None]:
    """What was exported of a session, how many entries that are, and what it lacks; if it seems wrong, by two looks."""
    try:
        return _look(folder, session_id, rows)
    except DamagedError:  # an export that has taken up the session meanwhile has changed its files
        return _look(folder, session_id, None if rows is None else _rows(folder, []))


def _look(folder: Path, session_id: str, rows: Rows | None) -> tuple[Evidence, int, str | None]:
    row = None if rows is None else rows.get(session_id)
    evidence, runs = find_evidence(folder, session_id, row), Runs()
    if rows is not None and row is None:
        remedy = "export the session again, which takes it up if it is whole, or move its files away"
        raise DamagedError(evidence.file, None, f"is not in {SUMMARY}", remedy)
    if row is not None and row.outcome == "deleted":
        raise DamagedError(evidence.file, None, f"is still there, and {SUMMARY} says that the session was deleted")
    count = read_all(evidence, row, runs)
    is_listed = evidence.outcome in ("complete", "partial")  # what is not may be filled by what comes
    return evidence, count, describe_shortfall(evidence.record, runs) if is_listed else None


def outcome_of(evidence: Evidence, row: SessionSummary | None) -> Outcome:
    """The outcome of a session; if it is unfinished, or was requested again without success, from the summary."""
    if row is None:
        return evidence.outcome
    if evidence.outcome == "unfinished":
        return "unfinished" if row.outcome in ("complete", "partial") else row.outcome
    return row.outcome if row.outcome in ("refused", "failed") and is_of(evidence, row) else evidence.outcome


def _outcomes(found: Mapping[str, Evidence], rows: Rows, seen: set[str]) -> Counter[Outcome]:
    """How many sessions have each outcome."""
    outcomes = Counter[Outcome](row.outcome for name, row in rows.items() if name not in seen)
    outcomes.update(outcome_of(evidence, rows.get(name)) for name, evidence in found.items())
    return outcomes


def _against_store(folder: Path, store: Path) -> Iterator[DamagedError]:
    kept, here = manifests(store), manifests(folder)
    if not kept:
        raise InputError(f"{store}: holds no manifest; give the folder that the manifests were copied to")
    for session_id in sorted(kept | here):
        try:
            _against_copy(Files(folder, session_id), kept.get(session_id), store)
        except DamagedError as error:
            yield error


def _against_copy(files: Files, copy: Path | None, store: Path) -> None:
    manifest = files.manifest
    if copy is None:
        raise DamagedError(manifest, None, f"has no copy in {store}")
    kept = read_manifest(copy)
    if files.are_deleted:
        if kept.seal not in read_tombstone(files).manifests:
            raise DamagedError(files.tombstone, None, f"does not name the copy in {store}")
        return
    if not files.have_record:
        raise DamagedError(manifest, None, f"is missing; a copy is in {store}")
    evidence = open_evidence(files.folder, files.session_id)
    # It may have been asked for again: then it contains what was copied.
    if kept.seal not in seals_of(evidence.record):
        raise DamagedError(evidence.file, None, f"differs from its copy in {store}, and does not continue it")
    read_all(evidence, kept.last)
