"""Small JSON files that show every change: canonical, sealed with their own SHA-256, replaced as a whole."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from .errors import DamagedError
from .opening import create_file, open_file

_LARGEST = 1 << 28
"""Bytes of a sealed file, at most: a manifest of a million pages stays below."""


class Sealed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What such a file holds."""

    seal: str = ""
    """The SHA-256 of the rest in canonical form, in lower-case hexadecimal digits."""


SealedT = TypeVar("SealedT", bound=Sealed)


def canonical(value: Any) -> bytes:
    """JSON as RFC 8785 writes it, for what these files hold: keys in order, no blanks, UTF-8; no fractions."""
    plain = msgspec.to_builtins(value)
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8")


def seal(content: SealedT) -> SealedT:
    """The same, sealed."""
    rest = msgspec.to_builtins(content)
    del rest["seal"]
    return msgspec.structs.replace(content, seal=hashlib.sha256(canonical(rest)).hexdigest())


def write_sealed(path: Path, content: Sealed) -> None:
    """Put a sealed file in its place, so that readers find the old one or the new one, and whole.

    It is on the disk once this returns.
    """
    new = new_name(path)
    new.unlink(missing_ok=True)  # left by a killed process, or put there by somebody
    with create_file(new) as file:
        file.write(canonical(content) + b"\n")
        sync(file)
    new.replace(path)
    sync_folder(path.parent)


def read_sealed(path: Path, *kinds: type[SealedT]) -> SealedT:
    """What a sealed file holds, which is of one of these kinds.

    Raises:
        DamagedError: it was changed, is of another kind or cannot be read.
    """
    try:
        with open_file(path) as file:
            if os.fstat(file.fileno()).st_size > _LARGEST:
                raise DamagedError(path, None, "is not what was written: it is too large")
            written = file.read()
        content = _decode(written, kinds)
        unchanged = canonical(content) + b"\n" == written and seal(content) == content
    except (ValueError, RecursionError) as error:
        raise DamagedError(path, None, f"is not what was written ({error!s:.120})") from error
    if not unchanged:
        raise DamagedError(path, None, "is not what was written: its seal does not fit")
    return content


def _decode(written: bytes, kinds: tuple[type[SealedT], ...]) -> SealedT:
    for kind in kinds[:-1]:
        with suppress(msgspec.ValidationError):
            return msgspec.json.decode(written, type=kind)
    return msgspec.json.decode(written, type=kinds[-1])


def new_name(path: Path) -> Path:
    """Where a file is written before it takes its place."""
    return path.with_name(path.name + ".new")


def sync(file: BinaryIO) -> None:
    """Return once what was written to a file is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return once the names in a folder are on the disk; Windows, which opens no folder, has no way to ask for that."""
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
