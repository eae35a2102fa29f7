"""A list of made-up items for a paged operation, and a service that pages it as the document says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from face_audit import DecodeError
from face_audit._runtime.emulator.schemas import breaches, drop, find, from_text, put

from ..documents.arguments import NoFit, build
from ..documents.expected import Expected, Received, compare
from ..documents.schemas import Recipe
from ..documents.server import Answer
from ..documents.styles import text_of
from ..documents.values import make
from .documented import DOCUMENT, PACKAGE, Case

if TYPE_CHECKING:
    from ..documents.calls import Call
    from ..documents.differences import Difference


def _fits(model: Any, item: dict[str, Any]) -> bool:
    try:
        model.from_dict(item)
    except DecodeError:
        return False
    return True


def _takes(schema: Any, text: str) -> bool:
    """Whether a text is one that a parameter can have."""
    return next(breaches(from_text(text, DOCUMENT.follow(schema)), schema, DOCUMENT.follow), None) is None


def _argument(annotation: str, cursor: Any) -> Any:
    """A cursor as an argument: unchanged, or as text if the argument is one."""
    try:
        return build(PACKAGE, annotation, cursor, by_hand=False)
    except NoFit:
        return build(PACKAGE, annotation, text_of(cursor), by_hand=False)


@dataclass
class Listing:
    """A list of two full pages and a half."""

    case: Case
    call: Call
    """With made-up arguments."""
    items: list[Any] = field(init=False)
    cursors: list[Any] = field(init=False)
    """After how many items which cursor leads on."""
    received: list[Received] = field(init=False, default_factory=list)
    _body: Any = field(init=False)
    _media_type: str = field(init=False)

    def __post_init__(self) -> None:
        """Make the items up."""
        operation, paging = self.case.operation, self._paging
        status, content = operation.successes[0]
        self._media_type, media = next(iter(content.items()))
        recipe = Recipe(operation.document, f"{operation} {status}", "json", "answered", sparse=False)
        count = 2 * self.case.page_size + 1
        bodies = [make(replace(recipe, variant=number), media["schema"]) for number in range(count)]
        self._body = bodies[0]
        self.items = [self._belonging(find(body, f"{paging['items']}/0")) for body in bodies]
        (schema,) = (one["schema"] for one in operation.parameters if one["name"] == paging["cursor"])
        sent = replace(recipe, place="query", way="sent")
        made = [make(replace(sent, variant=number), schema, "cursor") for number in range(count)]
        if self.ends_empty:
            made = self._number_items(schema, made)
        self.cursors = [None, *made]

    def _number_items(self, schema: Any, cursors: list[Any]) -> list[Any]:
        """The ids of the items, in their order; those that no request could name are replaced by these cursors."""
        at = self._paging["cursor-at"]
        for index, (item, cursor) in enumerate(zip(self.items, cursors, strict=True)):
            if not _takes(schema, text_of(find(item, at))):
                self.items[index] = put(item, at, cursor)
        ids = [text_of(find(one, at)) for one in self.items]
        if all(map(str.isdigit, ids)):
            self.items.sort(key=lambda one: int(text_of(find(one, at))))
        return [find(one, at) for one in self.items]

    @property
    def starts(self) -> tuple[int, ...]:
        """After how many items the pages of a pager begin."""
        starts = range(0, len(self.items), self.case.page_size)
        return (*starts, len(self.items)) if self.ends_empty else tuple(starts)

    @property
    def ends_empty(self) -> bool:
        """Whether only an empty page says that the list has ended."""
        return bool(self._paging["style"] == "item")

    @property
    def _paging(self) -> Any:
        return self.case.paging

    def _belonging(self, item: Any) -> Any:
        """The same item with the values that it has to share with the arguments."""
        given = {name: value for (_, name), value in self.call.expected.values.items()}
        for pointer, name in self._paging.get("same", {}).items():
            item = put(item, pointer, given[name])
        return item

    def arguments(self, after: int = 0, **more: Any) -> dict[str, Any]:
        """Those of the call: of small pages, from the item on that follows this many."""
        method, made = self.case.single, dict(self.call.arguments)
        made.pop(self._name("cursor"), None)
        if self._paging.get("limit"):
            made[self._name("limit")] = self.case.page_size
        if after:
            name = self._name("cursor")
            made[name] = _argument(method.arguments[name], self.cursors[after])
        return made | more

    def spoil(self, model: type) -> list[int]:
        """Give the second item a field of another type than `model` has; its place, or none if any type is right."""
        needed = [self._paging["cursor-at"], *self._paging.get("same", ())]
        for name, value in self.items[1].items():
            other = "no object" if isinstance(value, dict) else {"no": "such value"}
            spoiled = self.items[1] | {name: other}
            if f"/{name}" not in needed and not _fits(model, spoiled):
                self.items[1] = spoiled
                return [1]
        return []

    def _name(self, key: str) -> str:
        return self.case.argument(self._paging[key]) if self._paging.get(key) else ""

    def respond(self, received: Received) -> Answer:
        """The page that a request asks for."""
        self.received.append(received)
        query, paging = parse_qs(urlsplit(received.target).query, keep_blank_values=True), self._paging
        cursor = query.get(paging["cursor"], [None])[0]
        limit = query.get(paging.get("limit"), [self.case.page_size])[0]
        start = [None if one is None else text_of(one) for one in self.cursors].index(cursor)
        end = start + int(limit)
        body = put(self._body, paging["items"], self.items[start:end])
        if paging["style"] == "token":
            at = paging["cursor-at"]
            body = put(body, at, self.cursors[end]) if end < len(self.items) else drop(body, at)
        return Answer(200, self._media_type, json.dumps(body).encode())

    def differences(self, *starts: int) -> list[Difference]:
        """What differs between the requests that arrived, and those for the pages after this many items."""
        assert len(self.received) == len(starts)
        paging, values = self._paging, dict(self.call.expected.values)
        if paging.get("limit"):
            values["query", paging["limit"]] = self.case.page_size
        wanted = [{**values, ("query", paging["cursor"]): self.cursors[start]} for start in starts]
        expected = [Expected(self.case.operation, one, self.call.expected.body) for one in wanted]
        pairs = zip(expected, self.received, strict=True)
        return [found for one, received in pairs for found in compare(one, received)]
