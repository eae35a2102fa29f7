"""The position in a listing, how it continues, and how its next page must fit the ones before, without I/O."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar, cast

from ..errors import ConfigurationError, InvalidArgumentError, PaginationError
from ..operation import Call, Pagination
from ..requests.endpoint import parse_endpoint
from ..responses.pages import Listing, Page, refuse_pages
from ..values.strict_json import JSON

_VERSION = 1

ItemT = TypeVar("ItemT")


class Trail(NamedTuple):
    """What a listing has shown so far."""

    cursor: str | None
    """Where the next page starts."""
    # Grows with the listing if ids are not numbers: they have no order, so only all of them reveal a cycle.
    seen: set[str]
    """Ids that are not numbers, or tokens."""
    number: str | None = None
    """The last id of digits."""
    descending: bool | None = None
    """Whether numeric ids descend; None before two of them are known."""
    skip: int = 0
    """How many items of the next page were already returned."""
    finished: bool = False
    """Whether the listing has no more items."""

    def learn(self, ids: Sequence[str]) -> Trail:
        """The trail after the items with these ids, at least one, were returned; both trails share one set."""
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
    """The trail of a listing that begins at `cursor`; `known` are further fields."""
    return Trail(cursor=cursor, seen=set(), number=cursor if is_number(cursor or "") else None, **known)


def page_limit(call: Call) -> int | None:
    """How many items a page may hold, if that is known."""
    pagination = cast("Pagination", call.operation.pagination)
    given = None if pagination.limit is None else call.arguments.get(pagination.limit)
    return pagination.default_limit if given is None else given


class Progress:
    """The state of one listing; it changes only when items were returned."""

    trail: Trail
    """What it has shown so far."""
    _made: Call | None
    """A call that was made in advance, perhaps for the page at the trail."""

    def __init__(
        self, call: Call, *, place: Mapping[str, str], trust_short_page: bool = False, confirms_end: bool = False
    ) -> None:
        """Begin with this call; `place` is where it is sent.

        With `confirms_end`, the page that ends the listing is fetched again over a new connection.
        """
        self._start = call
        self._pagination = cast("Pagination", call.operation.pagination)  # only paged operations have pagers
        self._place = dict(place)
        self._trust_short_page, self._confirms_end = trust_short_page, confirms_end
        self._begin(trail_from(_cursor_of(call)), call)

    @property
    def name(self) -> str:
        """The operation's."""
        return self._start.operation.name

    @property
    def finished(self) -> bool:
        """Whether there are no more items."""
        return self.trail.finished

    def checkpoint_at(self, trail: Trail) -> dict[str, JSON]:
        """Where to resume, as plain JSON: bound to the operation, its arguments and its endpoint."""
        return self._binding() | {
            "cursor": trail.cursor,
            "descending": trail.descending,
            "skip": trail.skip,
            "finished": trail.finished,
        }

    def resume(self, checkpoint: object) -> None:
        """Go to a checkpoint.

        Raises:
            InvalidArgumentError: it belongs to another listing or is malformed, or a cursor was also given.
        """
        if not isinstance(checkpoint, Mapping):
            raise InvalidArgumentError("checkpoint: is malformed; give one as a pager returned it")
        name = self._pagination.cursor
        if self._start.arguments.get(name) is not None:
            raise InvalidArgumentError(f"{name}: cannot be combined with checkpoint, which contains one; leave one out")
        given = _in_one_spelling(cast("Mapping[str, JSON]", checkpoint))
        for name, value in self._binding().items():
            if given.get(name) != value:
                raise InvalidArgumentError(
                    f"checkpoint: its {name} is {given.get(name)!r:.200}, this listing's is {value!r:.200}; "
                    "resume with the arguments and the endpoint of the listing it was taken from"
                )
        cursor, descending = given.get("cursor"), given.get("descending")
        skip, finished = given.get("skip"), given.get("finished")
        valid_cursor = cursor is None or (isinstance(cursor, str) and cursor != "")
        # If cursors are items, a checkpoint follows an item and is never inside a page.
        valid_skip = type(skip) is int and (skip == 0 or (skip > 0 and self._pagination.style == "token"))
        valid_order = descending is None or isinstance(descending, bool)
        if not (valid_cursor and valid_skip and valid_order and isinstance(finished, bool)):
            raise InvalidArgumentError("checkpoint: was altered; give one as a pager returned it")
        cursor = cast("str | None", cursor)
        # The call is made here, so that an invalid cursor is refused at once.
        call = self._start.replace_argument(self._pagination.cursor, cursor)
        self._begin(trail_from(cursor, descending=descending, skip=skip, finished=finished), call)

    def again(self, *, largest: int) -> Progress:
        """The same listing from its start over fresh connections, with pages below `largest` items if possible."""
        call, limit = self._start, self._pagination.limit
        # A position inside a page is valid only for pages of the same size.
        if limit is not None and self._beginning.skip == 0:
            with suppress(InvalidArgumentError):
                # More than half, so that the pages of both begin at different items.
                call = call.replace_argument(limit, max(1, min(largest // 2 + 1, largest - 1)))
        made = Progress(call._replace(fresh=True), place=self._place, trust_short_page=self._trust_short_page)
        made._begin(self._beginning._replace(seen=set[str]()), made._made)
        return made

    def fetch(self) -> Generator[Call, Listing[Any], Listing[Any]]:
        """Yields calls, receives their results, returns the next page after verifying it.

        Raises:
            PaginationError: two fetches in a row contradict earlier pages, or themselves.
        """
        try:
            call = self._next_call()
        except InvalidArgumentError as error:
            text = f"{self.name}: the id {self.trail.cursor!r:.80} cannot be sent to ask for what follows it"
            raise PaginationError(f"{text} ({error}); report it") from error
        listing = yield from self._verified(call)
        ends = listing.token is None if self._pagination.style == "token" else not listing.page.items
        if self._confirms_end and ends:
            # A connection with one stray answer may have another one for the same request.
            listing = yield from self._verified(call._replace(fresh=True))
        self._made = listing.following
        return listing

    def _next_call(self) -> Call:
        if self._made is None or _cursor_of(self._made) != self.trail.cursor:
            self._made = self._start.replace_argument(self._pagination.cursor, self.trail.cursor)
        return self._made._replace(fresh=self._start.fresh)

    def _verified(self, call: Call) -> Generator[Call, Listing[Any], Listing[Any]]:
        listing = yield call
        if complaint(listing, self._start, self.trail) is not None:
            # A stale replica or a stray answer fails once; a fault of the service itself fails twice.
            first = listing.page
            listing = yield call._replace(fresh=True)
            found = complaint(listing, self._start, self.trail)
            if found is not None:
                where = f"{self.name} after {self.trail.cursor!r:.80}"
                text = f"{where}: {found}; resume from the checkpoint, and report it"
                raise refuse_pages(text, first, listing.page)
        return listing

    def hand_over(self, listing: Listing[Any], since: int, until: int) -> None:
        """Record that these items of the page were returned; with its last item, the page ends."""
        self.trail = self.trail_after(self.trail, listing, since, until)

    def trail_after(self, trail: Trail, listing: Listing[Any], since: int, until: int) -> Trail:
        """The trail after these items of the page were returned; `trail` is the one before them."""
        length = len(listing.page.items)
        if self._pagination.style == "token":
            if until < length:
                return trail._replace(skip=until)
            trail.seen.add(trail.cursor or "")
            return trail._replace(cursor=listing.token, skip=0, finished=listing.token is None)
        ended = length == 0 or (self._trust_short_page and until == length < (page_limit(self._start) or 0))
        learned = trail.learn(listing.ids[since:until]) if since < until else trail
        return learned._replace(finished=True) if ended else learned

    def _begin(self, trail: Trail, call: Call | None) -> None:
        self.trail, self._made = trail, call
        self._beginning = trail._replace(seen=set[str]())

    def _binding(self) -> dict[str, JSON]:
        # A position inside a page is valid only for pages of the same size.
        moving = {self._pagination.cursor, self._pagination.limit if self._pagination.style == "item" else None}
        given = self._start.arguments.items()
        still = {name: str(value) for name, value in given if name not in moving and value is not None}
        return {"version": _VERSION, "operation": self.name, **self._place, "arguments": still}


def _cursor_of(call: Call) -> str | None:
    """The cursor of a call as text, also if it is an integer or a UUID; None at the beginning of the list."""
    given = call.arguments.get(cast("Pagination", call.operation.pagination).cursor)
    return None if given is None or given == "" else str(given)


def _in_one_spelling(checkpoint: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The same checkpoint with its endpoint in canonical spelling: earlier versions kept a default port."""
    with suppress(ConfigurationError):
        return {**checkpoint, "endpoint": parse_endpoint(checkpoint.get("endpoint")).url}
    return checkpoint


def verified_page(call: Call, listing: Listing[ItemT]) -> Page[ItemT]:
    """The page of a single call, checked by the same rules as a pager's.

    Raises:
        PaginationError: it contradicts itself or the request.
    """
    found = complaint(listing, call, trail_from(_cursor_of(call)))
    if found is not None:
        raise refuse_pages(f"page: {found}; call again, and report it if it persists", listing.page)
    return listing.page


def complaint(listing: Listing[Any], call: Call, trail: Trail) -> str | None:
    """What contradicts the pages before or the page itself, or None."""
    length, limit = len(listing.page.items), page_limit(call)
    if listing.foreign is not None:
        return listing.foreign
    if limit is not None and length > limit:
        return f"asked for {limit} items at most, got {length}"
    if cast("Pagination", call.operation.pagination).style == "item":
        return None if is_in_order(listing.ids, trail) else order_complaint(listing.ids, trail)
    if 0 < trail.skip >= length:
        return f"{trail.skip} items of this page and not its last were returned before, now it has {length}"
    if listing.token is not None and (listing.token == trail.cursor or listing.token in trail.seen):
        return f"the next page is {listing.token!r:.80}, which was fetched before"
    return None


def is_number(text: str) -> bool:
    """Whether an id consists of digits; such ids are compared as numbers."""
    return text.isascii() and text.isdigit()


def _are_digits(ids: Sequence[str]) -> bool:
    joined = "".join(ids)
    return joined.isascii() and joined.isdigit()


def is_in_order(ids: Sequence[str], trail: Trail) -> bool:
    """Whether numeric ids are in order, without a Python loop; False means that it is not known."""
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
    """What is wrong with the order of the ids of a page, or with one of them, or None."""
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
