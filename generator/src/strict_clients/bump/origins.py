"""What the generator and its runtime changed since the last release, apart from the document."""

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from strict_clients.bump.rating import Rating


@frozen(kw_only=True)
class FileChange:
    """A file of the package that differs now for the same document."""

    path: str
    what: str
    """`runtime` or `generator`."""


def changed_files(released: Path, rebuilt: Mapping[str, str]) -> tuple[FileChange, ...]:
    """The files in which the release differs from what its own document becomes now.

    The lock is left out, because it contains the hashes of all other files.
    """
    present = {
        path.relative_to(released).as_posix(): path
        for path in released.rglob("*")
        if path.is_file() and path.name != "generation.lock"
    }
    names = sorted((present.keys() | rebuilt.keys()) - {"generation.lock"})
    changed = [
        name
        for name in names
        if name not in present or name not in rebuilt or present[name].read_bytes() != rebuilt[name].encode()
    ]
    return tuple(FileChange(path=name, what="runtime" if "/_runtime/" in name else "generator") for name in changed)


def changed_sources(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The files of the generator and its templates that differ from the release."""
    return tuple(sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name)))


def rate(changes: tuple[FileChange, ...]) -> Rating:
    """A patch if the package changed under the same names; the names are compared elsewhere."""
    return Rating.PATCH if changes else Rating.NOTHING
