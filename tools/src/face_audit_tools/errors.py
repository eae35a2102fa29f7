"""The errors of this package.

ToolError             whatever this package raises on purpose
├── DamagedError      a file of an export is not as it was written
├── FolderError       a folder cannot be exported to
├── InputError        what was given is wrong: a list of sessions, of digests, a setting
└── UnsureError       the service has answered the same question differently
"""

from __future__ import annotations

from pathlib import Path

_RESTORE = "restore it from a copy, or export to another folder"
"""In the same folder, nothing takes the place of a file that is damaged."""


class ToolError(Exception):
    """The base of every error that this package raises on purpose."""


class DamagedError(ToolError):
    """A file of an export is not as it was written.

    Attributes:
        file: which one.
        line: the line, from 1, or None where it is the whole file.
        what: what is wrong with it.
        remedy: what to do about it.
    """

    def __init__(self, file: Path, line: int | None, what: str, remedy: str = _RESTORE) -> None:
        super().__init__(f"{file}{'' if line is None else f', line {line}'}: {what}; {remedy}")
        self.file = file
        self.line = line
        self.what = what
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[DamagedError], tuple[Path, int | None, str, str]]:
        return type(self), (self.file, self.line, self.what, self.remedy)


class FolderError(ToolError):
    """A folder cannot be exported to."""


class InputError(ToolError):
    """What was given is wrong: a list of sessions, of digests, a setting."""


class UnsureError(ToolError):
    """The service has answered the same question differently, so that nobody knows whether entries are missing."""
