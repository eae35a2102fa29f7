"""Names what went wrong where no whole answer arrived, without the frames that hold the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urlsplit

from .body import Body
from .errors import (
    AttemptTimeoutError,
    CertificateError,
    ConnectError,
    ConnectionLostError,
    IncompleteBodyError,
    PoolExhaustedError,
    TransportError,
)
from .http1 import BrokenAnswerError
from .lines import MOST_CONNECTIONS
from .network import Cause
from .watch import Watch

if TYPE_CHECKING:
    from .messages import HTTPRequest, HTTPResponse

ErrorT = TypeVar("ErrorT", bound=BaseException)


def bare(error: ErrorT) -> ErrorT:
    """The same error without the frames that it came through, and without the errors behind it."""
    error.__cause__ = error.__context__ = None
    for name in ("request", "_request", "response"):  # httpx hangs them on its errors
        vars(error).pop(name, None)
    return error.with_traceback(None)


class Failure(NamedTuple):
    """An attempt that came to no whole answer."""

    request: HTTPRequest
    timeout: float
    watch: Watch
    body: Body

    def end(self, error: Exception, cause: Cause) -> HTTPResponse:
        """The answer, if its head had arrived; raises the error otherwise."""
        failure = self._name(error, cause)
        if failure is not error:
            failure.__cause__ = error
        if self.body.begun:
            return self.body.broken(failure)
        raise failure

    def _name(self, error: Exception, cause: Cause) -> TransportError:  # noqa: PLR0911  # one for each class
        where, host = f"{self.request.method} {self.request.url}", urlsplit(self.request.url).netloc
        reason = str(error) or type(error).__name__
        if isinstance(error, TransportError):  # what the body has found wrong
            error.args = (f"{where}: {error}",)
            return error
        if cause == "certificate":
            return CertificateError(
                f"{where}: the certificate of {host!r} could not be verified ({reason}); check SSL_CERT_FILE"
            )
        if cause == "busy" or (cause == "late" and self.watch.stage == "waiting"):
            return PoolExhaustedError(
                f"{where}: all {MOST_CONNECTIONS} connections of this client are in use; make fewer calls at a time"
            )
        if cause == "no connection" or (cause == "late" and self.watch.stage == "connecting"):
            return ConnectError(
                f"{where}: no connection to {host!r} ({reason}); check region or endpoint, and the network"
            )
        if cause == "late":
            return AttemptTimeoutError(
                f"{where}: no whole answer within {self.timeout:g} s, {self.body.progress} of its body arrived; "
                "raise timeouts.attempt or ask for less"
            )
        if self.body.begun or isinstance(error, EOFError):
            return IncompleteBodyError(f"{where}: the body ended after {self.body.progress} ({reason}); try again")
        if isinstance(error, BrokenAnswerError):
            return ConnectionLostError(
                f"{where}: what {host!r} answered is no HTTP/1.1 ({reason}); look for a proxy, or another service there"
            )
        if cause == "lost":
            return ConnectionLostError(
                f"{where}: {host!r} closed the connection before it answered ({reason}); try again"
            )
        failure = TransportError(
            f"{where}: cannot be sent ({type(error).__name__}: {reason}); check the client's settings"
        )
        failure.repeat = "never"
        return failure
