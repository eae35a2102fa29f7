"""Reads successful answers: a page of a list, or a single value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import repeat
from typing import Any, Generic, NamedTuple, TypeVar, cast

from attrs import field, frozen

from ..errors import Attempt, DecodeError, PaginationError
from ..operation import Call, Pagination
from ..values.compounds import ModelOf
from ..values.models import fields_of
from ..values.scalars import STRING, TEXT_OR_INTEGER, Type
from ..values.strict_json import (
    JSON,
    Malformed,
    cut_items,
    find_value,
    kind,
    loads,
    may_hold_halves,
    point,
    printable,
    refuse_halves,
    require_json,
)
from ..wire import HTTPRequest, HTTPResponse
from .model_reader import read_models
from .status_errors import ErrorBody, named_id

__all__ = ["MalformedItem", "Page"]

ItemT = TypeVar("ItemT")

_BODILESS = frozenset({204, 205})  # RFC 9110, 15.3.5 and 15.3.6
_TEXTS = (STRING, TEXT_OR_INTEGER)


@frozen(kw_only=True)
class MalformedItem:
    """A malformed item of a list, which takes the item's place with `on_invalid="keep"`."""

    place: str
    """JSON pointer (RFC 6901) into the page's body: the field that is malformed."""
    reason: str
    raw: str = field(repr=False)
    """The item's JSON text, exactly as in the body; the repr does not show it."""


@frozen(kw_only=True)
class Page(Generic[ItemT]):
    """One page of a list."""

    items: tuple[ItemT, ...]
    raw: bytes
    """The body as received, after removing the content encoding."""
    request_id: str | None
    """The service's id of this request."""
    attempts: tuple[Attempt, ...] = ()
    """The requests sent for this page, the successful one last."""
    items_at: str = ""
    """JSON pointer (RFC 6901) to the array of the items in the body."""
    headers: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    """The answer's headers that the document describes, by their lower-case names."""

    @property
    def client_request_id(self) -> str | None:
        """The caller's id of the call that fetched it, or None if the API has none."""
        return self.attempts[-1].client_request_id if self.attempts else None

    def raw_items(self) -> tuple[bytes, ...]:
        """The JSON text of each item, byte for byte as in `raw`; extracted again on every access."""
        count = len(self.items)
        # If part of the page was returned before, the items are those at its end.
        return tuple(cut_items(self.raw, self.items_at)[-count:]) if count else ()

    def __repr__(self) -> str:
        return f"Page({len(self.items)} items, {len(self.raw)} bytes, request_id={self.request_id!r})"


@frozen(kw_only=True, eq=False, repr=False)
class Listing(Generic[ItemT]):
    """A page, with what a pager verifies before it returns the page."""

    page: Page[ItemT]
    texts: Sequence[bytes] = ()
    """The items as JSON."""
    ids: tuple[str, ...] = ()
    """The ids of the items as text; empty if pages are found by token."""
    token: str | None = None
    """The token of the next page, if this API has tokens."""
    foreign: str | None = None
    """Why an item belongs to another list, or None."""
    following: Call | None = None
    """The call for the next page, if it was already made."""


def refuse_pages(text: str, *pages: Page[Any]) -> PaginationError:
    """The error for pages that contradict the request or each other."""
    named = tuple(page.request_id for page in pages if page.request_id is not None)
    error = PaginationError(text, request_ids=named, raw=pages[-1].raw)
    error.attempts = tuple(attempt for page in pages for attempt in page.attempts)
    return error


def read_success(  # noqa: PLR0913  # the answer, and how it is read
    call: Call,
    request: HTTPRequest,
    response: HTTPResponse,
    shape: ErrorBody,
    *,
    strict: bool = False,
    attempts: tuple[Attempt, ...] = (),
) -> Any:
    """The result of a successful answer: a value, a `Listing`, or None if its status carries neither.

    `strict` refuses a body in which an object has a key twice; `attempts` are those of the page.

    Raises:
        DecodeError: the body does not follow the document; it is never treated as an empty result.
    """
    operation = call.operation
    request_id = response.first_header(shape.request_id_headers)
    headers = response.select_headers(shape.described)
    make_page = partial(Page[Any], raw=response.content, request_id=request_id, headers=headers, attempts=attempts)
    try:
        named = operation.named(response.status)
        if named in operation.empty:
            return None if operation.pagination is None else Listing(page=make_page(items=()))
        # An empty body ends a list only if the document says so.
        if named == "2XX" and response.status in _BODILESS and operation.pagination is None:
            return None
        if named is not None and (other := operation.answers.get(named)):
            return other.decode(response, strict=strict)
        require_json(response.headers.get("content-type", ""), response.content)
        if operation.pagination is not None:
            if strict:
                loads(response.content, strict=True, halves=True)
            return _read_listing(call, operation.pagination, response.content, make_page)
        value = loads(response.content, strict=strict)
        return None if operation.result is None else operation.result.decode(value)
    except Malformed as error:
        where = f"{request.method} {request.url}, status {response.status}{named_id(request_id)}"
        text = f"{where}: {error}; the answer does not follow the document, keep it and report it to the service"
        raise DecodeError(
            text, request_id=request_id, headers=headers, place=error.place, item=error.item, raw=response.content
        ) from error


