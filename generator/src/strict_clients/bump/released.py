"""A release in one archive: document, package, callers' code, and the hashes of the generator's files.

A bump compares with it offline, from a plain checkout: no history, no tags and no registry are needed.
"""

import gzip
import io
import json
import os
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import frozen

from strict_clients.clients import Client
from strict_clients.examine import examine
from strict_clients.lock import sources
from strict_clients.select import Selection
from strict_clients.source import Changes, read

_FACTS = "release.json"
_OLDER = {"package": "generated_client", "callers": "callers"}
"""Where things are in an archive without this information, which is that of the first release."""


class NoRelease(Exception):  # noqa: N818  # an outcome, as GenerationRefused is
    """The archive of the last release is missing or invalid."""


@frozen(kw_only=True)
class Release:
    """An unpacked archive."""

    version: str
    document: Path
    changes: Changes
    """The changes to the document before the package was made from it."""
    package: Path
    """The folder of the distribution; the modules are in its `src`."""
    callers: Path
    """The folder of callers' code; missing if the release was archived without it."""
    sources: Mapping[str, str]
    """The SHA-256 of each file of the generator that made the package, by its path."""


def write(client: Client, folder: Path) -> Path:
    """Write the archive of a client in its present state, replacing that of the previous release; return its path.

    Raises:
        GenerationRefused: no client can be generated from its document.
    """
    changes = client.changes
    source = read(client.document, changes)
    examined = examine(source.document, package=changes.package, partial=changes.partial)
    version = str(examined.document.raw["info"]["x-sdk"]["version"])
    document = f"document/{client.document.name}"
    overlays = {f"overlays/{number}-{path.name}": path for number, path in enumerate(changes.overlays)}
    facts: dict[str, Any] = {
        "version": version,
        "document": document,
        "overlays": [*overlays],
        "include": changes.selection.include,
        "exclude": changes.selection.exclude,
        "name": changes.package,
        "partial": changes.partial,
        "package": "package",
        "callers": "callers",
        "sources": source_sums(),
    }
    files = {_FACTS: (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode()}
    files |= {name: path.read_bytes() for name, path in ({document: client.document} | overlays).items()}
    files |= _below(client.output, "package")
    # Reports name a caller's file by its path from the common folder.
    root = os.path.commonpath([client.document, client.output, *client.callers])
    for callers in client.callers:
        files |= _below(callers, f"callers/{Path(os.path.relpath(callers, root)).as_posix()}")
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{version}.tar.gz"
    for other in folder.glob("*.tar.gz"):
        other.unlink()
    archive.write_bytes(_pack(files))
    return archive


def source_sums() -> dict[str, str]:
    """The SHA-256 of every file of the generator, its templates and its runtime, by path."""
    return {name: value for sums in sources().values() for name, value in sums.items()}


def find(folder: Path) -> Path:
    """The archive of the last release.

    Raises:
        NoRelease: there is none, or more than one.
    """
    archives = sorted(folder.glob("*.tar.gz"))
    if len(archives) != 1:
        found = ", ".join(archive.name for archive in archives) or "none"
        raise NoRelease(
            f"{folder}: has {found}; keep only the archive of the last release, "
            "which `strict-clients release archive` writes"
        )
    return archives[0]


def unpack(archive: Path, folder: Path) -> Release:
    """The release in the archive, unpacked below the folder.

    Raises:
        NoRelease: the archive cannot be read.
    """
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        facts = _OLDER | json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        return Release(
            version=facts["version"],
            document=_inside(folder, facts["document"]),
            changes=_changes(facts, folder),
            package=_inside(folder, facts["package"]),
            callers=_inside(folder, facts["callers"]),
            sources=facts["sources"],
        )
    except (OSError, tarfile.TarError, ValueError, TypeError, KeyError) as error:
        raise NoRelease(f"{archive}: is not an archive of a release ({error}); write it again") from error


def _changes(facts: dict[str, Any], folder: Path) -> Changes:
    return Changes(
        overlays=[_inside(folder, name) for name in facts.get("overlays", ())],
        selection=Selection(include=facts.get("include", ()), exclude=facts.get("exclude", ())),
        package=facts.get("name"),
        partial=facts.get("partial", False),
    )


def _inside(folder: Path, name: str) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name}: leads out of the archive")
    return folder / path


def _below(folder: Path, name: str) -> dict[str, bytes]:
    return {f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in _files(folder)}


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _pack(files: Mapping[str, bytes]) -> bytes:
    """The same bytes for the same files: no times, no owners, in the order of their names."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()
