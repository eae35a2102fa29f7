"""What both pagers share, without I/O: the current page, the position in it, and which page to prefetch."""

from __future__ import annotations

import json
from collections.abc import Generator
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeVar, cast

from attrs import evolve

from ..errors import ConfigurationError, InvalidArgumentError, PaginationError
from ..operation import Call
from ..responses.pages import Listing, Page
from ..values.strict_json import point
from .position import Progress, page_limit, verified_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..calls.client import BaseClient
    from ..errors import SdkError
    from ..operation import Pagination
    from ..values.strict_json import JSON
    from .position import Trail
    from .stability import Record

ItemT = TypeVar("ItemT")
DoneT = TypeVar("DoneT")

_NOTHING = Listing[Any](page=Page(items=(), raw=b"", request_id=None))


def check_verify(verify: object, *, trust_short_page: bool) -> None:
    """Check how a listing is to be verified.

    Raises:
        InvalidArgumentError: the value is unknown, or contradicts `trust_short_page`.
    """
    if verify not in (None, "end", "stable"):
        raise InvalidArgumentError(f'verify: is {verify!r:.80}; give "end", "stable" or None')
    if verify == "end" and trust_short_page:
        raise InvalidArgumentError(
            'trust_short_page: cannot be combined with verify="end", which checks the end; leave one out'
        )


def check_fresh(client: BaseClient[Any], argument: str, *, needed: bool) -> None:
    """Check that a client can open a new connection, if `argument` needs one.

    Raises:
        InvalidArgumentError: the caller's `http_client` sends its requests.
    """
    if needed and not client.opens_connections:
        raise InvalidArgumentError(
            f"{argument}: needs a new connection, which http_client cannot guarantee; leave one out"
        )


class _Hand(Generic[ItemT]):
    """The current page, and how many of its items were returned; what they show is recorded when it is needed.

    Needs no lock: a reader reads each attribute once, and each is replaced as a whole.
    """

    __slots__ = ("_known", "count", "items", "listing", "next")

    def __init__(self, listing: Listing[ItemT], trail: Trail, since: int = 0) -> None:
        self.listing = listing
        self.items = listing.page.items
        self.next, self.count = since, len(self.items)
        self._known = (since, trail)

    def trail(self, progress: Progress) -> Trail:
        """What the listing has shown up to the last item that was returned."""
        until = self.next
        since, trail = self._known
        if since < until:
            trail = progress.trail_after(trail, self.listing, since, until)
            self._known = (until, trail)
        return trail


class Paging(Generic[ItemT]):
    """What both pagers share: the current page, the position in it, and what follows."""

    def __init__(
        self,
        client: BaseClient[Any],
        call: Call,
        *,
        checkpoint: Mapping[str, JSON] | None = None,
        trust_short_page: bool = False,
        verify: Literal["end", "stable"] | None = None,
    ) -> None:
        check_verify(verify, trust_short_page=trust_short_page)
        check_fresh(client, "verify", needed=verify is not None)
        self._client = client
        self._trust_short_page = trust_short_page
        self._progress = Progress(
            call,
            place={"endpoint": client.endpoint, "prefix": client.path_prefix},
            trust_short_page=trust_short_page,
            confirms_end=verify == "end",
        )
        if checkpoint is not None:
            self._progress.resume(checkpoint)
        self._record: Record | None = None
        # A listing that was already finished has nothing to verify.
        if verify == "stable" and not self._progress.finished:
            from .stability import Record  # noqa: PLC0415  # only if requested

            self._record = Record()
        self._hand = _Hand[ItemT](_NOTHING, self._progress.trail)
        # Held while the pager advances; two threads or tasks at once would get items twice, or lose some.
        self._turn = Lock()

    @property
    def checkpoint(self) -> dict[str, JSON]:
        """Where to resume after the last item or page that was returned; plain JSON."""
        return self._progress.checkpoint_at(self._hand.trail(self._progress))

    def __reduce__(self) -> NoReturn:
        # A copy would share the current page and its lock: items would be returned twice, or lost.
        raise TypeError(f"{type(self).__name__}: a pager cannot be copied or pickled; give its checkpoint to a new one")

    def _complete(self, error: SdkError) -> None:
        """Add to an error where to resume, and remove credentials that a page has echoed."""
        error.checkpoint = self.checkpoint
        self._client._hide_in(error)

    def _next_item(self) -> Generator[Call, Listing[ItemT], tuple[ItemT] | None]:
        """Yields calls, receives their results, returns the next item, or None at the end."""
        self._put_down()
        while not self._progress.finished:
            listing = yield from self._fetch()
            hand = _Hand(listing, self._progress.trail, self._progress.trail.skip)
            if hand.count:
                hand.next += 1
                self._hand = hand
                return (hand.items[hand.next - 1],)
            self._note(listing, 0)
        yield from self._verify()
        return None

    def _next_page(self) -> Generator[Call, Listing[ItemT], Page[ItemT] | None]:
        """The same for pages; a page leaves out the items that were already returned."""
        self._put_down()
        if self._progress.finished:
            yield from self._verify()
            return None
        listing = yield from self._fetch()
        unread = self._progress.trail.skip
        self._note(listing, unread)
        return evolve(listing.page, items=listing.page.items[unread:]) if unread else listing.page

    def _fetch(self) -> Generator[Call, Listing[ItemT], Listing[ItemT]]:
        listing: Listing[ItemT] = yield from self._progress.fetch()
        if self._record is not None:
            self._record.add(listing, self._progress.trail.skip, len(listing.page.items))
        return listing

    def _note(self, listing: Listing[ItemT], since: int) -> None:
        """Record that all items of a page from index `since` on are returned."""
        self._progress.hand_over(listing, since, len(listing.page.items))
        self._hand = _Hand(_NOTHING, self._progress.trail)

    def _put_down(self) -> None:
        """Release the current page."""
        hand = self._hand
        self._progress.trail = hand.trail(self._progress)
        if self._record is not None and hand.next < hand.count:
            self._record.cut(hand.listing, hand.next)
        self._hand = _Hand(_NOTHING, self._progress.trail)

    def _verify(self) -> Generator[Call, Listing[ItemT], None]:
        if self._record is not None:
            yield from self._record.compare(self._progress.again(largest=self._record.largest))
            self._record = None


