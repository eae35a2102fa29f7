"""The new document with stubs for the removed operations, from which a maintainer generates."""

import copy
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML, scalarstring
from ruamel.yaml.comments import CommentedMap

from strict_clients.bump.removals import Removal
from strict_clients.check.places import Place, follow, mapping, sequence
from strict_clients.load import Document
from strict_clients.pointers import keys

_NOT_OF_A_STUB = frozenset({"security", "servers", "x-emulator", "deprecated", "operationId", "x-replaced-by"})


def complete(path: Path, old: Document, removals: Iterable[Removal]) -> str:
    """The text of the document in the file with each removed operation of the old one, its comments kept."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        raw = json.loads(text)
        _add(raw, old, removals)
        return json.dumps(raw, ensure_ascii=False, indent=2) + "\n"
    yaml: Any = YAML()
    yaml.preserve_quotes, yaml.width = True, 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    commented, written = yaml.load(text), io.StringIO()
    _add(commented, old, removals)
    yaml.dump(commented, written)
    return written.getvalue()


def _add(raw: Any, old: Document, removals: Iterable[Removal]) -> None:
    for removal in removals:
        _, path, method = keys(removal.pointer)
        operation = _stub(old, path, method, removal)
        item = raw["paths"].setdefault(path, CommentedMap())
        item[method] = operation
        if isinstance(item, CommentedMap):
            _comment(item, method, removal)
            cast("Any", scalarstring).walk_tree(operation)
        _carry(raw, old, operation)
        _tag(raw, old, operation.get("tags", []))
        stated = raw.get("x-replaced-by")
        if stated is not None and stated.pop(removal.operation, None) and not stated:
            del raw["x-replaced-by"]


def _tag(raw: Any, old: Document, names: list[str]) -> None:
    known = {tag["name"] for tag in raw.get("tags", [])}
    for tag in sequence(old.raw.get("tags")):
        if tag["name"] in names and tag["name"] not in known:
            raw.setdefault("tags", []).append(copy.deepcopy(tag))


def _stub(old: Document, path: str, method: str, removal: Removal) -> dict[str, Any]:
    item = follow(old, Place("path item", "", old.raw["paths"][path])).fields
    kept = {key: value for key, value in item[method].items() if key not in _NOT_OF_A_STUB}
    said: dict[str, Any] = {"last-version": removal.last_version}
    stub: dict[str, Any] = {"operationId": removal.operation, "deprecated": True, "x-removed": said}
    if removal.replacement:
        stub["x-replaced-by"] = removal.replacement
        said.update({"guessed": True} if removal.guessed else {})
    shared = [one for one in item.get("parameters", ()) if one not in kept.get("parameters", ())]
    if shared:
        kept["parameters"] = [*shared, *kept.get("parameters", ())]
    return copy.deepcopy(stub | kept)


def _comment(item: Any, method: str, removal: Removal) -> None:
    words = (
        f"The API removed this after {removal.last_version}; its method stays for one major version, and only raises."
    )
    if removal.guessed:
        words += "\nNo replacement was named: x-replaced-by is a guess, an operation that looks similar."
        words += "\nIf it is right, remove `guessed`; otherwise correct x-replaced-by, or remove both."
    item.yaml_set_comment_before_after_key(method, before=words, indent=4)


def _carry(raw: Any, old: Document, node: Any) -> None:
    """Copy the components that the operation leads to and the new document does not have."""
    for reference in _references(node):
        _, _, kind, name = reference.split("/", 3)
        components = raw.setdefault("components", {}).setdefault(kind, {})
        if name not in components:
            components[name] = copy.deepcopy(old.at(reference[1:]))
            _carry(raw, old, components[name])


def _references(node: Any) -> Iterator[str]:
    fields = mapping(node)
    if isinstance(fields.get("$ref"), str):
        yield fields["$ref"]
    for inner in [*fields.values(), *sequence(node)]:
        yield from _references(inner)
