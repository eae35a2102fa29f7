"""A document of 80 operations is generated in seconds, and what comes out is sound."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from strict_clients.pipeline import generate

from .large import large_document

LONGEST = 20.0
"""Seconds that generation may take."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the modules of the large package."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "large.json").write_text(json.dumps(large_document()), encoding="utf-8")
    began = time.process_time()
    generate(folder / "large.json", folder / "package")
    assert time.process_time() - began < LONGEST
    return folder / "package" / "src"


def test_large_package_imports(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every public name, and every method of every resource of both clients."""
    monkeypatch.syspath_prepend(str(source))
    package = importlib.import_module("large_api")

    for name in package.__all__:
        assert getattr(package, name) is not None
    with package.LargeClient(key="k", version="v2") as client:
        resources = [getattr(client, tag["name"].lower()) for tag in large_document()["tags"]]
    verbs = ("list", "list_page", "create", "get", "replace", "delete")
    assert all(callable(getattr(resource, verb)) for resource in resources for verb in verbs)
    assert len(resources) * 5 == 80


@pytest.mark.uncovered
@pytest.mark.parametrize(
    "checker",
    [["mypy", "--strict", "--config-file="], ["basedpyright", "--pythonpath", sys.executable]],
    ids=lambda command: command[0],
)
def test_large_package_passes_strict_type_checker(source: Path, checker: list[str]) -> None:
    """As every package does."""
    (source / "pyrightconfig.json").write_text(
        '{"typeCheckingMode": "strict", "reportUnnecessaryCast": false, "reportPrivateUsage": false}', encoding="utf-8"
    )
    command = [sys.executable, "-m", *checker, "large_api"]

    ran = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr
