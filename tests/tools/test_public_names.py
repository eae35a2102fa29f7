"""The tool uses the SDK as any consumer does: by its public names."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from importlib.metadata import version
from pathlib import Path

import face_audit_tools
import pytest

ROOT = Path(__file__).parent.parent.parent
MODULES = [one.name for one in pkgutil.walk_packages(face_audit_tools.__path__, "face_audit_tools.")]


def names_of_the_sdk(source: str) -> set[str]:
    """Every module and name of the SDK that is imported, and every attribute that begins with an underscore."""
    found = set[str]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{one.name}" for one in node.names}
    return {name for name in found if name.split(".")[0] == "face_audit"}


@pytest.mark.parametrize("module", MODULES)
def test_only_public_names_of_the_sdk_are_used(module: str) -> None:
    """No import names a module or an object with an underscore, and what is imported is in `__all__`, or a module."""
    path = Path(inspect.getsourcefile(importlib.import_module(module)) or "")

    for name in names_of_the_sdk(path.read_text(encoding="utf-8")):
        assert not any(part.startswith("_") for part in name.split(".")), name
        where, _, what = name.rpartition(".")
        assert not where or what in {*dir(importlib.import_module(where))}, name
    assert "_runtime" not in path.read_text(encoding="utf-8")


def test_version_is_that_of_the_distribution() -> None:
    """The manifest names it."""
    assert face_audit_tools.__version__ == version("face-audit-tools")


def test_public_names_are_all_there_and_documented() -> None:
    """What the package exports has a docstring."""
    for name in set(face_audit_tools.__all__) - {"__version__"}:
        assert inspect.getdoc(getattr(face_audit_tools, name)), name
