"""The list of clients: what it may hold, and which of them the command writes or compares."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from strict_clients.__main__ import main
from strict_clients.breaches import GenerationRefused
from strict_clients.clients import LIST, Client, read_clients
from strict_clients.select import Selection
from strict_clients.source import UNCHANGED, Changes

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden"


def written(folder: Path, text: str) -> Path:
    """A list of clients."""
    path = folder / "clients.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> list[str]:
    """What reading the list is refused with, a line each, without its path."""
    with pytest.raises(GenerationRefused) as caught:
        read_clients(path)
    return str(caught.value).replace(f"{path}: ", "").replace(f"{path.parent}/", "").splitlines()


def test_first_client_of_this_repository_is_the_released_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what bumps and releases are about, and keeps its lock beside its document."""
    monkeypatch.chdir(ROOT)

    clients = read_clients(LIST)

    assert next(iter(clients.items())) == (
        "face-audit",
        Client(
            Path("openapi/face-audit.yaml"),
            Path("generated_client"),
            UNCHANGED,
            Path("openapi/face-audit.lock"),
            Path("releases"),
            (Path("examples"), Path("tests/client"), Path("tools/src")),
            Path("docs/api"),
        ),
    )


def test_keys_of_a_client_are_read_relative_to_the_list(tmp_path: Path) -> None:
    """Without a lock of its own, a client keeps the one beside its document, if there is one."""
    path = written(
        tmp_path,
        """
        [a]
        document = "a.yaml"
        output = "out/../a"
        [b]
        document = "../b.yaml"
        overlays = ["one.yaml", "two.yaml"]
        include = ["tag:B"]
        exclude = ["/b", "operationId:b"]
        output = "b"
        lock = "b.lock"
        package = "bees"
        releases = "old"
        callers = ["b/examples"]
        """,
    )

    assert read_clients(path) == {
        "a": Client(tmp_path / "a.yaml", tmp_path / "a", UNCHANGED, None),
        "b": Client(
            tmp_path.parent / "b.yaml",
            tmp_path / "b",
            Changes(
                overlays=[tmp_path / "one.yaml", tmp_path / "two.yaml"],
                selection=Selection(include=["tag:B"], exclude=["/b", "operationId:b"]),
                package="bees",
            ),
            tmp_path / "b.lock",
            tmp_path / "old",
            (tmp_path / "b" / "examples",),
        ),
    }


def test_unknown_key_is_refused_with_all_other_mistakes(tmp_path: Path) -> None:
    """A misspelled key would otherwise be ignored."""
    path = written(tmp_path, 'a = {output = "a", overlay = "x"}\n"b/c" = {document = "", output = ["b"]}\nd = 1\n')

    assert sorted(refusal(path)) == [
        "#/a: 'document' is a required property; see docs/openapi.md",
        "#/a: Additional properties are not allowed ('overlay' was unexpected); see docs/openapi.md",
        "#/b~1c/document: '' does not match '\\\\S'; see docs/openapi.md",
        "#/b~1c/output: ['b'] is not of type 'string'; see docs/openapi.md",
        "#/d: 1 is not of type 'object'; see docs/openapi.md",
    ]
    assert refusal(written(tmp_path, "")) == ["#: {} should be non-empty; see docs/openapi.md"]
    assert refusal(written(tmp_path, "[a")) == [
        "#: Expected ']' at the end of a table declaration (at end of document); correct the TOML"
    ]


def test_clients_share_neither_output_nor_lock(tmp_path: Path) -> None:
    """The second one would be written over the first; two parts of one document need two locks."""
    (tmp_path / "a.lock").touch()
    path = written(
        tmp_path,
        """
        a = {document = "a.yaml", output = "out"}
        b = {document = "a.yaml", output = "x/../out"}
        c = {document = "c.yaml", output = "c"}
        d = {document = "c.yaml", output = "d", lock = "c"}
        """,
    )

    assert refusal(path) == [
        "#/b: output out is also that of 'a'; give it its own",
        "#/b: lock a.lock is also that of 'a'; give it its own",
        "#/d: lock c is also that of 'c'; give it its own",
    ]


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list of two clients, both generated, which no test changes."""
    folder = tmp_path_factory.mktemp("clients")
    for name in ("golden", "older"):
        shutil.copy(GOLDEN / f"{name}.yaml", folder)
    text = '[golden]\ndocument = "golden.yaml"\noutput = "golden"\n[older]\ndocument = "older.yaml"\noutput = "older"\n'
    path = written(folder, text)
    assert main(["generate", "--list", str(path)]) == 0
    return path


@pytest.fixture
def clients(listed: Path, tmp_path: Path) -> Path:
    """A list of two clients of the test's own, both generated."""
    return Path(shutil.copytree(listed.parent, tmp_path, dirs_exist_ok=True)) / listed.name


def test_only_the_named_clients_are_written(clients: Path) -> None:
    """Without a name, all are; with one, the others stay as they are, whatever has moved."""
    for name in ("golden", "older"):
        (clients.parent / name / "README.md").unlink()

    assert main(["generate", "--list", str(clients), "older"]) == 0

    assert (clients.parent / "older" / "README.md").is_file()
    assert not (clients.parent / "golden" / "README.md").exists()


def test_check_goes_on_after_a_difference(clients: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each client is compared, also after one that is refused; a named one alone."""
    (clients.parent / "golden.yaml").write_text("openapi: [", encoding="utf-8")
    (clients.parent / "older" / "README.md").unlink()

    codes = [main(["check", "--list", str(clients), *names]) for names in ([], ["older"])]

    said = capsys.readouterr().err
    assert codes == [1, 1]
    assert said.count("golden.yaml: nothing was written") == 1
    assert said.count("README.md: is missing; regenerate it") == 2


def test_unknown_client_is_refused_with_the_known_ones(clients: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written then, and nothing if there is no list."""
    codes = [
        main(["generate", "--list", str(clients), "elder", "older"]),
        main(["generate", "--list", str(clients.parent / "missing.toml")]),
    ]

    said = capsys.readouterr().err
    assert codes == [1, 1]
    assert f"{clients}: has no client 'elder'; name one of golden, older" in said
    assert "missing.toml: the file cannot be read (No such file or directory)" in said
