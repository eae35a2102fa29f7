"""Reads many lists concurrently in tasks: pages as they arrive, those of one list in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..errors import SdkError
from ..pagination.many import Listed, Many, Pace
from ..pagination.pager import check_fresh
from .client import end_tasks
from .pager import AsyncPager

if TYPE_CHECKING:
    from ..operation import Call
    from .client import AsyncClient


def list_many(client: AsyncClient, many: Many) -> AsyncGenerator[Listed[Any]]:
    """List all of them; nothing is sent before the first result is asked for.

    Raises:
        InvalidArgumentError: the verification needs new connections, which the client does not open.
    """
    check_fresh(client, "verify", needed=many.settings["verify"] is not None)
    pace = Pace(many.rate)

    async def send(call: Call) -> Any:
        pending = client._begin(call)
        if (seconds := pace.wait(pending.clock.monotonic())) > 0:
            await pending.clock.pause_async(client._shared.closing, seconds)
        return await pending.finish()

    def outcomes(call: Call) -> AsyncIterator[Listed[Any]]:
        pager = AsyncPager[Any](client, call, send=send, **many.settings)
        return _outcomes(many.of(call), pager)

    return _by_tasks(many.calls, outcomes, many.concurrency)


async def _outcomes(value: str, pager: AsyncPager[Any]) -> AsyncIterator[Listed[Any]]:
    try:
        async for page in pager.pages():
            yield Listed(value, page, pager.checkpoint)
    except SdkError as error:
        yield Listed(value, error, pager.checkpoint)


async def _by_tasks(
    calls: Iterable[Call], outcomes: Callable[[Call], AsyncIterator[Listed[Any]]], concurrency: int
) -> AsyncGenerator[Listed[Any]]:
    left, results = iter(calls), asyncio.Queue[Listed[Any] | Exception | None]()
    # A page takes its slot before it is requested, and keeps it until the caller asks for the next one.
    room = asyncio.Semaphore(concurrency)

    async def work() -> None:
        try:
            for call in left:
                coming = outcomes(call)
                while await room.acquire() and (listed := await anext(coming, None)) is not None:
                    results.put_nowait(listed)
                room.release()
        except Exception as error:  # noqa: BLE001  # raised where the results are read
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
