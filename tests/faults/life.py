"""Plays the faults of the catalogue that lie in how a client is used; each gives back what the client fell short of."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from face_audit import AttemptTimeoutError, FaceAuditError, PoolExhaustedError, RetryPolicy, Timeouts

from .ours import CANARY, HTTP, IDS, Kind, Ours
from .script import SILENCE, reply
from .secrets_shown import logged
from .server import FaultServer

if TYPE_CHECKING:
    from .fault import Fault

MANY = 6
"""Calls at a time, on one connection."""
CROWD = 256
"""Tasks that call at once."""
ONCE = RetryPolicy(max_attempts=1)


def close(kind: Kind, http: HTTP) -> Iterable[object]:
    """What comes of a call after closing."""
    with FaultServer() as server, Ours(kind, server.url, http=http) as ours:
        pager = ours.pager()
        ours.close()
        yield caught(lambda: ours.next_page(pager))
        if server.requests:
            yield "a closed client has sent a request"


def exhaust(kind: Kind, http: HTTP) -> Iterable[object]:
    """What comes of more calls at a time than there are connections."""
    # httpx is told to give up a tenth earlier than the attempt: if it is cancelled while it waits, it may lose a place.
    # A tenth of a second is enough on a busy machine.
    limits = Timeouts(attempt=0.3 if http == "default" else 1.0)
    with (
        patch("face_audit._runtime.http.connections.MOST_CONNECTIONS", 1),  # 100, as it is
        FaultServer() as server,
        Ours(kind, server.url, http=http, most=1, timeouts=limits, retry=ONCE) as ours,
    ):
        server.plan(lambda scene: [SILENCE], None, MANY)
        errors = [caught(call) for call in _all_at_once(kind, ours)]
        # One gets the connection and holds it until its time is over, and then another.
        yield next((error for error in errors if type(error).__name__ == "PoolExhaustedError"), errors[0])
        yield from (repr(error) for error in errors if not isinstance(error, FaceAuditError))
        server.heal()
        yield from _lists_all(ours)


def change_loops(kind: Kind, http: HTTP) -> Iterable[object]:
    """What comes of a second event loop."""
    with FaultServer() as server, Ours(kind, server.url, http=http) as ours:
        if kind == "async":
            ours.next_page(ours.pager())
            sent = len(server.requests)
            yield caught(lambda: asyncio.run(ours.page()))
            if len(server.requests) != sent:
                yield "a request was sent from the second event loop"
        yield from _lists_all(ours)


def cancel(kind: Kind, http: HTTP) -> Iterable[object]:
    """What comes of cancelling a call under way, and one that waits for its next attempt."""
    slow = RetryPolicy(first_wait=20, random=lambda: 1.0)
    with FaultServer() as server, Ours(kind, server.url, http=http, retry=slow) as ours:
        if kind == "async":
            for script in (lambda scene: [SILENCE], lambda scene: [reply(b"", 503)]):
                server.plan(script, None, 9)
                yield from ours.run(_cancelled(ours, server))
            if len(server.requests) != 2:
                yield f"two calls were cancelled, {len(server.requests)} requests were sent"
            server.heal()
        yield from _lists_all(ours)


def fork(kind: Kind, http: HTTP) -> Iterable[object]:
    """What comes of children that list at the same time as their parent, with its warm client."""
    with FaultServer() as server, Ours(kind, server.url, http=http) as ours:
        yield from _lists_all(ours)
        if kind == "sync":  # an event loop does not survive a fork, and neither do its clients
            children = [_forked(ours) for _ in range(3)]
            yield from _lists_all(ours)
            listed = [read() for read in children]
            yield from (f"a child got {found.partition('(')[0]}" for found in listed if found != ",".join(IDS))
            connections = {request.connection for request in server.requests}
            if len(connections) != 1 + listed.count(",".join(IDS)):
                yield "processes have shared a connection"


def set_clock_back(kind: Kind, http: HTTP) -> Iterable[object]:
    """What comes of an hour less on the clock on the wall."""
    real, began = time.time, time.monotonic()
    with FaultServer() as server, Ours(kind, server.url, http=http, retry=RetryPolicy(first_wait=0.01)) as ours:
        server.plan(lambda scene: [reply(b"", 503)], None, 1)
        ours.next_page(ours.pager())
        time.time = lambda: real() - 3600
        try:
            server.plan(lambda scene: [reply(b"", 503)], None, 1)
            yield from _lists_all(ours)
        finally:
            time.time = real
    if time.monotonic() - began > 2:
        yield f"it took {time.monotonic() - began:.1f} s"


def close_during_call(kind: Kind, http: HTTP) -> Iterable[object]:
    """What comes of a call that waits for its answer when the client is closed."""
    with FaultServer() as server, Ours(kind, server.url, http=http, timeouts=Timeouts(attempt=0.6)) as ours:
        server.plan(lambda scene: [SILENCE], None, 1)
        began = time.monotonic()
        if kind == "async":
            error = ours.run(_closed_beside(ours, server))
        else:
            errors: list[BaseException | None] = []
            call = threading.Thread(target=lambda: errors.append(caught(lambda: ours.next_page(ours.pager()))))
            call.start()
            _wait_for(server)
            ours.close()
            call.join()
            (error,) = errors
        yield error
        if time.monotonic() - began > 0.5:
            yield "the call went on to the limit of its attempt"


def call_at_once(kind: Kind, http: HTTP) -> Iterable[object]:
    """What comes of 256 tasks that ask for a page at once, in 2.5 times the time that the default client needs."""
    with FaultServer() as server:
        if kind == "async":
            with Ours(kind, server.url) as ours:
                began = time.monotonic()
                ours.run(_gathered(ours, CROWD))
                limits = Timeouts(attempt=max(2.5 * (time.monotonic() - began), 0.5))
            late = {AttemptTimeoutError, PoolExhaustedError}
            for _ in range(2):  # the machine may be busy with something else
                with Ours(kind, server.url, http=http, timeouts=limits, retry=ONCE) as ours:
                    failed = {type(one) for one in ours.run(_gathered(ours, CROWD)) if isinstance(one, Exception)}
                if not failed:
                    break
            if failed & late:
                yield "calls are out of time"
            yield from (f"calls end with {one.__name__}" for one in failed - late)
        with Ours(kind, server.url, http=http) as ours:
            yield from _lists_all(ours)


class Records(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one more."""
        self.records.append(record)


