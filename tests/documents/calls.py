"""Prepares the calls of an operation: their arguments, what they have to send, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .arguments import NoFit, build
from .contents import Body, essence, kind_of
from .document import Node, Operation
from .expected import Expected, Received
from .package import Method, Package
from .schemas import Place, Recipe, flatten, is_file
from .server import Answer
from .values import make

_TEXT = "söme text \u2603\r\n"
_BYTES = b"\x89\x00\xff some bytes \r\n"


@dataclass(frozen=True)
class Call:
    """One call, ready to be made."""

    method: Method
    arguments: Mapping[str, Any]
    expected: Expected
    status: int
    answers: Mapping[str, Any]
    """By media type, the value that is answered."""

    def answer(self, received: Received) -> tuple[Answer, Any]:
        """The answer in the content type that the client asked for, and the value in it."""
        if not self.answers:
            return Answer(self.status, None, b""), None
        asked = [essence(one) for one in received.headers.get("accept", "*/*").split(",")]
        for name, value in self.answers.items():
            if essence(name) in asked or "*/*" in asked:
                return _written(self.status, name, value), value
        return Answer(406, "text/plain", f"only {', '.join(self.answers)} is there".encode()), None


def prepare(package: Package, operation: Operation, method: Method, *, variant: int, by_hand: bool) -> Call:
    """Make up one call of an operation; every second variant leaves out what may be left out.

    Raises:
        NoFit: the method does not take what the document says.
    """
    sparse = variant % 2 == 1
    recipe = Recipe(operation.document, str(operation), "json", "sent", sparse, variant)
    arguments: dict[str, Any] = {}
    values = _make_parameters(package, operation, method, recipe, arguments, by_hand=by_hand)
    body = _make_body(package, operation, method, recipe, arguments, by_hand=by_hand)
    # The first success twice, with everything and with the least; then one after the other.
    status, content = operation.successes[(variant if variant > 1 else 0) % len(operation.successes)]
    answering = replace(recipe, way="answered", seed=f"{operation} {status}")
    answers = {name: _answer_value(answering, name, media.get("schema", {})) for name, media in content.items()}
    return Call(method, arguments, Expected(operation, values, body), status, answers)


def _make_parameters(
    package: Package, operation: Operation, method: Method, recipe: Recipe, arguments: dict[str, Any], *, by_hand: bool
) -> dict[tuple[str, str], Any]:
    values: dict[tuple[str, str], Any] = {}
    names = {(one.location, one.wire): one.name for one in method.operation.parameters}
    for parameter in operation.parameters:
        key = (parameter["in"], parameter["name"])
        if recipe.sparse and not parameter.get("required") and key[0] != "path":
            continue
        if key not in names:
            raise NoFit(f"the method has no argument for the {key[0]} parameter {key[1]!r}")
        media: Node = next(iter(parameter.get("content", {}).values()), {})
        place: Place = "json" if "content" in parameter else parameter["in"]
        schema = parameter.get("schema", media.get("schema", {}))
        values[key] = make(replace(recipe, place=place), schema, f"#{key[1]}")
        arguments[names[key]] = build(package, method.arguments[names[key]], values[key], by_hand=by_hand)
    return values


def _make_body(
    package: Package, operation: Operation, method: Method, recipe: Recipe, arguments: dict[str, Any], *, by_hand: bool
) -> Body | None:
    written = operation.body
    if written is None or (recipe.sparse and not written.get("required")):
        return None
    if method.operation.body is None:
        raise NoFit("the method takes no body")
    media_type = str(method.operation.body.media_type)
    media: Node = written["content"].get(media_type, {})
    schema = media.get("schema", {})
    match kind_of(media_type):
        case "bytes":
            value: Any = _BYTES
            given = value
        case "text":
            value = given = _TEXT
        case kind:
            recipe = replace(recipe, place=kind)
            value = make(recipe, schema)
            # `from_dict` takes what was answered: read-only fields are left out.
            given = value if by_hand else make(replace(recipe, with_foreign=True), schema)
    arguments["body"] = build(package, method.arguments["body"], given, by_hand=by_hand)
    return Body(media_type, value, media.get("encoding") or {})


def _answer_value(recipe: Recipe, media_type: str, schema: Any) -> Any:
    if "*" in media_type:  # such a document means JSON, unless it says that it is a file
        flat = flatten(recipe, schema)
        return _BYTES if not flat or is_file(flat) else make(recipe, schema)
    match kind_of(media_type):
        case "json":
            # A file that is said to be JSON is a file.
            return _BYTES if is_file(flatten(recipe, schema)) else make(recipe, schema)
        case "text":
            return _TEXT
        case _:
            return _BYTES


def _written(status: int, name: str, value: Any) -> Answer:
    if isinstance(value, bytes):
        return Answer(status, "application/octet-stream" if "*" in name else name, value)
    if kind_of(name) == "text":
        return Answer(status, f"{essence(name)}; charset=utf-8", str(value).encode())
    return Answer(status, "application/json" if "*" in name else name, json.dumps(value).encode())
