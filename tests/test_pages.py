"""The sums of measured pages: what makes a page out of date, and that no page and no source is left out."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .figures import origin
from .pages import PAGES, ROOT, find_outdated, read_sums, sums_of, write_sums

ENTRIES = {
    "bench": ("benchmarks/__main__.py", "benchmarks/server.py", "benchmarks/worker.py"),
    "documents": ("tests/documents/__main__.py", "tests/documents/calling.py"),
    "evidence": ("tests/evidence/__main__.py", "tests/evidence/server.py", "tests/evidence/worker.py"),
    "faults": ("tests/faults/peers.py", "tests/faults/peer_worker.py"),
    "fuzz": ("tests/fuzz/__main__.py", "tests/fuzz/one.py"),
    "hostile": ("tests/hostile/__main__.py", "tests/hostile/importer.py"),
    "mutation": (
        "tests/mutation/__main__.py",
        *(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "client").glob("*.py")),
    ),
    "report_shots": ("tests/shots/__main__.py",),
    "samples": (*("tests/samples/__main__.py", "tests/samples/test_scenarios.py", "tests/samples/test_hostile.py"),),
    "soak": ("tests/soak/__main__.py", "tests/soak/server.py"),
}
"""The modules that each session runs, in processes of their own where there are several."""
LAYOUT = {"tests/figures.py", "tests/pages.py"}
"""What writes the pages, and measures nothing."""


@pytest.fixture(name="copy")
def copy_with_pages_up_to_date(tmp_path: Path) -> Path:
    """All sources outside of any checkout, and a page of each name with their sums."""
    for source in {source for page in PAGES.values() for source in page.sources}:
        target = tmp_path / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            shutil.copy(ROOT / source, target)
    (tmp_path / "docs").mkdir()
    for name in PAGES:
        write_page(tmp_path, name)
    return tmp_path


def write_page(root: Path, name: str) -> None:
    """Write a page as its session would."""
    rows = f"| date | 2026-11-27 |\n| sources | {write_sums(sums_of(name, root))} |\n"
    (root / "docs" / name).write_text(f"# Title\n\n|  |  |\n| --- | --- |\n{rows}", encoding="utf-8")


def outdated(root: Path) -> set[str]:
    """The names of the pages that are listed."""
    return {line.removeprefix("docs/").partition(" ")[0] for line in find_outdated(root)}


def append_byte(path: Path) -> None:
    """Change a file in the least way."""
    path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.parametrize(
    ("change", "pages"),
    [
        (lambda root: append_byte(root / "tests/soak/server.py"), {"soak.md"}),
        (lambda root: append_byte(root / "tests/hostile/host.yaml"), {"hostile.md", "samples.md"}),
        (
            lambda root: append_byte(root / "generator/src/strict_clients/load.py"),
            {"documents.md", "hostile.md", "samples.md"},
        ),
        (lambda root: append_byte(root / "tools/src/face_audit_tools/py.typed"), {"evidence.md", "report.md"}),
        (lambda root: append_byte(root / "tests/loopback.py"), {"benchmarks.md", "evidence.md", "soak.md"}),
        (
            lambda root: append_byte(root / "generated_client/src/face_audit/_runtime/calls/retry.py"),
            {*PAGES} - {"documents.md", "hostile.md"},
        ),
        (lambda root: (root / "tests/soak/new.py").touch(), {"soak.md"}),
        (lambda root: (root / "tests/shots/browser.py").rename(root / "tests/shots/other.py"), {"report.md"}),
        (lambda root: (root / "tests/fuzz/gzips.py").unlink(), {"fuzzing.md"}),
        (lambda root: (root / "docs/soak.md").unlink(), {"soak.md"}),
    ],
    ids=["code", "data", "generator", "tools", "shared", "package", "added", "renamed", "removed", "no-page"],
)
def test_change_of_a_source_makes_its_pages_out_of_date(
    copy: Path, change: Callable[[Path], object], pages: set[str]
) -> None:
    """One byte or one name is enough, and the pages of other sources stay up to date."""
    before = outdated(copy)

    change(copy)

    assert before == set()
    assert outdated(copy) == pages


def test_files_that_nobody_wrote_change_no_sum(copy: Path) -> None:
    """What Python, editors and systems leave in a folder is not a source."""
    for name in ("tests/soak/__pycache__/server.cpython-311.pyc", "tests/soak/.DS_Store", "tools/src/.idea/a.xml"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(b"\0")

    assert outdated(copy) == set()


def test_content_that_moves_between_files_changes_the_sum(copy: Path) -> None:
    """A sum tells apart where one file ends and the next begins."""
    first, second = copy / "tests/soak/paging.py", copy / "tests/soak/server.py"
    content = first.read_bytes()
    first.write_bytes(content[:-1])
    second.write_bytes(content[-1:] + second.read_bytes())

    assert outdated(copy) == {"soak.md"}


def test_line_names_the_page_its_date_its_sources_and_its_session(copy: Path) -> None:
    """The reader learns what has changed and what to run."""
    append_byte(copy / "tests/soak/server.py")

    (line,) = find_outdated(copy)

    assert line == "docs/soak.md (2026-11-27): has other sources since: tests/soak; run `nox -s soak`"


def test_page_without_a_sum_is_out_of_date(copy: Path) -> None:
    """A page that was written before there were sums cannot be shown to be up to date."""
    (copy / "docs" / "soak.md").write_text("| date | 2026-11-27 06:52 UTC |\n", encoding="utf-8")

    (line,) = find_outdated(copy)

    assert line == "docs/soak.md (2026-11-27 06:52 UTC): has no sum of its sources; run `nox -s soak`"


@pytest.mark.parametrize("name", PAGES)
def test_origin_holds_the_sums_that_are_compared(name: str) -> None:
    """What a session writes into its page is what the check reads."""
    assert read_sums(f"# Title\n\n{origin(name)}\n") == sums_of(name)


def test_every_measured_page_is_declared_and_exists() -> None:
    """A page of docs/ with an origin, or with sums, is one that `PAGES` names, and the other way round."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
    measured = {name for name, text in texts.items() if "\n| command | `nox -s " in text or "\n| sources | " in text}

    assert measured <= PAGES.keys() <= texts.keys()


