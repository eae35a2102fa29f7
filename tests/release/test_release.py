"""A whole release of a repository of its own."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from strict_clients import __version__ as GENERATOR_VERSION  # noqa: N812  # a constant
from strict_clients.drift import find_drift
from strict_clients.release.__main__ import main
from strict_clients.release.place import Checkout
from strict_clients.release.refusals import last_version, refusals, stated_version
from strict_clients.release.version import write_version

from .conftest import ROOT, git


def test_release_leaves_a_commit_and_its_distributions(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """Version, changelog, package and lock go into one commit; what is left to do by hand is said."""
    before = datetime.now(UTC).date()

    code = main(["0.2.0"], root=checkout.root)

    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    assert git(checkout.root, "log", "--format=%s") == "Release 0.2.0\nBegin\n"
    assert git(checkout.root, "status", "--porcelain", "--ignored") == "!! dist/\n"
    assert len(git(checkout.root, "worktree", "list").splitlines()) == 1
    assert stated_version(checkout) == last_version(checkout) == "0.2.0"
    assert find_drift(checkout.document, checkout.package, lock=checkout.lock) == []
    assert list(checkout.changes.iterdir()) == [checkout.changes / "README.md"]
    changelog = (checkout.root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n\n## 0.2.0 ({before})\n\n### New\n\n- One thing.\n- Another.\n- A pager.\n\n## 0.1.0\n" in changelog
    distributions = sorted(checkout.distributions.iterdir())
    wheel = distributions[0]
    assert [path.name for path in distributions] == [
        "face_audit-0.2.0-py3-none-any.whl",
        "face_audit-0.2.0.tar.gz",
        "face_audit_tools-0.2.0-py3-none-any.whl",
        "face_audit_tools-0.2.0.tar.gz",
        f"strict_clients-{GENERATOR_VERSION}-py3-none-any.whl",
        f"strict_clients-{GENERATOR_VERSION}.tar.gz",
    ]
    for path in distributions:
        assert f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" in said.out
    with zipfile.ZipFile(wheel) as archive:
        assert b"\nVersion: 0.2.0\n" in archive.read("face_audit-0.2.0.dist-info/METADATA")
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(before.year, before.month, before.day)}
    assert said.out.splitlines()[-2:] == [
        "git tag --annotate v0.2.0 --message 'face-audit 0.2.0' && git push --follow-tags",
        f"twine upload {' '.join(f'dist/{path.name}' for path in distributions)}",
    ]
    assert [line.split(":")[0] for line in refusals(checkout, "0.2.0")] == ["version 0.2.0", "changes"]


@pytest.mark.parametrize(("quote", "others"), [("", "0.1.0"), ("'", "'0.1.0'"), ('"', '"0.1.0"')])
def test_version_is_all_that_changes_in_the_document(tmp_path: Path, quote: str, others: str) -> None:
    """Comments, layout and quotes of the document stay, and so does every other version in it."""
    text = (ROOT / "openapi" / "face-audit.yaml").read_text(encoding="utf-8")
    line = f"    version: {stated_version(Checkout(ROOT))}\n"
    assert text.count(line) == 1
    document = tmp_path / "document.yaml"
    document.write_text(text.replace(line, f"    version: {others}  # 0.1.0\n"), encoding="utf-8")

    write_version(document, "10.20.30rc4")

    changed = f"    version: {quote}10.20.30rc4{quote}  # 0.1.0\n"
    assert document.read_text(encoding="utf-8") == text.replace(line, changed)
