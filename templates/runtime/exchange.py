"""One call from its first attempt to its result, without I/O: yields steps, and receives their replies.

The sync and the async driver run the same generator, so they cannot come to different decisions.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, cast

from attrs import evolve

from .answer import read_failure, read_success
from .errors import DecodeError, SdkError, TransportError
from .messages import HTTPRequest, HTTPResponse
from .operation import Call
from .run import Run
from .settings import Brakes, Settings
from .steps import Arrived, Reply, Sleep, Step


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
