"""Verifies an export, offline: finds what was changed, left out, added, swapped or cut."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from .chain import first_head
from .errors import DamagedError, InputError
from .evidence import Evidence, open_evidence
from .folder import SUMMARY, Files, manifests, session_ids
from .record import Manifest
from .result import OUTCOMES, Outcome, SessionSummary, read_summary
from .sealed import read_sealed

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
    """Sessions whose export has not come to its end; their entries are verified up to the last checkpoint."""
    expired: tuple[str, ...]
    """Sessions of which the service may have more entries than are here: before their end, it did not have them."""
    incomplete: Mapping[Outcome, int]
    """How many sessions are not complete, by outcome, those without files included; damaged ones are problems."""

    @property
    def passed(self) -> bool:
        """Whether there is evidence, all of it as it was written, and no export is unfinished."""
        return self.sessions > 0 and not self.problems and not self.unfinished


def verify(
    folder: str | Path, *, manifest_store: str | Path | None = None, on_session: OnSession | None = None
) -> Verification:
    """Read every file of an export and compare it with the chain, the manifests and the summary.

    An export may be at work in the folder, or may have been killed in it: that is no problem.

    Args:
        folder: of the export.
        manifest_store: a folder with copies of the manifests, kept where nobody who can write to `folder` can write.
            Without it, whoever can rewrite all files of a session, its manifest and the summary goes unnoticed.
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
    found, entries = dict[str, Evidence](), 0
    named = {name for name, row in (rows or {}).items() if row.head is not None}.union(ids)
    for session_id in sorted(named):
        try:
            found[session_id], count = _look_twice(folder, session_id, rows)
            entries += count
        except DamagedError as error:
            problems.append(error)
        if on_session is not None:
            on_session(session_id)
    if manifest_store is not None:
        problems += _against_store(folder, Path(manifest_store))
    outcomes = _outcomes(found, rows or {}, named)
    return Verification(
        sessions=len(ids),
        entries=entries,
        problems=tuple(problems),
        unfinished=tuple(one for one, evidence in found.items() if evidence.outcome == "unfinished"),
        expired=tuple(one for one, evidence in found.items() if evidence.outcome == "expired"),
        incomplete={one: outcomes[one] for one in OUTCOMES if one != "complete" and outcomes[one]},
    )


def find_evidence(folder: Path, session_id: str, row: SessionSummary | None) -> Evidence:
    """What was exported of a session; its record may be ahead of the summary's row where that says that it is open.

    Raises:
        DamagedError: it is missing, was changed, or is not what the row speaks of.
    """
    files = Files(folder, session_id)
    if row is not None and row.head is not None and not files.have_record:
        said = f"{SUMMARY} says that the session is {row.outcome}, with {row.count} entries"
        raise DamagedError(files.manifest, None, f"is missing; {said}")
    evidence = open_evidence(folder, session_id)
    if row is not None and row.outcome in ("complete", "expired") and not is_of(evidence, row):
        raise DamagedError(evidence.file, None, f"is not the one that {SUMMARY} speaks of")
    return evidence


def is_of(evidence: Evidence, row: SessionSummary) -> bool:
    """Whether evidence is what a row speaks of, no less and no more."""
    record = evidence.record
    return (evidence.outcome, record.head, record.count) == (row.outcome, row.head, row.count)


def read_through(evidence: Evidence, known: SessionSummary | Manifest | None) -> int:
    """How many entries there are; each is verified, and that they go on from what was known of them before.

    Raises:
        DamagedError: they are not as they were written.
    """
    number, head = 0, first_head(evidence.record.listing)
    for entry in evidence.entries():
        number = entry.number
        if known is not None and number == known.count:
            head = entry.head
    if known is not None and known.head not in (None, head.hex()):
        raise DamagedError(evidence.file, None, "does not go on from what was known of the session")
    return number


def _rows(folder: Path, problems: list[DamagedError]) -> Rows | None:
    try:
        return read_summary(folder).sessions
    except DamagedError as error:
        problems.append(error)
        return None


def _look_twice(folder: Path, session_id: str, rows: Rows | None) -> tuple[Evidence, int]:
    """What was exported of a session, and how many entries that are; where something is wrong with it, by two looks."""
    try:
        return _look(folder, session_id, rows)
    except DamagedError:  # an export that took up an expired session meanwhile has changed its files
        return _look(folder, session_id, None if rows is None else _rows(folder, []))


def _look(folder: Path, session_id: str, rows: Rows | None) -> tuple[Evidence, int]:
    row = None if rows is None else rows.get(session_id)
    evidence = find_evidence(folder, session_id, row)
    if rows is not None and row is None:
        remedy = "export the session again, which takes it up if it is whole, or move its files away"
        raise DamagedError(evidence.file, None, f"is not in {SUMMARY}", remedy)
    return evidence, read_through(evidence, row)


def _outcomes(found: Mapping[str, Evidence], rows: Rows, seen: set[str]) -> Counter[Outcome]:
    """How many sessions have come to each outcome; of one that is not at its end the summary may say why."""
    outcomes = Counter[Outcome](row.outcome for name, row in rows.items() if name not in seen)
    for name, evidence in found.items():
        row = rows.get(name)
        outcomes[evidence.outcome if evidence.outcome != "unfinished" or row is None else row.outcome] += 1
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
    kept = read_sealed(copy, Manifest)
    if kept.outcome == "expired" and files.have_record:  # it may have been taken up again
        read_through(open_evidence(files.folder, files.session_id), kept)
    elif not os.path.lexists(manifest):
        raise DamagedError(manifest, None, f"is missing; a copy is in {store}")
    elif read_sealed(manifest, Manifest) != kept:
        raise DamagedError(manifest, None, f"differs from its copy in {store}")
