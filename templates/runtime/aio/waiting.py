"""Waits in asyncio: for what another thread ends, and for tasks that have to end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from concurrent.futures import Future
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


async def wait_for(future: Future[ResultT]) -> ResultT:
    """The future's result; a caller that is cancelled leaves the future to the others."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def tell(_: Future[ResultT]) -> None:
        # It may end when this loop is gone.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(ended.set)

    future.add_done_callback(tell)
    await ended.wait()
    return future.result()


async def wait_for_either(future: Future[Any], event: asyncio.Event, seconds: float) -> None:
    """Wait until the future is done, the event is set, or the time is over."""
    waits = {asyncio.ensure_future(wait_for(future)), asyncio.ensure_future(event.wait())}
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()


async def end_tasks(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel these tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
