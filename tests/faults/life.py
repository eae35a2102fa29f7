"""Plays the faults of the catalogue that lie in how a client is used; each gives back what the client fell short of."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from face_audit import FaceAuditError, RetryPolicy, Timeouts

from .harness import IDS, Kind, Ours
from .script import SILENCE, reply
from .server import FaultServer

if TYPE_CHECKING:
    from .fault import Fault

MANY = 6
"""Calls at a time, on one connection."""
ONCE = RetryPolicy(max_attempts=1)


def close(kind: Kind) -> Iterable[object]:
    """What comes of a call after closing."""
    with FaultServer() as server, Ours(kind, server.url) as ours:
        pager = ours.pager()
        ours.close()
        yield caught(lambda: ours.next_page(pager))
        if server.requests:
            yield "a closed client has sent a request"


def exhaust(kind: Kind) -> Iterable[object]:
    """What comes of more calls at a time than there are connections."""
    with (
        patch("face_audit._runtime.http.connections.MOST_CONNECTIONS", 1),  # 100, as it is
        FaultServer() as server,
        Ours(kind, server.url, timeouts=Timeouts(attempt=0.3), retry=ONCE) as ours,
    ):
        server.plan(lambda scene: [SILENCE], None, MANY)
        errors = [caught(call) for call in _all_at_once(kind, ours)]
        # One gets the connection and holds it until its time is over, and then another.
        yield next((error for error in errors if type(error).__name__ == "PoolExhaustedError"), errors[0])
        yield from (repr(error) for error in errors if not isinstance(error, FaceAuditError))
        server.heal()
        yield from _lists_all(ours)


def change_loops(kind: Kind) -> Iterable[object]:
    """What comes of a second event loop."""
    with FaultServer() as server, Ours(kind, server.url) as ours:
        if kind == "async":
            ours.next_page(ours.pager())
            sent = len(server.requests)
            yield caught(lambda: asyncio.run(ours.page()))
            if len(server.requests) != sent:
                yield "a request was sent from the second event loop"
        yield from _lists_all(ours)


def cancel(kind: Kind) -> Iterable[object]:
    """What comes of cancelling a call under way, and one that waits for its next attempt."""
    slow = RetryPolicy(first_wait=20, random=lambda: 1.0)
    with FaultServer() as server, Ours(kind, server.url, retry=slow) as ours:
        if kind == "async":
            for script in (lambda scene: [SILENCE], lambda scene: [reply(b"", 503)]):
                server.plan(script, None, 9)
                yield from ours.run(_cancelled(ours))
            if len(server.requests) != 2:
                yield f"two calls were cancelled, {len(server.requests)} requests were sent"
            server.heal()
        yield from _lists_all(ours)


def fork(kind: Kind) -> Iterable[object]:
    """What comes of children that list at the same time as their parent, with its warm client."""
    with FaultServer() as server, Ours(kind, server.url) as ours:
        yield from _lists_all(ours)
        if kind == "sync":  # an event loop does not survive a fork, and neither do its clients
            children = [_forked(ours) for _ in range(3)]
            yield from _lists_all(ours)
            for read in children:
                if read() != ",".join(IDS):
                    yield "a child listed something else"
            if len({request.connection for request in server.requests}) != 1 + len(children):
                yield "processes have shared a connection"


def set_clock_back(kind: Kind) -> Iterable[object]:
    """What comes of an hour less on the clock on the wall."""
    real, began = time.time, time.monotonic()
    with FaultServer() as server, Ours(kind, server.url, retry=RetryPolicy(first_wait=0.01)) as ours:
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


PLAYS: Mapping[str, Callable[[Kind], Iterable[object]]] = {
    "used after closing": close,
    "all connections in use": exhaust,
    "used in two event loops": change_loops,
    "cancelled": cancel,
    "forked with a warm client": fork,
    "clock set back by an hour": set_clock_back,
}


def complaints_of_use(fault: Fault, kind: Kind) -> list[str]:
    """In what the client fell short where it was used in this way."""
    found: list[str] = []
    for one in PLAYS[fault.name](kind):  # an error that was caught, or a complaint
        owed = isinstance(one, FaceAuditError) and type(one).__name__ == fault.stays.error
        if not owed or fault.stays.text not in str(one):
            found.append(repr(one))
    return found


def caught(call: Callable[[], Any]) -> BaseException | None:
    """The error that this raises."""
    try:
        call()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is judged by the caller
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


async def _gathered(ours: Ours) -> list[Any]:
    return await asyncio.gather(*(ours.page() for _ in range(MANY)), return_exceptions=True)


async def _cancelled(ours: Ours) -> list[str]:
    call = asyncio.ensure_future(ours.page())
    await asyncio.sleep(0.1)
    began = time.monotonic()
    call.cancel()
    await asyncio.wait([call])
    found = [] if call.cancelled() else [f"the cancelled call ended with {call!r}"]
    if time.monotonic() - began > 0.1:
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
