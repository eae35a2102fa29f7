"""Documents that are hostile as a whole: references that lead out, YAML that is more than JSON, and sizes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

from strict_clients.select import Selection

from .places import CODE, GET, HOST, PAYLOADS, POST, SCHEMAS, Node

TARGETS = (
    *("http://127.0.0.1:9/x.json", "https://example.com/x.yaml#/a", "//example.com/x", "file:///etc/passwd"),
    *("/etc/passwd", "../../../../../../../../etc/passwd", "other.yaml#/components/schemas/X", "host.json"),
    *("host.json#/components/schemas/Thing", "#/info/title", "#/components/schemas/../../info", "#", "", "urn:x"),
    *("#/components/schemas/Missing", "#/components/schemas/Thing/properties/id", "#/components/schemas/%54hing"),
    *("data:application/json,{}", "\\\\host\\share", "#/components/schemas/Thing\n"),
)
HOLDERS: dict[str, tuple[str | int, ...]] = {
    "path item": ("paths", "/things"),
    "operation": POST,
    "parameter": (*GET, "parameters", 2),
    "body": (*POST, "requestBody"),
    "answer": (*GET, "responses", "403"),
    "schema of an answer": (*GET, "responses", "200", "content", "application/json", "schema"),
    "example": (*GET, "responses", "200", "content", "application/json", "examples", "one"),
    "schema": (*SCHEMAS, "Sort"),
    "property": (*SCHEMAS, "Thing", "properties", "sort"),
    "scheme": ("components", "securitySchemes", "apiKey"),
    "default": (*SCHEMAS, "Thing", "properties", "owner", "default"),
}


def references() -> Iterator[tuple[str, str, list[str]]]:
    """Every holder with a reference to every target, as it is written, with the pointers that were changed."""
    for holder, keys in HOLDERS.items():
        for target in TARGETS:
            raw = deepcopy(HOST)
            place: Any = raw
            for key in keys[:-1]:
                place = place[key]
            place[keys[-1]] = {"$ref": target}
            pointer = "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in keys)
            yield f"reference of a {holder}: {target}", json.dumps(raw), [pointer]


YAML_TITLES = {
    "constructor": "!!python/object/apply:os.system ['touch /tmp/SPOILED']",
    "new object": "!!python/object/new:os.system ['touch /tmp/SPOILED']",
    "name": "!!python/name:os.system",
    "module": "!!python/module:os",
    "include": "!include /etc/passwd",
    "own tag": "!own title",
    "binary": "!!binary aGVsbG8=",
    "set": "!!set {a}",
    "anchor": "&a Host",
    "alias": "*a",
    "date": "2024-01-01",
    "octal": "0o17",
    "sexagesimal": "1:30",
    "not a number": ".nan",
    "long number": "1" * 5000,
    "unclosed": '"Host',
    "control character": '"\x01"',
    "half a pair": '"\\ud800"',
    "nested": "[" * 100 + "]" * 100,
    "merge": "{<<: {a: 1}}",
    "key of another type": "{1: a}",
    "key of a list": "{[a]: b}",
}
"""What may follow `title:`, none of which is plain JSON."""


def _bomb(text: str) -> str:
    """Lists of aliases of lists of aliases."""
    names = "abcdefghij"
    lines = [f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in pairwise(names)]
    return "\n".join(["a: &a [x]", *lines, text])


YAML_TEXTS: dict[str, Callable[[str], str]] = {
    "duplicate key": lambda text: text.replace("  title: Host\n", "  title: Host\n  title: Other\n"),
    "bomb": _bomb,
    "second document": lambda text: f"{text}---\na: 1\n",
    "directive": lambda text: f"%TAG ! tag:example.com,2000:\n---\n{text.replace('title: Host', 'title: !x Host')}",
    "byte order mark": lambda text: f"\ufeff\ufeff{text}",
    "only a list": lambda _: "- 1\n",
    "nothing": lambda _: "",
}


def yaml_texts() -> Iterator[tuple[str, str]]:
    """Every text that is YAML and more than JSON."""
    text = (Path(__file__).parent / "host.yaml").read_text(encoding="utf-8")
    for name, title in YAML_TITLES.items():
        yield f"YAML: {name}", text.replace("  title: Host\n", f"  title: {title}\n", 1)
    for name, change in YAML_TEXTS.items():
        yield f"YAML: {name}", change(text)


def _schemas(make: Callable[[int], Node], count: int) -> Callable[[Node], None]:
    def spoil(raw: Node) -> None:
        raw["components"]["schemas"] |= {f"Many{number}": make(number) for number in range(count)}

    return spoil


def _next(number: int) -> Node:
    return {"$ref": f"#/components/schemas/Many{number + 1}"}


def _properties(raw: Node) -> None:
    raw["components"]["schemas"]["Thing"]["properties"] |= {f"p{n}": {"type": "string"} for n in range(10_000)}


def _values(raw: Node) -> None:
    raw["components"]["schemas"]["Color"] = {"type": "string", "enum": [f"v{n}" for n in range(10_000)]}


def _description(raw: Node) -> None:
    raw["info"]["description"] = '"""\\' * 250_000


