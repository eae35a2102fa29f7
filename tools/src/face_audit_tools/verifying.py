"""Verifies an export, offline: finds what was changed, left out, added, swapped or cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from .errors import DamagedError, InputError
from .evidence import Evidence, open_evidence
from .folder import SUMMARY, Files, manifest_names, session_ids
from .record import Manifest
from .result import read_summary

OnSession: TypeAlias = Callable[[str], object]
"""Is told each session once it was looked at."""


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
    """Sessions of which the service had more entries than are here, and that it no longer has."""

    @property
    def passed(self) -> bool:
        """Whether everything is as it was written, and no export is unfinished."""
        return not self.problems and not self.unfinished


def verify(folder: Path, *, manifest_store: Path | None = None, on_session: OnSession | None = None) -> Verification:
    """Read every file of an export and compare it with the chain, the manifests and the summary.

    Args:
        folder: of the export.
        manifest_store: a folder with copies of the manifests, kept where nobody who can write to `folder` can write.
            Without it, whoever can rewrite all files of a session, its manifest and the summary goes unnoticed.
        on_session: is told each session once it was looked at.

    Raises:
        InputError: there is no such folder, nothing was exported to it, or the store holds no manifest.
    """
    ids = session_ids(folder)
    if not ids and not (folder / SUMMARY).exists():
        raise InputError(f"{folder}: holds no export; give the folder of one")
    found, problems, entries = dict[str, Evidence](), list[DamagedError](), 0
    for session_id in ids:
        try:
            found[session_id] = open_evidence(folder, session_id)
            entries += sum(1 for _ in found[session_id].entries())
        except DamagedError as error:
            problems.append(error)
        if on_session is not None:
            on_session(session_id)
    problems += _against_summary(folder, found, set(ids))
    if manifest_store is not None:
        problems += _against_store(folder, manifest_store)
    return Verification(
        sessions=len(ids),
        entries=entries,
        problems=tuple(problems),
        unfinished=tuple(one for one, evidence in found.items() if evidence.outcome == "unfinished"),
        expired=tuple(one for one, evidence in found.items() if evidence.outcome == "expired"),
    )


def _against_summary(folder: Path, found: dict[str, Evidence], seen: set[str]) -> Iterator[DamagedError]:
    try:
        summary = read_summary(folder)
    except DamagedError as error:
        yield error
        return
    for session_id, row in summary.sessions.items():
        if row.head is None:
            continue
        manifest = Files(folder, session_id).manifest
        if session_id not in seen:
            yield DamagedError(manifest, None, f"is missing; {SUMMARY} says that the session is {row.outcome}")
        elif session_id in found:
            record = found[session_id].record
            held = (record.outcome, record.head, record.count) if isinstance(record, Manifest) else None
            if held != (row.outcome, row.head, row.count):
                yield DamagedError(manifest, None, f"is not the one that {SUMMARY} speaks of")


def _against_store(folder: Path, store: Path) -> Iterator[DamagedError]:
    kept, here = manifest_names(store), manifest_names(folder)
    if not kept:
        raise InputError(f"{store}: holds no manifest; give the folder that the manifests were copied to")
    for name in sorted(kept | here):
        if name not in kept:
            yield DamagedError(folder / name, None, f"has no copy in {store}")
        elif name not in here:
            yield DamagedError(folder / name, None, f"is missing; a copy is in {store}")
        elif (store / name).read_bytes() != (folder / name).read_bytes():
            yield DamagedError(folder / name, None, f"differs from its copy in {store}")
