"""Puts a file in its place as a whole, and over nothing that should stay."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

from .errors import InputError
from .sealed import sync_folder

_LOCK = "face-audit.lock"
"""In the folder in which a file is written: the process that writes it holds it until its end."""


def check_output(out: Path, folder: Path | None = None, *, force: bool) -> None:
    """Make sure that a file may be written.

    Raises:
        InputError: it lies in the folder of the evidence, its own folder is missing, it is not a regular file, or it
            exists and `force` is not set.
    """
    if out == Path("-"):
        raise InputError(f"{out}: the standard output cannot be written to; give the name of a file")
    if folder is not None and out.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{out}: lies in the folder of the evidence; write it somewhere else")
    if not out.parent.is_dir():
        raise InputError(f"{out}: its folder does not exist; make it, or write somewhere else")
    if out.is_symlink() or (out.exists() and not out.is_file()):
        raise InputError(f"{out}: exists and is not a regular file; write somewhere else")
    if out.exists() and not force:
        raise InputError(f"{out}: exists; write somewhere else, or over it with --force")


@contextmanager
def replacing(out: Path, folder: Path | None = None, *, force: bool) -> Generator[Path]:
    """Where to write what becomes `out` at the end, on the disk and whole; after an error nothing is left of it.

    What a killed process has left of the same file is removed.

    Raises:
        InputError: as `check_output`, or the file cannot be written.
    """
    check_output(out, folder, force=force)
    try:
        _sweep(out)
        # A folder of its own takes what a database writes beside its file, too, and nobody else knows its name.
        with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as beside, FileLock(Path(beside) / _LOCK):
            new = Path(beside) / out.name
            yield new
            with new.open("rb") as file:
                os.fsync(file.fileno())
            check_output(out, folder, force=force)
            new.replace(out)
            sync_folder(out.parent)
    except OSError as error:
        raise InputError(
            f"{out}: cannot be written ({error.strerror or error}); fix that, or write elsewhere"
        ) from error


def _sweep(out: Path) -> None:
    """Remove the folders in which killed processes have begun the same file."""
    for lock in out.parent.glob(f".{glob.escape(out.name)}.*/{_LOCK}"):
        with suppress(OSError), FileLock(lock, timeout=0):  # a process that still writes holds it
            shutil.rmtree(lock.parent)
