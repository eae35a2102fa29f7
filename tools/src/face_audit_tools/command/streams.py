"""The standard streams, of which any may be closed: from the beginning, or once somebody has read enough."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def open_missing() -> None:
    """Have every stream: one that was closed is None, and what is opened in its place would be written to instead."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, _nowhere(mode))


@contextmanager
def as_far_as_read() -> Generator[None]:
    """For what is written once the work is done: who reads only the beginning changes nothing of its outcome."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if not _is_gone(error):
            raise
        sys.stdout = _nowhere("w")  # what is left would be written when the process ends


def _is_gone(error: OSError) -> bool:
    """Whether nobody reads any more: a pipe that was closed, or a terminal."""
    is_terminal = error.errno == errno.EIO and stat.S_ISCHR(os.fstat(sys.stdout.fileno()).st_mode)
    return error.errno == errno.EPIPE or is_terminal


def _nowhere(mode: str) -> Any:
    return Path(os.devnull).open(mode, encoding="utf-8")
