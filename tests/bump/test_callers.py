"""Code of callers: only what the new package breaks is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from strict_clients.bump.callers import CallerError, CallersUnchecked, broken, uses_internals
from strict_clients.bump.surface import Entry

OLD = "class Client:\n    def list(self, top: int = 1) -> list[int]: ...\n    def old(self) -> int: ...\n"
NEW = "class Client:\n    def list(self, most: int = 1) -> list[int]: ...\n"
CODE = """\
from shop import Client
client = Client()
client.list(top=2)
client.list()
wrong: str = client.list()
client.nothing()
def unannotated():
    return client.old()
client.old(1)
client.nothing(), client.old()
"""


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """A caller, and two versions of what it calls."""
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / name / "shop").mkdir(parents=True)
        (tmp_path / name / "shop" / "__init__.py").write_text(text, encoding="utf-8")
    (tmp_path / "callers").mkdir()
    (tmp_path / "callers" / "code.py").write_text(CODE, encoding="utf-8")
    return {name: tmp_path / name for name in ("old", "new", "callers")}


def test_only_errors_that_the_new_package_brings_count(folders: dict[str, Path]) -> None:
    """As many errors of a line and kind as were there before do not count, however they are worded now."""
    found = broken(folders["callers"], old=folders["old"], new=folders["new"])

    assert found == (
        CallerError(
            file="code.py", line=3, message='Unexpected keyword argument "top" for "list" of "Client"', code="call-arg"
        ),
        CallerError(file="code.py", line=8, message='"Client" has no attribute "old"', code="attr-defined"),
        CallerError(file="code.py", line=9, message='"Client" has no attribute "old"', code="attr-defined"),
        CallerError(file="code.py", line=10, message='"Client" has no attribute "old"', code="attr-defined"),
    )


def test_same_package_breaks_nobody(folders: dict[str, Path]) -> None:
    """Errors that were there before are not breaks."""
    assert broken(folders["callers"], old=folders["old"], new=folders["old"]) == ()


def test_code_that_cannot_be_checked_is_no_caller_that_passes(folders: dict[str, Path]) -> None:
    """Where the type checker stops, nothing is known of the rest."""
    (folders["callers"] / "broken.py").write_text("def (:\n", encoding="utf-8")

    with pytest.raises(CallersUnchecked, match="mypy stopped .*broken.py:2: .*; fix that file first"):
        broken(folders["callers"], old=folders["old"], new=folders["new"])


@pytest.mark.parametrize(
    ("source", "inside"),
    [
        ("from shop import Client", False),
        ("import shop", False),
        ("from shop.testing import Emulator\nimport os\nfrom . import other", False),
        ("import shop.testing", False),
        ("from shop._inside import Tool", True),
        ("import shop._inside", True),
        ("from shop.testing import _Hidden", True),
        ("import shop\nshop.Client()._brakes", True),
        ("import shop\nclass Own:\n    def see(self):\n        return self._seen.__class__", False),
    ],
)
def test_code_that_reaches_inside_is_no_caller(source: str, *, inside: bool) -> None:
    """What is not public was never promised, so a test of it is not an example of what callers write."""
    entry = Entry(kind="value", text="int")

    assert uses_internals(source, "shop", {"shop.Client": entry, "shop.testing.Emulator": entry}) is inside
