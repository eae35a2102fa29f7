"""The items of collections: copies of the document's example, their order and their pages."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from ..values.strict_json import JSON
from .document import Operation, Pagination
from .schemas import DATE_TIME, UUID, drop, elements, find, members, put

# Bounded, because Python refuses to read an integer of more than 4300 digits.
_DIGITS = re.compile(r"[0-9]{1,1000}")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")


@frozen(kw_only=True)
class Listing:
    """The items of one collection as one operation lists them."""

    items: Sequence[Mapping[str, JSON]] = ()
    ids: Sequence[str] = ()
    sign: int = 0
    """1 if the ids are ascending numbers, -1 if descending; 0 if one is not a number: the order is then as given."""
    deadline: float | None = None

    def is_over(self, now: float) -> bool:
        """Whether the lifetime of the collection has passed."""
        return self.deadline is not None and now >= self.deadline

    def after(self, cursor: str | None) -> int | None:
        """The index of the first item after the id `cursor`, or None if it cannot be an id."""
        if cursor is None:
            return 0
        if not self.sign:
            return self.ids.index(cursor) + 1 if cursor in self.ids else None
        if not _DIGITS.fullmatch(cursor):
            return None
        return bisect_right(self.ids, self.sign * int(cursor), key=lambda one: self.sign * int(one))


def list_items(
    operation: Operation,
    *,
    ascending: bool,
    items: Sequence[Mapping[str, JSON]] | None = None,
    copies: tuple[str, int] | None = None,
    deadline: float | None = None,
) -> Listing:
    """The listing of `operation`: `items`, or `copies` (collection and count) of its example, or the example's items.

    Raises:
        ValueError: an item has no id, or the example has no item.
    """
    pagination = operation.pagination
    if pagination is None:
        return Listing(deadline=deadline)
    id_at = None if pagination.by_token else pagination.cursor_at
    if items is None:
        examples = elements(find(operation.success.value, pagination.items))
        items = [members(item) for item in examples]
        if copies is not None:
            if not examples:
                raise ValueError(
                    f"{operation.method} {operation.path}: its example has no item; add one to the document"
                )
            # Without a cursor that needs an id, a member named id can still count the items, unless it is a UUID.
            own = _find_id(examples[0], "/id")
            id_at = id_at or (None if own is None or UUID.fullmatch(own) else "/id")
            same_at = [place for place, name in pagination.same.items() if name == operation.collection]
            items = list(_copy(examples[0], *copies, id_at=id_at, same_at=same_at))
    ids = ["" if id_at is None else _find_id(item, id_at) for item in items]
    if None in ids:
        raise ValueError(f"items[{ids.index(None)}]: has no id at {id_at!r}; give it a text or an integer")
    listed = list(zip(map(str, ids), items, strict=True))
    sign = 0
    if all(_DIGITS.fullmatch(one) for one, _ in listed):
        sign = 1 if ascending else -1
        listed.sort(key=lambda pair: sign * int(pair[0]))
    return Listing(items=[item for _, item in listed], ids=[one for one, _ in listed], sign=sign, deadline=deadline)


def _find_id(item: JSON, id_at: str) -> str | None:
    found = find(item, id_at)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else None


def _copy(
    example: JSON, collection: str, count: int, *, id_at: str | None, same_at: Sequence[str]
) -> Iterator[Mapping[str, JSON]]:
    """`count` different copies of `example`, oldest first, the same ones in every run.

    The place `id_at` counts from 1 in the example's own type; the places `same_at`, if the example has them, hold
    the collection's name. Other UUIDs, digests and times differ from copy to copy.
    """
    same_at = [pointer for pointer in same_at if find(example, pointer) is not None]
    for number in range(1, count + 1):
        item = _vary(example, seed=f"{collection}/{number}", seconds=number)
        if id_at is not None:
            item = put(item, id_at, str(number) if isinstance(find(example, id_at), str) else number)
        for pointer in same_at:
            item = put(item, pointer, collection)
        if isinstance(item, Mapping):
            yield item


def _vary(value: JSON, *, seed: str, seconds: int) -> JSON:
    if isinstance(value, Mapping):
        return {name: _vary(one, seed=f"{seed}/{name}", seconds=seconds) for name, one in value.items()}
    if isinstance(value, list):
        return [_vary(one, seed=f"{seed}/{place}", seconds=seconds) for place, one in enumerate(elements(value))]
    if not isinstance(value, str):
        return value
    if UUID.fullmatch(value):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, seed))
    if _DIGEST.fullmatch(value):
        return hashlib.sha256(seed.encode()).hexdigest().upper()
    found = DATE_TIME.fullmatch(value)
    return value if found is None else _move(found, seconds)


def _move(found: re.Match[str], seconds: int) -> str:
    """The same time `seconds` later, in the format of the original; the original if there is no such time."""
    base, fraction, offset = found.groups(default="")
    try:
        moved = datetime.fromisoformat(base.upper()) + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return found[0]
    return moved.isoformat(sep=base[10], timespec="seconds") + fraction + offset


def make_page(operation: Operation, pagination: Pagination, listing: Listing, cursor: str | None, limit: int) -> JSON:
    """The body of the page after `cursor`, or None if that is not a cursor."""
    start = _read_token(cursor, len(listing.items)) if pagination.by_token else listing.after(cursor)
    if start is None:
        return None
    end = start + limit
    body = put(operation.success.value, pagination.items, list(listing.items[start:end]))
    if not pagination.by_token:
        return body
    if end < len(listing.items):
        return put(body, pagination.cursor_at, _write_token(end))
    return drop(body, pagination.cursor_at)


def _write_token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"offset {offset}".encode()).decode()


def _read_token(token: str | None, size: int) -> int | None:
    if token is None:
        return 0
    try:
        offset = int(base64.urlsafe_b64decode(token).removeprefix(b"offset "))
    except ValueError:
        return None
    return offset if token == _write_token(offset) and offset in range(size + 1) else None
