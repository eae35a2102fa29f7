"""The files of an export, and who may write them."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
from attrs import frozen
from filelock import FileLock, Timeout

from .errors import FolderError, InputError

SUMMARY = "summary.json"
_LOCK = ".lock"
_ID = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
"""As the API's document has it."""
_NAME = re.compile(rf"({_ID})\.(?:entries\.jsonl|chain\.jsonl|checkpoint\.json|manifest\.json)")


SessionId: TypeAlias = Annotated[str, msgspec.Meta(pattern=rf"^{_ID}\Z")]
"""One that can be a part of a file's name."""


@frozen
class Files:
    """Where the files of one session stand."""

    folder: Path
    session_id: str

    def __attrs_post_init__(self) -> None:
        if not is_session_id(self.session_id):  # it might lead out of the folder
            raise InputError(f"session_id: {self.session_id!r:.80} can be none; give an id as the service has it")

    @property
    def entries(self) -> Path:
        """The bytes of each entry, each followed by a line end."""
        return self.folder / f"{self.session_id}.entries.jsonl"

    @property
    def chain(self) -> Path:
        """For each entry, its length and the head of the chain behind it."""
        return self.folder / f"{self.session_id}.chain.jsonl"

    @property
    def checkpoint(self) -> Path:
        """How far the session has got; there as long as it is not finished."""
        return self.folder / f"{self.session_id}.checkpoint.json"

    @property
    def manifest(self) -> Path:
        """What the session came to; there once it is finished."""
        return self.folder / f"{self.session_id}.manifest.json"

    @property
    def have_record(self) -> bool:
        """Whether there is a manifest or a checkpoint, of whatever kind."""
        return os.path.lexists(self.manifest) or os.path.lexists(self.checkpoint)


def is_session_id(text: str) -> bool:
    """Whether a text can be the id of a session."""
    return re.fullmatch(_ID, text) is not None


def manifest_names(folder: Path) -> set[str]:
    """The names of the manifests in a folder.

    Raises:
        InputError: there is no such folder.
    """
    return {name for name in _names(folder) if _NAME.fullmatch(name) and name.endswith(".manifest.json")}


def session_ids(folder: Path) -> list[str]:
    """The sessions that have a file in a folder, in the order of their ids.

    Raises:
        InputError: there is no such folder.
    """
    return sorted({found[1] for name in _names(folder) if (found := _NAME.fullmatch(name))})


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror}); give the folder of an export") from error


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Make the folder where there is none, and keep all other exporters out; a killed one keeps nobody out.

    Raises:
        FolderError: another exporter writes to it, or it cannot be written.
    """
    lock = FileLock(folder / _LOCK, timeout=0, mode=0o600)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except Timeout as error:
        raise FolderError(f"{folder}: is being written by another export; wait for its end") from error
    except OSError as error:
        raise FolderError(f"{folder}: cannot be written ({error.strerror}); give another folder") from error
    try:
        yield
    finally:
        lock.release()
