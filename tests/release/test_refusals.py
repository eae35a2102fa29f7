"""What is against a release."""

from __future__ import annotations

from pathlib import Path

import pytest

from strict_clients.release.__main__ import main
from strict_clients.release.place import Checkout
from strict_clients.release.refusals import faults_of_the_fragments, faults_of_the_version, last_version, refusals

from .conftest import ROOT, git


def test_clean_checkout_may_be_released(checkout: Checkout) -> None:
    """Nothing is against a greater version, a fragment and a package that is what its document gives."""
    assert last_version(checkout) == "0.1.0"
    assert list(refusals(checkout, "0.2.0")) == []


def test_everything_is_said_at_once_and_nothing_changed(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """A change that is not committed, an old version, a missing fragment and edited files are all named."""
    git(checkout.root, "rm", "--quiet", "changes/+pager.feature.md", "changes/+things.feature.md")
    with (checkout.package / "README.md").open("a", encoding="utf-8") as file:
        file.write("mine\n")
    checkout.surface.write_text("", encoding="utf-8")
    git(checkout.root, "commit", "--quiet", "--all", "--message", "Edit")
    (checkout.root / "notes.txt").touch()
    head = git(checkout.root, "rev-parse", "HEAD")

    code = main(["0.1.0"], root=checkout.root)

    assert code == 1
    assert capsys.readouterr().err.splitlines()[-5:] == [
        "notes.txt: is not committed; commit it, or remove it",
        "version 0.1.0: is not greater than 0.1.0, the last release; ask `nox -s bump` for the next one",
        "changes: holds no fragment; write one for each change that users notice, as changes/README.md says",
        f"{checkout.package / 'README.md'}: was edited by hand; make the change at its source, and regenerate it",
        "openapi/face-audit.surface.txt: is not the list of the public names; regenerate it",
    ]
    assert git(checkout.root, "rev-parse", "HEAD") == head
    assert git(checkout.root, "status", "--porcelain") == "?? notes.txt\n"


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("0.9.9", "is not greater than 0.10.0, the last release"),
        ("0.10.0", "is not greater than 0.10.0, the last release"),
        ("0.10.0rc1", "is not greater than 0.10.0, the last release"),
        ("next", "is not a version; write it as 1.2.3"),
        ("1.0.0-rc1", "is not a version; write it as 1.2.3"),
        ("1.0", "is not a version; write it as 1.2.3"),
        ("01.0.0", "is not a version; write it as 1.2.3"),
    ],
)
def test_version_is_refused(version: str, said: str) -> None:
    """A version is greater than the last one, by its numbers, and written as the document has it."""
    (line,) = faults_of_the_version(version, "0.10.0")

    assert said in line


@pytest.mark.parametrize("version", ["0.10.1", "0.11.0a1", "1.0.0", "0.100.0"])
def test_greater_version_is_taken(version: str) -> None:
    """Preliminary versions are versions, too."""
    assert list(faults_of_the_version(version, "0.10.0")) == []


@pytest.mark.parametrize("name", ["pager.md", "pager.feature.md", "+pager.added.md", "+pager.feature.txt", "12.md"])
def test_fragment_that_would_be_passed_over_is_refused(tmp_path: Path, name: str) -> None:
    """A file that the changelog would leave out in silence is named."""
    for one in (name, "README.md", "+good.fix.md"):
        (tmp_path / one).touch()

    assert list(faults_of_the_fragments(tmp_path)) == [
        f"changes/{name}: is not the name of a fragment; write it as changes/README.md says"
    ]


def test_build_without_a_version_needs_neither_version_nor_fragment(checkout: Checkout) -> None:
    """After a release there is nothing to release, and what is there can still be built."""
    git(checkout.root, "rm", "--quiet", "changes/+pager.feature.md", "changes/+things.feature.md")
    git(checkout.root, "commit", "--quiet", "--message", "Release")

    assert list(refusals(checkout, None)) == []


def test_release_without_a_version_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only a rehearsal may do without a version."""
    with pytest.raises(SystemExit) as caught:
        main([], root=tmp_path)

    assert caught.value.code == 2
    assert "give the version to release" in capsys.readouterr().err


def test_broken_document_is_no_traceback(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """What the generator refuses, the release refuses with the same words."""
    checkout.document.write_text("openapi: [", encoding="utf-8")

    code = main(["0.2.0"], root=checkout.root)

    assert code == 1
    assert "correct the YAML" in capsys.readouterr().err


def test_fragments_of_this_repository_have_names_that_count() -> None:
    """What waits here for the next release will be in its changelog."""
    folder = Checkout(ROOT).changes

    assert [line for line in faults_of_the_fragments(folder) if "no name of a fragment" in line] == []
