"""What a fresh environment tries of the installed package."""

from __future__ import annotations

import sys
from pathlib import Path

import face_audit
import pytest

from strict_clients.release import smoke


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The description of an installed distribution of version 7.0.0, whose files are those of the imported package."""
    folder = tmp_path / "face_audit-7.0.0.dist-info"
    (folder / "sboms").mkdir(parents=True)
    (folder / "sboms" / "face-audit.cdx.json").touch()
    (folder / "METADATA").write_text("Metadata-Version: 2.4\nName: face-audit\nVersion: 7.0.0\n", encoding="utf-8")
    (folder / "RECORD").write_text("face_audit-7.0.0.dist-info/sboms/face-audit.cdx.json,,\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "prefix", str(Path(face_audit.__file__).parent.parent))
    monkeypatch.setattr(face_audit, "__version__", "7.0.0")
    return folder


def test_package_that_works_passes(installed: Path) -> None:
    """The version, the types, the bill, the names, both clients and two errors are as they should be."""
    smoke.main("7.0.0")


def test_other_version_does_not_pass(installed: Path) -> None:
    """What is installed is what was built."""
    with pytest.raises(AssertionError):
        smoke.main("7.0.1")


def test_package_of_another_folder_does_not_pass(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is imported is not what happens to lie in the working folder."""
    monkeypatch.setattr(sys, "prefix", "/nonexistent")

    with pytest.raises(AssertionError, match="face_audit"):
        smoke.main("7.0.0")


def test_wheel_without_a_bill_does_not_pass(installed: Path) -> None:
    """The bill of materials is installed with the package."""
    (installed / "RECORD").write_text("", encoding="utf-8")

    with pytest.raises(AssertionError):
        smoke.main("7.0.0")


def test_error_that_does_not_come_is_noticed() -> None:
    """A call that should fail and does not is a failure."""
    emulator = smoke.Emulator(key="a-key")
    emulator.add(smoke.SESSION, count=1)

    with emulator.serve() as url, pytest.raises(AssertionError, match="was listed"):
        smoke.error_of(url)
