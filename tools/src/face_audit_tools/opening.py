"""Opens the files of an export: regular ones alone, and new ones for their owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from .errors import DamagedError


def open_file(path: Path) -> BinaryIO:
    """A file, to be read.

    Raises:
        DamagedError: it cannot be read, or is no regular file: a pipe would wait, a device has no end, and a link leads
            out of the folder.
    """
    try:
        if stat.S_ISREG(path.lstat().st_mode):
            return path.open("rb")
    except OSError as error:
        raise DamagedError(path, None, f"cannot be read ({error.strerror})") from error
    raise DamagedError(path, None, "is no regular file")


def find_size(path: Path) -> int:
    """The bytes of a file.

    Raises:
        DamagedError: as `open_file`.
    """
    with open_file(path) as file:
        return os.fstat(file.fileno()).st_size


def make_private(path: str, flags: int) -> int:
    """Opens a file for `open`; where it is new, nobody but its owner may read it, for entries are personal data."""
    return os.open(path, flags, 0o600)
