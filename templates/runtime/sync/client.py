"""The sync client, as far as it is the same for every API: a thin loop around `exchange`."""

from __future__ import annotations

from concurrent.futures import wait
from typing import TYPE_CHECKING, Any

from ..driver import Driver
from ..errors import TransportError
from ..steps import Arrived, Follow, Reply, Sleep, Step
from .sender import Sender
from .sending import Sending

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from ..network import Route
    from ..operation import Call
    from ..settings import Settings
    from ..transport import SyncTransport


class SyncClient(Driver):
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
