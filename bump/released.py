"""The last release in one archive: its document, its package's source, code of callers, and the sums of its sources.

A bump compares with it offline, from a plain checkout: no history, no tags and no registry are needed.
"""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from generator.load import load

FOLDER = "releases"
DOCUMENT = Path("openapi", "face-audit.yaml")
PACKAGE = Path("generated_client")
CALLERS = (Path("examples"), Path("tests", "client"), Path("tools", "src"))
"""Code that was written against the release, as its callers write theirs."""
SOURCES = (Path("generator"), Path("templates"))
_CALLERS = Path("callers")
_FACTS = "release.json"


class NoRelease(Exception):  # noqa: N818  # an outcome, as GenerationRefused is
    """There is no archive of the last release to compare with, or it is none."""


@frozen(kw_only=True)
class Release:
    """An unpacked archive."""

    version: str
    document: Path
    package: Path
    """The folder of the distribution; the modules are in its `src`."""
    callers: Path
    sources: Mapping[str, str]
    """The SHA-256 of each file that made the package, by its path in this repository."""


def write(root: Path, folder: Path) -> Path:
    """Write the archive of what the repository holds now, in place of that of the release before it; gives its path."""
    version = str(load(root / DOCUMENT).raw["info"]["x-sdk"]["version"])
    files = {path: (root / path).read_bytes() for part in (DOCUMENT, PACKAGE) for path in _files(root, part)}
    files |= {_CALLERS / path: (root / path).read_bytes() for part in CALLERS for path in _files(root, part)}
    facts = {"version": version, "document": DOCUMENT.as_posix(), "sources": source_sums(root)}
    files[Path(_FACTS)] = (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode()
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{version}.tar.gz"
    content = _pack({path.as_posix(): content for path, content in files.items()})
    for other in folder.glob("*.tar.gz"):
        other.unlink()
    archive.write_bytes(content)
    return archive


def source_sums(root: Path) -> dict[str, str]:
    """The SHA-256 of every file of generator and templates, by path."""
    paths = [path for part in SOURCES for path in _files(root, part)]
    return {path.as_posix(): hashlib.sha256((root / path).read_bytes()).hexdigest() for path in paths}


def find(folder: Path) -> Path:
    """The archive of the last release.

    Raises:
        NoRelease: there is none, or more than one.
    """
    archives = sorted(folder.glob("*.tar.gz"))
    if len(archives) != 1:
        found = ", ".join(archive.name for archive in archives) or "none"
        raise NoRelease(
            f"{folder}: holds {found}; keep the archive of the last release alone, nox -s release writes it"
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
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    except (OSError, tarfile.TarError, ValueError) as error:
        raise NoRelease(f"{archive}: is no archive of a release ({error}); write it anew from that release") from error
    return Release(
        version=facts["version"],
        document=folder / facts["document"],
        package=folder / PACKAGE,
        callers=folder / _CALLERS,
        sources=facts["sources"],
    )


def main() -> int:
    """Write the archive of what the repository holds now into `releases/`."""
    root = Path(__file__).resolve().parent.parent
    print(write(root, root / FOLDER))
    return 0


def _files(root: Path, part: Path) -> list[Path]:
    if (root / part).is_file():
        return [part]
    found = (path.relative_to(root) for path in (root / part).rglob("*") if path.is_file())
    return sorted(path for path in found if "__pycache__" not in path.parts)


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


if __name__ == "__main__":
    sys.exit(main())
