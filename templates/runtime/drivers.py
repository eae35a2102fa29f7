"""The sync and the async client, as far as they are the same for every API: thin loops around `exchange`."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import wait
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .errors import ClientClosedError, TransportError, WrongEventLoopError
from .exchange import Arrived, Brakes, Follow, Reply, Sleep, Step, exchange
from .gate import Gate
from .policy import Budget
from .sender import AsyncSender, Sender
from .sending import AsyncSending, Sending, Steps
from .waiting import end_tasks, wait_for

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from .exchange import Settings
    from .network import Route
    from .operation import Call
    from .transport import AsyncTransport, SyncTransport


class _Driver:
    _settings: Settings
    _closed = False

    @property
    def endpoint(self) -> str:
        """Scheme and host that this client talks to."""
        return self._settings.origin.url

    @property
    def path_prefix(self) -> str:
        """The path that stands before every operation's; it names the API version."""
        return self._settings.prefix

    def __repr__(self) -> str:
        # A traceback with locals shows a client whose constructor has failed, too.
        endpoint = self.endpoint if hasattr(self, "_settings") else None
        return f"{type(self).__name__}(endpoint={endpoint!r})"

    def _steps(self, call: Call) -> Steps:
        self._require_open()
        self._require_own_process()
        return exchange(call, self._settings, self._brakes)

    def _require_own_process(self) -> None:
        # A forked child must not touch its parent's connections, nor wait for its locks.
        if self._process != os.getpid():
            self._renew()

    def _renew(self) -> None:
        self._process = os.getpid()
        self._brakes = Brakes(gate=Gate(), budget=Budget(self._settings.retry.budget))

    def _require_open(self) -> None:
        if self._closed:
            raise ClientClosedError(f"{type(self).__name__}: was closed; make a new client")


class SyncClient(_Driver):
    """A client that blocks until the answer is there."""

    def __init__(self, settings: Settings, route: Route, *, transport: SyncTransport | None) -> None:
        self._settings, self._route, self._transport = settings, route, transport
        self._renew()

    def _renew(self) -> None:
        super()._renew()
        self._sender = Sender(self._route, transport=self._transport)

    def send(self, call: Call) -> Any:
        """The result of one call, after as many attempts as the retry policy allows.

        Raises:
            SdkError: the last attempt's.
        """
        return self.begin(call).finish()

    def begin(self, call: Call) -> Sending:
        """The same call, of which nothing was sent yet."""
        return Sending(self._steps(call), self._perform, self._settings.clock)

    def _perform(self, step: Step) -> Reply:
        if isinstance(step, Arrived):
            return None
        if isinstance(step, Sleep):
            self._settings.clock.sleep(step.seconds)
            return None
        if isinstance(step, Follow):
            wait([step.other], step.seconds)
            return None
        self._require_open()  # another thread may have closed it during a wait
        try:
            return self._sender.send(step.request, step.timeout)
        except TransportError as error:
            return error

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards. Closing twice does nothing."""
        self._closed = True
        self._require_own_process()
        self._sender.close()

    def __enter__(self) -> Self:
        self._require_open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_Driver):
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
