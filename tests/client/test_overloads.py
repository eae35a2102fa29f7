"""What a listing gives is typed by what it is told, for both type checkers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import face_audit
import pytest

SOURCE = Path(face_audit.__file__).parents[1]
# Mypy finds what is installed by itself, and refuses to be pointed at it.
SEARCHED = {} if SOURCE.name == "site-packages" else {"MYPYPATH": str(SOURCE)}
PROGRAM = """
from collections.abc import AsyncGenerator, Generator
from typing import Literal, assert_type
from uuid import UUID

from face_audit import (
    AsyncFaceAuditClient, AsyncPager, AuditEntry, FaceAuditClient, FaceAuditError, Listed, MalformedItem, Page, Pager
)


def blocking(client: FaceAuditClient, either: Literal["raise", "keep"]) -> None:
    entries = client.audit_entries
    assert_type(entries.list("a"), Pager[AuditEntry])
    assert_type(entries.list("a", on_invalid="raise", verify="stable"), Pager[AuditEntry])
    assert_type(entries.list("a", on_invalid="keep"), Pager[AuditEntry | MalformedItem])
    assert_type(entries.list(UUID(int=1)), Pager[AuditEntry])
    assert_type(entries.list_page("a"), Page[AuditEntry])
    assert_type(entries.list_page("a", on_invalid="keep"), Page[AuditEntry | MalformedItem])
    assert_type(entries.list("a", on_invalid=either), Pager[AuditEntry] | Pager[AuditEntry | MalformedItem])
    assert_type(entries.list_many(["a"], on_invalid="keep"), Generator[Listed[AuditEntry | MalformedItem], None, None])
    for of, outcome, _ in entries.list_many([UUID(int=1), "a"]):
        assert_type(of, str)
        if isinstance(outcome, FaceAuditError):
            assert_type(outcome, FaceAuditError)
        else:
            assert_type(outcome, Page[AuditEntry])


async def awaiting(client: AsyncFaceAuditClient) -> None:
    entries = client.audit_entries
    assert_type(entries.list("a"), AsyncPager[AuditEntry])
    assert_type(entries.list("a", on_invalid="keep"), AsyncPager[AuditEntry | MalformedItem])
    assert_type(await entries.list_page(UUID(int=1)), Page[AuditEntry])
    assert_type(await entries.list_page("a", on_invalid="keep"), Page[AuditEntry | MalformedItem])
    assert_type(entries.list_many(["a"]), AsyncGenerator[Listed[AuditEntry], None])
"""


CHECKERS = pytest.mark.parametrize(
    "checker",
    [["mypy", "--strict", "--config-file="], ["basedpyright", "--pythonpath", sys.executable, "--level", "error"]],
    ids=lambda command: command[0],
)


def check(program: str, folder: Path, checker: list[str]) -> subprocess.CompletedProcess[str]:
    """Check a program of a caller."""
    (folder / "program.py").write_text(program, encoding="utf-8")
    (folder / "pyrightconfig.json").write_text(f'{{"extraPaths": ["{SOURCE.as_posix()}"]}}', encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", *checker, "program.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=SEARCHED | {"PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )


@CHECKERS
def test_listing_is_typed_by_what_it_is_told(tmp_path: Path, checker: list[str]) -> None:
    """Nobody who did not ask for malformed items has to handle them; anyone who did is reminded by the types."""
    ran = check(PROGRAM, tmp_path, checker)

    assert ran.returncode == 0, ran.stdout + ran.stderr
