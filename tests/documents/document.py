"""The document as it is written: its operations, its references, its servers. Nothing of the generator is used."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Node = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
LONGEST_CHAIN = 100
"""References that are followed one after the other."""
IGNORED_HEADERS = {"accept", "content-type", "authorization"}
"""Header parameters that OpenAPI tells clients to ignore."""


@dataclass(frozen=True)
class Operation:
    """One operation of a document."""

    document: Document
    method: str
    path: str
    fields: Node
    item: Node
    """Its path item."""

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @cached_property
    def parameters(self) -> tuple[Node, ...]:
        """Those of its path and its own, which take the place of those."""
        written = [*self.item.get("parameters", ()), *self.fields.get("parameters", ())]
        found = [self.document.follow(one) for one in written]
        chosen = {(one["in"], one["name"]): one for one in found}
        return tuple(one for one in chosen.values() if not _is_ignored(one))

    @cached_property
    def body(self) -> Node | None:
        """Its request body."""
        written = self.fields.get("requestBody")
        return None if written is None else self.document.follow(written)

    @cached_property
    def successes(self) -> tuple[tuple[int, Mapping[str, Any]], ...]:
        """The statuses of its successes with the content that each answers, in the document's order."""
        responses = {str(status): self.document.follow(one) for status, one in self.fields.get("responses", {}).items()}
        named = {int(status): one for status, one in responses.items() if status.isdigit() and status.startswith("2")}
        if not named:
            spread = responses.get("2XX", responses.get("default", {}))
            named = {200: spread}
        return tuple((status, one.get("content") or {}) for status, one in named.items())

    @property
    def prefix(self) -> str:
        """The path of its server, with the defaults of all variables."""
        servers = self.fields.get("servers") or self.item.get("servers") or self.document.raw.get("servers")
        server = (servers or [{"url": "/"}])[0]
        url = str(server["url"])
        for name, variable in server.get("variables", {}).items():
            is_authority = url.startswith(f"{{{name}}}/") and "//" not in url
            url = url.replace(f"{{{name}}}", "http://host" if is_authority else str(variable["default"]))
        path = urlsplit(url).path.rstrip("/")
        return path if not path or path.startswith("/") else f"/{path}"

    @property
    def security(self) -> list[Mapping[str, Any]]:
        """The alternatives of credentials that it names."""
        written = self.fields.get("security", self.document.raw.get("security"))
        return list(written or ())


@dataclass(frozen=True)
class Document:
    """A document."""

    raw: Node

    @property
    def says_null_in_types(self) -> bool:
        """Whether it is of OpenAPI 3.1, which has the JSON Schema of 2020-12."""
        return not str(self.raw.get("openapi")).startswith("3.0")

    def follow(self, node: Any) -> Node:
        """The object itself, or the one that its `$ref` leads to."""
        seen = 0
        while isinstance(node, dict) and "$ref" in node and seen < LONGEST_CHAIN:
            node, seen = self.at(str(node["$ref"])), seen + 1
        return node if isinstance(node, dict) else {}

    def at(self, reference: str) -> Any:
        """What a local reference points to."""
        node: Any = self.raw
        for token in reference.removeprefix("#").split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            node = node[int(key)] if isinstance(node, list) else node[key]
        return node

    def operations(self) -> Iterator[Operation]:
        """All operations, in their order."""
        for path, written in self.raw.get("paths", {}).items():
            item = self.follow(written)
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    yield Operation(self, method, path, item[method], item)

    @property
    def schemes(self) -> Mapping[str, Node]:
        """Its security schemes."""
        written = (self.raw.get("components") or {}).get("securitySchemes") or {}
        return {name: self.follow(one) for name, one in written.items()}


def read(path: Path) -> Document:
    """The document in a file, as JSON or as YAML."""
    from ruamel.yaml import YAML  # noqa: PLC0415  # the tests of a package read none, in environments without it

    text = path.read_text(encoding="utf-8")
    parsed: Any = json.loads(text) if path.suffix == ".json" else YAML(typ="safe", pure=True).load(text)
    return Document(_plain(parsed))


def documents_in(folder: Path) -> list[Path]:
    """The documents of a folder."""
    return sorted(path for path in folder.iterdir() if path.suffix in {".json", ".yaml", ".yml"})


def _is_ignored(parameter: Node) -> bool:
    return parameter["in"] == "header" and parameter["name"].lower() in IGNORED_HEADERS


def _plain(value: Any) -> Any:
    """The same as JSON would have it: keys are texts, and so are dates."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime.date) else value
