"""Writes the files of one session. A process that is killed at any instant leaves what the last checkpoint says.

Entries and chain are on the disk before a checkpoint or a manifest speaks of them; what stands behind that is cut off
by the next run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

from face_audit import Page
from msgspec.structs import asdict, replace

from .chain import first_head, id_of, link_lines
from .errors import FolderError
from .folder import Files
from .opening import open_to_append
from .record import Checkpoint, Listing, Manifest, PageRecord, Run, direction_of, now
from .sealed import new_name, seal, sync, sync_folder, write_sealed

OnPage: TypeAlias = Callable[[Checkpoint], object]
"""Is told the record of a session behind each page that was written."""

_APART = 1.0
"""Seconds between two checkpoints, at least: so much work is lost, at most."""


class Writer:
    """The files of one session, and the record of what they hold. Nothing is written before the first page is there."""

    _entries: BinaryIO
    _chain: BinaryIO

    def __init__(self, files: Files, record: Checkpoint, run: Run, *, on_page: OnPage | None = None) -> None:
        """Go on behind a record; what stands behind it in the files is cut off."""
        self.record: Checkpoint = record
        """Behind the last page."""
        self.kept: Checkpoint | Manifest | None = None
        """What is on the disk of that, once something was written."""
        self.pages: int = 0
        """That were added."""
        self._files, self._run, self._on_page = files, run, on_page
        self._opened = ExitStack()
        self._due = 0.0

    def add(self, page: Page[Any], pager: Mapping[str, Any]) -> None:
        """Write the entries of the next page; `pager` is the pager's checkpoint behind it."""
        self._begin()
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
        if isinstance(self.kept, Checkpoint) and self.record is not self.kept:
            self._sync()
            self._keep()

    def finish(self, outcome: Literal["complete", "expired"]) -> Manifest:
        """Write the manifest, and drop the checkpoint."""
        self._begin()
        self._sync()
        direction = direction_of(self.record.first_id, self.record.last_id)
        manifest = seal(Manifest(**asdict(self.record), direction=direction, finished=now(), outcome=outcome))
        write_sealed(self._files.manifest, manifest)
        self.kept = manifest
        drop_checkpoint(self._files)
        return manifest

    def close(self) -> None:
        """Close the files; what is in none of the records is lost."""
        self._opened.close()

    def _begin(self) -> None:
        """Open the files, once a checkpoint speaks of them; a manifest that did so before is dropped."""
        if self.kept is not None:
            return
        self._keep()
        if self._files.manifest.exists():
            self._files.manifest.unlink()
            sync_folder(self._files.folder)  # before the entries get more than it speaks of
        self._entries = self._open(self._files.entries, self.record.entries_bytes)
        self._chain = self._open(self._files.chain, self.record.chain_bytes)

    def _open(self, path: Path, size: int) -> BinaryIO:
        file = open_to_append(path)
        self._opened.callback(file.close)
        file.truncate(size)
        return file

    def _keep(self) -> None:
        made = seal(self.record)
        write_sealed(self._files.checkpoint, made)
        self.record = self.kept = made
        self._due = time.monotonic() + _APART

    def _sync(self) -> None:
        sync(self._entries)
        sync(self._chain)


def begin(files: Files, listing: Listing, pager: Mapping[str, Any]) -> Checkpoint:
    """The record of a session of which nothing was written.

    Raises:
        FolderError: there are files that are not ours: a checkpoint is written before the first entry.
    """
    for path in (files.entries, files.chain):
        if os.path.lexists(path):
            raise FolderError(f"{path}: stands there without a checkpoint or manifest; look at it, then move it away")
    return Checkpoint(
        chain_bytes=0,
        count=0,
        entries_bytes=0,
        first_id=None,
        head=first_head(listing).hex(),
        last_id=None,
        listing=listing,
        pager=dict(pager),
        pages=[],
        runs=[],
    )


def drop_checkpoint(files: Files) -> None:
    """Remove the checkpoint; a manifest that stands beside it counts anyway."""
    for path in (new_name(files.checkpoint), files.checkpoint):
        path.unlink(missing_ok=True)
