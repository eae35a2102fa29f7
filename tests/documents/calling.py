"""Calls every operation of a document by both clients of its package, and lists what is not right."""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .document import Document, Node, Operation, read
from .expected import Body, Difference, Expected, Received, compare, differences, is_file, kind_of
from .package import Method, NoFit, Package
from .server import Answer, Server
from .values import Place, Recipe, flatten

VARIANTS = 16


@dataclass(frozen=True)
class Mismatch:
    """What is not right with one operation."""

    operation: str
    call: str
    """Which client made it, and of which values."""
    of: str
    expected: str
    came: str


@dataclass(frozen=True)
class Prepared:
    """One call, ready to be made."""

    method: Method
    arguments: dict[str, Any]
    expected: Expected
    status: int
    answers: dict[str, Any]
    """By media type, the value that is answered."""


def call_all(document: Document, package: Package, *, variants: int = VARIANTS) -> tuple[dict[str, int], list[Mismatch]]:
    """Call every operation that the package has; gives the number of calls by operation, and what is not right."""
    counts: dict[str, int] = {}
    mismatches: list[Mismatch] = []
    with Server() as server, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = [_Sync(package, server), _Async(package, server)]
        for operation in document.operations():
            method = package.methods.get((operation.method.upper(), operation.path))
            if method is None:
                continue
            counts[str(operation)] = 0
            for index in range(2 * variants):
                counts[str(operation)] += 1
                mismatches += _call(made[index % 2], operation, method, index // 2, by_hand=(index // 2 + index) % 2 == 0)
        for one in made:
            one.close()
    return counts, mismatches


def _call(driver: _Driver, operation: Operation, method: Method, variant: int, *, by_hand: bool) -> Iterator[Mismatch]:
    shown = f"{driver.name}, variant {variant}, {'by hand' if by_hand else 'from_dict'}"
    try:
        prepared = prepare(driver.package, operation, method, variant=variant, by_hand=by_hand)
    except (NoFit, NotImplementedError, LookupError) as error:
        yield Mismatch(str(operation), shown, "arguments", "", f"{type(error).__name__}: {error}")
        return
    for one in driver.run(prepared):
        yield Mismatch(str(operation), shown, one.of, f"{one.expected!r:.600}", f"{one.came!r:.600}")


def prepare(package: Package, operation: Operation, method: Method, *, variant: int, by_hand: bool) -> Prepared:
    """Make up the arguments of a call, what it has to send, and what is answered."""
    sparse = variant % 2 == 1
    document, seed = operation.document, str(operation)
    values: dict[tuple[str, str], Any] = {}
    arguments: dict[str, Any] = {}
    names = {(one.location, one.wire): one.name for one in method.operation.parameters}
    for parameter in operation.parameters:
        key = (parameter["in"], parameter["name"])
        if sparse and not parameter.get("required") and key[0] != "path":
            continue
        if key not in names:
            raise NoFit(f"the method has no argument for {key[0]} parameter {key[1]!r}")
        place: Place = "json" if "content" in parameter else parameter["in"]
        recipe = Recipe(document, seed, place, "sent", sparse, variant)
        schema = parameter.get("schema") or next(iter(parameter.get("content", {}).values()), {}).get("schema", {})
        values[key] = recipe.make(schema, f"#{key[1]}")
        name = names[key]
        arguments[name] = package.build(method.arguments[name], values[key], by_hand=by_hand)
    body = _make_body(package, operation, method, arguments, variant=variant, by_hand=by_hand)
    status, content = operation.successes[(0 if variant < 2 else variant) % len(operation.successes)]
    answering = Recipe(document, f"{seed} {status}", "json", "answered", sparse, variant)
    answers = {name: _answer_value(answering, name, media) for name, media in content.items()}
    return Prepared(method, arguments, Expected(operation, values, body), status, answers)


def _make_body(
    package: Package, operation: Operation, method: Method, arguments: dict[str, Any], *, variant: int, by_hand: bool
) -> Body | None:
    written, sparse = operation.body, variant % 2 == 1
    if written is None or (sparse and not written.get("required")):
        return None
    if method.operation.body is None:
        raise NoFit("the method takes no body")
    media_type = str(method.operation.body.media_type)
    media: Node = written["content"][media_type]
    kind = kind_of(media_type)
    place: Place = kind if kind in {"form", "multipart"} else "json"  # type: ignore[assignment]
    recipe = Recipe(operation.document, str(operation), place, "sent", sparse, variant)
    if kind == "bytes":
        value = given = b"\x00\xff some bytes \r\n"
    elif kind == "text":
        value = given = "söme text \u2603\r\n"
    else:
        value = recipe.make(media.get("schema", {}))
        foreign = Recipe(**{**vars(recipe), "with_foreign": not by_hand})
        given = foreign.make(media.get("schema", {}))
    arguments["body"] = package.build(method.arguments["body"], given, by_hand=by_hand)
    return Body(media_type, value, media.get("encoding") or {})


def _answer_value(recipe: Recipe, media_type: str, media: Node) -> Any:
    schema = media.get("schema", {})
    match _kind_of_answer(recipe, media_type, schema):
        case "json":
            return recipe.make(schema)
        case "text":
            return "ein Täxt \u2603"
        case _:
            return b"\x89 bytes \xff\r\n"


def _kind_of_answer(recipe: Recipe, media_type: str, schema: Any) -> str:
    """As what an answer is written; of a range of media types, JSON unless the schema is one of a text or a file."""
    if "*" not in media_type:
        return kind_of(media_type)
    flat = flatten(recipe, schema)
    return "bytes" if not flat or is_file(flat) else "json"


class _Driver:
    name: str

    def __init__(self, package: Package, server: Server) -> None:
        self.package, self.server = package, server

    def run(self, prepared: Prepared) -> list[Difference]:
        """Make a call, and see what arrived and what was decoded."""
        self.server.requests.clear()
        answered: list[Any] = []

        def respond(received: Received) -> Answer:
            answer, value = _answer(prepared, received)
            answered.append(value)
            return answer

        self.server.respond = respond
        found: list[Difference] = []
        result: Any = None
        try:
            result = self.send(prepared)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is not right
            found.append(Difference("call", "no error", f"{type(error).__name__}: {error}"))
        if len(self.server.requests) != 1:
            if not found:
                found.append(Difference("requests", 1, len(self.server.requests)))
            return found
        found += compare(prepared.expected, self.server.requests[0])
        if not any(one.of == "call" for one in found):
            found += self._decoded(answered[0], result)
        return found

    def _decoded(self, answered: Any, result: Any) -> Iterator[Difference]:
        if self.server.requests[0].method == "HEAD":
            if result not in (None, "", b""):
                yield Difference("decoded", None, result)
            return
        if isinstance(answered, bytes) or isinstance(result, bytes):
            yield from differences("decoded", answered, result)
            return
        yield from differences("decoded", answered, self.package.shown(result))
        if isinstance(result, self.package.model):
            yield from differences("to_dict", answered, result.to_dict())  # type: ignore[attr-defined]
        untyped = self.package.untyped(result)
        if untyped:
            yield Difference("untyped fields", [], sorted(untyped))

    def send(self, prepared: Prepared) -> Any:
        """Call the method."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the client."""


class _Sync(_Driver):
    name = "sync"

    def __init__(self, package: Package, server: Server) -> None:
        super().__init__(package, server)
        self._client = package.client(server.url, asynchronous=False)

    def send(self, prepared: Prepared) -> Any:
        resource = getattr(self._client, prepared.method.resource)
        return getattr(resource, prepared.method.name)(**prepared.arguments)

    def close(self) -> None:
        self._client.close()


class _Async(_Driver):
    name = "async"

    def __init__(self, package: Package, server: Server) -> None:
        super().__init__(package, server)
        self._runner = asyncio.Runner()
        self._client = package.client(server.url, asynchronous=True)

    def send(self, prepared: Prepared) -> Any:
        resource = getattr(self._client, prepared.method.resource)
        return self._runner.run(_awaited(getattr(resource, prepared.method.name), prepared.arguments))

    def close(self) -> None:
        self._runner.run(_awaited(self._client.aclose, {}))
        self._runner.close()


async def _awaited(method: Any, arguments: dict[str, Any]) -> Any:
    result = method(**arguments)
    return await result if inspect.isawaitable(result) else result


def _answer(prepared: Prepared, received: Received) -> tuple[Answer, Any]:
    """The answer in the content type that the client asked for, and the value in it."""
    if not prepared.answers:
        return Answer(prepared.status, None, b""), None
    asked = [one.partition(";")[0].strip().lower() for one in received.headers.get("accept", "*/*").split(",")]
    for name, value in prepared.answers.items():
        essence = name.partition(";")[0].strip().lower()
        if essence in asked or "*/*" in asked:
            return _written(prepared.status, name, value), value
    return Answer(406, "text/plain", f"asked for {asked}".encode()), None


def _written(status: int, name: str, value: Any) -> Answer:
    is_range = "*" in name
    if isinstance(value, bytes):
        return Answer(status, "application/octet-stream" if is_range else name, value)
    if kind_of(name) == "text" and not is_range:
        return Answer(status, f"{name.partition(';')[0]}; charset=utf-8", str(value).encode())
    return Answer(status, "application/json" if is_range else name, json.dumps(value).encode())


def main(path: str, source: str, name: str) -> None:
    """Print as JSON what came of calling all operations of a document."""
    sys.path.insert(0, source)
    document = read(Path(path))
    counts, mismatches = call_all(document, Package(name))
    print(json.dumps({"counts": counts, "mismatches": [asdict(one) for one in mismatches]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
