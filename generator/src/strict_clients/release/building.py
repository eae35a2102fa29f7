"""Builds the distributions of a package twice under different circumstances, and compares their bytes."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen


class ReleaseFailed(Exception):  # noqa: N818  # as GenerationFailed
    """A distribution, or a step of building it, is not fit for a release."""


@frozen
class Circumstances:
    """What differs between two machines that build the same package."""

    folder: str
    umask: int
    touched: int
    """When the files were written, in seconds since 1970."""
    environment: dict[str, str]


HERE = Circumstances("here", 0o022, 1_000_000_000, {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"})
THERE = Circumstances(
    "there/and deeper", 0o077, 1_700_000_000, {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"}
)


def build_twice(package: Path, scratch: Path, *, epoch: int, beside: Sequence[Path] = ()) -> list[Path]:
    """The sdist, and the wheel that was built from it; `epoch` is their timestamp, in seconds since 1970.

    `beside` are folders next to the package's that the build reads.

    Raises: ReleaseFailed with the differences between two builds.
    """
    first, second = (build(package, scratch, at, epoch=epoch, beside=beside) for at in (HERE, THERE))
    for one, other in zip(first, second, strict=True):
        if one.read_bytes() != other.read_bytes():
            parts = ", ".join(differing_parts(one, other)) or "what it says of its files"
            raise ReleaseFailed(f"{one.name}: two builds differ in {parts}; find what that depends on")
    return first


def build(package: Path, scratch: Path, at: Circumstances, *, epoch: int, beside: Sequence[Path]) -> list[Path]:
    """The sdist and the wheel of a copy of the package, built under these circumstances."""
    copy = shutil.copytree(package, scratch / at.folder / "package")
    # hatchling adds the next .gitignore above the package to an sdist, as far up as a folder with .git.
    (copy.parent / ".git").mkdir()
    for folder in beside:
        shutil.copytree(folder, copy.parent / folder.name)
    for path in copy.parent.rglob("*"):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~at.umask)
        os.utime(path, (at.touched, at.touched))
    target = scratch / at.folder / "dist"
    run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(copy)],
        umask=at.umask,
        environment=at.environment | {"SOURCE_DATE_EPOCH": str(epoch)},
    )
    return sorted(target.iterdir())


def differing_parts(one: Path, other: Path) -> list[str]:
    """The names of the files that two archives do not have in common, or not with the same bytes."""
    first, second = _parts(one), _parts(other)
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def _parts(archive: Path) -> dict[str, bytes]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(archive) as sdist:
        files = {member.name: sdist.extractfile(member) for member in sdist}
        return {name: file.read() for name, file in files.items() if file is not None}


def run(
    command: list[str], *, folder: Path | None = None, environment: dict[str, str] | None = None, umask: int = -1
) -> str:
    """What a command prints.

    Raises: ReleaseFailed with its whole output if it fails.
    """
    ran = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | (environment or {}),
        umask=umask,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise ReleaseFailed(f"{' '.join(command)}: failed; see its output\n{ran.stdout}")
    return ran.stdout
