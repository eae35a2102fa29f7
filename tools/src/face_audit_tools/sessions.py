"""Reads which sessions are meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

from .errors import InputError
from .folder import is_session_id

_UNKNOWN = datetime.min.replace(tzinfo=UTC)
"""Sessions whose age nobody knows go first: they may be the oldest."""
_HEADS = ("id", "session", "session_id", "sessionid", "session-id")
"""First lines of tables: an id they could be, and are not."""
_EXPECTED = "write one id a line, without quotes, and if you know when it was created that behind a comma"
_MOST = 20
"""Problems that are told at once."""


@frozen
class _Found:
    """A session that was named."""

    session_id: str
    created: datetime = _UNKNOWN


def find_sessions(given: Sequence[str], *, standard_input: Iterable[str]) -> list[str]:
    """The sessions that words of a command line name: ids, `-` for the standard input, or files.

    A file holds one id a line. Behind an id and a comma may stand when the session was created (RFC 3339 or a date);
    sessions of a file are put in the order of these times, others keep their order before them. Empty lines and lines
    that begin with # are passed over.

    Raises:
        InputError: none is named, a file cannot be read, or something is no id or no time; all that is wrong is told
            at once, and of what should be an id only where it stands: it may be a key.
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
            problems.append(f"sessions, word {number}: is no session id; give ids, a file with one id a line, or -")
    if not found and not problems:
        problems.append("sessions: there are none; give ids, a file with one id a line, or - for the standard input")
    if problems:
        more = [f"and {len(problems) - _MOST:,} more"] if len(problems) > _MOST else []
        raise InputError("\n".join([*problems[:_MOST], *more]))
    return found


def _lines(path: Path, problems: list[str]) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or "unknown reason") if isinstance(error, OSError) else "it is not UTF-8"
        problems.append(f"{path}: cannot be read ({reason}); give a file of session ids")
        return []


def _read(name: str, lines: Iterable[str], problems: list[str]) -> list[str]:
    """The ids of a file, oldest session first."""
    return [one.session_id for one in sorted(_rows(name, lines, problems), key=lambda one: one.created)]


def _rows(name: str, lines: Iterable[str], problems: list[str]) -> Iterator[_Found]:
    is_first = True
    for number, line in enumerate(lines, 1):
        session_id, _, created = (part.strip() for part in line.removeprefix("\ufeff").partition(","))
        if not session_id or session_id.startswith("#"):
            continue
        try:
            _check(session_id, is_first=is_first)
            yield _Found(session_id, _time(created))
        except InputError as error:
            problems.append(f"{name}, line {number}: {error}")
        is_first = False


def _check(session_id: str, *, is_first: bool) -> None:
    if is_first and session_id.casefold() in _HEADS:
        raise InputError(f"names a column; {_EXPECTED}")
    if not is_session_id(session_id):
        raise InputError(f"is no session id; {_EXPECTED}")


def _time(written: str) -> datetime:
    if not written:
        return _UNKNOWN
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise InputError(f"{written!r:.80} is no time; write it as 2024-04-01T12:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
