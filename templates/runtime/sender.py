"""Sends one request and reads its whole answer within one limit of time, over the network or a caller's transport."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from attrs import frozen

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
from .network import MOST_CONNECTIONS, Answer, AsyncConnections, Cause, Connections, Route
from .watch import Watch

if TYPE_CHECKING:
    from .messages import HTTPRequest, HTTPResponse
    from .transport import AsyncCallerTransport, AsyncTransport, CallerTransport, SyncTransport

ErrorT = TypeVar("ErrorT", bound=BaseException)


class Sender:
    """Sends requests to one origin over kept connections."""

    def __init__(self, route: Route, *, transport: SyncTransport | None) -> None:
        self._wire = Connections(route) if transport is None else _take_transport(transport)

    def send(self, request: HTTPRequest, timeout: float) -> HTTPResponse:
        """The answer; where its body did not arrive whole, with what is wrong with it.

        Raises:
            TransportError: no head of an answer arrived within `timeout` seconds.
        """
        watch, body = Watch(time.monotonic() + timeout), Body()
        try:
            with self._wire.open(request, watch) as answer:
                _collect(answer, body, watch)
        except Exception as error:  # noqa: BLE001  # whatever it is, its frames would show the credential
            return _Failure(request, timeout, watch, body).end(_bare(error), self._wire.explain(error))
        except BaseException as error:  # noqa: BLE001  # as above; it goes on, without those frames
            raise _bare(error)  # noqa: B904  # itself
        return body.whole()

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()


class AsyncSender:
    """The same for asyncio."""

    def __init__(self, route: Route, *, transport: AsyncTransport | None) -> None:
        self._wire = AsyncConnections(route) if transport is None else _take_async_transport(transport)

    async def send(self, request: HTTPRequest, timeout: float) -> HTTPResponse:  # noqa: ASYNC109  # named as in sync
        """The answer; where its body did not arrive whole, with what is wrong with it.

        Raises:
            TransportError: no head of an answer arrived within `timeout` seconds.
        """
        watch, body = Watch(time.monotonic() + timeout), Body()
        try:
            async with asyncio.timeout(timeout), self._wire.open(request, watch) as answer:
                await _collect_async(answer, body)
        except Exception as error:  # noqa: BLE001  # whatever it is, its frames would show the credential
            return _Failure(request, timeout, watch, body).end(_bare(error), self._wire.explain(error))
        except BaseException as error:  # noqa: BLE001  # as above; it goes on, without those frames
            raise _bare(error)  # noqa: B904  # itself
        return body.whole()

    async def aclose(self) -> None:
        """Close the kept connections."""
        await self._wire.aclose()


def _collect(answer: Answer, body: Body, watch: Watch) -> None:
    body.begin(answer.status, answer.headers)
    for chunk in answer.chunks:
        body.add(chunk)
        watch.left()
    body.end()


async def _collect_async(answer: Answer, body: Body) -> None:
    body.begin(answer.status, answer.headers)
    async for chunk in answer.chunks:
        body.add(chunk)
    body.end()


def _take_transport(transport: SyncTransport) -> CallerTransport:
    from .transport import CallerTransport  # noqa: PLC0415  # httpx takes longer to load than all the rest

    return CallerTransport(transport)


def _take_async_transport(transport: AsyncTransport) -> AsyncCallerTransport:
    from .transport import AsyncCallerTransport  # noqa: PLC0415  # as above

    return AsyncCallerTransport(transport)


def _bare(error: ErrorT) -> ErrorT:
    """The same error without the frames that it came through, and without the errors behind it."""
    error.__cause__ = error.__context__ = None
    for name in ("request", "_request", "response"):  # httpx hangs them on its errors
        vars(error).pop(name, None)
    return error.with_traceback(None)


@frozen
class _Failure:
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
