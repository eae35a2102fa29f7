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
from .opening import open_file
from .record import Manifest, Record

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
    """Of the chain behind it, where it was read from one."""

    def read(self) -> AuditEntry:
        """The entry as the SDK reads it.

        Raises:
            DecodeError: it is not what the API's document says; the export keeps such entries, too.
        """
        try:
            found = json.loads(self.raw)
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"AuditEntry: is no JSON that can be read ({error!s:.80})") from error
        return AuditEntry.from_dict(found)


def read_entries(files: Files, record: Record) -> Iterator[Entry]:
    """The entries of a session; each is verified before it comes, and the whole at the end.

    Raises:
        DamagedError: the next entry, or something behind the last one, is not as it was written.
    """
    if not record.count and not isinstance(record, Manifest):
        return  # the first checkpoint is there before the files are
    with open_file(files.entries) as entries, open_file(files.chain) as chain:
        reader = _Reader(files, record, entries, chain)
        for _ in range(record.count):
            yield reader.next()
        reader.end()


class _Reader:
    def __init__(self, files: Files, record: Record, entries: BinaryIO, chain: BinaryIO) -> None:
        self._files, self._record, self._entries, self._chain = files, record, entries, chain
        self._head = first_head(record.listing)
        self._number, self._line = 0, 1
        self._left = os.fstat(entries.fileno()).st_size
        self._ids: tuple[str | None, str | None] = (None, None)

    def next(self) -> Entry:
        """The next entry."""
        self._number += 1
        written = self._chain.readline(LONGEST_LINE)
        link = read_line(written)
        if link is None:
            what = "is not what was written" if written else "is missing: the file ends before it"
            raise DamagedError(self._files.chain, self._number, what)
        # A length that was changed must not ask for memory.
        raw = self._entries.read(min(link[1], self._left, LONGEST_ENTRY))
        self._left -= len(raw) + 1
        self._head = next_head(self._head, raw)
        if self._head != link[0] or self._entries.read(1) != b"\n":
            raise self._blame(raw)
        entry = Entry(number=self._number, line=self._line, raw=raw, head=self._head)
        self._line += 1 + raw.count(b"\n")
        if self._number in (1, self._record.count):
            self._ids = (id_of(raw) if self._number == 1 else self._ids[0], id_of(raw))
        return entry

    def end(self) -> None:
        """Make sure that nothing stands behind the last entry, and that the record says what was read."""
        files, record = self._files, self._record
        read = (self._head.hex(), *self._ids, self._entries.tell(), self._chain.tell())
        # Behind the last checkpoint of a session that is not finished, the files may go on.
        if isinstance(record, Manifest):
            if self._entries.read(1):
                raise DamagedError(files.entries, self._line, "was added")
            if self._chain.read(1):
                raise DamagedError(files.chain, self._number + 1, "was added")
        if read != (record.head, record.first_id, record.last_id, record.entries_bytes, record.chain_bytes):
            path = files.manifest if isinstance(record, Manifest) else files.checkpoint
            raise DamagedError(path, None, "is not the record of the entries: its head, ids or sizes are others")

    def _blame(self, raw: bytes) -> DamagedError:
        """The error for an entry that does not lead to the head of its line: one of the two lines was changed."""
        if _lead_to_head(self._files.entries, self._record):
            return DamagedError(self._files.chain, self._number, "is not what was written; the entries are")
        what = "is not what was written" if raw else "is missing: the file ends before it"
        return DamagedError(self._files.entries, self._line, what)


def _lead_to_head(entries: Path, record: Record) -> bool:
    """Whether the file alone, without the lengths of the chain, gives the head of the record."""
    head, pending, count = first_head(record.listing), list[bytes](), 0
    with open_file(entries) as file:
        while count < record.count and len(pending) <= _MOST_LINES:
            # What stands there may have no line ends, and no end.
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
