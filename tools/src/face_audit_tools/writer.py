"""Writes the files of one session. A process that is killed at any instant leaves what the last checkpoint says.

Entries and chain are on the disk before a checkpoint or a manifest speaks of them; what stands behind that is cut off
by the next run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

from face_audit import Page
from msgspec.structs import asdict, replace

from .chain import first_head, id_of, link_lines
from .errors import DamagedError, FolderError
from .folder import Files
from .record import Checkpoint, Listing, Manifest, PageRecord, Run, direction_of, now
from .sealed import new_name, seal, sync, write_sealed

OnPage: TypeAlias = Callable[[Checkpoint], object]
"""Is told the record of a session behind each page that was written."""

_APART = 1.0
"""Seconds between two checkpoints, at least: so much work is lost, at most."""


class Writer:
    """The open files of one session, and the record of what they hold."""

    def __init__(self, files: Files, record: Checkpoint, run: Run, *, on_page: OnPage | None = None) -> None:
        """Go on behind a record; what stands behind it in the files is cut off.

        Raises:
            DamagedError: there is less in the files than the record says.
        """
        self.record: Checkpoint = record
        self.finished: bool = False
        """Whether there is a manifest."""
        self.pages: int = 0
        """That were added."""
        self._files, self._run, self._on_page = files, run, on_page
        self._entries = _open(files.entries, record.entries_bytes)
        self._chain = _open(files.chain, record.chain_bytes)
        self._due = time.monotonic() + _APART
        self._saved: Checkpoint = record

    def add(self, page: Page[Any], pager: Mapping[str, Any]) -> None:
        """Write the entries of the next page; `pager` is the pager's checkpoint behind it."""
        known, raw = self.record, page.raw_items()
        head, lines = link_lines(bytes.fromhex(known.head), raw)
        entries, chain = b"\n".join([*raw, b""]), b"".join(lines)
        self._entries.write(entries)
        self._chain.write(chain)
        made = PageRecord(attempts=len(page.attempts), entries=len(raw), received=now(), request_id=page.request_id)
        self.record = replace(
            known,
            chain_bytes=known.chain_bytes + len(chain),
            count=known.count + len(raw),
            entries_bytes=known.entries_bytes + len(entries),
            first_id=id_of(raw[0]) if raw and not known.count else known.first_id,
            head=head.hex(),
            last_id=id_of(raw[-1]) if raw else known.last_id,
            pager=dict(pager),
            pages=[*known.pages, made],
            runs=known.runs if known.runs[-1:] == [self._run] else [*known.runs, self._run],
        )
        self.pages += 1
        if time.monotonic() >= self._due:
            self.save()
        if self._on_page is not None:
            self._on_page(self.record)

    def save(self) -> None:
        """Make a checkpoint, where there is something new."""
        if self.record is not self._saved:
            self._sync()
            self.record = self._saved = seal(self.record)
            write_sealed(self._files.checkpoint, self.record)
        self._due = time.monotonic() + _APART

    def finish(self, outcome: Literal["complete", "expired"]) -> Manifest:
        """Write the manifest, and drop the checkpoint."""
        self._sync()
        held = asdict(self.record)
        del held["pager"], held["seal"]
        direction = direction_of(self.record.first_id, self.record.last_id)
        manifest = seal(Manifest(**held, direction=direction, finished=now(), outcome=outcome))
        write_sealed(self._files.manifest, manifest)
        self.finished = True
        drop_checkpoint(self._files)
        return manifest

    def close(self) -> None:
        """Close the files; what is in none of the records is lost."""
        self._entries.close()
        self._chain.close()

    def _sync(self) -> None:
        sync(self._entries)
        sync(self._chain)


def begin(files: Files, listing: Listing, pager: Mapping[str, Any]) -> Checkpoint:
    """The first checkpoint of a session, written before the first entry: what stands there without one is not ours.

    Raises:
        FolderError: there is such.
    """
    for path in (files.entries, files.chain):
        path.touch()  # so that its name is on the disk, too, once the checkpoint is
        if path.stat().st_size:
            raise FolderError(
                f"{path}: holds something, and there is no checkpoint or manifest; look at it, then move it away"
            )
    head = first_head(listing).hex()
    record = Checkpoint(
        chain_bytes=0,
        count=0,
        entries_bytes=0,
        first_id=None,
        head=head,
        last_id=None,
        listing=listing,
        pager=dict(pager),
        pages=[],
        runs=[],
    )
    made = seal(record)
    write_sealed(files.checkpoint, made)
    return made


def drop(files: Files) -> None:
    """Remove what was written of a session that has no entry."""
    for path in (files.entries, files.chain):
        path.unlink(missing_ok=True)
    drop_checkpoint(files)


def drop_checkpoint(files: Files) -> None:
    """Remove the checkpoint; a manifest that stands beside it counts anyway."""
    for path in (new_name(files.checkpoint), files.checkpoint):
        path.unlink(missing_ok=True)


def _open(path: Path, size: int) -> BinaryIO:
    file = path.open("ab")
    if file.tell() < size:
        file.close()
        raise DamagedError(path, None, "is shorter than the session's checkpoint says; move the session's files away")
    file.truncate(size)
    return file
