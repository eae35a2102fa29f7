"""Requests the page behind the one at hand while the caller works on that; what it brings is verified as ever.

Nothing here decides what is handed over: a pager asks for the page that it needs, and one that was requested ahead is
only taken where it was asked for by the very same call.
"""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .tail import guess_following, know_following
from .waiting import end_tasks

if TYPE_CHECKING:
    from .answer import Listing
    from .drivers import AsyncClient, SyncClient
    from .operation import Call
    from .sending import AsyncSending, Sending

# Seconds that a request has to get out before a page is decoded, which holds up all other threads and tasks.
_HEAD_START = 0.001


class Ahead:
    """Sends the calls of a pager, each one as soon as it is known."""

    def __init__(self, client: SyncClient, *, trust_short_page: bool) -> None:
        self._client, self._trust_short_page = client, trust_short_page
        self._next: _Errand | None = None

    def send(self, call: Call) -> Listing[Any]:
        """The result of the call, as the client gives it; the one behind it is under way by then.

        Raises:
            SdkError: as the client.
        """
        errand = self._take(call)
        try:
            content = errand.wait()
            # Where a short page is the end, nothing is sent before its length is known.
            self._expect(None if self._trust_short_page else guess_following(call, content))
            if self._next is not None:
                self._next.done.wait(_HEAD_START)
            listing: Listing[Any] = errand.sending.finish()
        except BaseException:
            errand.stopped.set()
            raise
        self._expect(know_following(call, listing, trust_short_page=self._trust_short_page))
        return listing

    def close(self) -> None:
        """Give up what is under way: nothing more is sent."""
        errand, self._next = self._next, None
        if errand is not None:
            errand.stopped.set()

    __del__ = close

    def _take(self, call: Call) -> _Errand:
        errand = self._next
        if errand is None or errand.call != call or errand.process != os.getpid():
            self.close()
            errand = _Errand(self._client, call)
            errand.run()
        self._next = None
        return errand

    def _expect(self, call: Call | None) -> None:
        if self._next is not None and self._next.call == call:
            return
        self.close()
        if call is not None:
            errand = _Errand(self._client, call)
            with suppress(RuntimeError):  # no more threads: the page is requested once it is asked for
                threading.Thread(target=copy_context().run, args=(errand.run,), daemon=True).start()
                self._next = errand


class _Errand:
    """One call on its way to its answer."""

    sending: Sending

    def __init__(self, client: SyncClient, call: Call) -> None:
        self.call = call
        self.process = os.getpid()  # a forked child has no thread that would end it
        self.stopped, self.done = threading.Event(), threading.Event()
        self._client = client
        self._error: BaseException | None = None

    def run(self) -> None:
        """Fetch the answer."""
        try:
            self.sending = self._client.begin(self.call)
            self.sending.arrive(self.stopped)
        except BaseException as error:  # noqa: BLE001  # it is raised where the page is asked for
            self._error = error
        finally:
            self.done.set()

    def wait(self) -> bytes:
        """The answer's body, once it has arrived."""
        self.done.wait()
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            del error  # its traceback leads to this frame
        return self.sending.content


class AsyncAhead:
    """The same for asyncio."""

    def __init__(self, client: AsyncClient, *, trust_short_page: bool) -> None:
        self._client, self._trust_short_page = client, trust_short_page
        self._next: _AsyncErrand | None = None

    async def send(self, call: Call) -> Listing[Any]:
        """The result of the call, as the client gives it; the one behind it is under way by then.

        Raises:
            SdkError: as the client.
        """
        sending = await self._take(call)
        # Where a short page is the end, nothing is sent before its length is known.
        await self._expect(None if self._trust_short_page else guess_following(call, sending.content))
        if self._next is not None:
            await asyncio.wait({self._next.task}, timeout=_HEAD_START)
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
        sending, errand = self._client.begin(call), self._next
        if errand is None or errand.call != call:
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
            sending = self._client.begin(call)
            self._next = _AsyncErrand(call, sending, sending.start())


@frozen
class _AsyncErrand:
    call: Call
    sending: AsyncSending
    task: asyncio.Task[None]
