"""Reads which sessions are meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from .errors import InputError

_UNKNOWN = datetime.min.replace(tzinfo=UTC)
"""Sessions whose age nobody knows go first: they may be the oldest."""


def read_sessions(path: Path) -> list[str]:
    """The ids in a file, one a line, oldest session first.

    Behind an id and a comma may stand when the session was created (RFC 3339 or a date); sessions are put in the order
    of these times, others keep their order before them. Empty lines and lines that begin with # are passed over.

    Raises:
        InputError: the file cannot be read, or a time is none.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({_reason(error)}); give a file of session ids") from error
    return order_sessions(lines, name=str(path))


def order_sessions(lines: Iterable[str], *, name: str) -> list[str]:
    """The same for lines from anywhere; `name` is for errors."""
    found = list[tuple[datetime, str]]()
    for number, line in enumerate(lines, 1):
        session_id, _, created = (part.strip() for part in line.partition(","))
        if session_id and not session_id.startswith("#"):
            found.append((_time(created, f"{name}, line {number}"), session_id))
    return [session_id for _, session_id in sorted(found, key=lambda one: one[0])]


def find_sessions(given: Sequence[str], *, standard_input: Iterable[str]) -> list[str]:
    """The sessions that words of a command line name: ids, `-` for the standard input, or files of ids.

    Raises:
        InputError: none is named, or a file cannot be read.
    """
    found = list[str]()
    for one in given:
        if one == "-":
            found += order_sessions(standard_input, name="standard input")
        elif Path(one).is_file() or "/" in one or "." in one:  # an id has neither
            found += read_sessions(Path(one))
        else:
            found.append(one)
    if not found:
        raise InputError("sessions: there are none; give ids, a file with one id a line, or - for the standard input")
    return found


def _time(written: str, where: str) -> datetime:
    if not written:
        return _UNKNOWN
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise InputError(f"{where}: {written!r:.80} is no time; write it as 2024-04-01T12:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "unknown reason") if isinstance(error, OSError) else "it is not UTF-8"
