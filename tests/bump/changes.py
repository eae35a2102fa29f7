"""The rows of changes.yaml: a document before and after one change, and how the change is rated."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any, cast

from attrs import frozen
from ruamel.yaml import YAML

from strict_clients.load import Document

HERE = Path(__file__).parent


@frozen(kw_only=True)
class Row:
    """One change."""

    name: str
    old: Document
    new: Document
    redocly: str
    ours: str
    surface: str
    verdict: str


def rows() -> list[Row]:
    """The whole table."""
    base = _yaml(HERE / "documents" / "base.yaml")
    found: list[Row] = []
    for row in _yaml(HERE / "changes.yaml"):
        old = patched(base, row.get("before", []))
        sides = [document(old), document(patched(old, row["patch"]))]
        before, after = reversed(sides) if row.get("backwards") else sides
        told = {key: row[key] for key in ("redocly", "ours", "surface", "verdict")}
        found.append(Row(name=row["change"], old=before, new=after, **told))
    return found


def document(raw: Any) -> Document:
    """The document of these values."""
    return Document(raw=raw, digest=hashlib.sha256(json.dumps(raw).encode()).hexdigest())


def patched(raw: Any, operations: list[dict[str, Any]]) -> Any:
    """The values after a JSON patch (RFC 6902), of which the table needs add, remove, replace and move."""
    root = [copy.deepcopy(raw)]
    for operation in operations:
        path, value = operation["path"], operation.get("value")
        if operation["op"] == "move":
            value = _remove(root, operation["from"])
        elif operation["op"] != "add":
            _remove(root, path)
        if operation["op"] != "remove":
            _add(root, path, value)
    return root[0]


def _add(root: list[Any], path: str, value: Any) -> None:
    owner, key = _owner(root, path)
    if isinstance(owner, list):
        cast("list[Any]", owner).insert(len(owner) if key == "-" else int(key), value)
    else:
        owner[key] = value


def _remove(root: list[Any], path: str) -> Any:
    owner, key = _owner(root, path)
    return owner.pop(int(key) if isinstance(owner, list) else key)


def _owner(root: list[Any], path: str) -> tuple[Any, str]:
    steps = ["0", *(step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:])]
    node: Any = root
    for step in steps[:-1]:
        node = node[int(step) if isinstance(node, list) else step]
    return node, steps[-1]


def _yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
