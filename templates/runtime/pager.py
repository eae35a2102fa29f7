"""The pagers: iterate a listing's items or pages, stop anywhere, go on from a checkpoint."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from attrs import evolve, frozen

from .ahead import Ahead, AsyncAhead
from .answer import Listing, Page
from .errors import ConfigurationError, InvalidArgumentError, SdkError
from .listing import Progress
from .operation import Call
from .stability import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .drivers import AsyncClient, SyncClient
    from .messages import JSON
    from .operation import OnInvalid, Operation
    from .rules import Trail

ItemT = TypeVar("ItemT")
DoneT = TypeVar("DoneT")

_NOTHING = Listing[Any](page=Page(items=(), raw=b"", request_id=None))


def check_verify(verify: object) -> None:
    """Refuse what is no way to verify a listing.

    Raises:
        InvalidArgumentError: it is none.
    """
    if verify not in (None, "stable"):
        raise InvalidArgumentError(f'verify: is {verify!r:.80}; give "stable" or None')


class _Hand(Generic[ItemT]):
    """The page at hand, and how far its items were handed over; what that has shown is only noted when it is asked for.

    Nothing is locked: whoever asks reads each attribute once, and each is replaced as a whole.
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
            trail = progress.behind(trail, self.listing, since, until)
            self._known = (until, trail)
        return trail


class _Paging(Generic[ItemT]):
    """What both pagers share: the page at hand, how far it was handed over, and what comes next."""

    def __init__(  # noqa: PLR0913  # one keyword for each thing that a listing can be told
        self,
        client: Any,
        operation: Operation,
        arguments: Mapping[str, Any],
        *,
        checkpoint: Mapping[str, JSON] | None = None,
        trust_short_page: bool = False,
        on_invalid: OnInvalid = "raise",
        verify: Literal["stable"] | None = None,
    ) -> None:
        check_verify(verify)
        self._trust_short_page = trust_short_page
        self._progress = Progress(
            operation,
            arguments,
            place={"endpoint": client.endpoint, "prefix": client.path_prefix},
            trust_short_page=trust_short_page,
            on_invalid=on_invalid,
        )
        if checkpoint is not None:
            self._progress.resume(checkpoint)
        # A listing that was finished before has nothing to be verified.
        self._record = Record() if verify == "stable" and not self._progress.finished else None
        self._hand = _Hand[ItemT](_NOTHING, self._progress.trail)
        # Held by whoever advances the pager; two at once would hand over items twice, or never. It is taken for every
        # item, so without a step of Python.
        turn = Lock()
        self._take_turn, self._end_turn = turn.acquire, turn.release

    @property
    def checkpoint(self) -> dict[str, JSON]:
        """Where to resume after the last item or page that was handed over; plain JSON."""
        return self._progress.checkpoint_at(self._hand.trail(self._progress))

    def _next_item(self) -> Generator[Call, Listing[ItemT], tuple[ItemT] | None]:
        """Yields what to send, is sent what came, returns the next item or None at the end."""
        self._put_down()
        while not self._progress.finished:
            listing = yield from self._fetch()
            hand = _Hand(listing, self._progress.trail, self._progress.unread())
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
        unread = self._progress.unread()
        self._note(listing, unread)
        return evolve(listing.page, items=listing.page.items[unread:]) if unread else listing.page

    def _fetch(self) -> Generator[Call, Listing[ItemT], Listing[ItemT]]:
        listing: Listing[ItemT] = yield from self._progress.fetch()
        if self._record is not None:
            self._record.add(listing, self._progress.unread(), len(listing.page.items))
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


def _refuse_second() -> ConfigurationError:
    return ConfigurationError("pager: is used by two tasks at once; make one pager for each")


@frozen
class _Done(Generic[DoneT]):
    value: DoneT


def _advance(steps: Generator[Call, Listing[ItemT], DoneT], reply: Listing[ItemT] | None) -> Call | _Done[DoneT]:
    """The next call to send, or the result; `reply` is None at first."""
    try:
        return next(steps) if reply is None else steps.send(reply)
    except StopIteration as done:
        return _Done(done.value)


class _Pages(Iterator[Page[ItemT]]):
    """Pages of a pager. No generator: that would look finished after an error."""

    def __init__(self, take: Callable[[], Page[ItemT] | None]) -> None:
        self._take = take

    def __next__(self) -> Page[ItemT]:
        page = self._take()
        if page is None:
            raise StopIteration
        return page


