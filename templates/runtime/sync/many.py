"""Reads many lists concurrently in threads: pages as they arrive, those of one list in order."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextvars import Context, copy_context
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from ..errors import SdkError
from ..http.deadline import Stop, Stopped
from ..pagination.many import Listed, Many, Pace
from ..pagination.pager import check_fresh
from .pager import Pager

if TYPE_CHECKING:
    from ..operation import Call
    from .client import SyncClient

_PATIENCE = 0.5
"""Seconds for threads to end after their calls were abandoned; those of a caller's httpx client may take longer."""


def list_many(client: SyncClient, many: Many) -> Generator[Listed[Any]]:
    """List all of them; nothing is sent before the first result is asked for.

    Raises:
        InvalidArgumentError: the verification needs new connections, which the client does not open.
    """
    check_fresh(client, "verify", needed=many.settings["verify"] is not None)
    stop, pace = Stop(client._shared.stop), Pace(many.rate)

    def send(call: Call) -> Any:
        pending = client._begin(call)
        pending.stop = stop
        if (seconds := pace.wait(pending.clock.monotonic())) > 0:
            pending.clock.pause(stop.event, seconds)
        return pending.finish()

    def outcomes(call: Call) -> Iterator[Listed[Any]]:
        pager = Pager[Any](client, call, send=send, **many.settings)
        return _outcomes(many.of(call), pager)

    return _Crew(many.calls, outcomes, many.concurrency, stop).results()


def _outcomes(value: str, pager: Pager[Any]) -> Iterator[Listed[Any]]:
    try:
        for page in pager.pages():
            yield Listed(value, page, pager.checkpoint)
    except SdkError as error:
        yield Listed(value, error, pager.checkpoint)


class _Crew:
    """Threads that page one list after the other."""

    def __init__(
        self,
        calls: Iterable[Call],
        outcomes: Callable[[Call], Iterator[Listed[Any]]],
        size: int,
        stop: Stop,
    ) -> None:
        self._left, self._outcomes, self._stop = iter(calls), outcomes, stop
        self._turn = threading.Lock()
        # A page takes its slot before it is requested, and keeps it until the caller asks for the next one.
        self._room = threading.Semaphore(size)
        self._results = SimpleQueue[Listed[Any] | BaseException | None]()
        # With the caller's context, so that a tracer finds the span of the requests.
        self._threads = [threading.Thread(target=self._work, args=(copy_context(),), daemon=True) for _ in range(size)]

    def results(self) -> Generator[Listed[Any]]:
        """Their results, as they arrive."""
        try:
            for thread in self._threads:
                thread.start()
            ended = 0
            while ended < len(self._threads):
                result = self._results.get()
                if isinstance(result, BaseException):
                    raise result
                if result is None:
                    ended += 1
                    continue
                yield result
                del result
                self._room.release()
        finally:
            self._stop.set()
            self._room.release(len(self._threads))
            until = time.monotonic() + _PATIENCE
            for thread in self._threads:
                # At interpreter shutdown, threads no longer run.
                if thread.ident is not None and not sys.is_finalizing():
                    thread.join(max(0.0, until - time.monotonic()))

    def _work(self, context: Context) -> None:
        try:
            context.run(self._list)
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001  # raised where the results are read
            self._results.put(error)
        self._results.put(None)

    def _list(self) -> None:
        while not self._stop.is_set() and (call := self._take()) is not None:
            coming = self._outcomes(call)
            while (listed := self._next(coming)) is not None:
                self._results.put(listed)
            self._room.release()

    def _take(self) -> Call | None:
        with self._turn:
            return next(self._left, None)

    def _next(self, coming: Iterator[Listed[Any]]) -> Listed[Any] | None:
        self._room.acquire()
        return None if self._stop.is_set() else next(coming, None)
