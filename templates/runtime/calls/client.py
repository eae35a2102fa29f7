"""What the sync and the async client share: everything except sending."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from ..errors import ClientClosedError
from ..requests.credentials import hide_in_error, unseen
from .retry import Brakes, Budget, Gate

if TYPE_CHECKING:
    from typing import Self

    from ..errors import SdkError
    from ..http.body import Body
    from ..http.client import Channel
    from ..http.deadline import Deadline
    from ..wire import HTTPResponse
    from .attempts import Send
    from .retry import RetryPolicy, Timeouts
    from .settings import Settings
    from .telemetry import EventHook, RequestHook


class Shared:
    """What a client shares with those made from it, in addition to its connections."""

    closed = False

    def __init__(self, budget: int) -> None:
        """Allow `budget` retries in all."""
        self._budget = budget
        self.renew()

    def renew(self) -> None:
        """Start afresh in a forked process."""
        self.process: int = os.getpid()
        self.brakes: Brakes = Brakes(gate=Gate(), budget=Budget(self._budget))


SharedT = TypeVar("SharedT", bound=Shared)


class BaseClient(Generic[SharedT]):
    """A client, apart from how it sends."""

    _settings: Settings
    _channel: Channel
    _shared: SharedT
    _derived = False

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
        """The httpx client that sends every attempt, for event hooks and instrumentation; or the one that was given.

        It belongs to this client unless it was given. Its cookies, headers and parameters are not sent.
        """
        return self._channel.client

    @property
    def opens_connections(self) -> bool:
        """Whether a request can ask for a connection that was not used before: not with a caller's `http_client`."""
        return self._channel.refreshes

    @unseen
    def with_options(  # noqa: PLR0913  # one keyword for each setting
        self,
        *,
        timeouts: Timeouts | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str | None] | None = None,
        client_request_id: str | Callable[[], str] | None = None,
        on_request: RequestHook | None = None,
        on_event: EventHook | None = None,
    ) -> Self:
        """A client with other settings for some calls, which shares connections, waits and retry budget with this one.

        Other settings stay as they are here. The new client need not be closed: `close()` of this one ends both.

        Args:
            timeouts: how long things may take.
            retry: how often and how soon a failed attempt is sent again; the budget stays the first client's.
            headers: are added to those of this client; a value of None removes one.
            client_request_id: your id of every call, or a function that returns one for each.
            on_request: is called with an `AttemptRequest` before every attempt, and may add to its `headers`.
            on_event: is called with an `AttemptEvent` for every attempt.

        Raises:
            ConfigurationError: a setting cannot be used, or this client is closed.
        """
        from .settings import change_settings  # noqa: PLC0415  # loads what the constructor has loaded

        self._require_open()
        derived = object.__new__(type(self))
        vars(derived).update(vars(self), _derived=True)
        derived._settings = change_settings(
            self._settings,
            timeouts=timeouts,
            retry=retry,
            headers=headers,
            client_request_id=client_request_id,
            on_request=on_request,
            on_event=on_event,
        )
        return derived

    def __repr__(self) -> str:
        # A traceback with locals also shows a client whose constructor failed.
        endpoint = self.endpoint if hasattr(self, "_settings") else None
        return f"{type(self).__name__}(endpoint={endpoint!r})"

    def __reduce__(self) -> NoReturn:
        # A copy would share the connections: closing one would break the other.
        text = "a client cannot be copied or pickled; make another one with the same arguments"
        raise TypeError(f"{type(self).__name__}: {text}")

    def _end(self, error: BaseException, send: Send, deadline: Deadline, body: Body) -> HTTPResponse | None:
        """The outcome of a failed attempt: the answer's head if it had arrived, None if the request was held back.

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

    def _hide_in(self, error: SdkError) -> None:
        """Replace credentials that the service has echoed, in all that the error shows."""
        hide_in_error(error, self._settings.credentials.values())

    def _require_own_process(self) -> None:
        # A forked child must not touch its parent's connections, nor wait for its locks.
        if self._shared.process != os.getpid():
            self._shared.renew()

    def _require_open(self) -> None:
        if self._shared.closed:
            raise ClientClosedError(f"{type(self).__name__}: was closed; make a new client")
