"""The evidence tool's part of a release."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from strict_clients.release.place import Checkout
from strict_clients.release.tool import main, write_bill, write_tool_version

from .conftest import ROOT

BILL = "face-audit-tools.cdx.json"


@pytest.fixture(name="copy")
def copy_of_the_tool(tmp_path: Path) -> Checkout:
    """The tool alone."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    return Checkout(tmp_path)


def pins() -> dict[str, str]:
    """The version of each package in the lock."""
    lines = (ROOT / "tools" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = (Requirement(line.rstrip("\\ ")) for line in lines if "==" in line)
    return {one.name: str(one.specifier).removeprefix("==") for one in found}


def test_committed_bill_is_that_of_the_lock(copy: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is valid, names what the lock pins, and writing it again changes nothing."""
    before = (copy.tool / BILL).read_text(encoding="utf-8")
    monkeypatch.chdir(copy.root)

    main()

    assert (copy.tool / BILL).read_text(encoding="utf-8") == before
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(before) is None
    listed = {one["name"]: one["version"] for one in json.loads(before)["components"]}
    assert listed.pop("face-audit") == json.loads(before)["metadata"]["component"]["version"]
    assert listed == pins()


def test_lock_has_the_versions_that_are_tested_and_hashes() -> None:
    """Each pin is that of constraints.txt, and `pip install --require-hashes` finds a hash for it."""
    lock = (ROOT / "tools" / "requirements.txt").read_text(encoding="utf-8")
    tested = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-").splitlines()

    assert {f"{name.lower()}=={version}" for name, version in pins().items()} <= set(tested)
    assert len(pins()) > 10
    assert all("--hash=sha256:" in one for one in lock.split("==")[1:])


def test_version_of_a_release_is_written_into_the_tool_and_its_bill(copy: Checkout) -> None:
    """The tool has the version of the package that it is released with."""
    write_tool_version(copy, "3.2.1")

    assert 'VERSION = "3.2.1"' in copy.tool_version.read_text(encoding="utf-8")
    component = json.loads((copy.tool / BILL).read_text(encoding="utf-8"))["metadata"]["component"]
    assert (component["name"], component["version"]) == ("face-audit-tools", "3.2.1")
    before = (copy.tool / BILL).read_bytes()
    write_bill(copy)
    assert (copy.tool / BILL).read_bytes() == before
