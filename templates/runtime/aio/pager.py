"""The pager: iterate a listing's items or pages, stop anywhere, resume from a checkpoint."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import SdkError
from ..operation import Call
from ..pagination.pager import Paging, advance, refuse_second
from ..responses.pages import Listing, Page

if TYPE_CHECKING:
    from .client import AsyncClient
    from .prefetch import AsyncPrefetch

__all__ = ["AsyncPager"]

ItemT = TypeVar("ItemT")
DoneT = TypeVar("DoneT")


class _Pages(AsyncIterator[Page[ItemT]]):
    """Pages of a pager. Not a generator, which would look finished after an error."""

    def __init__(self, take: Callable[[], Awaitable[Page[ItemT] | None]]) -> None:
        self._take = take

    async def __anext__(self) -> Page[ItemT]:
        page = await self._take()
        if page is None:
            raise StopAsyncIteration
        return page


class AsyncPager(Paging[ItemT], AsyncIterator[ItemT]):
    """Iterates a listing. After an error, iterating again continues where it stopped."""

    def __init__(
        self,
        client: AsyncClient,
        call: Call,
        *,
        prefetch: bool = False,
        send: Callable[[Call], Awaitable[Any]] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(client, call, **settings)
        self._prefetch: AsyncPrefetch | None = None
        if prefetch:
            from .prefetch import AsyncPrefetch  # noqa: PLC0415  # only if requested

            self._prefetch = AsyncPrefetch(client, trust_short_page=self._trust_short_page)
        self._send = send or (client._send if self._prefetch is None else self._prefetch.send)

    def __aiter__(self) -> AsyncPager[ItemT]:
        return self

    async def __anext__(self) -> ItemT:
        if not self._turn.acquire(blocking=False):
            raise refuse_second()
        try:
            hand = self._hand
            at = hand.next
            if at < hand.count:
                hand.next = at + 1
                return hand.items[at]
            taken = await self._run(self._next_item())
        finally:
            self._turn.release()
        if taken is None:
            raise StopAsyncIteration
        return taken[0]

    def pages(self) -> AsyncIterator[Page[ItemT]]:
        """The pages from here on; the last one may be empty. Items and pages may be mixed: nothing is repeated."""
        return _Pages(self._take_page)

    async def aclose(self) -> None:
        """Cancel the page that is being prefetched, if any. The pager stays usable.

        A request in progress is cancelled, and has ended when this returns.
        """
        if self._prefetch is not None:
            await self._prefetch.aclose()

    async def _take_page(self) -> Page[ItemT] | None:
        if not self._turn.acquire(blocking=False):
            raise refuse_second()
        try:
            return await self._run(self._next_page())
        finally:
            self._turn.release()

    async def _run(self, steps: Generator[Call, Listing[ItemT], DoneT]) -> DoneT:
        try:
            step = advance(steps, None)
            while isinstance(step, Call):
                step = advance(steps, await self._send(step))
        except (Exception, asyncio.CancelledError) as error:  # after other errors, nothing can be awaited
            await self.aclose()
            if isinstance(error, SdkError):
                self._complete(error)
            raise
        return step[0]
