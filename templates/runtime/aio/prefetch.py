"""Prefetches the next page while the caller works on the current one.

This module does not decide what the caller gets: a pager asks for the page that it needs and verifies it. A page is
used only for the call that it was prefetched for.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import evolve

from ..pagination.pager import HEAD_START, find_cursor, follow, guess_cursor, serves
from .client import end_tasks

if TYPE_CHECKING:
    from ..operation import Call
    from ..responses.pages import Listing
    from .client import AsyncClient, AsyncPendingCall


class AsyncPrefetch:
    """Sends the calls of a pager, each as soon as it is known."""

    def __init__(self, client: AsyncClient, *, trust_short_page: bool) -> None:
        self._client, self._trust_short_page = client, trust_short_page
        self._next: _Prefetched | None = None

    async def send(self, call: Call) -> Listing[Any]:
        """The result of the call, as the client returns it; by then the next call is in progress.

        Raises:
            SdkError: as from the client.
        """
        pending = await self._take(call)
        # If a short page ends the list, nothing is sent before its length is known.
        await self._expect(call, None if self._trust_short_page else guess_cursor(call, pending.content))
        if self._next is not None:
            await asyncio.wait({self._next.task}, timeout=HEAD_START)
        listing: Listing[Any] = await pending.finish()
        await self._expect(call, find_cursor(call, listing, trust_short_page=self._trust_short_page))
        return listing if self._next is None else evolve(listing, following=self._next.call)

    async def aclose(self) -> None:
        """Cancel the request in progress, and wait for its end."""
        page, self._next = self._next, None
        # A task of another loop ended with that loop, or cannot be awaited here.
        if page is not None and page.task.get_loop() is asyncio.get_running_loop():
            await end_tasks([page.task])

    def __del__(self) -> None:
        if self._next is not None:
            # It can no longer be awaited: its loop may be closed, and this may be any thread.
            with suppress(RuntimeError):
                self._next.task.get_loop().call_soon_threadsafe(self._next.task.cancel)

    async def _take(self, call: Call) -> AsyncPendingCall:
        pending, page = self._client._begin(call), self._next
        if page is None or not serves(page.call, call):
            await self.aclose()
            await pending.arrive()
            return pending
        await page.task
        self._next = None
        return page.pending

    async def _expect(self, call: Call, cursor: str | None) -> None:
        """Make sure that the page at this cursor, and no other one, is being fetched."""
        made = None if self._next is None else self._next.call
        wanted = follow(call, cursor, made)
        if wanted is made:
            return
        await self.aclose()
        if wanted is not None:
            pending = self._client._begin(wanted)
            self._next = _Prefetched(wanted, pending, pending.start())


class _Prefetched(NamedTuple):
    """A page that is being prefetched."""

    call: Call
    pending: AsyncPendingCall
    task: asyncio.Task[None]
