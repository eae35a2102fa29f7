"""The successes that an operation may be answered with, as its document describes them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from .package import Method, Package
from .plain import is_object
from .shown import KIND
from .values import Maker, Unmade

JSON_TYPE = "application/json"
MOST_CHOICES = 24
"""Of one operation: calls or answers that differ only in which of several values they hold."""
_TEXT = "Söme text"
_ITEMS = 2

Answer = dict[str, Any]
"""A status, headers, and the body: as `json`, as `base64`, or as the parts of a `page`."""


def makers(*, sent: bool) -> Iterator[tuple[str, Maker]]:
    """First the minimum, then everything once for each choice, each with its name.

    Use each before requesting the next.
    """
    yield "the least", Maker(sent=sent, full=False)
    choice, most = 0, 1
    while choice < min(most, MOST_CHOICES):
        maker = Maker(sent=sent, full=True, choice=choice)
        yield f"everything ({choice + 1})", maker
        most, choice = max(most, maker.most), choice + 1


class Documented:
    """What the document of a package says of answers."""

    def __init__(self, package: Package) -> None:
        """Read it."""
        self.raw: Any = package.module("testing").load_document()
        read = package.module("_runtime.emulator.document").read(self.raw)
        self.operations = {(one.method, one.path): one for one in read.operations}
        self._resolve = read.resolve
        self.json = package.module("_runtime.emulator.schemas")

    def envelope(self, operation: Any) -> Any:
        """The body around the items of a page: the documented example, with the fields that it leaves out."""
        responses = self.raw["paths"][operation.path][operation.method.lower()]["responses"]
        found = (self._resolve(one) for status, one in responses.items() if str(status).startswith("2"))
        media: list[Any] = [media for one in found for media in one.get("content", {}).values()]
        schema = self._resolve(media[0].get("schema"))
        made = {name: self.json.sample(one, self._resolve) for name, one in schema.get("properties", {}).items()}
        example = self.operations[operation.method, operation.path].success.value
        return {**made, **example} if is_object(example) else example


def successes(
    documented: Documented, method: Method, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, list[Answer]]]:
    """All successes of an operation, each with its name and the answers of one call of it."""
    operation = method.operation
    for status in sorted(operation.success | operation.empty, key=str):
        number = status if isinstance(status, int) else 200
        if status in operation.empty:
            yield f"status {status}", [{"status": number}]
            continue
        content = operation.answers.get(status)
        unknown = ("an unknown value", Maker(sent=False, full=True, unknown=True))
        for name, maker in chain(makers(sent=False), [unknown]):
            try:
                answers = _answers(documented, method, content, maker, arguments)
            except Unmade:
                continue
            yield f"status {status} with {name}", [{"status": number, **answer} for answer in answers]
    yield from _example(documented, method, arguments)


def _answers(
    documented: Documented, method: Method, content: Any, maker: Maker, arguments: Mapping[str, Any]
) -> list[Answer]:
    operation = method.operation
    kind = type(content).__name__
    if kind == "TextContent":
        return [_bytes(content.media_type, _TEXT.encode())]
    if kind == "BytesContent":
        media_type = content.media_type.replace("*/*", "application/*").replace("*", "octet-stream")
        return [_bytes(media_type, b"\x00\xff")]
    if kind == "AnyContent":
        return [{"json": {"any": maker.pick((1, "one", [None]))}}]
    if operation.pagination is not None and content is None:
        items = [maker.make(operation.result, f"item/{number}") for number in range(_ITEMS)]
        return _pages(documented, operation, items, arguments)
    type_ = operation.result if content is None else content.type
    return [{"json": None if type_ is None else maker.make(type_, "answer")}]


def _bytes(media_type: str, content: bytes) -> Answer:
    return {"headers": {"content-type": media_type}, "base64": base64.b64encode(content).decode()}


def within(answers: list[Answer], limit: Any) -> list[Answer]:
    """The same answers with pages of at most as many items as requested."""
    if not isinstance(limit, int):
        return answers
    cut = [{**one, "page": {**one["page"], "items": one["page"]["items"][:limit]}} for one in answers if "page" in one]
    return cut or answers


def _example(
    documented: Documented, method: Method, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, list[Answer]]]:
    """The success that the document shows, if it is JSON; of a page, its items."""
    operation = method.operation
    success, pagination = documented.operations[operation.method, operation.path].success, operation.pagination
    answers: list[Answer] = []
    if pagination is not None:
        items = documented.json.find(success.value, pagination.items)
        answers = _pages(documented, operation, items, arguments) if items else []
    elif success.content and not success.media_type:
        answers = [{"json": success.value}]
    if answers:
        yield "the documented example", [{"status": success.number(), **one} for one in answers]


def _pages(documented: Documented, operation: Any, items: list[Any], arguments: Mapping[str, Any]) -> list[Answer]:
    """A page of these items, and the last page, which has none."""
    pagination, json = operation.pagination, documented.json
    kept: list[Any] = []
    for number, item in enumerate(items):
        for pointer, name in pagination.same:
            if json.find(item, pointer) is not None:
                item = json.put(item, pointer, _plain(arguments[name]))  # noqa: PLW2901
        kept.append(_numbered(documented, operation, item, len(items) - number))
    page = {"envelope": documented.envelope(operation), "items_at": pagination.items}
    by_token = pagination.style == "token"
    place = {"token_at": pagination.cursor_at} if by_token else {}
    first = {**page, **place, "items": kept, **({"token": "token2"} if by_token else {})}
    return [{"page": first}, {"page": {**page, **place, "items": []}}]


def _numbered(documented: Documented, operation: Any, item: Any, number: int) -> Any:
    """The item with a number as its id, if pages are requested by ids and such an id can be sent."""
    pagination, json = operation.pagination, documented.json
    cursor = next(one.type for one in operation.parameters if one.name == pagination.cursor)
    if pagination.style == "item":
        for value in (str(number), number):
            made = json.put(item, pagination.cursor_at, value)
            try:
                cursor.encode(str(value))
                operation.result.decode(made)
            except ValueError:
                continue
            return made
    return item


def _plain(shown: Any) -> Any:
    """The JSON value of an argument."""
    return shown["value"] if is_object(shown) and KIND in shown else shown
