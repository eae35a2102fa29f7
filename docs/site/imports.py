"""Which room of the distributions imports which: the folders and modules that their files lie in."""

from __future__ import annotations

import ast
import sys
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Imports = Mapping[str, set[str]]

SOURCES = {
    "face_audit": "generated_client/src",
    "face_audit_tools": "tools/src",
    "strict_clients": "generator/src",
}
WHOLE = {"face_audit_tools", "strict_clients"}
"""Distributions that are one room each."""

RUN_ELSEWHERE = "strict_clients/release/smoke.py"
"""Uses a wheel where it is installed; no module imports it."""


def read_imports(root: Path) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The rooms that each room imports, and the packages of others.

    What only type checkers read is left out, and what a function imports when it is called; but the root of the package
    loads its names when they are used, and type checkers read all of them.
    """
    rooms, others = dict[str, set[str]](), dict[str, set[str]]()
    for package, source in SOURCES.items():
        for path in sorted({*(root / source / package).rglob("*.py")} - {root / source / RUN_ELSEWHERE}):
            parts = path.relative_to(root / source).with_suffix("").parts
            room = _room(parts)
            tree = ast.parse(path.read_bytes())
            for target in _targets(tree, parts, everything=parts == ("face_audit", "__init__")):
                if target[0] in SOURCES:
                    rooms.setdefault(room, set()).add(_room(target))
                elif target[0] not in sys.stdlib_module_names:
                    others.setdefault(room, set()).add(target[0])
    known = rooms.keys() | {one for targets in rooms.values() for one in targets}
    return {room: rooms.get(room, set()) - {room} for room in sorted(known)}, others


def _room(parts: tuple[str, ...]) -> str:
    """The room of a module: a folder or a module below the package, and one further down in its runtime."""
    package, *below = (part for part in parts if part != "__init__")
    if package in WHOLE or not below:
        return package
    return "/".join(below[:2] if below[0] == "_runtime" and len(below) > 1 else below[:1])


def _targets(tree: ast.Module, parts: tuple[str, ...], *, everything: bool) -> Iterator[tuple[str, ...]]:
    """What a module imports, as the parts of absolute names."""
    for node in _statements(tree, everything=everything):
        if isinstance(node, ast.ImportFrom):
            base = parts[: -node.level] if node.level else ()
            module = (*base, *(node.module.split(".") if node.module else ()))
            # `from . import name` names modules, but for `__version__`; otherwise the module is what precedes `import`.
            named = [(*module, alias.name) for alias in node.names if not alias.name.startswith("_")]
            yield from [module] if node.module else named
        elif isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)


def _statements(node: ast.AST, *, everything: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        is_later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        is_for_checkers = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        if everything or not (is_later or is_for_checkers):
            yield child
            yield from _statements(child, everything=everything)


def layers(imports: Imports) -> list[list[str]]:
    """Rows of rooms, each of which imports only rooms of later rows.

    Raises:
        CycleError: rooms import each other in a circle.
    """
    depth = dict[str, int]()
    importers = {room: {one for one in imports if room in imports[one]} for room in imports}
    for room in TopologicalSorter(importers).static_order():
        depth[room] = max((depth[one] + 1 for one in importers[room]), default=0)
    return [sorted(room for room in depth if depth[room] == row) for row in range(max(depth.values()) + 1)]


def reduce(imports: Imports) -> dict[str, set[str]]:
    """The imports without those that follow from others."""
    return {
        room: {one for one in targets if not any(one in reached(imports, other) for other in targets - {one})}
        for room, targets in imports.items()
    }


def reached(imports: Imports, room: str) -> set[str]:
    """Everything that a room imports, directly or not."""
    found, left = set[str](), [room]
    while left:
        new = imports[left.pop()] - found
        found |= new
        left += new
    return found
