"""What a page must look like beside the pages before it, as plain functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..operation import Call, Pagination
    from ..responses.pages import Listing


class Trail(NamedTuple):
    """What a listing has shown so far."""

    cursor: str | None
    """Where the next page starts."""
    # Grows with the listing, where ids are no numbers: these have no order, so nothing less would show a cycle.
    seen: set[str]
    """Ids that are no numbers, or tokens."""
    number: str | None = None
    """The last id of digits."""
    descending: bool | None = None
    """Whether such ids fall; None before two of them have shown it."""
    skip: int = 0
    """How many items of the next page were handed over before."""
    finished: bool = False
    """Whether the listing has no more items."""

    def learn(self, ids: Sequence[str]) -> Trail:
        """The trail once the items of these ids, some at least, were handed over; both share their set."""
        numbers = ids if _are_digits(ids) and all(ids) else [one for one in ids if is_number(one)]
        if numbers is not ids:
            self.seen.update(one for one in ids if not is_number(one))
        last = [*([] if self.number is None else [self.number]), *numbers[-2:]][-2:]
        return self._replace(
            cursor=ids[-1],
            number=last[-1] if last else None,
            descending=_order(last[1]) < _order(last[0]) if numbers and len(last) > 1 else self.descending,
        )


def trail_from(cursor: str | None, **known: Any) -> Trail:
    """The trail of a listing that begins at `cursor`; what else is known of it, by field."""
    return Trail(cursor=cursor, seen=set(), number=cursor if is_number(cursor or "") else None, **known)


def page_limit(call: Call) -> int | None:
    """How many items a page may hold, if that is known."""
    pagination = cast("Pagination", call.operation.pagination)
    given = None if pagination.limit is None else call.arguments.get(pagination.limit)
    return pagination.default_limit if given is None else given


def complaint(listing: Listing[Any], call: Call, trail: Trail) -> str | None:
    """What contradicts the pages before, or the page itself, if anything does."""
    length, limit = len(listing.page.items), page_limit(call)
    if listing.foreign is not None:
        return listing.foreign
    if limit is not None and length > limit:
        return f"asked for {limit} items at most, got {length}"
    if cast("Pagination", call.operation.pagination).style == "item":
        return None if is_in_order(listing.ids, trail) else order_complaint(listing.ids, trail)
    if 0 < trail.skip >= length:
        return f"{trail.skip} items of this page and not its last were handed over before, now it has {length}"
    if listing.token is not None and (listing.token == trail.cursor or listing.token in trail.seen):
        return f"the next page is {listing.token!r:.80}, which was fetched before"
    return None


def is_number(text: str) -> bool:
    """Whether an id is one of digits, which are compared as numbers."""
    return text.isascii() and text.isdigit()


def _are_digits(ids: Sequence[str]) -> bool:
    joined = "".join(ids)
    return joined.isascii() and joined.isdigit()


def is_in_order(ids: Sequence[str], trail: Trail) -> bool:
    """Whether ids of digits are in order, found without a step of Python for each; False says nothing."""
    line = ids if trail.number is None else (trail.number, *ids)
    if not _are_digits(line):
        return False
    try:
        numbers = list(map(int, line))
    except ValueError:  # an empty one, or thousands of digits
        return False
    falls = numbers[-1] < numbers[0] if trail.descending is None else trail.descending
    return numbers == sorted(numbers, reverse=falls) and len(set(numbers)) == len(numbers)


def order_complaint(ids: Sequence[str], trail: Trail) -> str | None:
    """What is wrong with the order of the ids of a page, or with one of them, if anything is."""
    number, descending, seen = trail.number, trail.descending, set[str]()
    for current in ids:
        if not is_number(current):
            if current == trail.cursor or current in seen or current in trail.seen:
                return f"id {current!r:.80} came twice"
            seen.add(current)
            continue
        if number is not None:
            if _order(number) == _order(current):
                return f"id {current!r:.80} came twice"
            turned = _order(current) < _order(number)
            if descending is not None and turned is not descending:
                return f"id {current!r:.80} came after {number!r:.80}, against the order of the ids before"
            descending = turned
        number = current
    return None


def _order(digits: str) -> tuple[int, str]:
    # Compares like the numbers; int() would refuse thousands of digits.
    plain = digits.lstrip("0")
    return len(plain), plain
