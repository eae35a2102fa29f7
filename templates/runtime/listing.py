"""Where a listing stands and what its next page must look like, without I/O."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, cast

from .answer import Listing
from .errors import InvalidArgumentError, PaginationError
from .messages import JSON
from .operation import Call, Operation, Pagination

_VERSION = 1


class Progress:
    """The state of one listing: it moves only when items were handed over."""

    def __init__(
        self, operation: Operation, arguments: Mapping[str, Any], *, endpoint: str, prefix: str, trust_short_page: bool
    ) -> None:
        """Begin at the cursor among `arguments`, or at the beginning.

        Raises:
            InvalidArgumentError: an argument breaks the document's limits.
        """
        if operation.pagination is None:
            raise TypeError(f"{operation.name} has no pages")
        self._operation = operation
        self._pagination: Pagination = operation.pagination
        self._arguments = dict(arguments)
        self._place = {"endpoint": endpoint, "prefix": prefix}
        self._trust_short_page = trust_short_page
        self._cursor: str | None = self._arguments.get(self._pagination.cursor) or None
        self._descending: bool | None = None
        self._skip = 0
        self._seen: set[str] = set()
        self.finished = False
        self._call()  # so that a wrong argument is refused where the listing is made, not where it is first used

    @property
    def checkpoint(self) -> dict[str, JSON]:
        """Where to resume, as plain JSON: bound to the operation, its arguments and the place it was sent to."""
        return self._binding() | {
            "cursor": self._cursor,
            "descending": self._descending,
            "skip": self._skip,
            "finished": self.finished,
        }

    def resume(self, checkpoint: Mapping[str, JSON]) -> None:
        """Go to a checkpoint.

        Raises:
            InvalidArgumentError: it belongs to another listing, or is none.
        """
        for name, value in self._binding().items():
            if checkpoint.get(name) != value:
                raise InvalidArgumentError(
                    f"checkpoint: its {name} is {checkpoint.get(name)!r:.200}, this listing's is {value!r:.200}; "
                    "resume with the arguments and the endpoint of the listing it was taken from"
                )
        cursor, descending = checkpoint.get("cursor"), checkpoint.get("descending")
        skip, finished = checkpoint.get("skip"), checkpoint.get("finished")
        valid_cursor = cursor is None or isinstance(cursor, str)
        valid_skip = isinstance(skip, int) and not isinstance(skip, bool) and skip >= 0
        if not (valid_cursor and valid_skip and descending in {None, True, False} and isinstance(finished, bool)):
            raise InvalidArgumentError("checkpoint: was altered; give one as a pager returned it")
        self._cursor = cast("str | None", cursor)
        self._descending, self._skip = cast("bool | None", descending), cast("int", skip)
        self.finished = finished

    def fetch(self) -> Generator[Call, Listing[Any], Listing[Any]]:
        """Yields what to send, is sent what came, returns the next page once it is verified.

        Raises:
            PaginationError: two fetches in a row contradict the pages before, or themselves.
        """
        listing = yield self._call()
        complaint = self._complaint(listing)
        if complaint is not None:
            # A stale replica or a crossed answer shows once; the service itself shows twice.
            request_ids = [listing.page.request_id]
            listing = yield self._call()
            complaint = self._complaint(listing)
            request_ids.append(listing.page.request_id)
            if complaint is not None:
                where = f"{self._operation.name} after {self._cursor!r}"
                text = f"{where}: {complaint}; resume from the checkpoint, and report it"
                raise PaginationError(text, request_ids=tuple(one for one in request_ids if one is not None))
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
        moving = {self._pagination.cursor, self._pagination.limit}
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
            if self._cursor is not None and _numeric(self._cursor, current):
                self._descending = _order(current) < _order(self._cursor)
            if not _is_number(current):
                self._seen.add(current)
            self._cursor = current

    def _complaint(self, listing: Listing[Any]) -> str | None:
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
        previous, descending, seen = self._cursor, self._descending, set[str]()
        for current in ids:
            if previous is not None and _numeric(previous, current):
                if _order(previous) == _order(current):
                    return f"id {current!r:.80} came twice"
                turned = _order(current) < _order(previous)
                if descending is not None and turned is not descending:
                    return f"id {current!r:.80} came after {previous!r:.80}, against the order of the ids before"
                descending = turned
            elif current == previous or current in seen or current in self._seen:
                return f"id {current!r:.80} came twice"
            seen.add(current)
            previous = current
        return None


def _numeric(one: str, other: str) -> bool:
    return _is_number(one) and _is_number(other)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _order(digits: str) -> tuple[int, str]:
    # Compares like the numbers; int() would refuse thousands of digits.
    plain = digits.lstrip("0")
    return len(plain), plain
