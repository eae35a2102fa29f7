"""The collections of an emulator, and their pages."""

from __future__ import annotations

import base64
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from ..values.strict_json import JSON
from .document import Operation, Pagination
from .items import make_items
from .tree import drop, elements, find, members, put
from .validation import UUID

# Bounded, because Python refuses to read an integer of more than 4300 digits.
_DIGITS = re.compile(r"[0-9]{1,1000}")


@frozen(kw_only=True)
class Listing:
    """The items of one collection as one operation lists them."""

    items: Sequence[Mapping[str, JSON]]
    ids: Sequence[str]
    # Ids as numbers that grow along the list; None where some id is no number, and the list stays as it was given.
    keys: Sequence[int] | None
    sign: int
    deadline: float | None

    def is_over(self, now: float) -> bool:
        """Whether the lifetime of the collection has passed."""
        return self.deadline is not None and now >= self.deadline

    def after(self, cursor: str | None) -> int | None:
        """The place of the first item after `cursor`, which is an id; None where it cannot be one."""
        if cursor is None:
            return 0
        if self.keys is None:
            return self.ids.index(cursor) + 1 if cursor in self.ids else None
        return bisect_right(self.keys, self.sign * int(cursor)) if _DIGITS.fullmatch(cursor) else None


def make_listing(
    items: Iterable[Mapping[str, JSON]], *, id_at: str | None, ascending: bool, deadline: float | None
) -> Listing:
    """The items in the order of their ids where these are numbers, else as they come.

    Raises:
        ValueError: an item has no id.
    """
    items, sign = list(items), 1 if ascending else -1
    ids = [_id(item, id_at, place) for place, item in enumerate(items)]
    if not all(map(_DIGITS.fullmatch, ids)):
        return Listing(items=items, ids=ids, keys=None, sign=sign, deadline=deadline)
    order = sorted(range(len(items)), key=lambda place: sign * int(ids[place]))
    return Listing(
        items=[items[place] for place in order],
        ids=[ids[place] for place in order],
        keys=[sign * int(ids[place]) for place in order],
        sign=sign,
        deadline=deadline,
    )


def _id(item: JSON, id_at: str | None, place: int) -> str:
    if id_at is None:
        return ""
    found = find(item, id_at)
    if isinstance(found, str | int) and not isinstance(found, bool):
        return str(found)
    raise ValueError(f"items[{place}]: has no id at {id_at!r}; give it a text or an integer")


def listing_of(
    operation: Operation,
    collection: str,
    *,
    count: int | None,
    items: Sequence[Mapping[str, JSON]] | None,
    ascending: bool,
    deadline: float | None,
) -> Listing:
    """What `operation` lists of a collection: the given items, or `count` copies of its example.

    Raises:
        ValueError: an item has no id, or the example no item.
    """
    pagination = operation.pagination
    if pagination is None:
        return Listing(items=(), ids=(), keys=(), sign=1, deadline=deadline)
    id_at = None if pagination.by_token else pagination.cursor_at
    if items is None:
        examples = elements(find(operation.success_value, pagination.items))
        if not examples:
            raise ValueError(f"{operation.method} {operation.path}: its example has no item; add one to the document")
        id_at = id_at or _counting_place(examples[0])
        same = [place for place, name in pagination.same.items() if name == operation.collection]
        items = list(make_items(examples[0], collection=collection, count=count or 0, id_at=id_at, same_at=same))
    return make_listing(items, id_at=id_at, ascending=ascending, deadline=deadline)


def _counting_place(example: JSON) -> str | None:
    """The place of a number that tells items apart where no cursor needs one: a member named id, unless a UUID."""
    found = find(example, "/id")
    is_counting = isinstance(found, int | str) and not isinstance(found, bool) and not UUID.fullmatch(str(found))
    return "/id" if is_counting else None


def listing_of_example(operation: Operation, pagination: Pagination) -> Listing:
    """What an operation without collections lists: the items of its example."""
    items = [members(item) for item in elements(find(operation.success_value, pagination.items))]
    id_at = None if pagination.by_token else pagination.cursor_at
    return make_listing(items, id_at=id_at, ascending=operation.ascending, deadline=None)


def page(operation: Operation, pagination: Pagination, listing: Listing, cursor: str | None, limit: int) -> JSON:
    """The body of the page after `cursor`, or None where that is no cursor."""
    start = _offset(cursor, len(listing.items)) if pagination.by_token else listing.after(cursor)
    if start is None:
        return None
    end = start + limit
    body = put(operation.success_value, pagination.items, list(listing.items[start:end]))
    if not pagination.by_token:
        return body
    if end < len(listing.items):
        return put(body, pagination.cursor_at, _token(end))
    return drop(body, pagination.cursor_at)


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset {offset}".encode()).decode()


def _offset(token: str | None, size: int) -> int | None:
    if token is None:
        return 0
    try:
        offset = int(base64.urlsafe_b64decode(token).removeprefix(b"offset "))
    except ValueError:
        return None
    return offset if token == _token(offset) and offset in range(size + 1) else None
