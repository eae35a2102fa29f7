"""A repository of a test's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from strict_clients.bump import released
from strict_clients.pipeline import generate
from strict_clients.release.place import Checkout
from strict_clients.release.version import write_version

ROOT = Path(__file__).parent.parent.parent
IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.com")


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    command = ["git", *IDENTITY, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def repository(folder: Path) -> Checkout:
    """The working tree of these tests as it is now, in one commit, with 0.1.0 as its last release and two fragments."""
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith("changes/+"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    checkout = Checkout(folder)
    write_version(checkout.document, "0.1.0")
    generate(checkout.document, checkout.package, lock=checkout.lock)
    released.write(checkout.client, checkout.releases)
    head, mark, _ = (folder / "CHANGELOG.md").read_text(encoding="utf-8").partition("release notes start -->\n")
    (folder / "CHANGELOG.md").write_text(f"{head}{mark}\n## 0.1.0\n\nThe first.\n", encoding="utf-8")
    (checkout.changes / "+pager.feature.md").write_text("A pager.\n", encoding="utf-8")
    (checkout.changes / "+things.feature.md").write_text("- One thing.\n- Another.\n", encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "config", "user.name", "Test")
    git(folder, "config", "user.email", "test@example.com")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Begin")
    return checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A repository that is fit for a release."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return repository(folder)
