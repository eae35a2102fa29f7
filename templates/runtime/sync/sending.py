"""A call under way: the steps of `exchange`, taken one by one, with a rest once the answer is here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..steps import Arrived, Reply, Sleep, Step, Steps

if TYPE_CHECKING:
    import threading

    from ..settings import Clock


class Sending:
    """A call under way."""

    content: bytes = b""
    """The answer's body, once it has arrived."""

    def __init__(self, steps: Steps, perform: Callable[[Step], Reply], clock: Clock) -> None:
        self._steps, self._perform = steps, perform
        self.clock = clock

    def arrive(self, stopped: threading.Event) -> None:
        """Go on until the answer is here and only has to be read, or until it is stopped between two steps.

        Raises:
            SdkError: the last attempt's.
        """
        try:
            step = next(self._steps)
            while not isinstance(step, Arrived) and not stopped.is_set():
                if isinstance(step, Sleep):
                    self.clock.pause(stopped, step.seconds)
                    step = self._steps.send(None)
                else:
                    step = self._steps.send(self._perform(step))
        except BaseException:
            self._steps.close()
            raise
        if isinstance(step, Arrived):
            self.content = step.content
        else:
            self._steps.close()

    def finish(self) -> Any:
        """Go on until the end; the result.

        Raises:
            SdkError: the last attempt's.
        """
        try:
            step = next(self._steps)
            while True:
                step = self._steps.send(self._perform(step))
        except StopIteration as done:
            return done.value
        finally:
            self._steps.close()
