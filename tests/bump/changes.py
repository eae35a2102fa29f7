"""The rows of changes.yaml: a document before and after one change, and how the change is rated."""

from __future__ import annotations

import copy
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, cast

from attrs import frozen
from ruamel.yaml import YAML

from strict_clients.bump.form import form
from strict_clients.load import Document, load

HERE = Path(__file__).parent
TESTS = HERE.parent


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

    @property
    def forms(self) -> tuple[Document, Document]:
        """Both documents in the form in which they are compared."""
        return _form(json.dumps(self.old.raw)), _form(json.dumps(self.new.raw))


@frozen(kw_only=True)
class Judged:
    """One change with the rating that callers would give it."""

    name: str
    source: str
    old: Document
    new: Document
    want: str
    is_of_package: bool
    """Whether the rating is seen in the packages only, and not in the documents."""

    @property
    def forms(self) -> tuple[Document, Document]:
        """Both documents in the form in which they are compared."""
        return _form(json.dumps(self.old.raw)), _form(json.dumps(self.new.raw))


def rows() -> list[Row]:
    """The whole table."""
    base = _yaml(HERE / "documents" / "base.yaml")
    found: list[Row] = []
    for row in _yaml(HERE / "changes.yaml"):
        old = patched(base, row.get("before", []))
        sides = document(old), document(patched(old, row["patch"]))
        before, after = reversed(sides) if row.get("backwards") else sides
        told = {key: row[key] for key in ("redocly", "ours", "surface", "verdict")}
        found.append(Row(name=row["change"], old=before, new=after, **told))
    return found


def judged() -> list[Judged]:
    """The whole table of changes that were judged before any rule was asked."""
    bases = {"golden": TESTS / "golden" / "golden.yaml", "face": HERE / "documents" / "v1.1-preview.1.yaml"}
    written = {name: load(path).raw for name, path in bases.items()}
    found: list[Judged] = []
    for row in _yaml(HERE / "judged.yaml"):
        old = patched(written[row["base"]], row.get("before", []))
        new = patched(old, row["patch"])
        told = {"name": row["change"], "source": row["source"], "want": row["want"]}
        found.append(Judged(old=document(old), new=document(new), is_of_package=bool(row.get("package")), **told))
    return found


@cache
def _form(written: str) -> Document:
    return form(document(json.loads(written)))


def document(raw: Any) -> Document:
    """The document of these values."""
    return Document(raw=raw, digest=hashlib.sha256(json.dumps(raw).encode()).hexdigest())


def has(document: Document, path: str) -> bool:
    """Whether a document has something there."""
    try:
        document.at(path)
    except LookupError:
        return False
    return True


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
