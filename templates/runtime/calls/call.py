"""One call from its first attempt to its result, without I/O, and what both clients share to make it."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, NoReturn, cast

from attrs import evolve

from ..errors import ClientClosedError, DecodeError, SdkError, TransportError
from ..operation import Call
from ..responses.pages import read_success
from ..responses.status_errors import read_failure
from ..wire import HTTPRequest, HTTPResponse
from .attempts import Arrived, Reply, Run, Sleep, Step
from .retry import Budget
from .settings import Brakes, Settings
from .throttle import Gate

if TYPE_CHECKING:
    from ..http.client import Channel
    from .attempts import Steps


def exchange(call: Call, settings: Settings, brakes: Brakes) -> Generator[Step, Reply, Any]:
    """Run `call` under the retry policy; returns its result.

    Raises:
        SdkError: the last attempt's, with all attempts on it.
    """
    run = Run(call, settings, brakes)
    while True:
        try:
            yield from run.pass_gate()
            step = run.make_step()
            began = settings.clock.monotonic()
            reply = _hide_echo((yield step), call, settings)
            if reply is None:
                continue  # not sent, because the service asked all calls to wait in the meantime
            elapsed = settings.clock.monotonic() - began
            if isinstance(reply, HTTPResponse) and run.has_succeeded(reply):
                yield Arrived(content=reply.content)
            result, error = _read(call, settings, reply)
            wait = run.conclude(reply, error, elapsed)
        finally:
            run.leave_gate()
        if error is None:
            return run.with_attempts(result)
        if wait is None:
            raise error
        yield Sleep(seconds=wait)
        if settings.clock.monotonic() >= run.deadline:  # a machine may sleep longer than asked
            raise run.give_up(error, "the wait took until the end of timeouts.call")


def _read(call: Call, settings: Settings, reply: Reply) -> tuple[Any, SdkError | None]:
    """The result of an attempt, or its error."""
    result, error = _read_openly(call, settings, reply)
    if error is not None:
        _hide_credentials(error, settings)
    return result, error


def _read_openly(call: Call, settings: Settings, reply: Reply) -> tuple[Any, SdkError | None]:
    # The request without its headers: no error, and no frame of one, holds the credential.
    shown = HTTPRequest(
        method=call.operation.method, url=f"{settings.origin.url}{settings.prefix}{call.target}", headers={}
    )
    if isinstance(reply, TransportError):
        return None, _without_frames(reply)
    answer = cast("HTTPResponse", reply)  # the reply to an attempt that was sent is not None
    if answer.status not in call.operation.success | call.operation.empty:
        return None, read_failure(call, shown, answer, settings.errors, settings.clock.now())
    if answer.fault is not None:
        return None, _without_frames(answer.fault)
    try:
        return read_success(call, shown, answer, settings.errors, strict=settings.strict_json), None
    except DecodeError as error:
        return None, _without_frames(error)


def _without_frames(error: SdkError) -> SdkError:
    # The frames that it came through hold what the service sent, which may be an echo of the credential.
    for one in (error, error.__cause__):
        if one is not None:
            one.__traceback__ = None
    return error


def _hide_echo(reply: Reply, call: Call, settings: Settings) -> Reply:
    """An answer without credentials that the service has echoed; a success keeps its bytes, they are evidence."""
    if not isinstance(reply, HTTPResponse):
        return reply
    for credential in settings.credentials.values():
        hide, hide_in = credential.secret.hide, credential.secret.hide_in
        shown = "".join(reply.headers.values())
        if hide(shown) != shown:
            reply = evolve(reply, headers={name: hide(value) for name, value in reply.headers.items()})
        if reply.status not in call.operation.success:
            reply = evolve(reply, content=hide_in(reply.content))
    return reply


def _hide_credentials(error: SdkError, settings: Settings) -> None:
    """Replace credentials that the service has echoed, in all that the error shows."""
    for credential in settings.credentials.values():
        hide, hide_in = credential.secret.hide, credential.secret.hide_in
        error.args = tuple(hide(part) if isinstance(part, str) else part for part in error.args)
        for name, value in vars(error).items():
            if isinstance(value, str):
                setattr(error, name, hide(value))
            elif isinstance(value, bytes):
                setattr(error, name, hide_in(value))
        shown = f"{error.__cause__} {vars(error.__cause__) if error.__cause__ is not None else ''}"
        if hide(shown) != shown:
            error.__cause__ = error.__context__ = None


class Driver:
    """The half of a client that sends nothing."""

    _settings: Settings
    _channel: Channel
    _closed = False

    @property
    def endpoint(self) -> str:
        """Where this client sends its requests: scheme and host, and a gateway's path."""
        return self._settings.origin.url

    @property
    def path_prefix(self) -> str:
        """The path that stands before every operation's; it names the API version."""
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

    def _steps(self, call: Call) -> Steps:
        self._require_open()
        self._require_own_process()
        return exchange(call, self._settings, self._brakes)

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