def test_every_declared_source_exists() -> None:
    """A folder that was moved would have the sum of no files, which never changes."""
    missing = [source for page in PAGES.values() for source in page.sources if not (ROOT / source).exists()]

    assert missing == []


@pytest.mark.parametrize("name", PAGES)
def test_every_module_that_a_session_imports_is_a_source_of_its_page(name: str) -> None:
    """Of this repository, that is; the installed packages are other sources."""
    page = PAGES[name]
    folders = tuple(f"{source}/" for source in page.sources)

    imported = {path.relative_to(ROOT).as_posix() for path in follow(ROOT / entry for entry in ENTRIES[page.session])}

    assert len(imported) > 1
    assert {path for path in imported - LAYOUT if path not in page.sources and not path.startswith(folders)} == set()


def follow(entries: Iterator[Path]) -> set[Path]:
    """These modules and all modules of `tests` and `benchmarks` that they import, directly or not."""
    found, left = set[Path](), list(entries)
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += imports(path)
    return found


def imports(path: Path) -> Iterator[Path]:
    """The modules that a module imports by name, as far as they are files below `tests` and `benchmarks`."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            names = [*base, *(node.module or "").split(".")]
            candidates = [names, *([*names, alias.name] for alias in node.names)]
        elif isinstance(node, ast.Import):
            candidates = [alias.name.split(".") for alias in node.names]
        else:
            continue
        for parts in candidates:
            module = ROOT.joinpath(*filter(None, parts)).with_suffix(".py")
            if parts[0] in {"tests", "benchmarks"} and module.is_file():
                yield module


def test_check_lists_the_pages_and_succeeds() -> None:
    """`nox -s check` lists what is out of date, which is not an error; it needs the standard library alone."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "tests" / "pages.py")], capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    summary, *lines = ran.stdout.splitlines()
    assert summary.startswith(f"{len(lines)} of {len(PAGES)} measured pages are out of date")
    assert lines == find_outdated()
