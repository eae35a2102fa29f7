"""Requests the next page while the caller works on the current one.

Nothing here decides what is handed over: a pager asks for the page that it needs and verifies it. A page that was
requested ahead is taken only for the same call.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from ..http.deadline import Stop
from ..pagination.prefetch import HEAD_START, guess_following, know_following, serves

if TYPE_CHECKING:
    from ..operation import Call
    from ..responses.pages import Listing
    from .client import Sending, SyncClient


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
                self._next.done.wait(HEAD_START)
            listing: Listing[Any] = errand.sending.finish()
        except BaseException:
            errand.stop.set()
            raise
        self._expect(know_following(call, listing, trust_short_page=self._trust_short_page))
        return listing

    def close(self) -> None:
        """Give up the request under way, and close its connection."""
        errand, self._next = self._next, None
        if errand is not None:
            errand.stop.set()

    __del__ = close

    def _take(self, call: Call) -> _Errand:
        errand = self._next
        if errand is None or not serves(errand.call, call) or errand.process != os.getpid():
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
        self.stop, self.done = Stop(client._stop), threading.Event()
        self._client = client
        self._error: BaseException | None = None

    def run(self) -> None:
        """Fetch the answer."""
        try:
            self.sending = self._client._begin(self.call)
            self.sending.stop = self.stop
            self.sending.arrive()
        except BaseException as error:  # noqa: BLE001  # it is raised where the page is asked for
            self._error = error
        finally:
            self.done.set()

    def wait(self) -> bytes:
        """The answer's body, once it has arrived."""
        self.done.wait()
        if self._error is not None:
            raise self._error
        return self.sending.content
