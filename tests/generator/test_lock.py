"""The lock beside a document: which of the things that its package was made from have moved."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from strict_clients import lock as lock_module
from strict_clients.__main__ import main
from strict_clients.drift import find_drift
from strict_clients.engine import vanilla_templates
from strict_clients.lock import REPLACED, describe, lock_of, moves, read
from strict_clients.pipeline import build, generate
from strict_clients.render import GenerationFailed
from strict_clients.runtime import TEMPLATES
from strict_clients.source import read as read_source

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden" / "golden.yaml"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the golden document, its lock and its package, which no test changes."""
    folder = tmp_path_factory.mktemp("golden")
    shutil.copy(GOLDEN, folder / "golden.yaml")
    (folder / "golden.lock").touch()
    assert main(["generate", "--document", str(folder / "golden.yaml"), "--output", str(folder / "package")]) == 0
    return folder


@pytest.fixture
def document(generated: Path, tmp_path: Path) -> Path:
    """A golden document of the test's own, which keeps a lock; its package is in `package`."""
    shutil.copytree(generated, tmp_path, dirs_exist_ok=True)
    return tmp_path / "golden.yaml"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """Templates of the test's own."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


def drift(document: Path) -> list[str]:
    """What the check says."""
    return find_drift(document, document.parent / "package", lock=lock_of(document))


def moved(document: Path, templates: Path = TEMPLATES) -> list[str]:
    """Which of the things that the package was made from have moved."""
    now = describe(read_source(document).facts, {}, templates=templates)
    return moves(read(document.with_suffix(".lock")), now)


def append(path: Path, text: str) -> None:
    """Change a file at its end."""
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_lock_is_the_same_for_every_folder_and_names_every_file(document: Path, tmp_path: Path) -> None:
    """The lock depends on what the package is made from, and not on where it is put or what was there before."""
    lock = document.with_suffix(".lock")
    first = lock.read_bytes()
    lock.write_text("<<<<<<< ours\n", encoding="utf-8")

    generate(document, tmp_path / "elsewhere", lock=lock)

    assert lock.read_bytes() == first
    facts = tomllib.loads(first.decode())
    assert facts["package"].keys() == build(document).keys()
    assert facts["tool"] == {name: version(name) for name in lock_module._TOOLS}


def test_document_without_a_lock_gets_none(tmp_path: Path) -> None:
    """A lock is kept where one was begun, and nothing else is written beside a document."""
    copy = Path(shutil.copy(GOLDEN, tmp_path / "golden.yaml"))

    assert main(["generate", "--document", str(copy), "--output", str(tmp_path / "package")]) == 0

    assert {path.name for path in tmp_path.iterdir()} == {"golden.yaml", "package"}


def test_unmoved_package_has_no_drift(document: Path) -> None:
    """A comment of the document is none of what the package is made from."""
    append(document, "# a comment\n")

    assert drift(document) == []


def test_moved_document_is_named_with_what_it_changes(document: Path, tmp_path: Path) -> None:
    """Files that nobody touched are out of date, which is another thing than edited."""
    text = document.read_text(encoding="utf-8")
    document.write_text(text.replace("title: ", "title: New ", 1), encoding="utf-8")

    lines = drift(document)

    assert lines[0] == "golden.yaml: the document has changed since the package was made; regenerate it"
    assert f"{tmp_path / 'package' / 'README.md'}: is out of date; regenerate it" in lines
    assert not any("by hand" in line for line in lines)


def test_edited_file_is_named_even_where_its_sum_was_edited_too(document: Path, tmp_path: Path) -> None:
    """The sums that the check believes are next to the document, not in the package."""
    append(tmp_path / "package" / "README.md", "\nMine.\n")
    append(tmp_path / "package" / "generation.lock", "# mine\n")

    assert drift(document) == [
        f"{tmp_path / 'package' / name}: was edited by hand; make the change at its source, and regenerate it"
        for name in ("README.md", "generation.lock")
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda folder: append(folder / "src/package/errors.py.jinja", "\n"),
            "templates/src/package/errors.py.jinja: the template has changed",
        ),
        (
            lambda folder: (folder / "src/package/more.py.jinja").touch(),
            "templates/src/package/more.py.jinja: the template is new",
        ),
        (
            lambda folder: append(folder / "runtime/calls/retry.py", "\n"),
            "templates/runtime/calls/retry.py: the module of the runtime has changed",
        ),
        (
            lambda folder: (folder / "runtime/compare.py").unlink(),
            "templates/runtime/compare.py: the module of the runtime is gone",
        ),
    ],
    ids=["template-changed", "template-new", "runtime-changed", "runtime-gone"],
)
def test_moved_template_or_runtime_is_named(
    document: Path, templates: Path, change: Callable[[Path], None], said: str
) -> None:
    """A template and a module of the runtime are named by their paths, and nothing beside them."""
    change(templates)

    assert moved(document, templates) == [f"{said} since the package was made; regenerate it"]


def test_moved_generator_is_named(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What generates is part of what a package is made from; what compares and releases packages is not."""
    copy = tmp_path / "generator"
    shutil.copytree(Path(lock_module.__file__).parent, copy)
    monkeypatch.setattr(lock_module, "_HERE", copy)
    append(copy / "bump" / "tree.py", "\n")
    assert moved(document) == []

    append(copy / "render.py", "\n")

    assert moved(document) == [
        "generator/render.py: the module of the generator has changed since the package was made; regenerate it"
    ]


