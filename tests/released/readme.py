"""The examples in the README of the last release; copied beside its tests."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parent.parent.parent / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def ran(code: str) -> subprocess.CompletedProcess[str]:
    """The end of a process of its own."""
    return subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("code", BLOCKS, ids=range(len(BLOCKS)))
def test_example_needs_the_first_section_of_the_note_at_most(code: str) -> None:
    """An example runs as it is, or says that `transport=` was replaced and runs once it is."""
    assert "transport" in code or ran(code).returncode == 0

    client = "async_http_client" if "import asyncio" in code else "http_client"
    code = code.replace("emulator.transport()", f"emulator.{client}()")
    changed = re.sub(r"\btransport=", "http_client=", code)

    made = ran(changed)
    assert made.returncode == 0, made.stderr
    assert changed == code or "transport: was replaced by http_client" in ran(code).stderr
