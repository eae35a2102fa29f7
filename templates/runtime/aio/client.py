"""The async client without the operations of an API: it performs the steps that the attempts of a call ask for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from ..calls.attempts import Arrived, Ask, Follow, Reply, Send, Sleep, Step, Steps, make_attempts
from ..calls.client import BaseClient, Shared
from ..errors import TransportError, WrongEventLoopError
from ..http.body import Body
from ..http.deadline import Clock, Deadline

if TYPE_CHECKING:
    import ssl
    from types import TracebackType
    from typing import Self

    from ..calls.settings import Given, Settings
    from ..http.client import AsyncHTTPClient
    from ..operation import Call
    from ..wire import HTTPRequest, HTTPResponse


class AsyncPendingCall:
    """A call in progress."""

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
        """Run `arrive` in a task, which closing the client cancels; its failure need not be retrieved."""
        task = start_task(self.arrive(), self._tasks)
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return task

    async def arrive(self) -> None:
        """Run the call until its answer has arrived and only has to be decoded; cancel it to stop it.

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
        """Run the call to its end; the result.

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


class AsyncShared(Shared):
    """What the clients for asyncio share."""

    def renew(self) -> None:
        """Start afresh in a forked process."""
        super().renew()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.tasks = set[asyncio.Task[None]]()
        self.closing: asyncio.Event = asyncio.Event()


class AsyncClient(BaseClient[AsyncShared]):
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
        # httpx takes longer to load than everything else.
        from ..http.opening import open_channel  # noqa: PLC0415

        self._settings = settings
        self._channel = open_channel(
            "AsyncClient",
            settings,
            given=given,
            http_client=http_client,
            ssl_context=ssl_context,
            trust_env=trust_env,
            transport=transport,
        )
        self._shared = AsyncShared(settings.retry.budget)

    async def _send(self, call: Call) -> Any:
        """The result of one call, after as many attempts as the retry policy allows.

        Raises:
            SdkError: the last attempt's.
        """
        return await self._begin(call).finish()

    def _begin(self, call: Call) -> AsyncPendingCall:
        """The same call before anything is sent."""
        self._require_open()
        self._require_own_process()
        self._require_same_loop()
        steps = make_attempts(call, self._settings, self._shared.brakes)
        return AsyncPendingCall(steps, self._perform, self._settings.clock, self._shared.tasks)

    async def _perform(self, step: Step) -> Reply:
        if isinstance(step, Arrived):
            return None
        if isinstance(step, Sleep):
            await self._settings.clock.pause_async(self._shared.closing, step.seconds)
            self._require_open()
            return None
        if isinstance(step, Follow):
            await _wait_for_either(step.other, self._shared.closing, step.seconds)
            self._require_open()
            return None
        if isinstance(step, Ask):
            # A separate task, which continues if a call that waits for it is cancelled.
            task = start_task(step.question.settle_async(), self._shared.tasks)
            task.add_done_callback(lambda _: step.question.end())  # it may be cancelled before it begins
            step.question.give_up = task.cancel
            return None
        self._require_open()
        try:
            return await self._attempt(step)
        except TransportError as error:
            self._require_open()
            return error

    async def _attempt(self, send: Send) -> HTTPResponse | None:
        """The answer, with the fault of its body if that is incomplete; None if the request may no longer be sent.

        Raises:
            TransportError: no head of an answer arrived in time.
        """
        request, timeout, may_send = send
        deadline = Deadline(time.monotonic() + timeout, fresh=request.fresh, may_send=may_send, is_enforced=True)
        body, limit = Body(), asyncio.timeout(timeout)
        try:
            async with limit:
                await self._fetch(request, body, deadline)
        except BaseException as error:  # noqa: BLE001  # the frames of any error hold the credential
            late = isinstance(error, TimeoutError) and limit.expired()
            return self._end(deadline.error() if late else error, send, deadline, body)
        return body.whole()

    async def _fetch(self, request: HTTPRequest, body: Body, deadline: Deadline) -> None:
        asked = self._channel.make_request(request, deadline, self._settings.timeouts.connect)
        answer = await self._channel.client.send(asked, stream=True, follow_redirects=False)
        try:
            async for chunk in self._channel.begin(answer, body):
                body.add(chunk)
            body.end()
        finally:
            await answer.aclose()

    def _require_same_loop(self) -> None:
        # Connections belong to the loop that opened them; in another loop they fail with errors that hide the cause.
        name = type(self).__name__
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise WrongEventLoopError(f"{name}: needs a running asyncio event loop; trio does not have one") from None
        if self._shared.loop not in {None, loop}:
            raise WrongEventLoopError(f"{name}: was used in another event loop; make and close one client in each loop")
        self._shared.loop = loop

    async def aclose(self) -> None:
        """Close the connections; the client cannot be used afterwards. Closing twice does nothing.

        Calls of other tasks end with a ClientClosedError, also during waits between attempts. A client made by
        `with_options` stays open: it ends with the client that it was made from.

        Raises:
            WrongEventLoopError: the client was used in another event loop; its connections end with that loop.
        """
        if self._derived:
            return
        self._shared.closed = True
        self._require_own_process()
        self._require_same_loop()
        self._shared.closing.set()
        await end_tasks(self._shared.tasks)
        if self._channel.owned:  # a caller's httpx client stays open
            await self._channel.client.aclose()

    async def __aenter__(self) -> Self:
        self._require_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _wait_for_either(future: Future[Any], event: asyncio.Event, seconds: float) -> None:
    """Wait until the future is done, the event is set, or the time is over."""
    from ..http.async_sockets import wait_for  # noqa: PLC0415  # loads httpcore

    waits = {asyncio.ensure_future(wait_for(future)), asyncio.ensure_future(event.wait())}
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()


def start_task(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> asyncio.Task[None]:
    """A task that is among these until it ends: the loop itself holds it weakly."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return task


async def end_tasks(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel these tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
