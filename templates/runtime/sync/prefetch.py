"""Prefetches the next page while the caller works on the current one.

This module does not decide what the caller gets: a pager asks for the page that it needs and verifies it. A page is
used only for the call that it was prefetched for.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ..http.deadline import Stop
from ..pagination.pager import HEAD_START, find_cursor, follow, guess_cursor, serves

if TYPE_CHECKING:
    from ..operation import Call
    from ..responses.pages import Listing
    from .client import PendingCall, SyncClient


class Prefetch:
    """Sends the calls of a pager, each as soon as it is known."""

    def __init__(self, client: SyncClient, *, trust_short_page: bool) -> None:
        self._client, self._trust_short_page = client, trust_short_page
        self._next: _Prefetched | None = None

    def send(self, call: Call) -> Listing[Any]:
        """The result of the call, as the client returns it; by then the next call is in progress.

        Raises:
            SdkError: as from the client.
        """
        page = self._take(call)
        try:
            content = page.wait()
            # If a short page ends the list, nothing is sent before its length is known.
            self._expect(call, None if self._trust_short_page else guess_cursor(call, content))
            if self._next is not None:
                self._next.done.wait(HEAD_START)
            listing: Listing[Any] = page.pending.finish()
        except BaseException:
            page.stop.set()
            raise
        self._expect(call, find_cursor(call, listing, trust_short_page=self._trust_short_page))
        return listing if self._next is None else evolve(listing, following=self._next.call)

    def close(self) -> None:
        """Abandon the request in progress, and close its connection."""
        page, self._next = self._next, None
        if page is not None:
            page.stop.set()

    __del__ = close

    def _take(self, call: Call) -> _Prefetched:
        page = self._next
        if page is None or not serves(page.call, call) or page.process != os.getpid():
            self.close()
            page = _Prefetched(self._client, call)
            page.run()
        self._next = None
        return page

    def _expect(self, call: Call, cursor: str | None) -> None:
        """Make sure that the page at this cursor, and no other one, is being fetched."""
        made = None if self._next is None else self._next.call
        wanted = follow(call, cursor, made)
        if wanted is made:
            return
        self.close()
        if wanted is not None:
            page = _Prefetched(self._client, wanted)
            with suppress(RuntimeError):  # no more threads: the page is requested when it is needed
                threading.Thread(target=copy_context().run, args=(page.run,), daemon=True).start()
                self._next = page


class _Prefetched:
    """A page that is being prefetched."""

    pending: PendingCall

    def __init__(self, client: SyncClient, call: Call) -> None:
        self.call = call
        self.process = os.getpid()  # a forked child has no thread that would end it
        self.stop, self.done = Stop(client._shared.stop), threading.Event()
        self._client = client
        self._error: BaseException | None = None

    def run(self) -> None:
        """Fetch the answer."""
        try:
            self.pending = self._client._begin(self.call)
            self.pending.stop = self.stop
            self.pending.arrive()
        except BaseException as error:  # noqa: BLE001  # raised where the page is used
            self._error = error
        finally:
            self.done.set()

    def wait(self) -> bytes:
        """The answer's body, once it has arrived."""
        self.done.wait()
        if self._error is not None:
            raise self._error
        return self.pending.content
