"""The chain over the entries of a session: SHA-256, each head over the one before and the next entry's bytes.

The first head is the SHA-256 of the listing in canonical JSON; each further one that of the 32 bytes of the head before
it, followed by the bytes of the next entry.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from .record import Listing
from .sealed import canonical

# The format of a line in the file; length in bytes of the entry, which bounds it to what a page may hold.
_LINE = re.compile(rb'\{"head":"([0-9a-f]{64})","length":([1-9][0-9]{0,9})\}\n')
LONGEST_ENTRY = 1 << 24
"""Bytes: the SDK takes no larger page."""
LONGEST_LINE = len(b'{"head":"","length":}\n') + 64 + 10
"""Bytes."""


class _Identified(msgspec.Struct):
    id: str | int


def first_head(listing: Listing) -> bytes:
    """Where the chain of a listing begins."""
    return hashlib.sha256(canonical(listing)).digest()


def next_head(head: bytes, entry: bytes) -> bytes:
    """The head after one more entry."""
    return hashlib.sha256(head + entry).digest()


def link_lines(head: bytes, entries: Iterable[bytes]) -> tuple[bytes, list[bytes]]:
    """The head after these entries, and for each its line of the chain file."""
    lines, sha256 = list[bytes](), hashlib.sha256
    for entry in entries:
        head = sha256(head + entry).digest()
        lines.append(b'{"head":"%b","length":%d}\n' % (head.hex().encode("ascii"), len(entry)))
    return head, lines


def read_line(line: bytes) -> tuple[bytes, int] | None:
    """The head and the length that a line of the chain file holds, or None where it is none."""
    found = _LINE.fullmatch(line)
    return None if found is None else (bytes.fromhex(found[1].decode("ascii")), int(found[2]))


def id_of(entry: bytes) -> str | None:
    """The id that an entry has, as text; None where it has none that can be read."""
    with suppress(ValueError, RecursionError):
        return str(msgspec.json.decode(entry, type=_Identified).id)
    with suppress(ValueError, RecursionError):  # msgspec refuses half a pair of surrogates, wherever it is
        return str(msgspec.convert(json.loads(entry), _Identified).id)
    return None