class _AsyncPages(AsyncIterator[Page[ItemT]]):
    """The same for asyncio."""

    def __init__(self, take: Callable[[], Awaitable[Page[ItemT] | None]]) -> None:
        self._take = take

    async def __anext__(self) -> Page[ItemT]:
        page = await self._take()
        if page is None:
            raise StopAsyncIteration
        return page


class Pager(_Paging[ItemT], Iterator[ItemT]):
    """Iterates a listing. After an error, iterating again continues where it stopped."""

    def __init__(
        self,
        client: SyncClient,
        operation: Operation,
        arguments: Mapping[str, Any],
        *,
        prefetch: bool = False,
        send: Callable[[Call], Any] | None = None,
        **told: Any,
    ) -> None:
        super().__init__(client, operation, arguments, **told)
        self._ahead = Ahead(client, trust_short_page=self._trust_short_page) if prefetch else None
        self._send = send or (client if self._ahead is None else self._ahead).send

    def __iter__(self) -> Pager[ItemT]:
        return self

    def __next__(self) -> ItemT:
        if not self._take_turn(False):  # noqa: FBT003  # by keyword it would take twice the time
            raise _refuse_second()
        try:
            hand = self._hand
            at = hand.next
            if at < hand.count:
                hand.next = at + 1
                return hand.items[at]
            taken = self._run(self._next_item())
        finally:
            self._end_turn()
        if taken is None:
            raise StopIteration
        return taken[0]

    def pages(self) -> Iterator[Page[ItemT]]:
        """The pages from here on; the last one may be empty. Items and pages may be mixed: nothing comes twice."""
        return _Pages(self._take_page)

    def close(self) -> None:
        """Give up the page that was requested ahead, if one was. The pager may be used on.

        What is on its way at this moment is not waited for: its thread ends with the answer, and sends nothing more.
        """
        if self._ahead is not None:
            self._ahead.close()

    def _take_page(self) -> Page[ItemT] | None:
        if not self._take_turn(False):  # noqa: FBT003  # as above
            raise _refuse_second()
        try:
            return self._run(self._next_page())
        finally:
            self._end_turn()

    def _run(self, steps: Generator[Call, Listing[ItemT], DoneT]) -> DoneT:
        try:
            step = _advance(steps, None)
            while isinstance(step, Call):
                step = _advance(steps, self._send(step))
        except BaseException as error:
            self.close()
            if isinstance(error, SdkError):
                error.checkpoint = self.checkpoint
            raise
        return step.value


class AsyncPager(_Paging[ItemT], AsyncIterator[ItemT]):
    """Iterates a listing. After an error, iterating again continues where it stopped."""

    def __init__(
        self,
        client: AsyncClient,
        operation: Operation,
        arguments: Mapping[str, Any],
        *,
        prefetch: bool = False,
        send: Callable[[Call], Awaitable[Any]] | None = None,
        **told: Any,
    ) -> None:
        super().__init__(client, operation, arguments, **told)
        self._ahead = AsyncAhead(client, trust_short_page=self._trust_short_page) if prefetch else None
        self._send = send or (client if self._ahead is None else self._ahead).send

    def __aiter__(self) -> AsyncPager[ItemT]:
        return self

    async def __anext__(self) -> ItemT:
        if not self._take_turn(False):  # noqa: FBT003  # by keyword it would take twice the time
            raise _refuse_second()
        try:
            hand = self._hand
            at = hand.next
            if at < hand.count:
                hand.next = at + 1
                return hand.items[at]
            taken = await self._run(self._next_item())
        finally:
            self._end_turn()
        if taken is None:
            raise StopAsyncIteration
        return taken[0]

    def pages(self) -> AsyncIterator[Page[ItemT]]:
        """The pages from here on; the last one may be empty. Items and pages may be mixed: nothing comes twice."""
        return _AsyncPages(self._take_page)

    async def aclose(self) -> None:
        """Give up the page that was requested ahead, if one was. The pager may be used on.

        What is on its way at this moment is cancelled, and has ended by then.
        """
        if self._ahead is not None:
            await self._ahead.aclose()

    async def _take_page(self) -> Page[ItemT] | None:
        if not self._take_turn(False):  # noqa: FBT003  # as above
            raise _refuse_second()
        try:
            return await self._run(self._next_page())
        finally:
            self._end_turn()

    async def _run(self, steps: Generator[Call, Listing[ItemT], DoneT]) -> DoneT:
        try:
            step = _advance(steps, None)
            while isinstance(step, Call):
                step = _advance(steps, await self._send(step))
        except (Exception, asyncio.CancelledError) as error:  # in others, nothing can be awaited
            await self.aclose()
            if isinstance(error, SdkError):
                error.checkpoint = self.checkpoint
            raise
        return step.value
