"""Reads successful answers: a page of a list, or a single value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from attrs import field, frozen

from ..errors import Attempt, DecodeError, PaginationError
from ..operation import Call, Pagination
from ..values.strict_json import Malformed, kind, loads, refuse_halves, require_json
from ..wire import HTTPRequest, HTTPResponse
from .items import cut_items, find_value, read_items
from .status_errors import ErrorBody, named_id

if TYPE_CHECKING:
    from ..values.scalars import Type

__all__ = ["Page"]

ItemT = TypeVar("ItemT")

_BODILESS = frozenset({204, 205})  # RFC 9110, 15.3.5 and 15.3.6


@frozen(kw_only=True)
class Page(Generic[ItemT]):
    """One page of a list."""

    items: tuple[ItemT, ...]
    raw: bytes
    """The body as it came, without its content encoding."""
    request_id: str | None
    """The service's id of this request."""
    attempts: tuple[Attempt, ...] = ()
    """The requests sent for this page, the successful one last."""
    items_at: str = ""
    """JSON pointer (RFC 6901) into the body: the array that the items stand in."""
    headers: Mapping[str, str] = field(factory=dict[str, str], hash=False)
    """Of the answer, those that the document describes, by their lower-case names."""

    @property
    def client_request_id(self) -> str | None:
        """The caller's id of the call that fetched it, or None where the API knows none."""
        return self.attempts[-1].client_request_id if self.attempts else None

    def raw_items(self) -> tuple[bytes, ...]:
        """The JSON text of each item, byte for byte as it stands in `raw`; cut out anew at every call."""
        count = len(self.items)
        # Of a page that was handed over in part, the items are those at its end.
        return tuple(cut_items(self.raw, self.items_at)[-count:]) if count else ()

    def __repr__(self) -> str:
        return f"Page({len(self.items)} items, {len(self.raw)} bytes, request_id={self.request_id!r})"


@frozen(kw_only=True)
class Listing(Generic[ItemT]):
    """A page with what a pager verifies before it hands the page over."""

    page: Page[ItemT]
    texts: Sequence[bytes] = ()
    """The items as JSON."""
    ids: tuple[str, ...] = ()
    """Of the items, as text; empty where pages follow by token."""
    token: str | None = None
    """Where the next page starts, if this API says so."""
    foreign: str | None = None
    """What shows that an item belongs to another list, if anything does."""


def refuse_pages(text: str, *pages: Page[Any]) -> PaginationError:
    """The error for pages that contradict what was asked for, or each other."""
    error = PaginationError(text, request_ids=tuple(page.request_id for page in pages if page.request_id is not None))
    error.attempts = tuple(attempt for page in pages for attempt in page.attempts)
    return error


def read_success(  # noqa: PLR0913  # what came, and how it is read
    call: Call,
    request: HTTPRequest,
    response: HTTPResponse,
    shape: ErrorBody,
    *,
    strict: bool = False,
    attempts: tuple[Attempt, ...] = (),
) -> Any:
    """The result of a successful answer: a value, a `Listing`, or None where its status carries neither.

    `strict` refuses a body in which an object holds a key twice; `attempts` are those of the page.

    Raises:
        DecodeError: the body is not what the document says; it is never taken for an empty result.
    """
    operation = call.operation
    request_id, headers = response.first_header(shape.request_id_headers), shape.shown(response)
    make_page = partial(Page[Any], raw=response.content, request_id=request_id, headers=headers, attempts=attempts)
    try:
        named = operation.named(response.status)
        if named in operation.empty:
            return None if operation.pagination is None else Listing(page=make_page(items=()))
        # Of a list, the document has to say so: nothing is taken for its end by itself.
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
        text = f"{where}: {error}; the answer is not what the document says, keep it and report it to the service"
        raise DecodeError(
            text, request_id=request_id, headers=headers, place=error.place, item=error.item, raw=response.content
        ) from error


def _read_listing(call: Call, pagination: Pagination, raw: bytes, make_page: Callable[..., Page[Any]]) -> Listing[Any]:
    texts = cut_items(raw, pagination.items)
    found = read_items(call, cast("Type", call.operation.result), texts)
    page = make_page(items=found.items, items_at=pagination.items)
    token = _find_token(raw, pagination.cursor_at) if pagination.style == "token" else None
    return Listing(page=page, texts=texts, ids=found.ids, token=token, foreign=found.foreign)


def _find_token(raw: bytes, pointer: str) -> str | None:
    token = find_value(raw, pointer)
    if token is not None and not isinstance(token, str):
        raise Malformed(f"expected string, got {kind(token)}", pointer)
    refuse_halves(token, pointer)
    return token or None
