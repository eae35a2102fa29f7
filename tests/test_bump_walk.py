"""The three steps of CONTRIBUTING.md, from another version of the API to a release, in a repository of their own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from attrs import frozen

from strict_clients import __main__ as generator
from strict_clients.bump import released, snapshot
from strict_clients.command import bump
from strict_clients.pipeline import generate
from strict_clients.release import __main__ as release
from strict_clients.release.place import Checkout
from strict_clients.release.refusals import last_version
from tests.bump.cases import PREVIEW, RELEASED, stand_in
from tests.release.conftest import ROOT, git, repository

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHAPTER = TEXT.partition("## Bump the API version in three steps\n")[2].partition("\n## ")[0]
STEPS = [
    re.findall(r"^```sh\n(.*?)^```$", step, re.DOTALL | re.MULTILINE)
    for step in re.split(r"^\*\*\d\. ", CHAPTER, flags=re.MULTILINE)[1:]
]
MINOR = 20


@frozen
class Maintainer:
    """Pastes the blocks of the steps; a session of nox runs in this environment instead of one of its own."""

    checkout: Checkout

    def paste(self, block: str) -> int:
        """Give a whole block to a shell; the exit code of its last command."""
        asked, ask = os.pipe()
        answered, answer = os.pipe()
        # The shell's `nox` hands its arguments to this process, and waits for the exit code.
        nox = f'nox() {{ printf "%s\\n" "$*" >&{ask}; read -r code <&{answered}; return "$code"; }}\n'
        with subprocess.Popen(
            ["bash", "--norc"], cwd=self.checkout.root, stdin=subprocess.PIPE, text=True, pass_fds=(ask, answered)
        ) as shell:
            os.close(ask)
            os.close(answered)
            assert shell.stdin is not None
            shell.stdin.write(nox + block)
            shell.stdin.close()
            with os.fdopen(asked) as calls, os.fdopen(answer, "w") as codes:
                for call in calls:
                    print(self.run(shlex.split(call)), file=codes, flush=True)
        return shell.returncode

    def run(self, words: list[str]) -> int:
        """The exit code of a session."""
        name = words[words.index("-s") + 1] if "-s" in words else "nox"
        session = {"bump": self.bump, "regenerate": self.regenerate, "nox": self.nox, "release": self.release}[name]
        return session(words[words.index("--") + 1 :] if "--" in words else [])

    def bump(self, arguments: list[str]) -> int:
        """The verdict, with what Redocly said when it was recorded."""
        archive, report = released.find(self.checkout.releases), self.checkout.root / "build" / "bump"
        given = [*arguments, "--release", str(archive), "--output", str(report)]
        return bump.main(given, redocly=stand_in())

    def regenerate(self, arguments: list[str]) -> int:
        """The package and the list of its public names."""
        assert arguments == []
        return generator.main(["generate"]) or self._snapshot()

    def nox(self, arguments: list[str]) -> int:
        """Of the sessions that run without a name, `check`, and of the tests those of the new operation."""
        assert arguments == []
        return generator.main(["check"]) or self._snapshot("--check") or self._call_operations()

    def release(self, arguments: list[str]) -> int:
        """The whole release; with `--dry-run` it changes nothing."""
        before, built = self._state(), self.checkout.root.parent / "built"
        output = ["--output", str(built)] if "--dry-run" in arguments else []

        code = release.main([*arguments, *output], root=self.checkout.root)

        kept = built if output else self.checkout.distributions
        assert len(list(kept.iterdir())) == 6
        assert (self._state() == before) == ("--dry-run" in arguments)
        return code

    def _state(self) -> list[str]:
        """The last commit, what differs from it, ignored files too, and the working trees."""
        asked = (("rev-parse", "HEAD"), ("status", "--porcelain", "--ignored"), ("worktree", "list"))
        return [git(self.checkout.root, *arguments) for arguments in asked]

    def _call_operations(self) -> int:
        """The tests of the new operation, none of which was written for it; pytest fails if it finds none."""
        tests = ("tests/client/test_every_operation.py", "-k", "AuditEntries_listWithVerify")
        source = os.environ | {"PYTHONPATH": str(self.checkout.package / "src")}
        command = [sys.executable, "-m", "pytest", *tests]
        ran = subprocess.run(command, cwd=ROOT, env=source, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout
        return ran.returncode

    def _snapshot(self, *arguments: str) -> int:
        return snapshot.main([str(self.checkout.modules), str(self.checkout.surface), *arguments])


@pytest.fixture
def maintainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Maintainer:
    """A maintainer whose last release is of v1.1-preview.1."""
    checkout = repository(tmp_path)
    shutil.rmtree(tmp_path / "tests")
    shutil.copy(RELEASED, checkout.document)
    generate(checkout.document, checkout.package, lock=checkout.lock)
    released.write(checkout.client, checkout.releases)
    for fragment in checkout.changes.glob("+*"):
        fragment.unlink()
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Release 0.1.0")
    monkeypatch.chdir(tmp_path)
    return Maintainer(checkout)


def test_three_steps_lead_from_a_new_version_of_the_api_to_a_release(
    maintainer: Maintainer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each block is pasted as it is written, with the document edited after the first one."""
    checkout = maintainer.checkout
    (copy, ask), (take_over, prove), (publish,) = STEPS

    assert maintainer.paste(copy) == 0
    shutil.copy(PREVIEW, checkout.root / "openapi" / "next.yaml")
    assert maintainer.paste(ask) == MINOR
    assert [maintainer.paste(block) for block in (take_over, prove, publish)] == [0, 0, 0]

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
