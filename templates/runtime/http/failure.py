"""Names what went wrong if no complete answer arrived, without the frames that hold the request."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import httpcore

from ..errors import (
    AttemptTimeoutError,
    CertificateError,
    ConnectError,
    ConnectionLostError,
    IncompleteBodyError,
    PoolExhaustedError,
    TransportError,
)
from ..requests.credentials import related_errors
from .body import Body
from .client import CUT, Channel
from .connections import MOST_CONNECTIONS

if TYPE_CHECKING:
    from ..wire import HTTPRequest, HTTPResponse

ErrorT = TypeVar("ErrorT", bound=BaseException)

# By the names of the errors of httpx and httpcore, concrete ones only: mocks raise the abstract ones for unexpected
# requests.
_CAUSES = {
    "PoolTimeout": "busy",
    **dict.fromkeys(("ConnectError", "ConnectTimeout", "ProxyError"), "no connection"),
    **dict.fromkeys(("ReadTimeout", "WriteTimeout"), "late"),
    **dict.fromkeys(("ReadError", "WriteError", "CloseError"), "lost"),
    "DecodingError": "cut",
}
_ERRORS: dict[str, tuple[type[TransportError], str]] = {
    "busy": (PoolExhaustedError, "{most} are in use; make fewer calls at a time"),
    "no connection": (ConnectError, "no connection to {host!r} ({reason}); check region or endpoint, and the network"),
    "late": (
        AttemptTimeoutError,
        "no complete answer within {limit:g} s, {progress} of its body arrived; raise timeouts.attempt or ask for less",
    ),
    "lost": (ConnectionLostError, "{host!r} closed the connection before it answered ({reason}); try again"),
    "cut": (IncompleteBodyError, "the body ended after {progress} ({reason}); try again"),
    "certificate": (
        CertificateError,
        "the certificate of {host!r} could not be verified ({reason}); check SSL_CERT_FILE",
    ),
    "not http": (
        ConnectionLostError,
        "{host!r} did not answer in HTTP/1.1 ({reason}); look for a proxy or another service",
    ),
    "unsendable": (TransportError, "cannot be sent ({reason}); check the client's settings"),
}

# The packages whose frames hold requests, and with them credentials.
_CARRIERS = frozenset(
    {"httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "anyio", "asyncio", "ssl", "socket", "selectors"}
)
_PACKAGE = __name__.partition("._runtime.")[0]


def bare(error: ErrorT) -> ErrorT:
    """The same error without its frames and its context."""
    error.__cause__ = error.__context__ = None
    _drop_requests(error)
    return error.with_traceback(None)


def trimmed(error: ErrorT) -> ErrorT:
    """The same error with only those frames that do not hold the request, such as a hook's or a signal handler's."""
    for one in related_errors(error):
        _drop_requests(one)
        one.__traceback__ = _after_carriers(one.__traceback__)
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
        elif (cause := _explain(error, self.channel.library)) is None:
            raise trimmed(error)
        else:
            failure = self._name(str(error) or type(error).__name__, cause)
            failure.__cause__ = bare(_untrusted(error) or error)
        if self.body.begun:
            return self.body.broken(failure)
        raise failure

    @property
    def _where(self) -> str:
        return f"{self.request.method} {self.request.url}"

    def _name(self, reason: str, cause: str) -> TransportError:
        kind, text = _ERRORS["cut" if self.body.begun and cause in {"lost", "not http"} else cause]
        most = f"all {MOST_CONNECTIONS} connections of this client" if self.channel.owned else "all connections"
        host, progress = urlsplit(self.request.url).netloc, self.body.progress
        said = text.format(host=host, reason=reason, most=most, limit=self.timeout, progress=progress)
        failure = kind(f"{self._where}: {said}")
        if cause == "unsendable":
            failure.repeat = "never"
        return failure


def _explain(error: Exception, known: Any) -> str | None:
    """The cause of an error while sending; None for one that is not of the network, such as a hook's."""
    if not isinstance(error, (known.RequestError, httpcore.TimeoutException)):
        return None
    if _untrusted(error) is not None:
        return "certificate"
    if isinstance(error, known.RemoteProtocolError):
        text = str(error)
        return "cut" if text.startswith(CUT) else "lost" if "disconnected" in text else "not http"
    return next((_CAUSES[one.__name__] for one in type(error).__mro__ if one.__name__ in _CAUSES), "unsendable")


def _untrusted(error: BaseException | None) -> BaseException | None:
    """The error of certificate verification: this one, or one in its context."""
    found = None
    while error is not None:
        # Only errors of `ssl` for certificates have the attribute.
        if hasattr(error, "verify_code") or "CERTIFICATE_VERIFY_FAILED" in str(error):
            found = error
        error = error.__cause__ or error.__context__
    return found


def _drop_requests(error: BaseException) -> None:
    # Attributes of httpx's errors. A response stays: a hook that calls `raise_for_status` reads it.
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
