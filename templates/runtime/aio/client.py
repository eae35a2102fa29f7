"""The async client, as far as it is the same for every API: a thin loop around `exchange`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..driver import Driver
from ..errors import TransportError, WrongEventLoopError
from ..steps import Arrived, Follow, Reply, Sleep, Step
from .sender import AsyncSender
from .sending import AsyncSending
from .waiting import end_tasks, wait_for

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from ..network import Route
    from ..operation import Call
    from ..settings import Settings
    from ..transport import AsyncTransport


class AsyncClient(Driver):
    """A client for asyncio."""

    def __init__(self, settings: Settings, route: Route, *, transport: AsyncTransport | None) -> None:
        self._settings, self._route, self._transport = settings, route, transport
        self._renew()

    def _renew(self) -> None:
        super()._renew()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks = set[asyncio.Task[None]]()
        self._sender = AsyncSender(self._route, transport=self._transport)

    async def send(self, call: Call) -> Any:
        """The result of one call, after as many attempts as the retry policy allows.

        Raises:
            SdkError: the last attempt's.
        """
        return await self.begin(call).finish()

    def begin(self, call: Call) -> AsyncSending:
        """The same call, of which nothing was sent yet."""
        steps = self._steps(call)
        self._require_same_loop()
        return AsyncSending(steps, self._perform, self._settings.clock, self._tasks)

    async def _perform(self, step: Step) -> Reply:
        if isinstance(step, Arrived):
            return None
        if isinstance(step, Sleep):
            await self._settings.clock.sleep_async(step.seconds)
            return None
        if isinstance(step, Follow):
            with suppress(TimeoutError):
                async with asyncio.timeout(step.seconds):
                    await wait_for(step.other)
            return None
        self._require_open()  # another task may have closed it during a wait
        try:
            return await self._sender.send(step.request, step.timeout)
        except TransportError as error:
            return error

    def _require_same_loop(self) -> None:
        # Connections belong to the loop that opened them; in another one they fail in ways that name no cause.
        loop = asyncio.get_running_loop()
        if self._loop not in {None, loop}:
            name = type(self).__name__
            raise WrongEventLoopError(f"{name}: was used in another event loop; make and close one client in each loop")
        self._loop = loop

    async def aclose(self) -> None:
        """Close the connections; the client cannot be used afterwards. Closing twice does nothing.

        Raises:
            WrongEventLoopError: it was used in another event loop; its connections end with that loop.
        """
        self._closed = True
        self._require_own_process()
        self._require_same_loop()
        await end_tasks(self._tasks)
        await self._sender.aclose()

    async def __aenter__(self) -> Self:
        self._require_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
