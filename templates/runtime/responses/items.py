"""Reads the items of a page; a malformed one refuses the page, or is kept in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import repeat
from json import JSONDecoder
from typing import Any, NamedTuple, cast

from attrs import field, frozen
from msgspec import Raw
from msgspec.json import Decoder

from ..operation import Call, Pagination
from ..values.compounds import ModelOf
from ..values.models import fields_of
from ..values.scalars import STRING, TEXT_OR_INTEGER, Type
from ..values.strict_json import (
    JSON,
    Malformed,
    excerpt,
    keys_of,
    kind,
    loads,
    may_hold_halves,
    point,
    printable,
    refuse_halves,
    without_mark,
)
from .model_reader import read_models

__all__ = ["MalformedItem"]

_BLANKS = re.compile(r"[ \t\n\r]*+")
_SCANNER = JSONDecoder()
_TEXTS = (STRING, TEXT_OR_INTEGER)
_cut_array = Decoder(list[Raw]).decode
_cut_object = Decoder(dict[str, Raw]).decode


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


def read_items(call: Call, result: Type, texts: Sequence[bytes]) -> Items:
    """The items of a page, each from its JSON text.

    Raises:
        Malformed: an item is not what the document says, and the call does not keep such; or nothing could follow it
            safely, because its id or what ties it to this list cannot be read.
    """
    pagination = cast("Pagination", call.operation.pagination)
    items = read_models(result.model, texts) if isinstance(result, ModelOf) else [None] * len(texts)
    values = dict[int, JSON]()
    for at in [at for at, item in enumerate(items) if item is None]:
        try:
            values[at] = loads(texts[at], halves=True)
            items[at] = _read_leniently(call, result, values[at], texts[at], f"{pagination.items}/{at}")
        except Malformed as error:
            item = texts[at].decode("utf-8")
            raise Malformed(error.message, f"{pagination.items}/{at}{error.place}", item=item) from None
    found = _Found(result, items, texts, values)
    ids = _ids_of(pagination, found) if pagination.style == "item" else ()
    return Items(items=tuple(items), ids=ids, foreign=_find_foreign(call, found))


def _read_leniently(call: Call, result: Type, value: JSON, text: bytes, place: str) -> Any:
    try:
        if may_hold_halves(text):
            refuse_halves(value)
        return result.decode(value)
    except Malformed as error:
        if call.on_invalid == "raise":
            raise
        _require_ties(cast("Pagination", call.operation.pagination), value)
        reason = printable(error.message)
        return MalformedItem(place=place + error.place, reason=reason, raw=text.decode("utf-8"))


def _require_ties(pagination: Pagination, value: JSON) -> None:
    """Raise Malformed where a malformed item does not even show its id, or which list it belongs to."""
    if pagination.style == "item":
        found = point(value, pagination.cursor_at)
        refuse_halves(found, pagination.cursor_at)
        _require_id(found, pagination.cursor_at)
    for pointer, _ in pagination.same:
        found = point(value, pointer)
        if not isinstance(value, dict) or isinstance(found, bool) or not isinstance(found, (str, int, type(None))):
            raise Malformed(f"expected a string or an integer that ties it to its list, got {kind(found)}", pointer)


def _require_id(found: JSON, pointer: str) -> str:
    if isinstance(found, bool) or not isinstance(found, (str, int)) or found == "":
        raise Malformed(f"expected a string or an integer as id, got {kind(found)}", pointer)
    return str(found)


class _Found(NamedTuple):
    """The items of a page, and what is known of each."""

    result: Type
    items: list[Any]
    texts: Sequence[bytes]
    values: dict[int, JSON]
    """The JSON of those that the reference has read, by their place."""

    def find(self, pointer: str) -> list[Any]:
        """The value at a JSON pointer (RFC 6901) in each item."""
        name = _find_name(self.result, pointer)
        if name is None:
            return [point(self._value(at), pointer) for at in range(len(self.items))]
        found = list(map(getattr, self.items, repeat(name), repeat(None)))
        for at, value in self.values.items():
            found[at] = point(value, pointer)
        return found

    def _value(self, at: int) -> JSON:
        return self.values[at] if at in self.values else loads(self.texts[at])


def _ids_of(pagination: Pagination, found: _Found) -> tuple[str, ...]:
    ids = found.find(pagination.cursor_at)
    for at, one in enumerate(ids):
        if one and type(one) is str:
            continue
        try:
            ids[at] = _require_id(one, pagination.cursor_at)
        except Malformed as error:
            place = f"{pagination.items}/{at}{error.place}"
            raise Malformed(error.message, place, item=found.texts[at].decode("utf-8")) from None
    return tuple(ids)


def _find_foreign(call: Call, found: _Found) -> str | None:
    for pointer, argument in cast("Pagination", call.operation.pagination).same:
        asked = call.arguments[argument]
        if asked is None:
            continue
        # A field may be missing; services may change the case of what was asked for.
        for one in dict.fromkeys(found.find(pointer)):
            if one is not None and str(one).casefold() != str(asked).casefold():
                return f"asked for {str(asked)!r}, got an item of {str(one)!r:.80}"
    return None


def _find_name(result: Type, pointer: str) -> str | None:
    """Which field of a model holds the value at this pointer, if one of text does."""
    for field_ in fields_of(result.model) if isinstance(result, ModelOf) else ():
        if pointer == f"/{field_.wire}" and not field_.other_names and field_.type in _TEXTS:
            return field_.name
    return None


def cut_items(body: bytes, pointer: str) -> list[bytes]:
    """The texts of the items of the array at a JSON pointer (RFC 6901), as they are in `body`.

    Raises:
        Malformed: the body is no JSON text, or holds no array there.
    """
    text = without_mark(body)
    try:
        if not text.isascii():
            text.decode("utf-8")  # msgspec does not check what it only cuts out
        return list(map(bytes, _cut_array(_find_text(text, pointer) or b"")))
    except (ValueError, RecursionError):
        return _cut_leniently(body, pointer)


def find_value(body: bytes, pointer: str) -> JSON:
    """The value at a JSON pointer into `body`, which `cut_items` has taken, or None where there is none."""
    try:
        found = _find_text(without_mark(body), pointer)
    except (ValueError, RecursionError):
        return point(loads(body, halves=True), pointer)
    return None if found is None else loads(bytes(found))


def _find_text(text: bytes, pointer: str) -> bytes | Raw | None:
    found: bytes | Raw | None = text
    for key in keys_of(pointer):
        found = None if found is None else _cut_object(found).get(key)
    return found


def _cut_leniently(body: bytes, pointer: str) -> list[bytes]:
    """The same for what msgspec refuses: halves of surrogate pairs are taken, so that an error can name their item."""
    listed = point(loads(body, halves=True), pointer)
    if not isinstance(listed, list):
        raise Malformed(f"expected array, got {kind(listed)}: {excerpt(body)}", pointer)
    text = without_mark(body).decode("utf-8")
    start = _after_blanks(text, 0)
    for key in keys_of(pointer):
        # If a key is repeated, the last one counts, as in `loads`.
        start = dict(_members(text, start))[key]
    return [text[begin:end].encode("utf-8") for begin, end in _elements(text, start)]


def _elements(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Where each element of the array at `start` begins and ends."""
    place = _after_blanks(text, start + 1)
    while text[place] != "]":
        end = _end(text, place)
        yield place, end
        place = _next(text, end)


def _members(text: str, start: int) -> Iterator[tuple[str, int]]:
    """The keys of the object at `start`, each with where its value begins."""
    place = _after_blanks(text, start + 1)
    while text[place] != "}":
        key, end = _SCANNER.raw_decode(text, place)
        place = _after_blanks(text, _after_blanks(text, end) + 1)
        yield key, place
        place = _next(text, _end(text, place))


def _end(text: str, start: int) -> int:
    return _SCANNER.raw_decode(text, start)[1]


def _next(text: str, end: int) -> int:
    """Where the next value or member begins after one that ends at `end`, or what closes them."""
    place = _after_blanks(text, end)
    return _after_blanks(text, place + 1) if text[place] == "," else place


def _after_blanks(text: str, start: int) -> int:
    return cast("re.Match[str]", _BLANKS.match(text, start)).end()
