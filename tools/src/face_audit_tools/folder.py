"""The files of an export, and who may write them."""

from __future__ import annotations

import logging
import os
import re
import shlex
import stat
from collections.abc import Generator, Iterator
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
_PARTS = (
    *("entries.jsonl", "chain.jsonl", "quarantine.jsonl"),
    *("checkpoint.json", "manifest.json", "tombstone.json"),
)
_NAME = re.compile(rf"(({_ID})(?:\+[0-9a-f]{{1,16}})?)\.({'|'.join(map(re.escape, _PARTS))})")
_DEVICE = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)
"""What Windows takes for a device, whatever follows after a point."""
_LOG = logging.getLogger(__package__)


SessionId: TypeAlias = Annotated[str, msgspec.Meta(pattern=rf"^{_ID}\Z")]
"""One that can be a part of a file's name."""


@frozen
class Files:
    """The files of one session."""

    folder: Path
    session_id: str

    def __attrs_post_init__(self) -> None:
        if not is_session_id(self.session_id):  # it might lead out of the folder
            raise InputError(f"session_id: {self.session_id!r:.80} can be none; give an id as the service has it")

    def _path(self, part: str) -> Path:
        marked = _mark(self.session_id)
        stem = self.session_id if marked != self.session_id and self._are_unmarked() else marked
        return self.folder / f"{stem}.{part}"

    def _are_unmarked(self) -> bool:
        """Whether there are files whose names version 0.1 has made, which marked none."""
        names = {f"{self.session_id}.{part}" for part in _PARTS}
        # A folder that ignores case finds those of another session, so what counts is how they are spelled.
        return any(os.path.lexists(self.folder / name) for name in names) and not names.isdisjoint(_names(self.folder))

    @property
    def entries(self) -> Path:
        """The bytes of each entry, each followed by a line end."""
        return self._path("entries.jsonl")

    @property
    def chain(self) -> Path:
        """For each entry, its length and the head of the chain after it."""
        return self._path("chain.jsonl")

    @property
    def checkpoint(self) -> Path:
        """How far the session has got; there as long as it is not finished."""
        return self._path("checkpoint.json")

    @property
    def manifest(self) -> Path:
        """The outcome of the session; present when it is finished."""
        return self._path("manifest.json")

    @property
    def quarantine(self) -> Path:
        """Answers and entries that were refused, if any were."""
        return self._path("quarantine.jsonl")

    @property
    def tombstone(self) -> Path:
        """What remains of a session that was deleted."""
        return self._path("tombstone.json")

    @property
    def are_deleted(self) -> bool:
        """Whether there is a tombstone, of whatever kind."""
        return os.path.lexists(self.tombstone)

    @property
    def all_of_it(self) -> tuple[Path, ...]:
        """All files but the tombstone; those that hold entries first."""
        return (self.entries, self.quarantine, self.chain, self.checkpoint, self.manifest)

    @property
    def have_record(self) -> bool:
        """Whether there is a manifest or a checkpoint, of whatever kind."""
        return os.path.lexists(self.manifest) or os.path.lexists(self.checkpoint)


def is_session_id(text: str) -> bool:
    """Whether a text can be the id of a session."""
    return re.fullmatch(_ID, text) is not None


def manifests(folder: Path) -> dict[str, Path]:
    """The manifests in a folder, by their sessions.

    Raises:
        InputError: there is no such folder.
    """
    return {session_id: folder / name for name, session_id, part in _parts(folder) if part == "manifest.json"}


def session_ids(folder: Path) -> list[str]:
    """The sessions that have a file in a folder, in the order of their ids.

    Raises:
        InputError: there is no such folder.
    """
    return sorted({session_id for _, session_id, _ in _parts(folder)})


def find_writers(folder: Path) -> str | None:
    """Who else may write to a folder, and so replace what is in it; None if nobody may, or no mode shows it."""
    mode = folder.stat().st_mode if os.name == "posix" else 0
    return "everybody on this machine" if mode & stat.S_IWOTH else "its group" if mode & stat.S_IWGRP else None


def describe_writers(folder: Path, writers: str) -> str:
    """The sentence about who else may write to a folder, and what to do."""
    return f"{folder}: {writers} can write to it, and so replace evidence; run: chmod go-w {shlex.quote(str(folder))}"


def _mark(session_id: str) -> str:
    """The id as a part of a file's name that no other session gets where case does not count, and that is not a device.

    An id in lower case is its own name. Any other one is followed by which of its characters are in upper case: in
    hexadecimal digits, whose lowest bit is the first character.
    """
    upper = sum(1 << at for at, one in enumerate(session_id) if one.isupper())
    return f"{session_id}+{upper:x}" if upper or _DEVICE.fullmatch(session_id) else session_id


def _parts(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The name of each file of a session, with the session and what it holds."""
    for name in sorted(_names(folder)):
        found = _NAME.fullmatch(name)
        if found and found[1] in (found[2], _mark(found[2])):
            yield name, found[2], found[3]


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
        where = error.filename or folder
        raise FolderError(f"{where}: cannot be written ({error.strerror}); give another folder") from error
    try:
        if writers := find_writers(folder):
            _LOG.warning("%s", describe_writers(folder, writers))
        yield
    finally:
        lock.release()