def single_page(client: BaseClient[Any], call: Call, listing: Listing[ItemT]) -> Page[ItemT]:
    """The page of a single call of `client`.

    Raises:
        PaginationError: it contradicts itself or what was asked for.
    """
    try:
        return verified_page(call, listing)
    except PaginationError as error:
        client._hide_in(error)
        raise


def refuse_second() -> ConfigurationError:
    """The error for a caller that advances a pager while another caller does."""
    return ConfigurationError("pager: is used by two tasks at once; make one pager for each")


def advance(steps: Generator[Call, Listing[ItemT], DoneT], reply: Listing[ItemT] | None) -> Call | list[DoneT]:
    """The next call to send, or the result in a list of one; `reply` is None at first."""
    try:
        return next(steps) if reply is None else steps.send(reply)
    except StopIteration as done:
        return [done.value]


# Seconds for sending a request before a page is decoded, because decoding blocks all other threads and tasks.
HEAD_START = 0.001
# A last item that is longer or has more objects is left to the decoder: what is read here is read twice.
_LONGEST = 16 * 1024
_MOST_OBJECTS = 32


def guess_cursor(call: Call, body: bytes) -> str | None:
    """The cursor after the page with this body, from the id of its last item; None if that is not easy to find.

    This is a guess, because the rest of the page is not read.
    """
    pagination = cast("Pagination", call.operation.pagination)
    if pagination.style != "item" or pagination.items != "":
        return None
    found = point(_last_object(body), pagination.cursor_at)
    if isinstance(found, bool) or not isinstance(found, (str, int)) or found == "":
        return None
    return str(found)


def find_cursor(call: Call, listing: Listing[Any], *, trust_short_page: bool) -> str | None:
    """The cursor of the next page; None if this is the last one."""
    pagination = cast("Pagination", call.operation.pagination)
    length = len(listing.page.items)
    if pagination.style == "token":
        return listing.token
    if length == 0 or (trust_short_page and length < (page_limit(call) or 0)):
        return None
    return listing.ids[-1]


def serves(sent: Call, wanted: Call) -> bool:
    """Whether the answer to `sent` also answers `wanted`: the same call, or the same over a fresh connection."""
    return sent in (wanted, wanted._replace(fresh=True))


def follow(call: Call, cursor: str | None, made: Call | None) -> Call | None:
    """The call for the page at this cursor: `made` if it fits. None without a cursor."""
    name = cast("Pagination", call.operation.pagination).cursor
    if cursor is None:
        return None
    if made is not None and made.arguments[name] == cursor:
        return made
    try:
        return call.replace_argument(name, cursor)
    except InvalidArgumentError:
        return None  # the pager raises the error when it needs this page


def _last_object(body: bytes) -> JSON:
    """The object that ends an array, found from its end; None if there is none within reach."""
    text = body[-_LONGEST:].decode("utf-8", "ignore").rstrip(" \t\n\r")
    start = end = len(text) - 1
    if not text.endswith("]"):
        return None
    for _ in range(_MOST_OBJECTS):
        start = text.rfind("{", 0, start)
        if start < 0:
            return None
        try:
            # A complete object that begins at a brace and ends where the array does is its whole last item.
            value: JSON = json.loads(text[start:end])
        except (ValueError, RecursionError):
            continue
        return value
    return None