def _line(raw: Node) -> None:
    raw["info"]["description"] = f"a\n{CODE}\n" * 10_000


def _operations(raw: Node) -> None:
    for number in range(300):
        answers = {"204": {"description": "Done."}}
        raw["paths"][f"/many/{number}"] = {
            "get": {"operationId": f"Things_many{number}", "tags": ["Things"], "responses": answers}
        }


def _pattern(pattern: str, default: str) -> Callable[[Node], None]:
    def spoil(raw: Node) -> None:
        raw["components"]["schemas"]["Thing"]["properties"]["id"] |= {"pattern": pattern, "default": default}

    return spoil


def _last(text: Node) -> Node:
    return {"type": "object", "properties": {"a": text}}


def _heir(number: int) -> Node:
    if number == 90:
        return _last({})
    return {"allOf": [_next(number)], "type": "object", "properties": {"k": {"type": "string"}}}


def _deep_default(raw: Node) -> None:
    value: Any = "x"
    for _ in range(25):
        value = [value]
    raw["components"]["schemas"]["Thing"]["properties"]["owner"] = {"default": value}


SIZES: dict[str, Callable[[Node], None]] = {
    "10,000 properties": _properties,
    "10,000 values of an enum": _values,
    "1,000 schemas": _schemas(lambda n: {"type": "object", "properties": {f"p{n}": {"type": "string"}}}, 1000),
    "300 operations": _operations,
    "a description of a megabyte": _description,
    "a description of 20,000 lines": _line,
    "2,000 names of one schema": _schemas(lambda n: _next(n) if n < 1999 else {"type": "string"}, 2000),
    "2,000 schemas that inherit": _schemas(lambda n: {"allOf": [_next(n)]} if n < 1999 else _last({}), 2000),
    "2,000 schemas in each other": _schemas(lambda n: _last(_next(n)) if n < 1999 else _last({}), 2000),
    "2,000 schemas in a loop": _schemas(lambda n: _last(_next(n) if n < 1999 else _next(-1)), 2000),
    "2,000 lists in a loop": _schemas(lambda n: {"type": "array", "items": _next(n) if n < 1999 else _next(-1)}, 2000),
    "60 unions that double": _schemas(lambda n: {"oneOf": [_next(n)] * 2} if n < 59 else {"type": "string"}, 60),
    "60 schemas that inherit twice": _schemas(lambda n: {"allOf": [_next(n)] * 2} if n < 59 else _last({}), 60),
    "60 objects that double": _schemas(
        lambda n: {"type": "object", "properties": {"a": _next(n), "b": _next(n)}} if n < 59 else _last({}), 60
    ),
    "90 subclasses of each other": _schemas(_heir, 91),
    "a pattern that takes forever": _pattern("^(a+)+$", "a" * 40 + "!"),
    "a pattern too large": _pattern("a{99999999999}", "a"),
    "a pattern too deep": _pattern("(" * 5000 + ")" * 5000, "a"),
    "a deep default": _deep_default,
}  # fmt: skip
"""Documents that are large, or whose parts lead to each other in ways that grow without bound."""


def sized(name: str) -> Node:
    """The host with one of these."""
    raw = deepcopy(HOST)
    SIZES[name](raw)
    return raw


def overlays() -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Overlays with each text in updates and targets: what they are called, and the places that a reason may name."""
    for payload, text in PAYLOADS.items():
        for place, action in (
            ("update", {"target": "$.info", "update": {"title": text, "description": text, "x-note": text}}),
            ("key of an update", {"target": "$.components.schemas", "update": {text: {"type": "object"}}}),
            ("target", {"target": text, "remove": True}),
            ("name in a target", {"target": f"$.paths[{text!r}]", "remove": True}),
            ("expression in a target", {"target": f"$.paths.*[?search(@.operationId, {text!r})]", "remove": True}),
        ):
            overlay = {"overlay": "1.0.0", "info": {"title": text, "version": text}, "actions": [action]}
            yield f"overlay, {place}: {payload}", overlay, ["/actions/0", "/info", "/components/schemas"]


def selections() -> Iterator[tuple[str, Selection]]:
    """Patterns of a selection made of each text."""
    for payload, text in PAYLOADS.items():
        for kind in ("/", "tag:", "operationId:", ""):
            yield f"include {kind or 'text'}: {payload}", Selection(include=[f"{kind}{text}"])
            yield f"exclude {kind or 'text'}: {payload}", Selection(exclude=[f"{kind}{text}"])
