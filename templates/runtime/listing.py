"""Where a listing stands and what its next page must look like, without I/O."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, TypeVar, cast

from .answer import Listing, Page, refuse_pages
from .errors import InvalidArgumentError, PaginationError
from .messages import JSON
from .operation import Call, Operation, Pagination

_VERSION = 1

ItemT = TypeVar("ItemT")


class Progress:
    """The state of one listing: it moves only when items were handed over."""

    def __init__(
        self, operation: Operation, arguments: Mapping[str, Any], *, endpoint: str, prefix: str, trust_short_page: bool
    ) -> None:
        """Begin at the cursor among `arguments`, or at the beginning.

        Raises:
            InvalidArgumentError: an argument breaks the document's limits.
        """
        self._operation = operation
        self._pagination = cast("Pagination", operation.pagination)  # a pager is made for nothing else
        self._arguments = dict(arguments)
        self._place = {"endpoint": endpoint, "prefix": prefix}
        self._trust_short_page = trust_short_page
        given = self._arguments.get(self._pagination.cursor)
        self._cursor: str | None = None if given == "" else given
        self._descending: bool | None = None
        self._skip = 0
        self._seen: set[str] = set()
        self.finished = False
        self._call()  # so that a wrong argument is refused where the listing is made, not where it is first used
        self._number = self._cursor if _is_number(self._cursor or "") else None

    @property
    def checkpoint(self) -> dict[str, JSON]:
        """Where to resume, as plain JSON: bound to the operation, its arguments and the place it was sent to."""
        return self._binding() | {
            "cursor": self._cursor,
            "descending": self._descending,
            "skip": self._skip,
            "finished": self.finished,
        }

    def resume(self, checkpoint: object) -> None:
        """Go to a checkpoint.

        Raises:
            InvalidArgumentError: it belongs to another listing, or is none.
        """
        if not isinstance(checkpoint, Mapping):
            raise InvalidArgumentError("checkpoint: is none; give one as a pager returned it")
        given = cast("Mapping[str, JSON]", checkpoint)
        for name, value in self._binding().items():
            if given.get(name) != value:
                raise InvalidArgumentError(
                    f"checkpoint: its {name} is {given.get(name)!r:.200}, this listing's is {value!r:.200}; "
                    "resume with the arguments and the endpoint of the listing it was taken from"
                )
        cursor, descending = given.get("cursor"), given.get("descending")
        skip, finished = given.get("skip"), given.get("finished")
        valid_cursor = cursor is None or (isinstance(cursor, str) and cursor != "")
        # Where items are cursors, a checkpoint stands behind an item and never inside a page.
        valid_skip = type(skip) is int and (skip == 0 or (skip > 0 and self._pagination.style == "token"))
        valid_order = descending is None or isinstance(descending, bool)
        if not (valid_cursor and valid_skip and valid_order and isinstance(finished, bool)):
            raise InvalidArgumentError("checkpoint: was altered; give one as a pager returned it")
        self._cursor = cast("str | None", cursor)
        self._number = self._cursor if _is_number(self._cursor or "") else None
        self._descending, self._skip = cast("bool | None", descending), cast("int", skip)
        self.finished = finished
        self._call()  # so that a cursor that cannot be sent is refused here

    def fetch(self) -> Generator[Call, Listing[Any], Listing[Any]]:
        """Yields what to send, is sent what came, returns the next page once it is verified.

        Raises:
            PaginationError: two fetches in a row contradict the pages before, or themselves.
        """
        try:
            call = self._call()
        except InvalidArgumentError as error:
            text = f"{self._operation.name}: the id {self._cursor!r:.80} cannot be sent to ask for what follows it"
            raise PaginationError(f"{text} ({error}); report it") from error
        listing = yield call
        complaint = self.complaint(listing)
        if complaint is not None:
            # A stale replica or a crossed answer shows once; the service itself shows twice.
            first = listing.page
            listing = yield call
            complaint = self.complaint(listing)
            if complaint is not None:
                where = f"{self._operation.name} after {self._cursor!r:.80}"
                text = f"{where}: {complaint}; resume from the checkpoint, and report it"
                raise refuse_pages(text, first, listing.page)
        return listing

    def unread(self, listing: Listing[Any]) -> int:
        """Where in a fetched page the items begin that were not handed over yet."""
        return min(self._skip, len(listing.page.items))

    def hand_over(self, listing: Listing[Any], since: int, until: int) -> None:
        """Note that these items of the page have been handed over; the last one of them ends the page."""
        length = len(listing.page.items)
        if self._pagination.style == "item":
            self._learn(listing.ids[since:until])
        else:
            self._skip = until
        if until < length:
            return
        if self._pagination.style == "token":
            self._seen.add(self._cursor or "")
            self._cursor, self._skip = listing.token, 0
            self.finished = listing.token is None
        elif length == 0 or (self._trust_short_page and length < (self._limit() or 0)):
            self.finished = True

    def _call(self) -> Call:
        return self._operation.call(self._arguments | {self._pagination.cursor: self._cursor})

    def _binding(self) -> dict[str, JSON]:
        # A place inside a page is only the same place in a page of the same size.
        moving = {self._pagination.cursor, self._pagination.limit if self._pagination.style == "item" else None}
        still = {
            name: str(value) for name, value in self._arguments.items() if name not in moving and value is not None
        }
        return {"version": _VERSION, "operation": self._operation.name, **self._place, "arguments": still}

    def _limit(self) -> int | None:
        name = self._pagination.limit
        given = None if name is None else self._arguments.get(name)
        return self._pagination.default_limit if given is None else given

    def _learn(self, ids: tuple[str, ...]) -> None:
        for current in ids:
            if not _is_number(current):
                self._seen.add(current)
            else:
                if self._number is not None:
                    self._descending = _order(current) < _order(self._number)
                self._number = current
            self._cursor = current

    def complaint(self, listing: Listing[Any]) -> str | None:
        """What contradicts the pages before, or the page itself, if anything does."""
        limit = self._limit()
        if listing.foreign is not None:
            return listing.foreign
        if limit is not None and len(listing.page.items) > limit:
            return f"asked for {limit} items at most, got {len(listing.page.items)}"
        if self._pagination.style == "item":
            return self._order_complaint(listing.ids)
        if listing.token is not None and (listing.token == self._cursor or listing.token in self._seen):
            return f"the next page is {listing.token!r:.80}, which was fetched before"
        return None

    def _order_complaint(self, ids: tuple[str, ...]) -> str | None:
        number, descending, seen = self._number, self._descending, set[str]()
        for current in ids:
            if not _is_number(current):
                if current == self._cursor or current in seen or current in self._seen:
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


def verified_page(operation: Operation, arguments: Mapping[str, Any], listing: Listing[ItemT]) -> Page[ItemT]:
    """The page of a single call, held to the same rules as a pager's.

    Raises:
        PaginationError: it contradicts itself or what was asked for.
    """
    alone = Progress(operation, arguments, endpoint="", prefix="", trust_short_page=False)
    complaint = alone.complaint(listing)
    if complaint is not None:
        raise refuse_pages(f"page: {complaint}; call again, and report it if it stays", listing.page)
    return listing.page


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _order(digits: str) -> tuple[int, str]:
    # Compares like the numbers; int() would refuse thousands of digits.
    plain = digits.lstrip("0")
    return len(plain), plain
