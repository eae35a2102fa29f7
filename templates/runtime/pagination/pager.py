"""What both pagers share, without I/O: the page at hand, how far it was handed over, and which page to prefetch."""

from __future__ import annotations

import json
from collections.abc import Generator
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeVar, cast

from attrs import evolve

from ..errors import ConfigurationError, InvalidArgumentError
from ..operation import Call
from ..responses.pages import Listing, Page
from ..values.strict_json import point
from .position import Progress, page_limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..calls.client import BaseClient
    from ..operation import Pagination
    from ..values.strict_json import JSON
    from .position import Trail
    from .stability import Record

ItemT = TypeVar("ItemT")
DoneT = TypeVar("DoneT")

_NOTHING = Listing[Any](page=Page(items=(), raw=b"", request_id=None))


def check_verify(verify: object, *, trust_short_page: bool) -> None:
    """Check the way to verify a listing.

    Raises:
        InvalidArgumentError: it is unknown, or contradicts `trust_short_page`.
    """
    if verify not in (None, "end", "stable"):
        raise InvalidArgumentError(f'verify: is {verify!r:.80}; give "end", "stable" or None')
    if verify == "end" and trust_short_page:
        raise InvalidArgumentError(
            'trust_short_page: ends a listing unseen, which verify="end" rules out; leave one out'
        )


def check_fresh(client: BaseClient[Any], argument: str, *, needed: bool) -> None:
    """Check that a client can use a connection that was not used before, if `argument` needs one.

    Raises:
        InvalidArgumentError: the caller's `http_client` sends its requests.
    """
    if needed and not client.opens_connections:
        raise InvalidArgumentError(
            f"{argument}: needs a connection that was not used before, which http_client cannot promise; leave one out"
        )


class _Hand(Generic[ItemT]):
    """The page at hand, and how far its items were handed over; what they have shown is noted once it is needed.

    Nothing is locked: a reader reads each attribute once, and each is replaced as a whole.
    """

    __slots__ = ("_known", "count", "items", "listing", "next")

    def __init__(self, listing: Listing[ItemT], trail: Trail, since: int = 0) -> None:
        self.listing = listing
        self.items = listing.page.items
        self.next, self.count = since, len(self.items)
        self._known = (since, trail)

    def trail(self, progress: Progress) -> Trail:
        """What the listing has shown by the last item that was handed over."""
        until = self.next
        since, trail = self._known
        if since < until:
            trail = progress.trail_after(trail, self.listing, since, until)
            self._known = (until, trail)
        return trail


class Paging(Generic[ItemT]):
    """What both pagers share: the page at hand, how far it was handed over, and what comes next."""

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
        # A listing that was finished before has nothing to be verified.
        if verify == "stable" and not self._progress.finished:
            from .stability import Record  # noqa: PLC0415  # only where it is asked for

            self._record = Record()
        self._hand = _Hand[ItemT](_NOTHING, self._progress.trail)
        # Held while the pager is advanced; two threads or tasks at once would get items twice, or never.
        self._turn = Lock()

    @property
    def checkpoint(self) -> dict[str, JSON]:
        """Where to resume after the last item or page that was handed over; plain JSON."""
        return self._progress.checkpoint_at(self._hand.trail(self._progress))

    def __reduce__(self) -> NoReturn:
        # A copy would share the page at hand and its lock: entries would be handed over twice, or never.
        raise TypeError(f"{type(self).__name__}: a pager is not copied or pickled; give its checkpoint to a new one")

    def _next_item(self) -> Generator[Call, Listing[ItemT], tuple[ItemT] | None]:
        """Yields what to send, is sent what came, returns the next item or None at the end."""
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
        """The same for pages; a page comes without the items that were handed over before."""
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
        """Note that all items of a page from this one on are handed over."""
        self._progress.hand_over(listing, since, len(listing.page.items))
        self._hand = _Hand(_NOTHING, self._progress.trail)

    def _put_down(self) -> None:
        """Let go of the page at hand."""
        hand = self._hand
        self._progress.trail = hand.trail(self._progress)
        if self._record is not None and hand.next < hand.count:
            self._record.cut(hand.listing, hand.next)
        self._hand = _Hand(_NOTHING, self._progress.trail)

    def _verify(self) -> Generator[Call, Listing[ItemT], None]:
        if self._record is not None:
            yield from self._record.compare(self._progress.again(largest=self._record.largest))
            self._record = None


def refuse_second() -> ConfigurationError:
    """The error for a caller that advances a pager while another one does."""
    return ConfigurationError("pager: is used by two tasks at once; make one pager for each")


def advance(steps: Generator[Call, Listing[ItemT], DoneT], reply: Listing[ItemT] | None) -> Call | list[DoneT]:
    """The next call to send, or a list of the result alone; `reply` is None at first."""
    try:
        return next(steps) if reply is None else steps.send(reply)
    except StopIteration as done:
        return [done.value]


# Seconds that a request has to get out before a page is decoded, which holds up all other threads and tasks.
HEAD_START = 0.001
# A last item that is longer, or holds more objects, is left to the decoder: what is read here is read twice.
_LONGEST = 16 * 1024
_MOST_OBJECTS = 32


def guess_cursor(call: Call, body: bytes) -> str | None:
    """Where the page after the one with this body begins, by the id of its last item; None where that is not plain.

    It is a guess: the rest of the page is not read.
    """
    pagination = cast("Pagination", call.operation.pagination)
    if pagination.style != "item" or pagination.items != "":
        return None
    found = point(_last_object(body), pagination.cursor_at)
    if isinstance(found, bool) or not isinstance(found, (str, int)) or found == "":
        return None
    return str(found)


def find_cursor(call: Call, listing: Listing[Any], *, trust_short_page: bool) -> str | None:
    """Where the page after this one begins; None where it is the last one."""
    pagination = cast("Pagination", call.operation.pagination)
    length = len(listing.page.items)
    if pagination.style == "token":
        return listing.token
    if length == 0 or (trust_short_page and length < (page_limit(call) or 0)):
        return None
    return listing.ids[-1]


def serves(sent: Call, wanted: Call) -> bool:
    """Whether the answer to one call may be taken for another's: the same call, or the same over a fresh connection."""
    return sent in (wanted, wanted._replace(fresh=True))


def follow(call: Call, cursor: str | None, made: Call | None) -> Call | None:
    """The call for the page that begins there: `made`, if it is that one. None where there is none."""
    name = cast("Pagination", call.operation.pagination).cursor
    if cursor is None:
        return None
    if made is not None and made.arguments[name] == cursor:
        return made
    try:
        return call.replace_argument(name, cursor)
    except InvalidArgumentError:
        return None  # the pager says so when it gets there


def _last_object(body: bytes) -> JSON:
    """The object that ends an array, found from its end; None where there is none within reach."""
    text = body[-_LONGEST:].decode("utf-8", "ignore").rstrip(" \t\n\r")
    start = end = len(text) - 1
    if not text.endswith("]"):
        return None
    for _ in range(_MOST_OBJECTS):
        start = text.rfind("{", 0, start)
        if start < 0:
            return None
        try:
            # What begins at a brace and ends where the array does, without a rest, is all of its last item.
            value: JSON = json.loads(text[start:end])
        except (ValueError, RecursionError):
            continue
        return value
    return None
