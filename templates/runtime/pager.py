"""The pagers: iterate a listing's items or pages, stop anywhere, go on from a checkpoint."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import evolve

from .answer import Listing, Page
from .errors import SdkError
from .listing import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .drivers import AsyncClient, SyncClient
    from .messages import JSON
    from .operation import Operation

ItemT = TypeVar("ItemT")


class _Paging(Generic[ItemT]):
    """What both pagers share: the page at hand and how far it was handed over."""

    def __init__(  # one keyword for each thing that a listing can be told
        self,
        client: Any,
        operation: Operation,
        arguments: Mapping[str, Any],
        *,
        checkpoint: Mapping[str, JSON] | None,
        trust_short_page: bool,
    ) -> None:
        self._client = client
        self._progress = Progress(
            operation,
            arguments,
            endpoint=client.endpoint,
            prefix=client.path_prefix,
            trust_short_page=trust_short_page,
        )
        if checkpoint is not None:
            self._progress.resume(checkpoint)
        self._listing: Listing[ItemT] | None = None
        self._next = 0

    @property
    def checkpoint(self) -> dict[str, JSON]:
        """Where to resume after the last item or page that was handed over; plain JSON."""
        return self._progress.checkpoint

    def _take(self) -> tuple[ItemT] | None:
        """The next item of the page at hand, or None where a page has to be fetched."""
        if self._listing is None or self._next >= len(self._listing.page.items):
            return None
        place = self._next
        self._next += 1
        self._progress.hand_over(self._listing, place, self._next)
        return (self._listing.page.items[place],)

    def _hold(self, listing: Listing[ItemT]) -> None:
        self._listing, self._next = listing, self._progress.unread(listing)
        if not listing.page.items:
            self._progress.hand_over(listing, 0, 0)

    def _whole(self, listing: Listing[ItemT]) -> Page[ItemT]:
        """The page for `pages()`: without the items that were handed over before."""
        unread = self._progress.unread(listing)
        self._listing = None
        self._progress.hand_over(listing, unread, len(listing.page.items))
        return evolve(listing.page, items=listing.page.items[unread:]) if unread else listing.page


class _Pages(Iterator[Page[ItemT]]):
    """Pages of a pager. No generator: that would look finished after an error."""

    def __init__(self, take: Callable[[], Page[ItemT]]) -> None:
        self._take = take

    def __next__(self) -> Page[ItemT]:
        return self._take()


class _AsyncPages(AsyncIterator[Page[ItemT]]):
    """The same for asyncio."""

    def __init__(self, take: Callable[[], Awaitable[Page[ItemT]]]) -> None:
        self._take = take

    async def __anext__(self) -> Page[ItemT]:
        return await self._take()


class Pager(_Paging[ItemT], Iterator[ItemT]):
    """Iterates a listing. After an error, iterating again continues where it stopped."""

    _client: SyncClient

    def __iter__(self) -> Pager[ItemT]:
        return self

    def __next__(self) -> ItemT:
        while True:
            if (taken := self._take()) is not None:
                return taken[0]
            if self._progress.finished:
                raise StopIteration
            self._hold(self._fetch())

    def pages(self) -> Iterator[Page[ItemT]]:
        """The pages from here on; the last one may be empty. Items and pages may be mixed: nothing comes twice."""
        return _Pages(self._next_page)

    def _next_page(self) -> Page[ItemT]:
        if self._progress.finished:
            raise StopIteration
        return self._whole(self._fetch())

    def _fetch(self) -> Listing[ItemT]:
        steps = self._progress.fetch()
        try:
            call = next(steps)
            while True:
                try:
                    call = steps.send(self._client.send(call))
                except StopIteration as done:
                    listing: Listing[ItemT] = done.value
                    return listing
        except SdkError as error:
            error.checkpoint = self.checkpoint
            raise


class AsyncPager(_Paging[ItemT], AsyncIterator[ItemT]):
    """Iterates a listing. After an error, iterating again continues where it stopped."""

    _client: AsyncClient

    def __aiter__(self) -> AsyncPager[ItemT]:
        return self

    async def __anext__(self) -> ItemT:
        while True:
            if (taken := self._take()) is not None:
                return taken[0]
            if self._progress.finished:
                raise StopAsyncIteration
            self._hold(await self._fetch())

    def pages(self) -> AsyncIterator[Page[ItemT]]:
        """The pages from here on; the last one may be empty. Items and pages may be mixed: nothing comes twice."""
        return _AsyncPages(self._next_page)

    async def _next_page(self) -> Page[ItemT]:
        if self._progress.finished:
            raise StopAsyncIteration
        return self._whole(await self._fetch())

    async def _fetch(self) -> Listing[ItemT]:
        steps = self._progress.fetch()
        try:
            call = next(steps)
            while True:
                try:
                    call = steps.send(await self._client.send(call))
                except StopIteration as done:
                    listing: Listing[ItemT] = done.value
                    return listing
        except SdkError as error:
            error.checkpoint = self.checkpoint
            raise