def _read_listing(call: Call, pagination: Pagination, raw: bytes, make_page: Callable[..., Page[Any]]) -> Listing[Any]:
    texts = cut_items(raw, pagination.items)
    found = _read_items(call, pagination, texts)
    return Listing(
        page=make_page(items=tuple(found.items), items_at=pagination.items),
        texts=texts,
        ids=_ids_of(pagination, found) if pagination.style == "item" else (),
        token=_find_token(raw, pagination.cursor_at) if pagination.style == "token" else None,
        foreign=_find_foreign(call, found),
    )


def _find_token(raw: bytes, pointer: str) -> str | None:
    token = find_value(raw, pointer)
    if token is not None and not isinstance(token, str):
        raise Malformed(f"expected string, got {kind(token)}", pointer)
    refuse_halves(token, pointer)
    return token or None


def _read_items(call: Call, pagination: Pagination, texts: Sequence[bytes]) -> _Found:
    """The items of a page, each from its JSON text.

    Raises:
        Malformed: an item does not follow the document, and the call does not keep such items; or nothing can follow
            it safely, because its id or what ties it to this list cannot be read.
    """
    result = cast("Type", call.operation.result)
    if isinstance(result, ModelOf):
        items, left = read_models(result.model, texts)
    else:
        items, left = [None] * len(texts), {*range(len(texts))}
    pointers = [*([pagination.cursor_at] if pagination.style == "item" else []), *(one for one, _ in pagination.same)]
    known = dict[int, dict[str, JSON]]()
    for at in sorted(left):
        text = texts[at]
        try:
            value = loads(text, halves=True)
            known[at] = {pointer: point(value, pointer) for pointer in pointers}
            items[at] = _read_leniently(call, value, known[at], text, f"{pagination.items}/{at}")
        except Malformed as error:
            raise Malformed(error.message, f"{pagination.items}/{at}{error.place}", item=text.decode("utf-8")) from None
    return _Found(result, items, texts, known)


def _read_leniently(call: Call, value: JSON, known: Mapping[str, JSON], text: bytes, place: str) -> Any:
    may_be_halved = may_hold_halves(text)
    try:
        if may_be_halved:
            refuse_halves(value)
        return cast("Type", call.operation.result).decode(value)
    except Malformed as error:
        if call.on_invalid == "raise":
            raise
        _require_ties(cast("Pagination", call.operation.pagination), value, known, may_be_halved=may_be_halved)
        reason = printable(error.message)
        return MalformedItem(place=place + error.place, reason=reason, raw=text.decode("utf-8"))


def _require_ties(pagination: Pagination, value: JSON, known: Mapping[str, JSON], *, may_be_halved: bool) -> None:
    """Raise Malformed if a malformed item does not even show its id, or which list it belongs to."""
    if pagination.style == "item":
        if may_be_halved:
            refuse_halves(known[pagination.cursor_at], pagination.cursor_at)
        _require_id(known[pagination.cursor_at], pagination.cursor_at)
    for pointer, _ in pagination.same:
        found = known[pointer]
        if not isinstance(value, dict) or isinstance(found, bool) or not isinstance(found, (str, int, type(None))):
            raise Malformed(f"expected a string or an integer that ties it to its list, got {kind(found)}", pointer)


def _require_id(found: JSON, pointer: str) -> str:
    if isinstance(found, bool) or not isinstance(found, (str, int)) or found == "":
        raise Malformed(f"expected a string or an integer as id, got {kind(found)}", pointer)
    return str(found)


class _Found(NamedTuple):
    """The items of a page, and what is known about each."""

    result: Type
    items: list[Any]
    texts: Sequence[bytes]
    known: Mapping[int, Mapping[str, JSON]]
    """The values at the pointers in the items that the reference has read, by index."""

    def find(self, pointer: str) -> list[Any]:
        """The value at a JSON pointer (RFC 6901) in each item."""
        name = _find_name(self.result, pointer)
        if name is None:
            return [
                self.known[at][pointer] if at in self.known else point(loads(text), pointer)
                for at, text in enumerate(self.texts)
            ]
        found = list(map(getattr, self.items, repeat(name), repeat(None)))
        for at, known in self.known.items():
            found[at] = known[pointer]
        return found


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


@cache
def _find_name(result: Type, pointer: str) -> str | None:
    """The field of a model that holds the value at this pointer, if it is a text field."""
    for field_ in fields_of(result.model) if isinstance(result, ModelOf) else ():
        if pointer == f"/{field_.wire}" and not field_.other_names and field_.type in _TEXTS:
            return field_.name
    return None
