"""Names what went wrong if no complete answer arrived, without the frames that hold the request."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from ..errors import (
    AttemptTimeoutError,
    CertificateError,
    ConnectError,
    ConnectionLostError,
    IncompleteBodyError,
    PoolExhaustedError,
    TransportError,
)
from .body import Body
from .channel import untrusted
from .connections import MOST_CONNECTIONS

if TYPE_CHECKING:
    from ..wire import HTTPRequest, HTTPResponse
    from .channel import Cause, Channel

ErrorT = TypeVar("ErrorT", bound=BaseException)

# The packages whose frames hold requests, and with them credentials.
_CARRIERS = frozenset(
    {"httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "anyio", "asyncio", "ssl", "socket", "selectors"}
)
_PACKAGE = __name__.partition("._runtime.")[0]


def bare(error: ErrorT) -> ErrorT:
    """The same error without its frames, and without the errors before it."""
    error.__cause__ = error.__context__ = None
    _drop_requests(error)
    return error.with_traceback(None)


def trimmed(error: ErrorT) -> ErrorT:
    """The same error with only those frames that do not hold the request, such as a hook's or a signal handler's."""
    one: BaseException | None = error
    for _ in range(10):
        if one is not None:
            _drop_requests(one)
            one.__traceback__ = _after_carriers(one.__traceback__)
            one = one.__cause__ or one.__context__
    return error


class Failure(NamedTuple):
    """An attempt without a complete answer."""

    request: HTTPRequest
    timeout: float
    channel: Channel
    body: Body

    def end(self, error: Exception) -> HTTPResponse:
        """The answer's head, if it had arrived.

        Raises:
            TransportError: it had not.
            Exception: the error itself, if it is not of the network.
        """
        if isinstance(error, TransportError):  # the body's own
            failure = bare(error)
            failure.args = (f"{self._where}: {error}",)
        elif (cause := self.channel.explain(error)) is None:
            raise trimmed(error)
        else:
            failure = self._name(str(error) or type(error).__name__, cause)
            failure.__cause__ = bare(untrusted(error) or error)
        if self.body.begun:
            return self.body.broken(failure)
        raise failure

    @property
    def _where(self) -> str:
        return f"{self.request.method} {self.request.url}"

    def _name(self, reason: str, cause: Cause) -> TransportError:  # noqa: PLR0911  # one for each class
        where, host = self._where, urlsplit(self.request.url).netloc
        match cause:
            case "certificate":
                return CertificateError(
                    f"{where}: the certificate of {host!r} could not be verified ({reason}); check SSL_CERT_FILE"
                )
            case "busy":
                most = f"all {MOST_CONNECTIONS} connections of this client" if self.channel.owned else "all connections"
                return PoolExhaustedError(f"{where}: {most} are in use; make fewer calls at a time")
            case "no connection":
                return ConnectError(
                    f"{where}: no connection to {host!r} ({reason}); check region or endpoint, and the network"
                )
            case "late":
                return AttemptTimeoutError(
                    f"{where}: no complete answer within {self.timeout:g} s, {self.body.progress} of its body arrived; "
                    "raise timeouts.attempt or ask for less"
                )
            case "unsendable":
                failure = TransportError(f"{where}: cannot be sent ({reason}); check the client's settings")
                failure.repeat = "never"
                return failure
            case "not http" if not self.body.begun:
                return ConnectionLostError(
                    f"{where}: {host!r} did not answer in HTTP/1.1 ({reason}); look for a proxy or another service"
                )
            case "lost" if not self.body.begun:
                return ConnectionLostError(
                    f"{where}: {host!r} closed the connection before it answered ({reason}); try again"
                )
            case _:
                return IncompleteBodyError(f"{where}: the body ended after {self.body.progress} ({reason}); try again")


def _drop_requests(error: BaseException) -> None:
    # Attributes of httpx's errors. A response stays: whoever calls `raise_for_status` in a hook looks at it.
    for name in ("request", "_request"):
        vars(error).pop(name, None)
    response: Any = vars(error).get("response")
    if response is not None and hasattr(response, "_request"):
        response._request = None  # noqa: SLF001  # its public name has no setter for None


def _after_carriers(trace: TracebackType | None) -> TracebackType | None:
    """The frames after the last one that may hold a request."""
    kept = trace
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        trace = trace.tb_next
        if name.partition(".")[0] in _CARRIERS or name.startswith(f"{_PACKAGE}."):
            kept = trace
    return kept
