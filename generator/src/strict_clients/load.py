"""Reads an OpenAPI document, YAML or JSON, into plain JSON values; refuses what other readers read differently."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, cast

from attrs import field, frozen
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from strict_clients.breaches import Breach, GenerationRefused
from strict_clients.pointers import escape, keys

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes; a larger document is a mistake, and parsing it would take minutes."""

DEEPEST_NESTING = 40
"""Levels of mappings and lists; the validators of the rules recurse several times for each."""

_STANDARD = "tag:yaml.org,2002:"
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


@frozen
class Document:
    """A parsed document; `digest` is the SHA-256 of its canonical JSON, the same for YAML and JSON of one content."""

    raw: dict[str, Any]
    digest: str
    origins: Mapping[int, Any] = field(factory=dict[int, Any], eq=False, repr=False)
    """By the identity of its objects, the places where they were written, if the document was rewritten since."""

    walked: dict[str, Any] = field(factory=dict[str, Any], eq=False, repr=False)
    """The places of the document by kind, as long as it does not change: see `walked_once`."""

    def origin(self, pointer: str) -> str:
        """Where the object at a pointer was written."""
        node: Any = self.raw
        found, steps = "", keys(pointer)
        for index, key in enumerate(steps):
            try:
                node = node[int(key) if isinstance(node, list) else key]
            except (LookupError, TypeError, ValueError):
                return "/".join([found, *map(escape, steps[index:])])
            found = self.origins[id(node)].pointer if id(node) in self.origins else f"{found}/{escape(key)}"
        return found

    def at(self, pointer: str) -> Any:
        """The value at a JSON pointer.

        Raises: LookupError if there is none.
        """
        node: Any = self.raw
        for key in keys(pointer):
            try:
                node = node[int(key) if isinstance(node, list) else key]
            except (TypeError, ValueError) as error:
                raise LookupError(pointer) from error
        return node


def load(path: Path) -> Document:
    """The document in the file, whose suffix (.yaml, .yml, .json) says how it is written.

    Raises: GenerationRefused with file, line if known, and remedy.
    """
    text = read_text(path)
    if path.suffix in {".yaml", ".yml"}:
        parsed = _parse_yaml(text, path)
    elif path.suffix == ".json":
        parsed = _parse_json(text, path)
    else:
        _refuse(f"{path}: the suffix {path.suffix!r} is not .yaml, .yml or .json; rename the file")
    if not isinstance(parsed, dict):
        _refuse(f"{path}: the document is not a mapping; start it with 'openapi: 3.1.0'")
    return sealed(cast("dict[str, Any]", parsed), path)


def sealed(raw: dict[str, Any], path: Path) -> Document:
    """The document of these values with its digest; errors name `path`."""
    if _depth(raw) > DEEPEST_NESTING:
        _refuse(f"{path}: the document is nested too deeply; flatten it")
    return Document(raw=raw, digest=_digest(raw, path))


def _refuse(message: str, cause: Exception | None = None) -> NoReturn:
    raise GenerationRefused([Breach("", message)]) from cause


def read_text(path: Path) -> str:
    """The text of the file.

    Raises: GenerationRefused if it is too large, not UTF-8 or not a regular file.
    """
    if path.exists() and not path.is_file():  # opening a FIFO would wait for a writer
        _refuse(f"{path}: is not a regular file; name a file")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        _refuse(f"{path}: the file cannot be read ({error.strerror}); check its name and its permissions", error)
    if len(content) > LARGEST_FILE:
        _refuse(f"{path}: the file is larger than {LARGEST_FILE} bytes; split the document")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        _refuse(f"{path}, line {line}: byte {content[error.start]:#04x} is not UTF-8; save the file as UTF-8", error)


def _parse_json(text: str, path: Path) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_finite, parse_float=_finite)
    except json.JSONDecodeError as error:
        _refuse(f"{path}, line {error.lineno}: {error.msg[0].lower()}{error.msg[1:]}; correct the JSON", error)
    except ValueError as error:
        _refuse(f"{path}: {error}", error)
    except RecursionError as error:
        _refuse(f"{path}: the document is nested too deeply; flatten it", error)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        message = f"key {repeated!r} appears twice in one object; remove one"
        raise ValueError(message)
    return unique


