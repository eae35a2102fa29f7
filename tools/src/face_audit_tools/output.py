"""Puts a file in its place as a whole, and over nothing that should stay."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from .errors import InputError
from .sealed import sync_folder


def check_output(out: Path, folder: Path, *, force: bool) -> None:
    """Make sure that a file may be written.

    Raises:
        InputError: it lies in the folder of the evidence, its own folder is missing, or it exists and `force` is not
            set.
    """
    if out.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{out}: lies in the folder of the evidence; write it somewhere else")
    if not out.parent.is_dir():
        raise InputError(f"{out}: its folder does not exist; make it, or write somewhere else")
    if out.is_dir() or (out.exists() and not force):
        raise InputError(f"{out}: exists; write somewhere else, or over a file with --force")


@contextmanager
def replacing(out: Path, folder: Path, *, force: bool) -> Generator[Path]:
    """Where to write what becomes `out` at the end, on the disk and whole; after an error nothing is left of it.

    Raises:
        InputError: as `check_output`, or the file cannot be written.
    """
    check_output(out, folder, force=force)
    try:
        # A folder of its own takes what a database writes beside its file, too, and nobody else knows its name.
        with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as beside:
            new = Path(beside) / out.name
            yield new
            with new.open("rb") as file:
                os.fsync(file.fileno())
            check_output(out, folder, force=force)
            new.replace(out)
            sync_folder(out.parent)
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror or error}); write somewhere else") from error
