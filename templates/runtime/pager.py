"""The pagers: iterate a listing's items or pages, stop anywhere, go on from a checkpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from attrs import evolve, frozen

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

ItemT = TypeVar("ItemT")
DoneT = TypeVar("DoneT")


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
        if verify not in (None, "stable"):
            raise InvalidArgumentError(f'verify: is {verify!r:.80}; give "stable" or None')
        self._client = client
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
        self._listing: Listing[ItemT] | None = None
        self._next = 0
        self._turn = _Turn()

    @property
    def checkpoint(self) -> dict[str, JSON]:
        """Where to resume after the last item or page that was handed over; plain JSON."""
        return self._progress.checkpoint

    def _next_item(self) -> Generator[Call, Listing[ItemT], tuple[ItemT] | None]:
        """Yields what to send, is sent what came, returns the next item or None at the end."""
        while (taken := self._take()) is None:
            if self._progress.finished:
                yield from self._verify()
                return None
            listing = yield from self._progress.fetch()
            self._listing, self._next = listing, self._progress.unread()
            if not listing.page.items:
                self._hand_over(listing, 0, 0)
        return taken

    def _next_page(self) -> Generator[Call, Listing[ItemT], Page[ItemT] | None]:
        """The same for pages; a page comes without the items that were handed over before."""
        if self._progress.finished:
            yield from self._verify()
            return None
        listing: Listing[ItemT] = yield from self._progress.fetch()
        unread = self._progress.unread()
        self._listing = None
        self._hand_over(listing, unread, len(listing.page.items))
        return evolve(listing.page, items=listing.page.items[unread:]) if unread else listing.page

    def _take(self) -> tuple[ItemT] | None:
        """The next item of the page at hand, or None where a page has to be fetched."""
        if self._listing is None or self._next >= len(self._listing.page.items):
            return None
        place = self._next
        self._next += 1
        self._hand_over(self._listing, place, self._next)
        return (self._listing.page.items[place],)

    def _hand_over(self, listing: Listing[ItemT], since: int, until: int) -> None:
        if self._record is not None:
            self._record.add(listing, since, until)
        self._progress.hand_over(listing, since, until)

    def _verify(self) -> Generator[Call, Listing[ItemT], None]:
        if self._record is not None:
            yield from self._record.compare(self._progress.again(largest=self._record.largest))
            self._record = None


class _Turn:
    """Held by whoever advances a pager; two at once would hand over items twice, or never."""

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise ConfigurationError("pager: is used by two tasks at once; make one pager for each")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


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

    _client: SyncClient

    def __iter__(self) -> Pager[ItemT]:
        return self

    def __next__(self) -> ItemT:
        taken = self._run(self._next_item())
        if taken is None:
            raise StopIteration
        return taken[0]

    def pages(self) -> Iterator[Page[ItemT]]:
        """The pages from here on; the last one may be empty. Items and pages may be mixed: nothing comes twice."""
        return _Pages(lambda: self._run(self._next_page()))

    def _run(self, steps: Generator[Call, Listing[ItemT], DoneT]) -> DoneT:
        with self._turn:
            try:
                step = _advance(steps, None)
                while isinstance(step, Call):
                    step = _advance(steps, self._client.send(step))
            except SdkError as error:
                error.checkpoint = self.checkpoint
                raise
        return step.value


class AsyncPager(_Paging[ItemT], AsyncIterator[ItemT]):
    """Iterates a listing. After an error, iterating again continues where it stopped."""

    _client: AsyncClient

    def __aiter__(self) -> AsyncPager[ItemT]:
        return self

    async def __anext__(self) -> ItemT:
        taken = await self._run(self._next_item())
        if taken is None:
            raise StopAsyncIteration
        return taken[0]

    def pages(self) -> AsyncIterator[Page[ItemT]]:
        """The pages from here on; the last one may be empty. Items and pages may be mixed: nothing comes twice."""
        return _AsyncPages(lambda: self._run(self._next_page()))

    async def _run(self, steps: Generator[Call, Listing[ItemT], DoneT]) -> DoneT:
        with self._turn:
            try:
                step = _advance(steps, None)
                while isinstance(step, Call):
                    step = _advance(steps, await self._client.send(step))
            except SdkError as error:
                error.checkpoint = self.checkpoint
                raise
        return step.value