def _finite(literal: str) -> float:
    number = float(literal)
    if number - number != 0:  # true of both infinities and of NaN
        message = f"{literal} is not a JSON number; write a finite one"
        raise ValueError(message)
    return number


def _depth(raw: dict[str, Any]) -> int:
    depth, level = 0, [_below(raw)]
    while level:
        depth += 1
        level = [_below(child) for children in level for child in children if isinstance(child, dict | list)]
    return depth


def _below(node: Any) -> list[Any]:
    return list(cast("dict[str, Any]", node).values() if isinstance(node, dict) else node)


def _digest(raw: dict[str, Any], path: Path) -> str:
    canonical = json.dumps(raw, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
    except UnicodeEncodeError as error:
        _refuse(f"{path}: a text contains half of a surrogate pair; remove it", error)


def _parse_yaml(text: str, path: Path) -> Any:
    try:
        parser: Any = YAML(typ="safe", pure=True)
        root = parser.compose(text)
        reader = _Reader(path)
        value = reader.value(root, "") if root is not None else None
    except MarkedYAMLError as error:
        marked = cast("Any", error)
        _refuse(f"{path}, line {marked.problem_mark.line + 1}: {marked.problem}; correct the YAML", error)
    except YAMLError as error:
        reason = str(error).splitlines()[0]
        _refuse(f"{path}: {reason}; correct the YAML", error)
    except RecursionError as error:
        _refuse(f"{path}: the document is nested too deeply; flatten it", error)
    if reader.breaches:
        raise GenerationRefused(reader.breaches)
    return value


@frozen
class _Reader:
    path: Path
    breaches: list[Breach] = field(factory=list[Breach])

    def value(self, node: Any, pointer: str) -> Any:
        """The JSON value of a node; without one, a breach is recorded and None returned."""
        if node.anchor is not None:
            return self._breach(node, pointer, f"anchor {node.anchor!r} is not supported; write the value out")
        if node.id == "mapping" and node.tag == f"{_STANDARD}map":
            return self._mapping(node, pointer)
        if node.id == "sequence" and node.tag == f"{_STANDARD}seq":
            return [self.value(item, f"{pointer}/{index}") for index, item in enumerate(node.value)]
        if node.id == "scalar":
            return self._scalar(node, pointer)
        return self._breach(node, pointer, f"tag {node.tag!r} is not supported; remove it")

    def _mapping(self, node: Any, pointer: str) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if key_node.tag != f"{_STANDARD}str" or key_node.anchor is not None:
                shown = key if key_node.id == "scalar" else "[...]"
                self._breach(key_node, pointer, f"key {shown} is not a text; quote it")
                continue
            if key in mapping:
                self._breach(key_node, pointer, f"key {key!r} appears twice in one mapping; remove one")
            mapping[key] = self.value(value_node, f"{pointer}/{escape(key)}")
        return mapping

    def _scalar(self, node: Any, pointer: str) -> Any:
        text = str(node.value)
        kind = str(node.tag).removeprefix(_STANDARD)
        if kind == "str":
            return text
        if kind == "null" and text in {"", "~", "null", "Null", "NULL"}:
            return None
        if kind == "bool" and text.lower() in {"true", "false"}:
            return text.lower() == "true"
        if kind in {"int", "float"}:
            return self._number(node, text, pointer)
        if kind in {"timestamp", "merge", "value"}:
            return self._breach(node, pointer, f"{text} is read differently by other tools ({kind}); quote it")
        return self._breach(node, pointer, f"tag {node.tag!r} is not supported; remove it")

    def _number(self, node: Any, text: str, pointer: str) -> Any:
        # Readers differ on 012, 0x1F, 1_000, +1 and .5; all agree on JSON numbers.
        if _NUMBER.fullmatch(text) and abs(float(text)) != float("inf"):
            return json.loads(text)
        return self._breach(node, pointer, f"{text} is not a JSON number; quote it, or write it as JSON would")

    def _breach(self, node: Any, pointer: str, message: str) -> None:
        line = node.start_mark.line + 1
        self.breaches.append(Breach(pointer, f"{self.path}, line {line}: {message}"))
