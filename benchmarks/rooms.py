"""Counts the modules of the runtime, the circles among their imports, and their lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import face_audit


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """The counts."""

    modules: int
    """`__init__.py` is not counted."""
    circles: int
    """1 if any modules import each other in a circle, those that only type checkers read included."""
    lines: int
    """Without the emulator's."""


def count_rooms(folder: Path | None = None) -> Rooms:
    """The counts of the runtime in a folder, or of the one that is installed."""
    folder = Path(face_audit.__file__).parent / "_runtime" if folder is None else folder
    texts = {path.relative_to(folder): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}
    modules = {".".join(path.with_suffix("").parts).removesuffix("__init__").rstrip("."): path for path in texts}
    imports = {name: {*_imports(name, path, texts[path], modules)} for name, path in modules.items()}
    return Rooms(
        modules=sum(path.name != "__init__.py" for path in texts),
        circles=int(_has_circle(imports)),
        lines=sum(len(text.splitlines()) for path, text in texts.items() if path.parts[0] != "emulator"),
    )


def _imports(name: str, path: Path, text: str, modules: Mapping[str, Path]) -> Iterator[str]:
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package[: len(package) - node.level + 1]
            target = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                found = f"{target}.{alias.name}".lstrip(".")
                yield from {found if found in modules else target} & modules.keys() - {name}


def _has_circle(imports: Mapping[str, set[str]]) -> bool:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError:
        return True
    return False
