"""Compares the digests that the service reported with those that devices recorded."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import TypeAlias

from attrs import frozen
from face_audit import FaceAuditError, digests_match

from .chain import id_of
from .errors import InputError
from .evidence import read_folder

Key: TypeAlias = tuple[str, str, str]
"""The session, the column that names the entry, and its value."""

_WAYS = ("entry_id", "request_id")


@frozen(kw_only=True)
class Expected:
    """A digest that a device recorded, and what entry it is of: one of the two ids.

    Raises:
        InputError: something is not text, or neither id is there; it would only seem not to be exported.
    """

    session_id: str
    digest: str
    entry_id: str | None = None
    request_id: str | None = None

    def __attrs_post_init__(self) -> None:
        """Check what was given."""
        for name in ("session_id", "digest", *_WAYS):
            value = getattr(self, name)
            if not isinstance(value, str) and (value is not None or name not in _WAYS):
                raise InputError(f"{name}: {value!r:.80} is not text; give it as text")
        if not self.entry_id and not self.request_id:
            raise InputError("expected digest: has neither entry_id nor request_id; give one of them")

    @property
    def key(self) -> Key:
        """What it is found by; ids of sessions and requests are compared without regard to case."""
        way = "entry_id" if self.entry_id else "request_id"
        return _key(self.session_id, way, getattr(self, way))


@frozen(kw_only=True)
class Compared:
    """One entry, or one digest that was recorded, or both where they belong together."""

    session_id: str
    entry_id: str | None
    request_id: str | None
    reported: str | None
    """By the service."""
    recorded: str | None
    """By the device."""


@frozen(kw_only=True)
class Comparison:
    """What was compared."""

    matched: int
    mismatched: tuple[Compared, ...]
    """Both are there, and differ, or one of them is not a digest."""
    not_exported: tuple[Compared, ...]
    """Recorded, and no entry of the export."""
    not_recorded: tuple[Compared, ...]
    """Exported, and no digest was recorded."""

    @property
    def complete(self) -> bool:
        """Whether every entry matches, and nothing is missing on either side."""
        return not self.mismatched and not self.not_exported and not self.not_recorded


def compare_digests(folder: str | Path, expected: Iterable[Expected]) -> Comparison:
    """Compare the digests of all exported entries with those that were recorded, each in constant time.

    Args:
        folder: of an export; what is read is verified.
        expected: what devices recorded; see `read_expected`.

    Raises:
        DamagedError: an entry is not as the service sent it.
        InputError: there is no such folder, or two different digests are expected of one entry.
    """
    wanted = dict[Key, Expected]()
    for one in expected:
        known = wanted.setdefault(one.key, one)
        if known != one and not digests_match(known.digest, one.digest):
            raise InputError(f"expected digests: there are two for {' '.join(one.key)}; leave the wrong one out")
    matched, mismatched, not_recorded = 0, list[Compared](), list[Compared]()
    for session_id, entry_id, request_id, reported in _reported(folder):
        keys = [_key(session_id, "entry_id", entry_id), _key(session_id, "request_id", request_id)]
        recorded = [wanted.pop(key).digest for key in keys if key in wanted]
        entry = Compared(
            session_id=session_id,
            entry_id=entry_id,
            request_id=request_id,
            reported=reported,
            recorded=recorded[0] if recorded else None,
        )
        if not recorded:
            not_recorded.append(entry)
        elif all(digests_match(reported, one) for one in recorded):
            matched += 1
        else:
            mismatched.append(entry)
    return Comparison(
        matched=matched,
        mismatched=tuple(mismatched),
        not_exported=tuple(_alone(one) for one in wanted.values()),
        not_recorded=tuple(not_recorded),
    )


def read_expected(path: str | Path) -> list[Expected]:
    """The digests of a CSV file with the columns `session_id`, `digest`, and `entry_id` or `request_id`.

    The first line names the columns, in any case and with blanks around them, and where it has a semicolon and no
    comma, semicolons part them; other columns are passed over. Where a line has both ids, `entry_id` counts.

    Raises:
        InputError: it cannot be read, a column is missing, or a line lacks an id.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a CSV file") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: is not UTF-8; save the file in that encoding") from error
    head = text.partition("\n")[0]
    rows = csv.reader(StringIO(text, newline=""), delimiter=";" if ";" in head and "," not in head else ",")
    try:
        names = _names(path, next(rows, list[str]()))
        return [_expected(f"{path}, line {rows.line_num}", dict(zip(names, row, strict=False))) for row in rows if row]
    except csv.Error as error:
        raise InputError(f"{path}, line {rows.line_num}: is not CSV ({error}); fix it") from error


def _names(path: Path, head: list[str]) -> list[str]:
    names = [name.strip().casefold() for name in head]
    if not {"session_id", "digest"} <= set(names) or set(names).isdisjoint(_WAYS):
        what = "must name the columns session_id, digest, and entry_id or request_id, parted by commas or semicolons"
        raise InputError(f"{path}, line 1: {what}")
    return names


def _expected(where: str, row: Mapping[str, str]) -> Expected:
    session_id, digest, entry_id, request_id = (row.get(name, "").strip() for name in ("session_id", "digest", *_WAYS))
    if not session_id or not (entry_id or request_id):
        raise InputError(f"{where}: has no session_id, or neither entry_id nor request_id; fill them in")
    return Expected(session_id=session_id, digest=digest, entry_id=entry_id or None, request_id=request_id or None)


def _reported(folder: str | Path) -> Iterator[tuple[str, str | None, str | None, str | None]]:
    """Of every entry its session, its id, its request id and its digest."""
    for evidence in read_folder(folder):
        for entry in evidence.entries():
            try:
                read = entry.read()
            except FaceAuditError:  # malformed, but kept
                yield evidence.session_id, id_of(entry.raw), None, None
            else:
                yield evidence.session_id, read.id, read.request_id, read.digest


def _key(session_id: str, way: str, value: str | None) -> Key:
    found = value or ""
    return session_id.casefold(), way, found if way == "entry_id" else found.casefold()


def _alone(one: Expected) -> Compared:
    return Compared(
        session_id=one.session_id,
        entry_id=one.entry_id,
        request_id=one.request_id,
        reported=None,
        recorded=one.digest,
    )
