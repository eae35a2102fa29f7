"""A document of 1,000 operations and 8 MB, as large services publish them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

from .document import Node

OPERATIONS = 1000
SIZE = 8_000_000
"""Bytes of its JSON text, at least."""
_FIRST = ("Account", "Asset", "Billing", "Branch", "Build", "Cache", "Device", "Event", "Gateway", "Image",
          "Key", "Label", "Member", "Network", "Order", "Project", "Queue", "Report", "Shift", "Tunnel")  # fmt: skip
_SECOND = ("Alert", "Batch", "Check", "Draft", "Entry", "Filter", "Group", "Hook", "Item", "Job")
_WORDS = "what the service keeps of it, in the words of those who run it, and as long as nobody changes it"


def large_document() -> Node:
    """The document: five operations on each of 200 kinds of things, each with models of its own."""
    names = [f"{first}{second}" for first, second in product(_FIRST, _SECOND)]
    document: Node = {
        "openapi": "3.1.0",
        "info": {"title": "Large service", "version": "2026-01-01", "description": _describe("The service", 40)},
        "servers": [{"url": "https://api.large.example/v1"}],
        "security": [{"token": []}],
        "tags": [{"name": name, "description": _describe(name, 3)} for name in names],
        "paths": dict(pair for name in names for pair in _paths(name)),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _problem()} | dict(pair for name in names for pair in _schemas(name, names)),
        },
    }
    return _padded(document)


def _padded(document: Node) -> Node:
    """The same with examples in its answers, until it is large enough."""
    missing = SIZE - len(json.dumps(document))
    answers = [
        media
        for item in document["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
        for media in response.get("content", {}).values()
    ]
    size = max(0, missing) // len(answers) + 1
    for number, media in enumerate(answers):
        lines = [f"{number}.{line} {_WORDS}" for line in range(size // (len(_WORDS) + 12) + 1)]
        media["examples"] = {"usual": {"summary": "As it is usually answered.", "value": {"lines": lines}}}
    return document


def _describe(what: str, sentences: int) -> str:
    return " ".join(f"{what} has {number} of {_WORDS}." for number in range(1, sentences + 1))


def _paths(name: str) -> Iterator[tuple[str, Node]]:
    path = f"/{name.lower()}s"
    one, draft, many = _json(_reference(name)), _json(_reference(f"{name}Draft")), _json(_reference(f"{name}Page"))
    ident = {"name": "id", "in": "path", "required": True, "description": "Which one.", "schema": {"type": "string"}}
    yield (
        path,
        {
            "get": _operation(f"list{name}s", name, {"200": ("Some.", many)}, parameters=list(_filters(name))),
            "post": _operation(f"create{name}", name, {"201": ("Made.", one)}, body=draft),
        },
    )
    yield (
        f"{path}/{{id}}",
        {
            "get": _operation(f"get{name}", name, {"200": ("It.", one)}, parameters=[ident]),
            "patch": _operation(f"update{name}", name, {"200": ("Changed.", one)}, parameters=[ident], body=draft),
            "delete": _operation(f"delete{name}", name, {"204": ("Gone.", {})}, parameters=[ident]),
        },
    )


def _operation(
    name: str,
    tag: str,
    successes: dict[str, tuple[str, Node]],
    *,
    parameters: list[Node] | None = None,
    body: Node | None = None,
) -> Node:
    problem = _json(_reference("Problem"))
    answers = successes | {"400": ("Wrong.", problem), "404": ("Not there.", problem), "429": ("Later.", problem)}
    operation: Node = {
        "operationId": name,
        "tags": [tag],
        "summary": f"{name} and nothing else",
        "description": _describe(name, 4),
        "parameters": parameters or [],
        "responses": {
            status: {"description": text} | ({"content": content} if content else {})
            for status, (text, content) in answers.items()
        },
    }
    return operation | ({"requestBody": {"required": True, "content": body}} if body else {})


def _filters(name: str) -> Iterator[Node]:
    kinds: dict[str, Node] = {
        "after": {"type": "string"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        "since": {"type": "string", "format": "date-time"},
        "states": {"type": "array", "items": _reference(f"{name}State")},
        "archived": {"type": "boolean"},
    }
    for wire, schema in kinds.items():
        yield {"name": wire, "in": "query", "description": _describe(wire, 1), "schema": schema}


def _schemas(name: str, names: list[str]) -> Iterator[tuple[str, Node]]:
    other = names[(names.index(name) + 7) % len(names)]
    yield f"{name}State", {"type": "string", "enum": ["open", "closed", "in-review", "lost"]}
    fields: dict[str, Node] = {f"text_{number}": {"type": "string", "maxLength": 200} for number in range(6)}
    fields |= {f"count_{number}": {"type": "integer", "format": "int64"} for number in range(4)}
    fields |= {
        "state": _reference(f"{name}State"),
        "share": {"type": ["number", "null"]},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "settings": {"type": "object", "properties": {"color": {"type": "string"}, "depth": {"type": "integer"}}},
        "neighbour": {"anyOf": [_reference(other), {"type": "null"}]},
    }
    described = {
        wire: schema | ({} if "$ref" in schema else {"description": _describe(wire, 1)})
        for wire, schema in fields.items()
    }
    own = {"id": {"type": "string", "format": "uuid"}, "made_at": {"type": "string", "format": "date-time"}}
    yield f"{name}Draft", {"type": "object", "required": ["text_0"], "properties": described}
    yield (
        name,
        {
            "description": _describe(name, 2),
            "allOf": [_reference(f"{name}Draft"), {"type": "object", "required": ["id", "made_at"], "properties": own}],
        },
    )
    items = {"type": "array", "items": _reference(name)}
    yield (
        f"{name}Page",
        {"type": "object", "required": ["items"], "properties": {"items": items, "next": {"type": "string"}}},
    )


def _problem() -> Node:
    return {
        "type": "object",
        "required": ["code"],
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
    }


def _json(schema: Node) -> Node:
    return {"application/json": {"schema": schema}}


def _reference(name: str) -> Any:
    return {"$ref": f"#/components/schemas/{name}"}
