"""What an export knows of a session before it asks again, and so where the new entries begin."""

from __future__ import annotations

from collections.abc import Container, Sequence

from .chain import LONGEST_LINE, read_line
from .folder import Files
from .gaps import Runs, as_number
from .opening import open_file
from .record import Record


class Known:
    """The entries of the segments before."""

    def __init__(self, files: Files, record: Record, runs: Runs, others: Container[str]) -> None:
        """Of a record, with the ids of digits that are here, and all others."""
        self._files, self._runs, self._others = files, runs, others
        # Where the service lost the session on the way, its listing goes on where it stopped.
        ended = [number for number, one in enumerate(record.segments[:-1], 1) if one.outcome != "expired"]
        self._segments = record.segments[: ended[-1]] if ended else []
        filled = [one for one in self._segments if one.first_id is not None]
        self.is_some: bool = bool(filled)
        """Whether what is listed can be known."""
        ids = [one for each in filled for one in (each.first_id, each.last_id) if as_number(one) is not None]
        self._top = max(ids, key=lambda one: as_number(one) or 0, default=None)
        direction = next((one.direction for one in reversed(filled) if one.direction is not None), None)
        is_whole = self.is_some and direction is not None and (runs.scattered or runs.gaps == []) and not others
        self.ends_listing: bool = is_whole and direction == "descending"
        """Whether everything after the first known entry is known, too: new ones come first."""
        self.start: str | None = self._top if is_whole and direction == "ascending" else None
        """Where new entries begin, if they come last."""

    def has(self, found_id: str | None) -> bool:
        """Whether an entry of this id is here."""
        if not self.is_some:
            return False
        number = as_number(found_id)
        if number is None:
            return found_id is not None and found_id in self._others
        if self.ends_listing:
            return number <= (as_number(self._top) or 0)
        return self._runs.has(number)

    def is_of_this_listing(self, found_id: str) -> bool:
        """Whether an id that is not of digits was listed by an earlier run of a first listing."""
        return not self.is_some and found_id in self._others

    def are_all(self, ids: Sequence[str | None]) -> bool:
        """Whether these ids of a list end with an entry that is here, and hold all that are: nothing follows, then."""
        here = [one for one in ids if self.has(one)]
        return self.is_some and len(here) == self._segments[-1].count and here[-1:] == list(ids[-1:])

    def is_unmet(self, joins: str | None) -> bool:
        """Whether a listing has ended without an entry that is here."""
        return self.is_some and self.start is None and joins is None

    def complaint(self, joins: str | None, raw: bytes) -> str | None:
        """What is wrong with the known entry next to which new ones are listed, if anything is."""
        if self.ends_listing and joins != self._top:
            return f"the entry {self._top!r:.80}, which is here, is not listed any more"
        before = None
        for segment in self._segments:
            if segment.first_id == joins:
                written = _first_entry(self._files, *((0, 0) if before is None else (before[0], before[1])))
                return None if written == raw else f"the entry {joins!r:.80} is not what it was when it was exported"
            before = (segment.entries_bytes, segment.chain_bytes)
        return None


def _first_entry(files: Files, entries_at: int, chain_at: int) -> bytes | None:
    """The entry that begins at these places of both files."""
    with open_file(files.entries) as entries, open_file(files.chain) as chain:
        entries.seek(entries_at)
        chain.seek(chain_at)
        link = read_line(chain.readline(LONGEST_LINE))
        return None if link is None else entries.read(link[1])
