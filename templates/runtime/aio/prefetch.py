"""Requests the next page while the caller works on the current one.

Nothing here decides what is handed over: a pager asks for the page that it needs and verifies it. A page that was
requested ahead is taken only for the same call.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..pagination.prefetch import HEAD_START, guess_following, know_following, serves
from .waiting import end_tasks

if TYPE_CHECKING:
    from ..operation import Call
    from ..responses.pages import Listing
    from .client import AsyncClient, AsyncSending


class AsyncAhead:
    """Sends the calls of a pager, each one as soon as it is known."""

    def __init__(self, client: AsyncClient, *, trust_short_page: bool) -> None:
        self._client, self._trust_short_page = client, trust_short_page
        self._next: _Errand | None = None

    async def send(self, call: Call) -> Listing[Any]:
        """The result of the call, as the client gives it; the one behind it is under way by then.

        Raises:
            SdkError: as the client.
        """
        sending = await self._take(call)
        # Where a short page is the end, nothing is sent before its length is known.
        await self._expect(None if self._trust_short_page else guess_following(call, sending.content))
        if self._next is not None:
            await asyncio.wait({self._next.task}, timeout=HEAD_START)
        listing: Listing[Any] = await sending.finish()
        await self._expect(know_following(call, listing, trust_short_page=self._trust_short_page))
        return listing

    async def aclose(self) -> None:
        """Give up what is under way, and wait for its end."""
        errand, self._next = self._next, None
        # A task of another loop has ended with that, or nothing can wait for it.
        if errand is not None and errand.task.get_loop() is asyncio.get_running_loop():
            await end_tasks([errand.task])

    def __del__(self) -> None:
        if self._next is not None:
            # Nobody can wait for it any more, its loop may be gone, and this may be any thread.
            with suppress(RuntimeError):
                self._next.task.get_loop().call_soon_threadsafe(self._next.task.cancel)

    async def _take(self, call: Call) -> AsyncSending:
        sending, errand = self._client._begin(call), self._next
        if errand is None or not serves(errand.call, call):
            await self.aclose()
            await sending.arrive()
            return sending
        await errand.task
        self._next = None
        return errand.sending

    async def _expect(self, call: Call | None) -> None:
        if self._next is not None and self._next.call == call:
            return
        await self.aclose()
        if call is not None:
            sending = self._client._begin(call)
            self._next = _Errand(call, sending, sending.start())


@frozen
class _Errand:
    call: Call
    sending: AsyncSending
    task: asyncio.Task[None]
