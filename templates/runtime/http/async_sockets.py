"""Sockets for asyncio: the functions of BlockingSockets, with waits that let other tasks run."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TypeVar

import httpcore

from .deadline import Deadline
from .sockets import NEXT_ADDRESS, NO_ADDRESS, Address, Addresses, make_socket, reason

ResultT = TypeVar("ResultT")
_NOTHING = nullcontext()


class AsyncSockets:
    """Every wait of the async client; each ends at the deadline, or when its task is cancelled."""

    make_room = asyncio.Semaphore

    async def enter(self, room: asyncio.Semaphore, deadline: Deadline) -> None:
        """Acquire `room`."""
        async with _within(deadline):
            await room.acquire()

    async def result_of(self, future: Future[ResultT], deadline: Deadline) -> ResultT:
        """The result that another thread sets."""
        async with _within(deadline):
            return await wait_for(future)

    async def content_of(self, stream: AsyncIterable[bytes], deadline: Deadline) -> bytes:
        """The whole body of a request."""
        async with _within(deadline):
            return b"".join([part async for part in stream])

    async def connect(self, addresses: Addresses, deadline: Deadline) -> socket.socket:
        """A socket that is connected to the first of these addresses that accepts (RFC 8305)."""
        waiting, running = deque(addresses), set[asyncio.Task[socket.socket]]()
        refused = NO_ADDRESS
        try:
            while waiting or running:
                if waiting:
                    running.add(asyncio.create_task(_connect(waiting.popleft())))
                left = deadline.left()
                patience = min(NEXT_ADDRESS, left) if waiting else left
                done, running = await asyncio.wait(running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    error = one.exception()
                    if error is None:
                        running |= done - {one}
                        return one.result()
                    refused = reason(error) if isinstance(error, OSError) else str(error)
            raise httpcore.ConnectError(refused)
        finally:
            for one in running:
                one.add_done_callback(_close)
                one.cancel()

    async def receive(self, connected: socket.socket, most: int, deadline: Deadline) -> bytes:
        """At most `most` bytes; empty at the end."""
        async with _within(deadline):
            received = await asyncio.get_running_loop().sock_recv(connected, most)
            if len(received) == most:  # a peer that sends faster than this task reads must not stop the others
                await asyncio.sleep(0)
            return received

    async def send(self, connected: socket.socket, data: bytes, deadline: Deadline) -> None:
        """Send all of it."""
        async with _within(deadline):
            await asyncio.get_running_loop().sock_sendall(connected, data)


def _within(deadline: Deadline) -> AbstractAsyncContextManager[None]:
    """End the wait at the deadline with the deadline's error, unless it is cancelled from outside."""
    return _NOTHING if deadline.is_enforced else _limited(deadline)


@asynccontextmanager
async def _limited(deadline: Deadline) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(deadline.left()):
            yield
    except TimeoutError:
        raise deadline.error() from None


async def _connect(address: Address) -> socket.socket:
    begun = make_socket(address)
    try:
        await asyncio.get_running_loop().sock_connect(begun, address.place)
    except BaseException:
        begun.close()
        raise
    return begun


def _close(begun: asyncio.Task[socket.socket]) -> None:
    if not begun.cancelled() and begun.exception() is None:
        begun.result().close()


async def wait_for(future: Future[ResultT]) -> ResultT:
    """The future's result; cancelling one caller does not cancel the future for the others."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def tell(_: Future[ResultT]) -> None:
        # The future may end after this loop was closed.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(ended.set)

    future.add_done_callback(tell)
    await ended.wait()
    return future.result()
