"""The sync and the async client, as far as they are the same for every API: thin loops around `exchange`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .errors import ClientClosedError, ConfigurationError, TransportError
from .exchange import Send, Settings, Step, exchange
from .messages import HTTPResponse
from .transport import AsyncSender, AsyncTransport, Sender, SyncTransport

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from .operation import Call


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

    def _require_open(self) -> None:
        if self._closed:
            raise ClientClosedError(f"{type(self).__name__}: was closed; make a new client")


class SyncClient(_Driver):
    """A client that blocks until the answer is there."""

    def __init__(self, settings: Settings, *, transport: SyncTransport | None) -> None:
        self._settings = settings
        self._sender = Sender(settings.origin, connect=settings.timeouts.connect, transport=transport)

    def send(self, call: Call) -> Any:
        """The result of one call, after as many attempts as the retry policy allows.

        Raises:
            SdkError: the last attempt's.
        """
        self._require_open()
        steps = exchange(call, self._settings)
        step = next(steps)
        while True:
            reply = self._perform(step)
            try:
                step = steps.send(reply)
            except StopIteration as done:
                return done.value

    def _perform(self, step: Step) -> HTTPResponse | TransportError | None:
        if not isinstance(step, Send):
            self._settings.clock.sleep(step.seconds)
            return None
        self._require_open()  # another thread may have closed it during a wait
        try:
            return self._sender.send(step.request, step.timeout)
        except TransportError as error:
            return error

    def close(self) -> None:
        """Close the connections; the client cannot be used afterwards. Closing twice does nothing."""
        self._closed = True
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

    def __init__(self, settings: Settings, *, transport: AsyncTransport | None) -> None:
        self._settings = settings
        self._sender = AsyncSender(settings.origin, connect=settings.timeouts.connect, transport=transport)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, call: Call) -> Any:
        """The result of one call, after as many attempts as the retry policy allows.

        Raises:
            SdkError: the last attempt's.
        """
        self._require_open()
        self._require_same_loop()
        steps = exchange(call, self._settings)
        step = next(steps)
        while True:
            reply = await self._perform(step)
            try:
                step = steps.send(reply)
            except StopIteration as done:
                return done.value

    async def _perform(self, step: Step) -> HTTPResponse | TransportError | None:
        if not isinstance(step, Send):
            await self._settings.clock.sleep_async(step.seconds)
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
            raise ConfigurationError(f"{name}: was used in another event loop; make one client for each loop")
        self._loop = loop

    async def aclose(self) -> None:
        """Close the connections; the client cannot be used afterwards. Closing twice does nothing."""
        self._closed = True
        await self._sender.aclose()

    async def __aenter__(self) -> Self:
        self._require_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
