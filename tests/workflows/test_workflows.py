"""The workflows of GitHub call nox and nothing else, by pins that nobody can move."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent.parent
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
INSTALL = "python -m pip install nox==2026.10.20"


def steps(path: Path) -> list[dict[str, Any]]:
    """The steps of all jobs of a workflow."""
    jobs = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


def sessions() -> set[str]:
    """The names of the sessions in the noxfile."""
    text = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    return set(re.findall(r"^@nox\.session.*\ndef (\w+)", text, re.MULTILINE))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_workflow_runs_sessions_of_nox_alone(path: Path) -> None:
    """What a workflow does can be done on any machine."""
    commands = [step["run"] for step in steps(path) if "run" in step]

    named = {found[1] for one in commands if (found := re.fullmatch(r"python -m nox -s (\w+)( -- .*)?", one))}
    assert named
    assert named <= sessions()
    assert {one for one in commands if not one.startswith("python -m nox -s ")} == {INSTALL}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_action_is_pinned_by_its_commit(path: Path) -> None:
    """A tag can be moved; the version beside it is for readers."""
    used = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]

    assert len(used) == sum("uses" in step for step in steps(path))
    assert [line for line in used if not re.search(r"uses: [\w/-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$", line)] == []


def test_tests_run_on_every_python_that_is_supported() -> None:
    """From the oldest that the package accepts to the next one."""
    jobs = YAML(typ="safe").load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]

    assert jobs["tests"]["strategy"]["matrix"]["python"] == [f"3.{minor}" for minor in range(11, 16)]