def echo(kind: Kind, http: HTTP) -> Iterable[object]:
    """What comes of a key in the headers of answers, with every logger at its lowest level."""
    handler, root, level = Records(), logging.getLogger(), logging.getLogger().level
    with FaultServer() as server, Ours(kind, server.url, http=http) as ours:
        server.plan(lambda scene: [reply(scene.page, 200, f"X-Echo: {CANARY}")], None, 9)
        root.addHandler(handler)
        root.setLevel(1)
        try:
            yield from _lists_all(ours)
        finally:
            root.setLevel(level)
            root.removeHandler(handler)
    telling = {record.name.partition(".")[0] for record in handler.records if CANARY in logged([record])}
    yield from (f"the log of {name} shows the key" for name in telling)


PLAYS: Mapping[str, Callable[[Kind, HTTP], Iterable[object]]] = {
    "used after closing": close,
    "all connections in use": exhaust,
    "used in two event loops": change_loops,
    "cancelled": cancel,
    "forked with a warm client": fork,
    "clock set back by an hour": set_clock_back,
    "closed during a call": close_during_call,
    "256 calls at once": call_at_once,
    "a key in the answer, and every log on": echo,
}


def complaints_of_use(fault: Fault, kind: Kind, http: HTTP = "default") -> list[str]:
    """In what the client fell short where it was used in this way."""
    found: list[str] = []
    for one in PLAYS[fault.name](kind, http):  # an error that was caught, or a complaint
        owed = isinstance(one, FaceAuditError) and type(one).__name__ == fault.stays.error
        if not owed or fault.stays.text not in str(one):
            found.append(one if isinstance(one, str) else repr(one))
    return found


def caught(call: Callable[[], Any]) -> BaseException | None:
    """The error that this raises."""
    try:
        call()
    except Exception as error:  # noqa: BLE001  # the caller judges any error
        return error
    return None


def _lists_all(ours: Ours) -> Iterable[str]:
    found = ours.ids(ours.pager())
    if found != IDS:
        yield f"the client then listed {found}"


def _all_at_once(kind: Kind, ours: Ours) -> list[Callable[[], Any]]:
    if kind == "async":
        results = ours.run(_gathered(ours))
        return [lambda result=result: _raise(result) for result in results]
    errors: list[BaseException | None] = []
    calls = [
        threading.Thread(target=lambda: errors.append(caught(lambda: ours.next_page(ours.pager()))))
        for _ in range(MANY)
    ]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    return [lambda error=error: _raise(error) for error in errors]


def _raise(result: Any) -> None:
    if isinstance(result, BaseException):
        raise result


async def _gathered(ours: Ours, count: int = MANY) -> list[Any]:
    return await asyncio.gather(*(ours.page() for _ in range(count)), return_exceptions=True)


async def _closed_beside(ours: Ours, server: FaultServer) -> BaseException | None:
    call = asyncio.ensure_future(ours.page())
    await asyncio.to_thread(_wait_for, server)
    await ours.client.aclose()
    await asyncio.wait([call])
    return call.exception()


def _wait_for(server: FaultServer, count: int = 1) -> None:
    """Wait until this many requests have arrived."""
    until = time.monotonic() + 5
    while len(server.requests) < count and time.monotonic() < until:
        threading.Event().wait(0.002)


async def _cancelled(ours: Ours, server: FaultServer) -> list[str]:
    sent = len(server.requests)
    call = asyncio.ensure_future(ours.page())
    await asyncio.to_thread(_wait_for, server, sent + 1)
    await asyncio.sleep(0.05)  # for an answer, which makes the call wait for its next attempt
    began = time.monotonic()
    call.cancel()
    await asyncio.wait([call])
    found = [] if call.cancelled() else [f"the cancelled call ended with {call!r}"]
    if time.monotonic() - began > 0.5:
        found.append("it was not cancelled at once")
    if len(asyncio.all_tasks()) > 1:
        found.append(f"it left {asyncio.all_tasks()}")
    return found


def _forked(ours: Ours) -> Callable[[], str]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, ",".join(ours.ids(ours.pager())).encode())
        os._exit(0)
    os.close(writing)

    def read() -> str:
        with os.fdopen(reading) as file:
            text = file.read()
        os.waitpid(child, 0)
        return text

    return read
