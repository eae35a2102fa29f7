"""Lists many lists side by side: their pages as they come, those of each list in its order."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping
from math import inf
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from attrs import frozen

from .answer import Page
from .errors import InvalidArgumentError, SdkError
from .messages import JSON
from .pager import AsyncPager, Pager
from .paging import check_verify
from .waiting import end_tasks

if TYPE_CHECKING:
    from .drivers import AsyncClient, SyncClient
    from .operation import Call, OnInvalid, Operation

ItemT = TypeVar("ItemT")


class Listed(NamedTuple, Generic[ItemT]):
    """What one of many lists came to: its next page, or the error that it ended with."""

    of: str
    """Which one, as it was asked for."""
    outcome: Page[ItemT] | SdkError
    checkpoint: Mapping[str, JSON]
    """Where this list can be resumed; `checkpoint["finished"]` says whether it has come to its end."""


@frozen(kw_only=True)
class Many:
    """The lists of one operation for many values of one of its parameters, checked and ready to be listed."""

    operation: Operation
    parameter: str
    values: tuple[str, ...]
    arguments: Mapping[str, Any]
    concurrency: int
    rate: float | None
    told: Mapping[str, Any]
    """What each pager is told."""

    def sync(self, client: SyncClient) -> Generator[Listed[Any]]:
        """List them by threads."""
        stopped, pace = threading.Event(), _Pace(self.rate)

        def send(call: Call) -> Any:
            sending = client.begin(call)
            if (seconds := pace.wait(sending.clock.monotonic())) > 0:
                sending.clock.pause(stopped, seconds)
            sending.arrive(stopped)
            if stopped.is_set():
                raise _Stopped
            return sending.finish()

        def outcomes(value: str) -> Iterator[Listed[Any]]:
            pager = Pager[Any](client, self.operation, self._arguments(value), send=send, **self.told)
            return _outcomes(value, pager)

        return _Crew(self.values, outcomes, self.concurrency, stopped).results()

    def asynchronous(self, client: AsyncClient) -> AsyncGenerator[Listed[Any]]:
        """List them by tasks."""
        pace = _Pace(self.rate)

        async def send(call: Call) -> Any:
            sending = client.begin(call)
            if (seconds := pace.wait(sending.clock.monotonic())) > 0:
                await sending.clock.sleep_async(seconds)
            return await sending.finish()

        def outcomes(value: str) -> AsyncIterator[Listed[Any]]:
            pager = AsyncPager[Any](client, self.operation, self._arguments(value), send=send, **self.told)
            return _outcomes_async(value, pager)

        return _by_tasks(self.values, outcomes, self.concurrency)

    def _arguments(self, value: str) -> dict[str, Any]:
        return {**self.arguments, self.parameter: value}


def many(  # noqa: PLR0913  # one keyword for each thing that it can be told
    operation: Operation,
    parameter: str,
    values: Iterable[str],
    arguments: Mapping[str, Any],
    *,
    concurrency: int,
    rate: float | None,
    trust_short_page: bool,
    verify: Literal["stable"] | None,
    on_invalid: OnInvalid,
) -> Many:
    """The lists of `operation` for these values of `parameter`.

    Raises:
        InvalidArgumentError: one of them breaks its limits, or another argument does; nothing was sent.
    """
    if isinstance(values, (str, bytes)):
        raise InvalidArgumentError(f"{parameter}: is one text; give a list of them")
    if type(concurrency) is not int or concurrency < 1:
        raise InvalidArgumentError(f"concurrency: is {concurrency!r:.80}; give how many lists are read at once")
    if rate is not None and not (type(rate) in (int, float) and 0 < rate < inf):
        raise InvalidArgumentError(f"rate: is {rate!r:.80}; give calls per second, or None")
    check_verify(verify)
    given = tuple(values)
    for value in given:
        operation.call({**arguments, parameter: value}, on_invalid=on_invalid)
    return Many(
        operation=operation,
        parameter=parameter,
        values=given,
        arguments=arguments,
        concurrency=min(concurrency, len(given)) or 1,
        rate=rate,
        told={"trust_short_page": trust_short_page, "verify": verify, "on_invalid": on_invalid},
    )


class _Pace:
    """Spaces calls evenly; threads may share it."""

    def __init__(self, rate: float | None) -> None:
        self._lock = threading.Lock()
        self._apart = 0.0 if rate is None else 1 / rate
        self._next = -inf

    def wait(self, now: float) -> float:
        """Seconds that the next call has to wait."""
        with self._lock:
            at = max(now, self._next)
            self._next = at + self._apart
        return at - now


class _Stopped(Exception):  # noqa: N818  # no error: nobody waits for this call any more
    pass


def _outcomes(value: str, pager: Pager[Any]) -> Iterator[Listed[Any]]:
    try:
        for page in pager.pages():
            yield Listed(value, page, pager.checkpoint)
    except SdkError as error:
        yield Listed(value, error, pager.checkpoint)


async def _outcomes_async(value: str, pager: AsyncPager[Any]) -> AsyncIterator[Listed[Any]]:
    try:
        async for page in pager.pages():
            yield Listed(value, page, pager.checkpoint)
    except SdkError as error:
        yield Listed(value, error, pager.checkpoint)


class _Crew:
    """Threads that page one list after the other."""

    def __init__(
        self,
        values: Iterable[str],
        outcomes: Callable[[str], Iterator[Listed[Any]]],
        size: int,
        stopped: threading.Event,
    ) -> None:
        self._left, self._outcomes, self._stopped = iter(values), outcomes, stopped
        self._turn = threading.Lock()
        # A page takes its room before it is asked for, and has it until its user comes for the next one.
        self._room = threading.Semaphore(size)
        self._results = SimpleQueue[Listed[Any] | BaseException | None]()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(size)]

    def results(self) -> Generator[Listed[Any]]:
        """What they bring, as it comes."""
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
            self._stopped.set()
            self._room.release(len(self._threads))
            for thread in self._threads:
                # Where the interpreter ends, threads do not run any more.
                if thread.ident is not None and not sys.is_finalizing():
                    thread.join()

    def _work(self) -> None:
        try:
            while not self._stopped.is_set() and (value := self._take()) is not None:
                coming = self._outcomes(value)
                while (listed := self._next(coming)) is not None:
                    self._results.put(listed)
                self._room.release()
        except BaseException as error:  # noqa: BLE001  # it is raised where the results are asked for
            self._results.put(error)
        self._results.put(None)

    def _take(self) -> str | None:
        with self._turn:
            return next(self._left, None)

    def _next(self, coming: Iterator[Listed[Any]]) -> Listed[Any] | None:
        self._room.acquire()
        return None if self._stopped.is_set() else next(coming, None)


async def _by_tasks(
    values: Iterable[str], outcomes: Callable[[str], AsyncIterator[Listed[Any]]], concurrency: int
) -> AsyncGenerator[Listed[Any]]:
    left, results = iter(values), asyncio.Queue[Listed[Any] | Exception | None]()
    room = asyncio.Semaphore(concurrency)  # as above

    async def work() -> None:
        try:
            for value in left:
                coming = outcomes(value)
                while await room.acquire() and (listed := await anext(coming, None)) is not None:
                    results.put_nowait(listed)
                room.release()
        except Exception as error:  # noqa: BLE001  # it is raised where the results are asked for
            results.put_nowait(error)
        results.put_nowait(None)

    tasks = [asyncio.create_task(work()) for _ in range(concurrency)]
    try:
        ended = 0
        while ended < concurrency:
            result = await results.get()
            if isinstance(result, Exception):
                raise result
            if result is None:
                ended += 1
                continue
            yield result
            del result
            room.release()
    finally:
        await end_tasks(tasks)
