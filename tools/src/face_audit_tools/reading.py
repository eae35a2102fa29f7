"""Goes through the two files of a session side by side, and finds the first line that is not as it was written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from attrs import field, frozen
from face_audit import AuditEntry, DecodeError

from .chain import LONGEST_ENTRY, LONGEST_LINE, first_head, id_of, next_head, read_line
from .errors import DamagedError
from .folder import Files
from .gaps import Runs
from .opening import open_file
from .record import Manifest, Record, Segment

_AT_ONCE = 1000
"""Ids that are added to their runs."""
_MOST_LINES = 1000
"""Of one entry, when it has to be told from the next without its length."""


@frozen(kw_only=True)
class Entry:
    """One entry as the service sent it."""

    number: int
    """Within its session, from 1."""
    line: int
    """Of the file, from 1: where the entry begins. An entry with line ends between its tokens takes several."""
    raw: bytes = field(repr=False)
    """Its JSON text, byte for byte."""
    head: bytes = field(repr=False, default=b"")
    """Of the chain after it, where it was read from one."""

    def read(self) -> AuditEntry:
        """The entry as the SDK reads it.

        Raises:
            DecodeError: it is not what the API's document says; the export keeps such entries, too.
        """
        try:
            found = json.loads(self.raw)
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"AuditEntry: is not JSON that can be read ({error!s:.80})") from error
        return AuditEntry.from_dict(found)


def read_entries(files: Files, record: Record, runs: Runs) -> Iterator[Entry]:
    """The entries of a session; each is verified before it comes, each segment at its end, and the whole at its own.

    Their ids are added to `runs`.

    Raises:
        DamagedError: the next entry, or something after the last one, is not as it was written.
    """
    if not record.count and not isinstance(record, Manifest):
        return  # the first checkpoint is there before the files are
    with open_file(files.entries) as entries, open_file(files.chain) as chain:
        reader = _Reader(files, record, entries, chain, runs)
        for segment in record.segments:
            for _ in range(reader.number, segment.count):
                yield reader.next()
            reader.end_segment(segment)
        reader.end()


class _Reader:
    def __init__(self, files: Files, record: Record, entries: BinaryIO, chain: BinaryIO, runs: Runs) -> None:
        self._files, self._record, self._entries, self._chain = files, record, entries, chain
        self._head = first_head(record.listing)
        self.number, self._line = 0, 1
        self._left = os.fstat(entries.fileno()).st_size
        self._runs = runs
        self._first_id: str | None = None
        self._ids = list[str | None]()
        """Of the segment, since they were last added to its runs."""

    def next(self) -> Entry:
        """The next entry."""
        self.number += 1
        written = self._chain.readline(LONGEST_LINE)
        link = read_line(written)
        if link is None:
            what = "is not what was written" if written else "is missing: the file ends before it"
            raise DamagedError(self._files.chain, self.number, what)
        # A length that was changed must not ask for memory.
        raw = self._entries.read(min(link[1], self._left, LONGEST_ENTRY))
        self._left -= len(raw) + 1
        self._head = next_head(self._head, raw)
        if self._head != link[0] or self._entries.read(1) != b"\n":
            raise self._blame(raw)
        entry = Entry(number=self.number, line=self._line, raw=raw, head=self._head)
        self._line += 1 + raw.count(b"\n")
        found = id_of(raw)
        self._first_id = self._first_id or found
        self._ids.append(found)
        if len(self._ids) == _AT_ONCE:
            self._runs.add_ids(self._ids)
            self._ids = self._ids[-1:]
        return entry

    def end_segment(self, segment: Segment) -> None:
        """Make sure that the record says what was read of a segment."""
        self._runs.add_ids(self._ids)
        last_id = self._ids[-1] if self._ids else None
        read = (self._head.hex(), self._first_id, last_id, self._entries.tell(), self._chain.tell())
        if read != (segment.head, segment.first_id, segment.last_id, segment.entries_bytes, segment.chain_bytes):
            raise self._unfit("its head, ids or sizes are others")
        if segment.format > 1 and segment.finished is not None and segment.gaps != self._runs.gaps:
            raise self._unfit("its ids skip elsewhere")
        self._first_id, self._ids = None, []

    def end(self) -> None:
        """Make sure that nothing follows the last entry; where a listing goes on, the files may."""
        if not isinstance(self._record, Manifest):
            return
        if self._entries.read(1):
            raise DamagedError(self._files.entries, self._line, "was added")
        if self._chain.read(1):
            raise DamagedError(self._files.chain, self.number + 1, "was added")

    def _unfit(self, why: str) -> DamagedError:
        path = self._files.manifest if isinstance(self._record, Manifest) else self._files.checkpoint
        return DamagedError(path, None, f"is not the record of the entries: {why}")

    def _blame(self, raw: bytes) -> DamagedError:
        """The error for an entry that does not lead to the head of its line: one of the two lines was changed."""
        if _lead_to_head(self._files.entries, self._record):
            return DamagedError(self._files.chain, self.number, "is not what was written; the entries are")
        what = "is not what was written" if raw else "is missing: the file ends before it"
        return DamagedError(self._files.entries, self._line, what)


def _lead_to_head(entries: Path, record: Record) -> bool:
    """Whether the file alone, without the lengths of the chain, gives the head of the record."""
    head, pending, count = first_head(record.listing), list[bytes](), 0
    with open_file(entries) as file:
        while count < record.count and len(pending) <= _MOST_LINES:
            # What is there may have no line ends, and no end.
            line = file.readline(LONGEST_ENTRY + 1 - sum(map(len, pending)))
            if not line:
                break
            pending.append(line)
            if _is_json(text := b"".join(pending)):  # never before its end, for an entry is an object
                head, pending, count = next_head(head, text[:-1]), [], count + 1
    return head.hex() == record.head


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (ValueError, RecursionError):
        return False
    return text.endswith(b"\n")
