"""Opens the files of an export: regular ones alone, never through a link, and new ones for their owner alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .errors import DamagedError

_SAFE = sum(getattr(os, name, 0) for name in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY"))
"""Flags of every opening, as far as the system has them: a link is not followed, and a pipe is not waited for."""
_HAS_DIR_FD = os.open in os.supports_dir_fd
_SHARED = "has a second name (a hard link), and the other name would change too"
_COPY = "put a copy in its place, or export to another folder"


def open_file(path: Path) -> BinaryIO:
    """A file, to be read.

    Raises:
        DamagedError: it cannot be read, or is not a regular file: a pipe waits, a device has no end, and a link leads
            out of the folder.
    """
    try:
        return os.fdopen(_open(path, os.O_RDONLY), "rb")
    except OSError as error:
        raise DamagedError(path, None, f"cannot be read ({error.strerror})") from error


def open_to_append(path: Path) -> BinaryIO:
    """A file, to be written at its end; it is made if there is none.

    Raises:
        DamagedError: it is not a regular file, or has a second name.
        OSError: it cannot be written.
    """
    descriptor = _open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    if os.fstat(descriptor).st_nlink > 1:
        os.close(descriptor)
        raise DamagedError(path, None, _SHARED, _COPY)
    return os.fdopen(descriptor, "ab")


def create_file(path: Path) -> BinaryIO:
    """A new file, to be written.

    Raises:
        OSError: it cannot be made, or something is there.
    """
    return os.fdopen(_open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb")


def find_size(path: Path) -> int:
    """The bytes of a file.

    Raises:
        DamagedError: as `open_file`.
    """
    with open_file(path) as file:
        return os.fstat(file.fileno()).st_size


def _open(path: Path, flags: int) -> int:
    """The descriptor of a regular file; where it is new, only its owner may read it: entries are personal data.

    What is at the name is looked at before and after the opening. So another user of the folder who exchanges it in
    between is noticed, also by systems that have no flag for links.
    """
    with _folder(path) as (name, folder):
        before = None
        if not flags & os.O_EXCL:
            before = _look(name, folder)
            flags |= os.O_EXCL if before is None and flags & os.O_CREAT else 0
        if before is not None and not stat.S_ISREG(before.st_mode):
            raise DamagedError(path, None, "is not a regular file")
        descriptor = os.open(name, flags | _SAFE, 0o600, dir_fd=folder)
    if before is not None and not os.path.samestat(before, os.fstat(descriptor)):
        os.close(descriptor)
        raise DamagedError(path, None, "was exchanged while it was opened")
    return descriptor


def _look(name: str, folder: int | None) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


@contextmanager
def _folder(path: Path) -> Generator[tuple[str, int | None]]:
    """The name of a file, and the folder that it is relative to: opened, so that nobody can exchange it meanwhile."""
    if not _HAS_DIR_FD:
        yield str(path), None
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield path.name, folder
    finally:
        os.close(folder)
