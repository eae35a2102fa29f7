"""Writes the files of one session. A process that is killed at any instant leaves what the last checkpoint says.

Entries and chain are on the disk before a checkpoint or a manifest speaks of them; what follows that is cut off
by the next run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

from msgspec.structs import replace

from .chain import first_head, link_lines
from .errors import FolderError
from .folder import Files
from .gaps import Runs
from .opening import open_to_append
from .quarantine import Refused, add_refused
from .record import Checkpoint, Listing, Manifest, PageRecord, Record, Run, Segment, direction_of, now, open_segment
from .sealed import new_name, seal, sync, sync_folder, write_sealed
from .shortfall import falls_short

OnPage: TypeAlias = Callable[[Checkpoint], object]
"""Receives the record of a session after each page that was written."""

_APART = 1.0
"""Seconds between two checkpoints, at least: so much work is lost, at most."""


class Writer:
    """The files of one session, and the record of what they hold. Nothing is written before there is something new."""

    _entries: BinaryIO
    _chain: BinaryIO

    def __init__(self, files: Files, record: Checkpoint, run: Run, runs: Runs, *, limit: int) -> None:
        """Go on after a record; what follows it in the files is cut off.

        Args:
            files: of the session.
            record: what they hold; its last segment is open.
            run: the exporter's.
            runs: the ids of digits that are there already.
            limit: bytes of the file of refused answers.
        """
        self.record: Checkpoint = record
        """After the last page."""
        self.kept: Checkpoint | Manifest | None = None
        """What is on the disk of that, once something was written."""
        self.runs: Runs = runs
        self._files, self._run, self._limit = files, run, limit
        self._opened = ExitStack()
        # Of a checkpoint, the files may go on after it.
        self._is_torn = os.path.lexists(files.checkpoint)
        self._due = 0.0

    @property
    def segment(self) -> Segment:
        """The open one."""
        return self.record.last

    @property
    def earlier(self) -> Sequence[Segment]:
        """Those before it."""
        return self.record.segments[:-1]

    def add(self, raw: Sequence[bytes], ids: Sequence[str | None], page: PageRecord, pager: dict[str, Any]) -> None:
        """Write the entries of the next page that are new; `pager` is where the listing goes on after it."""
        known = self.segment
        if raw or not self.earlier:
            self._begin()
            known = self.segment
        head, lines = link_lines(bytes.fromhex(known.head), raw)
        entries, chain = b"\n".join([*raw, b""]), b"".join(lines)
        if raw:
            self._entries.write(entries)
            self._chain.write(chain)
            self.runs.add_ids(ids)
        self._change(
            chain_bytes=known.chain_bytes + len(chain),
            count=known.count + len(raw),
            entries_bytes=known.entries_bytes + len(entries),
            first_id=ids[0] if raw and not self._added else known.first_id,
            head=head.hex(),
            last_id=ids[-1] if raw else known.last_id,
            pager=pager,
            pages=[*known.pages, page],
            runs=known.runs if known.runs[-1:] == [self._run] else [*known.runs, self._run],
        )
        if time.monotonic() >= self._due:
            self.save()

    def refuse(self, found: list[Refused]) -> None:
        """Keep what was refused, and make a checkpoint that says so."""
        self._begin()
        known = self.segment.quarantine
        lines, after = add_refused(self._files, known, found, limit=self._limit)
        with open_to_append(self._files.quarantine) as file:
            file.write(lines)
            sync(file)
        self._change(quarantine=after)
        self.save()

    def save(self) -> None:
        """Make a checkpoint, where there is something new."""
        if isinstance(self.kept, Checkpoint) and self.record is not self.kept:
            self._sync()
            self._keep()

    def finish(
        self,
        outcome: Literal["complete", "expired"],
        *,
        joins: str | None = None,
        final: bool = False,
        gone: bool = False,
    ) -> Manifest:
        """Write the manifest, and drop the checkpoint; where nothing is new, only the manifest is written."""
        if not self.earlier or self._is_torn:
            self._begin()
        if self.kept is not None:
            self._sync()
        segment = replace(
            self.segment,
            direction=direction_of(self.segment.first_id, self.segment.last_id),
            final=final,
            finished=now(),
            gaps=self.runs.gaps,
            gone=gone,
            joins=joins,
        )
        if outcome == "complete":
            outcome_found: Literal["complete", "partial"] = "partial" if falls_short(segment) else "complete"
            segment = replace(segment, outcome=outcome_found)
        else:
            segment = replace(segment, outcome="expired")
        manifest = seal(Manifest(listing=self.record.listing, segments=[*self.earlier, segment]))
        write_sealed(self._files.manifest, manifest)
        self.kept = manifest
        drop_checkpoint(self._files)
        return manifest

    def close(self) -> None:
        """Close the files; what is in none of the records is lost."""
        self._opened.close()

    @property
    def _added(self) -> int:
        """Entries of the open segment."""
        return self.record.count - (self.earlier[-1].count if self.earlier else 0)

    def _change(self, **changes: Any) -> None:
        segments = [*self.earlier, replace(self.segment, **changes)]
        self.record = replace(self.record, segments=segments, seal="")

    def _begin(self) -> None:
        """Open the files, once a checkpoint speaks of them; a manifest that did so before is dropped."""
        if self.kept is not None:
            return
        self._keep()
        if self._files.manifest.exists():
            self._files.manifest.unlink()
            sync_folder(self._files.folder)  # before the entries get more than it speaks of
        self._cut_quarantine()
        self._entries = self._open(self._files.entries, self.record.entries_bytes)
        self._chain = self._open(self._files.chain, self.record.chain_bytes)

    def _cut_quarantine(self) -> None:
        known, path = self.segment.quarantine, self._files.quarantine
        if known is not None:
            with open_to_append(path) as file:
                file.truncate(known.bytes)
        else:
            path.unlink(missing_ok=True)

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


def begin(files: Files, listing: Listing) -> Checkpoint:
    """The record of a session of which nothing was written.

    Raises:
        FolderError: there are files that are not ours: a checkpoint is written before the first entry.
    """
    for path in (files.entries, files.chain, files.quarantine):
        if os.path.lexists(path):
            raise FolderError(f"{path}: is there without a checkpoint or manifest; look at it, then move it away")
    head = first_head(listing).hex()
    return Checkpoint(listing=listing, segments=[open_segment(None, asked=listing.started, head=head)])


def go_on(record: Record) -> Checkpoint:
    """The record to go on from: the open segment of a checkpoint, or a new one after those of a manifest."""
    if isinstance(record, Manifest):
        segment = open_segment(record, asked=now(), head=record.head)
        if record.outcome == "expired":
            # Goes on where the service lost the session: what came first since then is not listed.
            segment = replace(segment, pager=record.pager, asked=record.last.asked)
        return Checkpoint(listing=record.listing, segments=[*record.segments, segment])
    *earlier, last = record.segments
    # What this version goes on with, it looks at as a whole, gaps included.
    return Checkpoint(listing=record.listing, segments=[*earlier, replace(last, format=2, gaps=[])])


def drop_checkpoint(files: Files) -> None:
    """Remove the checkpoint; a manifest next to it counts anyway."""
    for path in (new_name(files.checkpoint), files.checkpoint):
        path.unlink(missing_ok=True)
