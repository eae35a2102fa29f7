"""The sync client without the operations of an API: it performs the steps that the attempts of a call ask for."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import TYPE_CHECKING, Any

from ..calls.attempts import Arrived, Ask, Follow, Reply, Send, Sleep, Step, Steps, make_attempts
from ..calls.client import BaseClient, Shared
from ..errors import TransportError
from ..http.body import Body
from ..http.deadline import Clock, Deadline, Stop, Stopped

if TYPE_CHECKING:
    import ssl
    from types import TracebackType
    from typing import Self

    from ..calls.service import Given
    from ..calls.settings import Settings
    from ..http.client import SyncHTTPClient
    from ..operation import Call
    from ..wire import HTTPRequest, HTTPResponse


class PendingCall:
    """A call in progress."""

    content: bytes = b""
    """The answer's body, once it has arrived."""

    def __init__(self, steps: Steps, perform: Callable[[Step, Stop], Reply], clock: Clock, stop: Stop) -> None:
        self._steps, self._perform = steps, perform
        self.stop: Stop = stop
        """Ends the call when set; it may be replaced before the call begins."""
        self.clock = clock

    def arrive(self) -> None:
        """Run the call until its answer has arrived and only has to be decoded.

        Raises:
            SdkError: the last attempt's.
            Stopped: the call was abandoned.
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
        """Run the call to its end; the result.

        Raises:
            SdkError: the last attempt's.
            Stopped: the call was abandoned.
        """
        try:
            step = next(self._steps)
            while True:
                step = self._steps.send(self._perform(step, self.stop))
        except StopIteration as done:
            return done.value
        finally:
            self._steps.close()


class SyncShared(Shared):
    """What the blocking clients share."""

    def renew(self) -> None:
        """Start afresh in a forked process."""
        super().renew()
        self.stop: Stop = Stop()


class SyncClient(BaseClient[SyncShared]):
    """A client that blocks until the answer arrives."""

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
        # httpx takes longer to load than everything else.
        from ..http.opening import open_channel  # noqa: PLC0415

        self._settings = settings
        self._channel = open_channel(
            "Client",
            settings,
            given=given,
            http_client=http_client,
            ssl_context=ssl_context,
            trust_env=trust_env,
            transport=transport,
        )
        self._shared = SyncShared(settings.retry.budget)

    def _send(self, call: Call) -> Any:
        """The result of one call, after as many attempts as the retry policy allows.

        Raises:
            SdkError: the last attempt's.
        """
        return self._begin(call).finish()

    def _begin(self, call: Call) -> PendingCall:
        """The same call before anything is sent."""
        self._require_open()
        self._require_own_process()
        steps = make_attempts(call, self._settings, self._shared.brakes)
        return PendingCall(steps, self._perform, self._settings.clock, self._shared.stop)

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
        if isinstance(step, Ask):
            # In a thread of its own: what a credential does has no time limit, but the call has one.
            Thread(target=copy_context().run, args=(step.question.settle,), daemon=True).start()
            return None
        self._require_running(stop)
        try:
            # Closing the client closes all of its connections, so its own stop has none to close.
            return self._attempt(step, None if stop is self._shared.stop else stop)
        except TransportError as error:
            self._require_running(stop)
            return error

    def _attempt(self, send: Send, stop: Stop | None) -> HTTPResponse | None:
        """The answer, with the fault of its body if that is incomplete; None if the request may no longer be sent.

        Raises:
            TransportError: no head of an answer arrived in time.
        """
        request, timeout, may_send = send
        deadline = Deadline(time.monotonic() + timeout, fresh=request.fresh, stop=stop, may_send=may_send)
        body = Body()
        try:
            self._fetch(request, body, deadline)
        except BaseException as error:  # noqa: BLE001  # the frames of any error hold the credential
            return self._end(error, send, deadline, body)
        return body.whole()

    def _fetch(self, request: HTTPRequest, body: Body, deadline: Deadline) -> None:
        asked = self._channel.make_request(request, deadline, self._settings.timeouts.connect)
        answer = self._channel.client.send(asked, stream=True, follow_redirects=False)
        try:
            for chunk in self._channel.begin(answer, body):
                body.add(chunk)
                deadline.left()
            body.end()
        finally:
            answer.close()

    def _require_running(self, stop: Stop) -> None:
        self._require_open()
        if stop.is_set():
            raise Stopped

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards. Closing twice does nothing.

        Calls of other threads end with a ClientClosedError, also during waits between attempts. A client made by
        `with_options` stays open: it ends with the client that it was made from.
        """
        if self._derived:
            return
        self._shared.closed = True
        self._require_own_process()
        self._shared.stop.set()
        if self._channel.owned:  # a caller's httpx client stays open
            self._channel.client.close()

    def __enter__(self) -> Self:
        self._require_open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
