"""Where a listing is and how it goes on, without I/O."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any, TypeVar, cast

from ..errors import ConfigurationError, InvalidArgumentError, PaginationError
from ..operation import Call, OnInvalid, Operation, Pagination
from ..requests.endpoint import parse_endpoint
from ..responses.pages import Listing, Page, refuse_pages
from ..values.strict_json import JSON
from .page_checks import Trail, complaint, page_limit, trail_from

_VERSION = 1

ItemT = TypeVar("ItemT")


class Progress:
    """The state of one listing: it moves only when items were handed over."""

    trail: Trail
    """What it has shown so far."""
    _first: Call | None
    """The call for the page at the trail, until it is sent."""

    def __init__(  # noqa: PLR0913  # one keyword for each property of a listing
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        *,
        place: Mapping[str, str],
        trust_short_page: bool = False,
        on_invalid: OnInvalid = "raise",
        confirms_end: bool = False,
        fresh: bool = False,
    ) -> None:
        """Begin at the cursor among `arguments`, or at the beginning; `place` is where the calls are sent.

        With `confirms_end`, the page that ends the listing is fetched again over a connection that was not used
        before; with `fresh`, every page comes over such a connection.

        Raises:
            InvalidArgumentError: an argument breaks the document's limits.
        """
        self._operation = operation
        self._pagination = cast("Pagination", operation.pagination)  # a pager is made for nothing else
        self._arguments = dict(arguments)
        self._place = dict(place)
        self._trust_short_page = trust_short_page
        self._on_invalid: OnInvalid = on_invalid
        self._confirms_end, self._fresh = confirms_end, fresh
        cursor = _given_cursor(self._pagination, self._arguments)
        # Made here, so that a wrong argument is refused where the listing is made, and sent for the first page.
        self._begin(trail_from(None if cursor is None else str(cursor)), self._call(cursor))

    @property
    def name(self) -> str:
        """The operation's."""
        return self._operation.name

    @property
    def finished(self) -> bool:
        """Whether there are no more items."""
        return self.trail.finished

    @property
    def checkpoint(self) -> dict[str, JSON]:
        """Where to resume, as plain JSON: bound to the operation, its arguments and the place it was sent to."""
        return self.checkpoint_at(self.trail)

    def checkpoint_at(self, trail: Trail) -> dict[str, JSON]:
        """The same for any trail of this listing."""
        return self._binding() | {
            "cursor": trail.cursor,
            "descending": trail.descending,
            "skip": trail.skip,
            "finished": trail.finished,
        }

    def resume(self, checkpoint: object) -> None:
        """Go to a checkpoint.

        Raises:
            InvalidArgumentError: it belongs to another listing, or is none, or a cursor was given, too.
        """
        if not isinstance(checkpoint, Mapping):
            raise InvalidArgumentError("checkpoint: is none; give one as a pager returned it")
        name = self._pagination.cursor
        if self._arguments.get(name) is not None:
            raise InvalidArgumentError(f"{name}: cannot be combined with checkpoint, which holds one; leave one out")
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
        # Where items are cursors, a checkpoint is after an item and never inside a page.
        valid_skip = type(skip) is int and (skip == 0 or (skip > 0 and self._pagination.style == "token"))
        valid_order = descending is None or isinstance(descending, bool)
        if not (valid_cursor and valid_skip and valid_order and isinstance(finished, bool)):
            raise InvalidArgumentError("checkpoint: was altered; give one as a pager returned it")
        cursor = cast("str | None", cursor)
        # The call is made here, so that a cursor that cannot be sent is refused here.
        self._begin(trail_from(cursor, descending=descending, skip=skip, finished=finished), self._call(cursor))

    def again(self, *, largest: int) -> Progress:
        """The same from where it began, over fresh connections, with pages smaller than `largest` items if possible."""
        arguments = dict(self._arguments)
        # A place inside a page is only the same place in a page of the same size.
        if self._pagination.limit is not None and self._beginning.skip == 0:
            # More than half, so that the pages of both begin at different items.
            arguments[self._pagination.limit] = max(1, min(largest // 2 + 1, largest - 1))
        try:
            return self._with(arguments)
        except InvalidArgumentError:
            return self._with(self._arguments)

    def fetch(self) -> Generator[Call, Listing[Any], Listing[Any]]:
        """Yields what to send, is sent what came, returns the next page once it is verified.

        Raises:
            PaginationError: two fetches in a row contradict the pages before, or themselves.
        """
        try:
            call, self._first = self._first or self._call(self.trail.cursor), None
        except InvalidArgumentError as error:
            text = f"{self.name}: the id {self.trail.cursor!r:.80} cannot be sent to ask for what follows it"
            raise PaginationError(f"{text} ({error}); report it") from error
        listing = yield from self._verified(call)
        if self._confirms_end and self._ends(listing):
            # On the connection of a stray answer, the same question may get another one.
            listing = yield from self._verified(call._replace(fresh=True))
        return listing

    def _verified(self, call: Call) -> Generator[Call, Listing[Any], Listing[Any]]:
        listing = yield call
        if self._complaint(listing) is not None:
            # A stale replica or a crossed answer shows once; the service itself shows twice.
            first = listing.page
            listing = yield call._replace(fresh=True)
            found = self._complaint(listing)
            if found is not None:
                where = f"{self.name} after {self.trail.cursor!r:.80}"
                text = f"{where}: {found}; resume from the checkpoint, and report it"
                raise refuse_pages(text, first, listing.page)
        return listing

    def _ends(self, listing: Listing[Any]) -> bool:
        return listing.token is None if self._pagination.style == "token" else not listing.page.items

    def hand_over(self, listing: Listing[Any], since: int, until: int) -> None:
        """Note that these items of the page have been handed over; the last one of them ends the page."""
        self.trail = self.trail_after(self.trail, listing, since, until)

    def trail_after(self, trail: Trail, listing: Listing[Any], since: int, until: int) -> Trail:
        """The trail once these items of the page have been handed over; `trail` is the one before them."""
        length = len(listing.page.items)
        if self._pagination.style == "token":
            if until < length:
                return trail._replace(skip=until)
            trail.seen.add(trail.cursor or "")
            return trail._replace(cursor=listing.token, skip=0, finished=listing.token is None)
        ended = length == 0 or (self._trust_short_page and until == length < (self._limit() or 0))
        learned = trail.learn(listing.ids[since:until]) if since < until else trail
        return learned._replace(finished=True) if ended else learned

    def _begin(self, trail: Trail, call: Call | None = None) -> None:
        self.trail, self._first = trail, call
        self._beginning = trail._replace(seen=set[str]())

    def _with(self, arguments: Mapping[str, Any]) -> Progress:
        made = Progress(
            self._operation,
            arguments,
            place=self._place,
            trust_short_page=self._trust_short_page,
            on_invalid=self._on_invalid,
            fresh=True,
        )
        made._begin(self._beginning._replace(seen=set[str]()))
        return made

    def _call(self, cursor: Any) -> Call:
        return self._operation.call(
            self._arguments | {self._pagination.cursor: cursor}, on_invalid=self._on_invalid, fresh=self._fresh
        )

    def _complaint(self, listing: Listing[Any]) -> str | None:
        return complaint(listing, self._pagination, self.trail, limit=self._limit())

    def _limit(self) -> int | None:
        return page_limit(self._pagination, self._arguments)

    def _binding(self) -> dict[str, JSON]:
        # A place inside a page is only the same place in a page of the same size.
        moving = {self._pagination.cursor, self._pagination.limit if self._pagination.style == "item" else None}
        still = {
            name: str(value) for name, value in self._arguments.items() if name not in moving and value is not None
        }
        return {"version": _VERSION, "operation": self.name, **self._place, "arguments": still}


def _given_cursor(pagination: Pagination, arguments: Mapping[str, Any]) -> Any:
    """The cursor as the caller gave it: text, or an integer or a UUID, whose text it is; None at the beginning."""
    given = arguments.get(pagination.cursor)
    return None if given == "" else given


def _in_one_spelling(checkpoint: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """The same checkpoint with its endpoint as clients write it: earlier versions kept the port that was given."""
    with suppress(ConfigurationError):
        return {**checkpoint, "endpoint": parse_endpoint(checkpoint.get("endpoint")).url}
    return checkpoint


def verified_page(call: Call, listing: Listing[ItemT]) -> Page[ItemT]:
    """The page of a single call, held to the same rules as a pager's.

    Raises:
        PaginationError: it contradicts itself or what was asked for.
    """
    pagination = cast("Pagination", call.operation.pagination)
    cursor = _given_cursor(pagination, call.arguments)
    trail = trail_from(None if cursor is None else str(cursor))
    found = complaint(listing, pagination, trail, limit=page_limit(pagination, call.arguments))
    if found is not None:
        raise refuse_pages(f"page: {found}; call again, and report it if it stays", listing.page)
    return listing.page
