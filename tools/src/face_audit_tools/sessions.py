"""Reads which sessions are meant."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

from .errors import InputError
from .folder import is_session_id

_UNKNOWN = datetime.min.replace(tzinfo=UTC)
"""Sessions whose age nobody knows go first: they may be the oldest."""
_IDS = ("session_id", "sessionid", "session-id", "session id", "session", "id")
"""Names of the column of ids, in any case."""
_CREATED = "created"
"""What the name of the column of times begins with."""
_SEPARATORS = ",;\t"
_EXPECTED = "write one id a line, and if you know when it was created, the time after a comma, or name the columns"
_MOST = 20
"""Problems that are told at once."""


@frozen
class _Found:
    """A session that was named."""

    session_id: str
    created: datetime = _UNKNOWN


@frozen
class _Columns:
    """Where a list has its ids and times."""

    session_id: int = 0
    created: int | None = 1
    most: int | None = 2
    """Cells of a row, if nobody has named them."""

    def read(self, row: Sequence[str]) -> _Found:
        """The session of a row.

        Raises:
            InputError: it names none, its time is none, or nobody knows what else it holds.
        """
        session_id, created = (
            "" if at is None or at >= len(row) else row[at].strip() for at in (self.session_id, self.created)
        )
        if not is_session_id(session_id):
            raise InputError(f"is not a session id; {_EXPECTED}")
        if self.most is not None and any(row[self.most :]):
            raise InputError("holds more than an id and a time; name the columns in the first line")
        return _Found(session_id, _time(created))


def find_sessions(given: Sequence[str], *, standard_input: Iterable[str]) -> list[str]:
    """The sessions that words of a command line name: ids, `-` for the standard input, or files.

    A file holds one id a line, or is a table as CSV, with commas, semicolons or tabs. An id may be followed by when the
    session was created (RFC 3339 or a date); sessions of a file are put in the order of these times, others keep their
    order before them. Where the first line names columns, only those of ids and times count. Empty lines and lines that
    begin with # are passed over.

    Raises:
        InputError: none is named, a file cannot be read, or something is not an id or a time; all that is wrong is told
            at once, and of what should be an id only where it is: it may be a key.
    """
    problems, found = list[str](), list[str]()
    for number, one in enumerate(given, 1):
        if one == "-":
            found += _read("standard input", standard_input, problems)
        elif Path(one).is_dir():
            problems.append(f"{one}: is a folder; give ids, or a file with one id a line")
        elif Path(one).is_file() or "/" in one or "." in one:  # an id has neither
            found += _read(one, _lines(Path(one), problems), problems)
        elif is_session_id(one):
            found.append(one)
        else:
            problems.append(f"sessions, word {number}: is not a session id; give ids, a file with one id a line, or -")
    if not found and not problems:
        problems.append("sessions: there are none; give ids, a file with one id a line, or - for the standard input")
    if problems:
        more = [f"and {len(problems) - _MOST:,} more"] if len(problems) > _MOST else []
        raise InputError("\n".join([*problems[:_MOST], *more]))
    return found


def _lines(path: Path, problems: list[str]) -> list[str]:
    try:
        content = path.read_bytes()
        # Programs of Windows write UTF-16, and say so in the first two bytes.
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or "unknown reason") if isinstance(error, OSError) else "it is not UTF-8"
        problems.append(f"{path}: cannot be read ({reason}); give a file of session ids")
        return []


def _read(name: str, lines: Iterable[str], problems: list[str]) -> list[str]:
    """The ids of a file, oldest session first."""
    return [one.session_id for one in sorted(_sessions(name, lines, problems), key=lambda one: one.created)]


def _sessions(name: str, lines: Iterable[str], problems: list[str]) -> Iterator[_Found]:
    columns = None
    for number, row in _rows(name, lines, problems):
        if columns is None:
            named = _find_columns(row)
            columns = named or _Columns()
            if named:
                continue
        try:
            yield columns.read(row)
        except InputError as error:
            problems.append(f"{name}, line {number}: {error}")


def _rows(name: str, lines: Iterable[str], problems: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not empty, each with its number and its cells."""
    cleaned = [line.removeprefix("\ufeff").strip() for line in lines]
    cleaned = ["" if line.startswith("#") else line for line in cleaned]
    first = next((one for line in cleaned for one in line if one in _SEPARATORS), ",")
    rows = csv.reader(cleaned, delimiter=first, skipinitialspace=True, strict=True)
    try:
        yield from ((rows.line_num, row) for row in rows if any(row))
    except csv.Error as error:
        problems.append(f"{name}, line {rows.line_num}: is not CSV ({error}); fix its quotes")


def _find_columns(row: Sequence[str]) -> _Columns | None:
    """Where the columns are that a first line names; None if it names none."""
    heads = [one.strip().casefold() for one in row]
    session_id = next((heads.index(name) for name in _IDS if name in heads), None)
    created = next((at for at, head in enumerate(heads) if head.startswith(_CREATED)), None)
    return None if session_id is None else _Columns(session_id, created, None)


def _time(written: str) -> datetime:
    if not written:
        return _UNKNOWN
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise InputError(f"{written!r:.80} is not a time; write it as 2024-04-01T12:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
