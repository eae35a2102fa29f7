"""A call under way: the steps of `exchange`, taken one by one, with a rest once the answer is here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ..steps import Arrived, Reply, Step, Steps

if TYPE_CHECKING:
    from ..settings import Clock


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
