"""What the sync and the async client share: the half that sends nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import ClientClosedError
from .retry import Brakes, Budget, Gate

if TYPE_CHECKING:
    from ..http.body import Body
    from ..http.channel import Channel
    from ..http.deadline import Deadline
    from ..wire import HTTPResponse
    from .attempts import Send
    from .settings import Settings


class BaseClient:
    """A client, apart from how it sends."""

    _settings: Settings
    _channel: Channel
    _closed = False

    @property
    def endpoint(self) -> str:
        """Where this client sends its requests: scheme and host, and a gateway's path."""
        return self._settings.endpoint.url

    @property
    def path_prefix(self) -> str:
        """The path that precedes every operation's; it names the API version."""
        return self._settings.prefix

    @property
    def http_client(self) -> Any:
        """The httpx client that sends every attempt: for event hooks and instrumentation, or the one that was given.

        It belongs to this client unless it was given. Its cookies, headers and parameters are not sent.
        """
        return self._channel.client

    @property
    def opens_connections(self) -> bool:
        """Whether a request can ask for a connection that was not used before: not with a caller's `http_client`."""
        return self._channel.refreshes

    def __repr__(self) -> str:
        # A traceback with locals shows a client whose constructor has failed, too.
        endpoint = self.endpoint if hasattr(self, "_settings") else None
        return f"{type(self).__name__}(endpoint={endpoint!r})"

    def __reduce__(self) -> NoReturn:
        # A copy would share the connections: closing one would break the other.
        text = "a client is not copied or pickled; make another one with the same arguments"
        raise TypeError(f"{type(self).__name__}: {text}")

    def _end(self, error: BaseException, send: Send, deadline: Deadline, body: Body) -> HTTPResponse | None:
        """What an attempt ends with that failed: the answer's head if it had arrived, None if it was held back.

        Raises:
            TransportError: no head of an answer had arrived.
            BaseException: the error itself, if it is not of the network.
        """
        from ..http.failure import Failure, trimmed  # noqa: PLC0415  # loads httpx, which the constructor has loaded

        if not isinstance(error, Exception):
            raise trimmed(error)
        if deadline.stage == "held back":
            return None
        return Failure(send.request, send.timeout, self._channel, body).end(error)

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
