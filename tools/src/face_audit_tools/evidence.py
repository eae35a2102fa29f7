"""Reads an export. Whoever reads it verifies it: what comes out is what the service sent, or a DamagedError."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from attrs import frozen

from .errors import DamagedError
from .folder import Files, session_ids
from .reading import Entry, read_entries
from .record import Checkpoint, Manifest, direction_of
from .sealed import read_sealed


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
    def outcome(self) -> Literal["complete", "expired", "unfinished"]:
        """How far it got; of an unfinished one, the entries up to its last checkpoint are there."""
        return self.record.outcome if isinstance(self.record, Manifest) else "unfinished"

    @property
    def retries(self) -> int:
        """Requests for its pages that had to be sent again."""
        return sum(page.attempts - 1 for page in self.record.pages)

    def entries(self) -> Iterator[Entry]:
        """The entries in the order of the service; each is verified before it comes, and the whole at the end.

        Raises:
            DamagedError: the next entry, or something behind the last one, is not as it was written.
        """
        return read_entries(self.files, self.record)


def open_evidence(folder: Path, session_id: str) -> Evidence:
    """What was exported of a session.

    Raises:
        DamagedError: there is nothing of it that says what its files hold, or that was changed.
    """
    files = Files(folder, session_id)
    if files.manifest.exists():
        return _checked(Evidence(files=files, record=read_sealed(files.manifest, Manifest)), files.manifest)
    if files.checkpoint.exists():
        return _checked(Evidence(files=files, record=read_sealed(files.checkpoint, Checkpoint)), files.checkpoint)
    raise DamagedError(files.manifest, None, "is missing, and there is no checkpoint of the session either")


def read_folder(folder: Path) -> Iterator[Evidence]:
    """What was exported of each session of a folder, in the order of their ids.

    Raises:
        InputError: there is no such folder.
        DamagedError: of the next session, there is nothing that says what its files hold, or that was changed.
    """
    for session_id in session_ids(folder):
        yield open_evidence(folder, session_id)


def _checked(evidence: Evidence, file: Path) -> Evidence:
    record = evidence.record
    if record.listing.session_id != evidence.session_id:
        raise DamagedError(file, None, f"is that of the session {record.listing.session_id!r:.80}")
    if sum(page.entries for page in record.pages) != record.count:
        raise DamagedError(file, None, "its pages do not hold as many entries as it counts")
    if isinstance(record, Manifest) and record.direction != direction_of(record.first_id, record.last_id):
        raise DamagedError(file, None, "its direction is not that of its first and last id")
    return evidence
