"""A call under way: the steps of `exchange`, one by one, with a pause once the answer has arrived."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..steps import Arrived, Reply, Step, Steps
from ..stop import Stop

if TYPE_CHECKING:
    from ..settings import Clock


class Sending:
    """A call under way."""

    content: bytes = b""
    """The answer's body, once it has arrived."""

    def __init__(self, steps: Steps, perform: Callable[[Step, Stop], Reply], clock: Clock, stop: Stop) -> None:
        self._steps, self._perform = steps, perform
        self.stop: Stop = stop
        """What ends the call; it may be replaced before the call begins."""
        self.clock = clock

    def arrive(self) -> None:
        """Go on until the answer has arrived and only has to be decoded.

        Raises:
            SdkError: the last attempt's.
            Stopped: the call was given up.
        """
        try:
            step = next(self._steps)
            while not isinstance(step, Arrived):
                step = self._steps.send(self._perform(step, self.stop))
        except BaseException:
            self._steps.close()
            raise
        self.content = step.content

    def finish(self) -> Any:
        """Go on until the end; the result.

        Raises:
            SdkError: the last attempt's.
            Stopped: the call was given up.
        """
        try:
            step = next(self._steps)
            while True:
                step = self._steps.send(self._perform(step, self.stop))
        except StopIteration as done:
            return done.value
        finally:
            self._steps.close()
