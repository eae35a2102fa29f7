"""A document of many operations, built from a few patterns so that their features meet in varied ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]

RESOURCES = [
    "Accounts", "Addresses", "Agents", "Alerts", "Backups", "Batches", "Buckets", "Channels",
    "Devices", "Domains", "Events", "Files", "Groups", "Invoices", "Keys", "Locks",
]  # fmt: skip


def large_document() -> Node:
    """A document of 80 operations: five each on 16 kinds of things that refer to each other."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Everything",
            "version": "2026-01-01",
            "x-sdk": {
                "distribution": "large-api",
                "package": "large_api",
                "client": "LargeClient",
                "error": "LargeError",
                "version": "1.0.0",
            },
        },
        "servers": [{"url": "https://{tenant}.large.example/{version}", "variables": _variables()}],
        "security": [{"key": []}, {"token": []}],
        "tags": [{"name": name, "description": f"What there is of {name}."} for name in RESOURCES],
        "paths": dict(_paths()),
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "token": {"type": "http", "scheme": "bearer"},
            },
            "parameters": {"Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}},
            "responses": {"Failed": {"description": "Failed.", "x-error": [_error()], "content": _json("Problem")}},
            "schemas": dict(_schemas()),
        },
    }


def _variables() -> Node:
    return {"tenant": {"default": "main"}, "version": {"default": "v1", "enum": ["v1", "v2"], "x-class": "Version"}}


def _error() -> Node:
    return {"class": "FailedError", "summary": "It failed; see the message."}


def _json(name: str) -> Node:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _answers(status: str, content: Node) -> Node:
    answer = {"description": "Done.", "content": content} if content else {"description": "Done."}
    return {status: answer, "default": {"$ref": "#/components/responses/Failed"}}


def _paths() -> Iterator[tuple[str, Node]]:
    for number, name in enumerate(RESOURCES):
        path, one = f"/{name.lower()}", name.removesuffix("s")
        yield path, {"get": _list(name), "post": _create(name, one, number)}
        yield (
            f"{path}/{{id}}",
            {
                "parameters": [{"$ref": "#/components/parameters/Id"}],
                "get": {"operationId": f"{name}_get", "tags": [name], "responses": _answers("200", _json(one))},
                "put": _replace(name, one, number),
                "delete": {
                    "operationId": f"{name}_delete",
                    "tags": [name],
                    "deprecated": number % 2 == 0,
                    "parameters": [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}],
                    "responses": _answers("204", {}),
                },
            },
        )


def _list(name: str) -> Node:
    kind = {"$ref": "#/components/schemas/Kind"}
    return {
        "operationId": f"{name}_list",
        "tags": [name],
        "x-pagination": {"style": "token", "cursor": "after", "limit": "top", "items": "/value", "cursor-at": "/next"},
        "parameters": [
            {"name": "after", "in": "query", "schema": {"type": "string"}},
            {"name": "top", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}},
            {"name": "kinds", "in": "query", "explode": False, "schema": {"type": "array", "items": kind}},
            {"name": "since", "in": "query", "schema": {"type": "string", "format": "date-time"}},
            {"name": "sid", "in": "cookie", "schema": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        ],
        "responses": _answers("200", _json(f"{name}Page")),
    }


def _create(name: str, one: str, number: int) -> Node:
    bodies: list[Node] = [
        _json(one),
        {"multipart/form-data": {"schema": {"$ref": f"#/components/schemas/{one}Form"}}},
        {"application/octet-stream": {}},
        {"text/plain": {}},
    ]
    return {
        "operationId": f"{name}_create",
        "tags": [name],
        "requestBody": {"required": True, "content": bodies[number % len(bodies)]},
        "responses": _answers("201", _json(one)),
    }


def _replace(name: str, one: str, number: int) -> Node:
    answers = _answers("200", _json(one)) | {"204": {"description": "The same."}}
    if number % 3 == 0:
        answers["202"] = {"description": "Later.", "content": {"text/plain": {}}}
    return {
        "operationId": f"{name}_replace",
        "tags": [name],
        "requestBody": {"content": _json(one)},
        "responses": answers,
    }


def _schemas() -> Iterator[tuple[str, Node]]:
    yield "Kind", {"type": "string", "enum": ["plain", "odd"]}
    yield "Problem", {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}}
    yield "Anything", {"oneOf": [_reference(name.removesuffix("s")) for name in RESOURCES]}
    for number, name in enumerate(RESOURCES):
        one, other = name.removesuffix("s"), RESOURCES[(number + 1) % len(RESOURCES)].removesuffix("s")
        page = {"value": {"type": "array", "items": _reference(one)}, "next": {"type": ["string", "null"]}}
        yield f"{name}Page", {"type": "object", "required": ["value"], "properties": page}
        file = {"type": "string", "format": "binary"}
        if number % 4 == 1:
            yield f"{one}Form", {"type": "object", "required": ["file"], "properties": {"file": file, "note": _text()}}
        yield f"{one}Base", {"type": "object", "required": ["sort"], "properties": {"sort": {"const": one}}}
        yield one, {"allOf": [_reference(f"{one}Base"), {"type": "object", "properties": _properties(one, other)}]}


def _properties(one: str, other: str) -> Node:
    return {
        "id": {"type": "string", "format": "uuid", "readOnly": True},
        "name": {"type": "string", "minLength": 1, "maxLength": 80},
        "secret": {"type": "string", "writeOnly": True, "x-sensitive": True},
        "kind": _reference("Kind"),
        "made": {"type": "string", "format": "date-time"},
        "seal": {"type": "string", "format": "byte"},
        "size": {"type": ["number", "null"]},
        "parent": _reference(one),
        "neighbour": {"anyOf": [_reference(other), {"type": "null"}]},
        "others": {"type": "object", "additionalProperties": _reference("Anything")},
        "labels": {"type": "object", "additionalProperties": {"type": "array", "items": _text()}},
    }


def _reference(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def _text() -> Node:
    return {"type": "string"}
