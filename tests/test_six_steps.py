"""The six steps of CONTRIBUTING.md, from another version of the API to a release, in a repository of their own."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from attrs import frozen

from bump import __main__ as bump
from bump import released, snapshot
from generator import __main__ as generator
from generator.pipeline import generate
from release import __main__ as release
from release.place import Checkout
from release.refusals import last_version
from tests.bump.cases import PREVIEW, RELEASED, stand_in
from tests.release.conftest import ROOT, git, repository

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHAPTER = TEXT.partition("## Bump the API version in six steps\n")[2].partition("\n## ")[0]
STEPS = [
    re.findall(r"^```sh\n(.*?)^```$", step, re.DOTALL | re.MULTILINE)
    for step in re.split(r"^\*\*\d\. ", CHAPTER, flags=re.MULTILINE)[1:]
]
MINOR = 20


@frozen
class Maintainer:
    """Does what the steps say; what a session of nox would run in an environment of its own runs in this one."""

    checkout: Checkout

    def do(self, line: str) -> None:
        """Run one command line of a step."""
        words = shlex.split(line)
        if words[0] == "nox":
            name = words[words.index("-s") + 1] if "-s" in words else "nox"
            getattr(self, name)(words[words.index("--") + 1 :] if "--" in words else [])
        else:
            subprocess.run(["bash", "-ec", line], cwd=self.checkout.root, check=True)

    def bump(self, arguments: list[str]) -> None:
        """The verdict, with what Redocly said when it was recorded."""
        archive, report = released.find(self.checkout.releases), self.checkout.root / "build" / "bump"
        given = [*arguments, "--release", str(archive), "--output", str(report)]
        assert bump.main(given, redocly=stand_in()) == MINOR

    def regenerate(self, arguments: list[str]) -> None:
        """The package and the list of its public names."""
        assert arguments == []
        assert generator.main(["--document", str(self.checkout.document), "--output", str(self.checkout.package)]) == 0
        assert self._snapshot() == 0

    def nox(self, arguments: list[str]) -> None:
        """Of the sessions that run without a name, the one that tells whether step 3 was done."""
        assert arguments == []
        given = ["--document", str(self.checkout.document), "--output", str(self.checkout.package), "--check"]
        assert generator.main(given) == 0
        assert self._snapshot("--check") == 0

    def release(self, arguments: list[str]) -> None:
        """The release, whole; a rehearsal of it changes nothing."""
        before = self._state()

        assert release.main(arguments, root=self.checkout.root) == 0

        assert (self._state() == before) == ("--dry-run" in arguments)

    def _state(self) -> list[str]:
        """The last commit, what differs from it, ignored files too, and the working trees."""
        asked = (("rev-parse", "HEAD"), ("status", "--porcelain", "--ignored"), ("worktree", "list"))
        return [git(self.checkout.root, *arguments) for arguments in asked]

    def _snapshot(self, *arguments: str) -> int:
        return snapshot.main(arguments, folder=self.checkout.package / "src", kept=self.checkout.surface)


@pytest.fixture
def maintainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maintainer:
    """A maintainer whose last release is of v1.1-preview.1."""
    checkout = repository(tmp_path)
    shutil.rmtree(tmp_path / "tests")
    shutil.copy(RELEASED, checkout.document)
    generate(checkout.document, checkout.package, lock=checkout.lock)
    released.write(tmp_path, checkout.releases)
    for fragment in checkout.changes.glob("+*"):
        fragment.unlink()
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Release 0.1.0")
    monkeypatch.chdir(tmp_path)
    return Maintainer(checkout)


def test_each_step_has_commands_of_sessions_that_exist() -> None:
    """There are six steps, each is one block of commands, and nox knows every session they name."""
    listed = subprocess.run(
        [sys.executable, "-m", "nox", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert [len(blocks) for blocks in STEPS] == [1] * 6
    for name in re.findall(r"nox -s (\w+)", CHAPTER):
        assert re.search(rf"^[*-] {name} -> ", listed, re.MULTILINE)


def test_six_steps_lead_from_a_new_version_of_the_api_to_a_release(
    maintainer: Maintainer, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands as they stand there, with the document edited after the first step."""
    checkout = maintainer.checkout

    for number, (block,) in enumerate(STEPS):
        for line in block.splitlines():
            maintainer.do(line)
        if number == 0:
            shutil.copy(PREVIEW, checkout.root / "openapi" / "next.yaml")

    assert "0.1.0 -> 0.2.0: minor\n" in capsys.readouterr().out
    assert last_version(checkout) == "0.2.0"
    assert git(checkout.root, "status", "--porcelain") == ""
    assert git(checkout.root, "log", "--format=%s").splitlines()[:2] == [
        "Release 0.2.0",
        "Follow the API to its next version",
    ]
    assert "client.audit_entries.list_with_verify is new" in (checkout.root / "CHANGELOG.md").read_text(
        encoding="utf-8"
    )
    with zipfile.ZipFile(checkout.distributions / "face_audit-0.2.0-py3-none-any.whl") as wheel:
        assert 'API_VERSION = "1.2-preview.1"' in wheel.read("face_audit/provenance.py").decode()
