"""The documents of this repository say only what was run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
README = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
CONTRIBUTING = BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", [code for language, code in README + CONTRIBUTING if language == "python"])
def test_python_block_runs(code: str) -> None:
    """Every Python block runs as it stands, in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("code", [code for language, code in CONTRIBUTING if language == "yaml"])
def test_yaml_block_parses(code: str) -> None:
    """Every YAML block is YAML."""
    assert YAML(typ="safe").load(code)


def test_shell_blocks_are_the_two_commands_of_nox() -> None:
    """The README's commands pin the nox that the tests have, and name sessions that exist."""
    commands = [code for language, code in README if language == "sh"]

    assert len(commands) == 3  # the third one is that of the evidence tool, see tests/tools/test_readme.py
    listed = subprocess.run(
        [sys.executable, "-m", "nox", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for command, name in zip(commands[:2], ("demo", "tests"), strict=True):
        assert shlex.split(command)[-2:] == ["-s", name]
        assert f" {name} " in listed
        assert "nox==2026.10.20" in command
    assert "nox==2026.10.20" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_every_block_is_of_a_tested_language() -> None:
    """A block in a language that no test runs would be a claim that nobody checks."""
    assert {language for language, _ in README} <= {"sh", "python"}
    assert {language for language, _ in CONTRIBUTING} <= {"sh", "python", "yaml"}


def test_demo_lists_every_entry_with_both_clients() -> None:
    """The demo pages through its session with both clients and prints a table."""
    ran = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("2500 entries") == 2
    assert "both clients listed the same entries" in ran.stdout
