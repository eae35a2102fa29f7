"""What holds for all tests: none of them touches the repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PASSED_OVER = {"__pycache__", "build", "dist", "node_modules"}
"""Names of folders that tools write; names that begin with a dot are passed over as well."""

LONGEST = (
    *("tests/faults", "tests/tools/test_readme.py", "tests/tools/test_instants.py", "tests/bump/test_verdict.py"),
    *("tests/bump/test_play.py", "tests/test_bump_walk.py", "tests/test_docs.py"),
    *("tests/client/test_properties", "tests/client/test_overloads.py", "tests/client/test_schemathesis.py"),
    *("tests/outside/test_msgspec.py", "tests/release", "tests/generator", "tests/golden", "tests/hostile"),
    *("tests/tools/test_terminal.py", "tests/vendor"),
)
"""How the paths of the files begin that take longest: they come first, so that no worker is left with one alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def written() -> dict[str, tuple[int, int]]:
    """When and as what each file of the repository was written, by its path."""
    found = {}
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in PASSED_OVER and not name.startswith(".")]
        for name in names:
            if name.startswith("."):  # coverage writes its figures while tests run
                continue
            path = os.path.join(folder, name)  # noqa: PTH118  # hundreds of them
            status = os.stat(path)  # noqa: PTH116
            found[path] = (status.st_mtime_ns, status.st_ino)
    return found


@pytest.fixture(scope="module", autouse=True)
def untouched_repository() -> Iterator[None]:
    """No file of the repository is written, added or removed, not even with the same bytes."""
    before = written()
    yield
    after = written()
    assert {path for path in before | after if before.get(path) != after.get(path)} == set()
