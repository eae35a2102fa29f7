"""Reads an export. Reading verifies it: the result is what the service sent, or a DamagedError."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from attrs import frozen

from .errors import DamagedError
from .folder import Files, session_ids
from .gaps import Runs
from .quarantine import check_quarantine
from .reading import Entry, read_entries
from .record import Checkpoint, Manifest, direction_of, prefix_seal, read_checkpoint, read_manifest
from .shortfall import falls_short


@frozen(kw_only=True)
class Evidence:
    """What was exported of one session."""

    files: Files
    record: Manifest | Checkpoint

    @property
    def session_id(self) -> str:
        """The session."""
        return self.files.session_id

    @property
    def outcome(self) -> Literal["complete", "partial", "expired", "unfinished"]:
        """How far it got; of an unfinished one, the entries up to its last checkpoint are there."""
        return self.record.outcome if isinstance(self.record, Manifest) else "unfinished"

    @property
    def file(self) -> Path:
        """The file that holds the record."""
        return self.files.manifest if isinstance(self.record, Manifest) else self.files.checkpoint

    @property
    def retries(self) -> int:
        """Requests for its pages that had to be sent again."""
        return sum(page.attempts - 1 for page in self.record.pages)

    def entries(self) -> Iterator[Entry]:
        """The entries in the order of the service; each is verified before it comes, and the whole at the end.

        What was added when the session was asked for again follows what was there before.

        Raises:
            DamagedError: the next entry, or something after the last one, is not as it was written.
        """
        return read_entries(self.files, self.record, Runs())


def open_evidence(folder: str | Path, session_id: str) -> Evidence:
    """What was exported of a session.

    Raises:
        DamagedError: there is nothing of it that says what its files hold, or that was changed.
        InputError: this can be no session's id.
    """
    files = Files(Path(folder), session_id)
    kinds: dict[Path, Callable[[Path], Manifest | Checkpoint]] = {
        files.manifest: read_manifest,
        files.checkpoint: read_checkpoint,
    }
    # An export that is finished writes the manifest before it drops the checkpoint.
    for file in (files.manifest, files.checkpoint, files.manifest):
        if os.path.lexists(file):
            return _checked(Evidence(files=files, record=kinds[file](file)))
    raise DamagedError(files.manifest, None, "is missing, and there is no checkpoint of the session either")


def read_folder(folder: str | Path) -> Iterator[Evidence]:
    """What was exported of each session of a folder, in the order of their ids; deleted ones are passed over.

    Raises:
        InputError: there is no such folder.
        DamagedError: of the next session, there is nothing that says what its files hold, or that was changed.
    """
    for session_id in session_ids(Path(folder)):
        if not Files(Path(folder), session_id).are_deleted:
            yield open_evidence(folder, session_id)


def _checked(evidence: Evidence) -> Evidence:
    file, record = evidence.file, evidence.record
    if record.listing.session_id != evidence.session_id:
        raise DamagedError(file, None, f"is that of the session {record.listing.session_id!r:.80}")
    before, is_manifest = 0, isinstance(record, Manifest)
    for number, segment in enumerate(record.segments):
        if sum(page.entries for page in segment.pages) != segment.count - before:
            raise DamagedError(file, None, "its pages do not hold as many entries as it counts")
        before = segment.count
        is_last = number == len(record.segments) - 1
        if (segment.finished is None) is (is_manifest or not is_last):
            raise DamagedError(file, None, "a segment of it is not finished")
        if number and segment.previous != prefix_seal(record, number):
            raise DamagedError(file, None, "does not contain the manifest that it continues")
        if segment.finished is None:
            break
        if segment.direction != direction_of(segment.first_id, segment.last_id):
            raise DamagedError(file, None, "its direction is not that of its first and last id")
        if segment.format > 1 and segment.outcome == ("complete" if falls_short(segment) else "partial"):
            raise DamagedError(file, None, "its outcome is not that of its gaps and refused entries")
    check_quarantine(evidence.files, record)
    return evidence
