"""Reads the items of a page one by one; a malformed one refuses the page, or is kept in its place."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, cast

from attrs import field, frozen

from ..operation import Call, Pagination
from ..values.scalars import Type
from ..values.strict_json import JSON, Malformed, kind, may_hold_halves, point, printable, refuse_halves, without_mark

# Possessive (`++`, `*+`): what was matched is never tried again, so a text of megabytes costs no stack.
_TEXT = r'"(?:[^"\\]++|\\.)*+"'
_BLANKS = re.compile(r"[ \t\n\r]*+")
_SCALAR = re.compile(rf"{_TEXT}|[^ \t\n\r,\]}}]++")
_MARK = re.compile(rf"{_TEXT}|[\[\]{{}}]")


@frozen(kw_only=True)
class MalformedItem:
    """An item of a list that is not what the document says, handed over in its place with `on_invalid="keep"`."""

    place: str
    """JSON pointer (RFC 6901) into the page's body: the field that is malformed."""
    reason: str
    raw: str = field(repr=False)
    """The item's JSON text, exactly as it stands in the body; its repr does not show it."""


@frozen(kw_only=True)
class Items:
    """What a page holds."""

    items: tuple[Any, ...]
    ids: tuple[str, ...]
    """Of the items, as text; empty where pages follow by token."""
    foreign: str | None
    """What shows that an item belongs to another list, if anything does."""


def read_items(call: Call, result: Type, values: list[JSON], body: bytes) -> Items:
    """The items of a page's array; `body` is the JSON text that they were read from.

    Raises:
        Malformed: an item is not what the document says, and the call does not keep such; or nothing could follow it
            safely, because its id or what ties it to this list cannot be read.
    """
    pagination = cast("Pagination", call.operation.pagination)
    items, ids, texts = list[Any](), list[str](), list[str]()
    halves = may_hold_halves(body)
    for at, value in enumerate(values):
        try:
            items.append(_read(call, result, value, halves=halves))
            if pagination.style == "item":
                ids.append(_id_of(value, pagination.cursor_at))
            if isinstance(items[-1], Malformed):
                _require_ties(pagination, value)
        except Malformed as error:
            texts = texts or cut_items(body, pagination.items)
            raise Malformed(error.message, f"{pagination.items}/{at}{error.place}", item=texts[at]) from None
        if isinstance(items[-1], Malformed):
            texts = texts or cut_items(body, pagination.items)
            place = f"{pagination.items}/{at}{items[-1].place}"
            items[-1] = MalformedItem(place=place, reason=printable(items[-1].message), raw=texts[at])
    return Items(items=tuple(items), ids=tuple(ids), foreign=_find_foreign(call, pagination, values))


def cut_raw_items(body: bytes, pointer: str) -> list[bytes]:
    """The same as `cut_items` gives, as bytes; by msgspec where the body is the array and msgspec takes it."""
    if pointer == "":
        from msgspec import Raw  # noqa: PLC0415  # only whoever reads pages needs it
        from msgspec.json import decode  # noqa: PLC0415

        with suppress(ValueError, RecursionError):
            return [bytes(raw) for raw in decode(without_mark(body), type=list[Raw])]
    return [text.encode("utf-8") for text in cut_items(body, pointer)]


def cut_items(body: bytes, pointer: str) -> list[str]:
    """The texts of the items of the array at a JSON pointer, as they stand in `body`, which `loads` has taken."""
    text = without_mark(body).decode("utf-8")
    start = _after_blanks(text, 0)
    for step in pointer.split("/")[1:]:
        # Of a key that stands twice the last one counts, as in `loads`.
        start = _members(text, start)[step.replace("~1", "/").replace("~0", "~")]
    found, place = list[str](), _after_blanks(text, start + 1)
    while text[place] != "]":
        end = _end(text, place)
        found.append(text[place:end])
        place = _next(text, end)
    return found


def _read(call: Call, result: Type, value: JSON, *, halves: bool) -> Any:
    try:
        if halves:
            refuse_halves(value)
        return result.decode(value)
    except Malformed as error:
        if call.on_invalid == "raise":
            raise
        return error


def _require_ties(pagination: Pagination, value: JSON) -> None:
    if pagination.style == "item":
        refuse_halves(point(value, pagination.cursor_at), pagination.cursor_at)
    for pointer, _ in pagination.same:
        found = point(value, pointer)
        if not isinstance(value, dict) or isinstance(found, bool) or not isinstance(found, (str, int, type(None))):
            raise Malformed(f"expected a string or an integer that ties it to its list, got {kind(found)}", pointer)


def _find_foreign(call: Call, pagination: Pagination, values: list[JSON]) -> str | None:
    for pointer, argument in pagination.same:
        asked = str(call.arguments[argument])
        for item in values if call.arguments[argument] is not None else ():
            found = point(item, pointer)
            # A field may be missing; services may change the case of what was asked for.
            if found is not None and str(found).casefold() != asked.casefold():
                return f"asked for {asked!r}, got an item of {str(found)!r:.80}"
    return None


def _id_of(item: JSON, pointer: str) -> str:
    found = point(item, pointer)
    if isinstance(found, bool) or not isinstance(found, (str, int)) or found == "":
        raise Malformed(f"expected a string or an integer as id, got {kind(found)}", pointer)
    return str(found)


def _members(text: str, start: int) -> dict[str, int]:
    """Where the values of the object at `start` begin, by key."""
    found, place = dict[str, int](), _after_blanks(text, start + 1)
    while text[place] != "}":
        end = _end(text, place)
        key: str = json.loads(text[place:end])
        found[key] = _after_blanks(text, _after_blanks(text, end) + 1)
        place = _next(text, _end(text, found[key]))
    return found


def _end(text: str, start: int) -> int:
    """Where the value at `start` ends. No recursion: how deep Python can follow depends on who calls."""
    if text[start] not in "[{":
        return _match(_SCALAR, text, start)
    depth, place = 1, start + 1
    while depth:
        mark = cast("re.Match[str]", _MARK.search(text, place))
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(mark[0], 0)
        place = mark.end()
    return place


def _next(text: str, end: int) -> int:
    """Where the next value or member begins behind one that ends at `end`, or what closes them."""
    place = _after_blanks(text, end)
    return _after_blanks(text, place + 1) if text[place] == "," else place


def _after_blanks(text: str, start: int) -> int:
    return _match(_BLANKS, text, start)


def _match(pattern: re.Pattern[str], text: str, start: int) -> int:
    return cast("re.Match[str]", pattern.match(text, start)).end()
