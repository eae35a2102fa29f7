"""What remains of a session that was deleted on purpose: that it was there, how much it was, when and why it went."""

from __future__ import annotations

from typing import Literal

from .errors import DamagedError
from .folder import Files
from .record import Count
from .sealed import Sealed, read_sealed, seal, sync_folder, write_sealed


class Tombstone(Sealed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`ID.tombstone.json`."""

    count: Count
    """Entries that were deleted."""
    deleted: str
    """When."""
    format: Literal[2] = 2
    head: str | None
    """Of their chain."""
    manifests: list[str]
    """The seals of the manifests that the session had, oldest first; copies of these may be kept elsewhere."""
    outcome: str
    """What had become of the session."""
    reason: str
    session_id: str

    @property
    def told(self) -> str:
        """That in a sentence."""
        return f"was deleted on {self.deleted[:10]} ({self.reason}); its {self.count:,} entries are gone"


def read_tombstone(files: Files) -> Tombstone:
    """What remains of a session.

    Raises:
        DamagedError: it was changed, or is that of another session.
    """
    found = read_sealed(files.tombstone, Tombstone)
    if found.session_id != files.session_id:
        raise DamagedError(files.tombstone, None, f"is that of the session {found.session_id!r:.80}")
    return found


def bury(files: Files, tombstone: Tombstone) -> Tombstone:
    """Write a tombstone, then remove the files of its session; a killed process leaves the tombstone, or nothing."""
    made = read_tombstone(files) if files.are_deleted else seal(tombstone)
    write_sealed(files.tombstone, made)
    for path in files.all_of_it:
        path.unlink(missing_ok=True)
    sync_folder(files.folder)
    return made