def test_versions_of_all_requirements_are_kept() -> None:
    """Another version of any of them might make another package."""
    project = tomllib.loads((ROOT / "generator" / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert [re.split("[<>=]", one)[0] for one in project["dependencies"]] == [*lock_module._TOOLS]


def test_moved_tool_is_named_with_both_versions(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade of the engine, of ruff or of Jinja is told by its versions."""
    monkeypatch.setattr(
        "strict_clients.lock.version",
        lambda name: "0.30.0" if name == "openapi-python-client" else version(name),
    )

    (line,) = moved(document)
    assert line.startswith("openapi-python-client: the package was made by version 0.29.1, this is 0.30.0; regenerate")


def test_moved_template_of_the_engine_names_ours_to_look_at(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an upgrade of the engine, each of its templates that moved leads to those of ours in its place."""
    theirs = vanilla_templates()
    theirs["endpoint_module.py.jinja"] += "\n"
    theirs["model.py.jinja"] += "\n"
    theirs["property_templates/uuid_property.py.jinja"] += "\n"
    theirs["stream.py.jinja"] = ""
    del theirs["setup.py.jinja"]
    monkeypatch.setattr("strict_clients.lock.vanilla_templates", lambda: theirs)

    assert [line.split(": this template of the engine ") for line in moved(document)] == [
        [name, f"{how}; look again at {ours}"]
        for name, how, ours in (
            ("endpoint_module.py.jinja", "has changed", "templates/src/package/resources/resource/"),
            (
                "model.py.jinja",
                "has changed",
                "templates/src/package/models/model.py.jinja and templates/runtime/values/models.py",
            ),
            ("property_templates/uuid_property.py.jinja", "has changed", "templates/runtime/values/scalars.py"),
            ("setup.py.jinja", "is gone", "whether ours lack what it does"),
            ("stream.py.jinja", "is new", "whether ours lack what it does"),
        )
    ]


def test_every_template_of_ours_is_set_against_the_engine_s() -> None:
    """What we put instead of the engine's templates exists, and so do they; three of ours have nothing there."""
    theirs = vanilla_templates()
    paths = (path for path in TEMPLATES.rglob("*") if TEMPLATES / "samples" not in path.parents)
    ours = {path.relative_to(TEMPLATES).as_posix() for path in paths if path.is_file()}
    named = tuple({name for names in REPLACED.values() for name in names})

    assert [start for start in REPLACED if not any(name.startswith(start) for name in theirs)] == []
    assert [name for name in named if not (TEMPLATES / name).exists()] == []
    assert {name for name in ours if name.endswith(".jinja") and not name.startswith(named)} == {
        "src/package/provenance.py.jinja",
        "src/package/testing/__init__.py.jinja",
        "src/package/testing/__main__.py.jinja",
    }


@pytest.mark.parametrize("text", ["", "<<<<<<< ours\n", "a = 1\n", "[template]\n", "# mine\n"])
def test_lock_that_is_none_is_refused(document: Path, text: str) -> None:
    """An empty lock, or one that a merge or a hand has left otherwise than it was written, is not believed."""
    lock = document.with_suffix(".lock")
    lock.write_text(text if text != "# mine\n" else lock.read_text(encoding="utf-8") + text, encoding="utf-8")

    with pytest.raises(GenerationFailed) as caught:
        read(lock)

    assert str(caught.value) == f"{lock}: is empty, or was edited by hand or by a merge; regenerate the package"


def test_check_with_a_broken_lock_fails(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says what is wrong with a lock, and the second build beside it ends."""
    document.with_suffix(".lock").write_text("", encoding="utf-8")

    code = main(["check", "--document", str(document), "--output", str(document.parent / "package")])

    assert code == 1
    assert "regenerate the package" in capsys.readouterr().err


@pytest.mark.parametrize(("seed", "other"), [("0", "1"), ("1", "0"), (None, "0")])
def test_file_that_depends_on_the_hash_seed_is_named(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: str | None, other: str
) -> None:
    """The second build has another hash seed than this process; what it gives otherwise is named."""
    script = tmp_path / "python"
    script.write_text(
        f'#!/bin/sh\n"{shutil.which("cat")}" "{tmp_path}/package/generation.lock"\n'
        'printf "%064d  seed-%s.py\\n" 0 "$PYTHONHASHSEED"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script))
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    if seed is not None:
        monkeypatch.setenv("PYTHONHASHSEED", seed)

    assert drift(document) == [f"seed-{other}.py: differs under another hash seed; sort what is iterated over"]


def test_generation_that_fails_under_one_seed_is_told(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second build that fails where the first does not is not an equal one."""
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho broken >&2\nexit 1\n", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script))

    assert drift(document) == ["another hash seed: generation fails; sort what is iterated over\nbroken\n"]


def test_sums_are_those_of_the_package(document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--sums` prints what a package would hold, and writes nothing."""
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    code = main(["generate", "--document", str(document), "--sums"])

    assert code == 0
    assert capsys.readouterr().out == (tmp_path / "package" / "generation.lock").read_text(encoding="utf-8")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
