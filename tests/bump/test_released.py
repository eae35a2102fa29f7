"""The archive of a release: the same bytes for the same files, and all that a bump compares with."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from strict_clients.bump import released
from strict_clients.bump.released import NoRelease
from strict_clients.clients import Client


def test_archive_has_the_same_bytes_for_the_same_files(client: Client, archive: Path, tmp_path: Path) -> None:
    """Neither clock nor order nor owner comes into it."""
    again = released.write(client, tmp_path)

    assert again.name == "0.1.0.tar.gz"
    assert again.read_bytes() == archive.read_bytes()


def test_archive_of_the_last_release_alone_is_kept(client: Client, tmp_path: Path) -> None:
    """A bump compares with the release before it, never with an older one."""
    (tmp_path / "0.0.9.tar.gz").write_bytes(b"")

    written = released.write(client, tmp_path)

    assert [*tmp_path.iterdir()] == [written]
    assert released.find(tmp_path) == written


def test_archive_gives_back_the_release(client: Client, archive: Path, tmp_path: Path) -> None:
    """Document, package, callers and the sums of the sources, without byte code."""
    (client.callers[0] / "__pycache__").mkdir(exist_ok=True)
    (client.callers[0] / "__pycache__" / "digests.pyc").write_bytes(b"")

    release = released.unpack(released.write(client, tmp_path / "again"), tmp_path / "release")

    assert release.version == "0.1.0"
    assert release.document.read_bytes() == client.document.read_bytes()
    assert (release.package / "src" / "face_audit" / "py.typed").is_file()
    assert sorted(path.name for path in release.callers.rglob("*.py")) == ["digests.py", "test_inside.py"]
    assert release.sources == released.source_sums()
    assert "templates/runtime/errors.py" in release.sources
    assert archive.is_file()


@pytest.mark.parametrize("names", [(), ("0.1.0.tar.gz", "0.2.0.tar.gz")])
def test_folder_without_one_archive_says_so(tmp_path: Path, names: tuple[str, ...]) -> None:
    """Without a release there is nothing to compare with, and with two it is not clear which."""
    for name in names:
        (tmp_path / name).write_bytes(b"")

    with pytest.raises(NoRelease, match="keep only the archive of the last release"):
        released.find(tmp_path)


def test_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    """A damaged archive ends in words and not in a traceback."""
    (tmp_path / "0.1.0.tar.gz").write_bytes(b"no archive")

    with pytest.raises(NoRelease, match="is not an archive of a release"):
        released.unpack(tmp_path / "0.1.0.tar.gz", tmp_path / "release")


def test_archive_writes_nothing_outside_its_folder(tmp_path: Path) -> None:
    """A path that leads out is refused as a damaged archive is."""
    (tmp_path / "evil").write_text("", encoding="utf-8")
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "evil", arcname="../outside")

    with pytest.raises(NoRelease, match="is not an archive of a release"):
        released.unpack(tmp_path / "evil.tar.gz", tmp_path / "release")

    assert not (tmp_path / "outside").exists()
