"""The sync client, as far as it is the same for every API: a thin loop around `exchange`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..calls.attempts import Arrived, Follow, Reply, Sleep, Step, Steps
from ..calls.call import Driver
from ..errors import TransportError
from ..http.deadline import Stop, Stopped

if TYPE_CHECKING:
    import ssl
    from types import TracebackType
    from typing import Self

    from ..calls.service import Given
    from ..calls.settings import Clock, Settings
    from ..http.channel import SyncHTTPClient
    from ..operation import Call


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


class SyncClient(Driver):
    """A client that blocks until the answer has arrived."""

    def __init__(  # noqa: PLR0913  # one keyword for each argument of the network
        self,
        settings: Settings,
        *,
        given: Given,
        http_client: SyncHTTPClient | None,
        ssl_context: ssl.SSLContext | None,
        trust_env: bool,
        transport: None,
    ) -> None:
        from ..http.channel import open_channel  # noqa: PLC0415  # httpx takes longer to load than everything else
        from .sender import Sender  # noqa: PLC0415

        channel = open_channel(
            "Client",
            settings,
            given=given,
            http_client=http_client,
            ssl_context=ssl_context,
            trust_env=trust_env,
            transport=transport,
        )
        self._settings, self._channel = settings, channel
        self._sender = Sender(channel)
        self._renew()

    def _renew(self) -> None:
        super()._renew()
        self._stop: Stop = Stop()

    def _send(self, call: Call) -> Any:
        """The result of one call, after as many attempts as the retry policy allows.

        Raises:
            SdkError: the last attempt's.
        """
        return self._begin(call).finish()

    def _begin(self, call: Call) -> Sending:
        """The same call before anything is sent."""
        return Sending(self._steps(call), self._perform, self._settings.clock, self._stop)

    def _perform(self, step: Step, stop: Stop) -> Reply:
        if isinstance(step, Arrived):
            return None
        if isinstance(step, Sleep):
            self._settings.clock.pause(stop.event, step.seconds)
            self._require_running(stop)
            return None
        if isinstance(step, Follow):
            stop.wait_for(step.other, step.seconds)
            self._require_running(stop)
            return None
        self._require_running(stop)
        try:
            # Closing the client closes all of its connections, so that its own stop has none to close.
            return self._sender.send(step, None if stop is self._stop else stop)
        except TransportError as error:
            self._require_running(stop)
            return error

    def _require_running(self, stop: Stop) -> None:
        self._require_open()
        if stop.is_set():
            raise Stopped

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards. Closing twice does nothing.

        Calls of other threads end with a ClientClosedError, waits between attempts included.
        """
        self._closed = True
        self._require_own_process()
        self._stop.set()
        self._sender.close()

    def __enter__(self) -> Self:
        self._require_open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
