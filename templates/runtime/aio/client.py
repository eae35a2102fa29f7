"""The async client, as far as it is the same for every API: a thin loop around `exchange`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ..calls.attempts import Arrived, Follow, Reply, Sleep, Step, Steps
from ..calls.call import Driver
from ..errors import TransportError, WrongEventLoopError
from .waiting import end_tasks, wait_for_either

if TYPE_CHECKING:
    import ssl
    from types import TracebackType
    from typing import Self

    from ..calls.service import Given
    from ..calls.settings import Clock, Settings
    from ..http.channel import AsyncHTTPClient
    from ..operation import Call


class AsyncSending:
    """A call under way."""

    content: bytes = b""
    """The answer's body, once it has arrived."""

    def __init__(
        self,
        steps: Steps,
        perform: Callable[[Step], Awaitable[Reply]],
        clock: Clock,
        tasks: set[asyncio.Task[None]],
    ) -> None:
        self._steps, self._perform, self._tasks = steps, perform, tasks
        self.clock = clock

    def start(self) -> asyncio.Task[None]:
        """Have `arrive` done by a task, which the client ends where it is closed; its failure may be left alone."""
        task = asyncio.create_task(self.arrive())
        self._tasks.add(task)  # the loop itself holds it weakly
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return task

    async def arrive(self) -> None:
        """Go on until the answer is here and only has to be read; cancel it to stop it.

        Raises:
            SdkError: the last attempt's.
        """
        try:
            step = next(self._steps)
            while not isinstance(step, Arrived):
                step = self._steps.send(await self._perform(step))
        except BaseException:
            self._steps.close()
            raise
        self.content = step.content

    async def finish(self) -> Any:
        """Go on until the end; the result.

        Raises:
            SdkError: the last attempt's.
        """
        try:
            step = next(self._steps)
            while True:
                step = self._steps.send(await self._perform(step))
        except StopIteration as done:
            return done.value
        finally:
            self._steps.close()


class AsyncClient(Driver):
    """A client for asyncio."""

    def __init__(  # noqa: PLR0913  # one keyword for each argument of the network
        self,
        settings: Settings,
        *,
        given: Given,
        http_client: AsyncHTTPClient | None,
        ssl_context: ssl.SSLContext | None,
        trust_env: bool,
        transport: None,
    ) -> None:
        from ..http.channel import open_channel  # noqa: PLC0415  # httpx takes longer to load than everything else
        from .sender import AsyncSender  # noqa: PLC0415

        channel = open_channel(
            "AsyncClient",
            settings,
            given=given,
            http_client=http_client,
            ssl_context=ssl_context,
            trust_env=trust_env,
            transport=transport,
        )
        self._settings, self._channel = settings, channel
        self._sender = AsyncSender(channel)
        self._renew()

    def _renew(self) -> None:
        super()._renew()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks = set[asyncio.Task[None]]()
        self._closing: asyncio.Event = asyncio.Event()

    async def _send(self, call: Call) -> Any:
        """The result of one call, after as many attempts as the retry policy allows.

        Raises:
            SdkError: the last attempt's.
        """
        return await self._begin(call).finish()

    def _begin(self, call: Call) -> AsyncSending:
        """The same call, of which nothing was sent yet."""
        steps = self._steps(call)
        self._require_same_loop()
        return AsyncSending(steps, self._perform, self._settings.clock, self._tasks)

    async def _perform(self, step: Step) -> Reply:
        if isinstance(step, Arrived):
            return None
        if isinstance(step, Sleep):
            await self._settings.clock.pause_async(self._closing, step.seconds)
            self._require_open()
            return None
        if isinstance(step, Follow):
            await wait_for_either(step.other, self._closing, step.seconds)
            self._require_open()
            return None
        self._require_open()
        try:
            return await self._sender.send(step)
        except TransportError as error:
            self._require_open()
            return error

    def _require_same_loop(self) -> None:
        # Connections belong to the loop that opened them; in another one they fail in ways that name no cause.
        name = type(self).__name__
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise WrongEventLoopError(f"{name}: needs asyncio, and no event loop of it runs; trio has none") from None
        if self._loop not in {None, loop}:
            raise WrongEventLoopError(f"{name}: was used in another event loop; make and close one client in each loop")
        self._loop = loop

    async def aclose(self) -> None:
        """Close the connections; the client cannot be used afterwards. Closing twice does nothing.

        Calls of other tasks end with a ClientClosedError, waits between attempts included.

        Raises:
            WrongEventLoopError: it was used in another event loop; its connections end with that loop.
        """
        self._closed = True
        self._require_own_process()
        self._require_same_loop()
        self._closing.set()
        await end_tasks(self._tasks)
        await self._sender.aclose()

    async def __aenter__(self) -> Self:
        self._require_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
