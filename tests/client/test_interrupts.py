"""What ends a wait from outside: exceptions of signal handlers and other threads, Ctrl-C, and closing the client."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import ClientClosedError, RetryPolicy, Timeouts, WrongEventLoopError

from .conftest import KEY
from .servers import SESSION, Answer, Service
from .wires import Crowd, Wire, eventually

if TYPE_CHECKING:
    from .conftest import Driver

# A server that accepts and never answers, and a client of it with a limit that is far away.
PREPARED = """
import ctypes, os, signal, socket, sys, threading, time
from face_audit import *
class SoftTimeLimit(Exception): ...
KINDS = {"SoftTimeLimit": SoftTimeLimit, "TimeoutError": TimeoutError, "ConnectionError": ConnectionError}
KINDS |= {"BrokenPipeError": BrokenPipeError, "KeyboardInterrupt": KeyboardInterrupt}
server = socket.create_server(("127.0.0.1", 0))
url = f"http://127.0.0.1:{server.getsockname()[1]}"
told = []
settings = dict(endpoint=url, timeouts=Timeouts(attempt=8, call=20), on_event=lambda event: told.append(event.error))
kind, began = KINDS[sys.argv[1]], time.monotonic()
"""
ENDED = """
except BaseException as error:
    print(type(error).__name__, str(error), told, time.monotonic() - began < 2)
os._exit(0)
"""
BY_A_SIGNAL = """
def fire(*_):
    raise kind("the task's limit")
signal.signal(signal.SIGALRM, fire)
signal.setitimer(signal.ITIMER_REAL, 0.3)
try:
"""
BY_A_THREAD = """
def fire(thread):
    time.sleep(0.3)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(kind))
    os.kill(os.getpid(), signal.SIGUSR1)  # the thread has to come back to Python
signal.signal(signal.SIGUSR1, lambda *_: None)
threading.Thread(target=fire, args=(threading.get_ident(),), daemon=True).start()
try:
"""
PLAIN = """
    with FaceAuditClient("my-key-0123456789", **settings) as client:
        list(client.audit_entries.list("s"))
"""
AHEAD = PLAIN.replace('list("s")', 'list("s", prefetch=True)')
MANY = PLAIN.replace('list("s")', 'list_many(["s", "t", "u"])')
CONNECTING = PLAIN.replace("**settings", '**settings | {"endpoint": "http://localhost:1"}').replace(
    "    with", "    socket.getaddrinfo = lambda *_, **__: time.sleep(60)\n    with"
)


def outcome(script: str, kind: str) -> str:
    """What the script prints."""
    code = PREPARED + script + ENDED
    ran = subprocess.run([sys.executable, "-c", code, kind], capture_output=True, text=True, timeout=30, check=True)
    return ran.stdout.strip()


@pytest.mark.parametrize("kind", ["SoftTimeLimit", "TimeoutError", "ConnectionError", "BrokenPipeError"])
@pytest.mark.parametrize("call", [PLAIN, AHEAD, MANY, CONNECTING], ids=["plain", "prefetch", "many", "connecting"])
def test_exception_of_a_signal_handler_comes_out_as_itself(kind: str, call: str) -> None:
    """The limit of a task queue ends the call at once: it is neither a failure of the network nor retried."""
    assert outcome(BY_A_SIGNAL + call, kind) == f"{kind} the task's limit [] True"


@pytest.mark.parametrize("kind", ["SoftTimeLimit", "TimeoutError", "ConnectionError"])
def test_exception_of_another_thread_comes_out_as_itself(kind: str) -> None:
    """The same for an exception that another thread raises in the one that waits."""
    assert outcome(BY_A_THREAD + PLAIN, kind) == f"{kind}  [] True"


@pytest.mark.parametrize("call", [PLAIN, AHEAD, MANY], ids=["plain", "prefetch", "many"])
def test_interrupt_ends_the_call_within_a_second(call: str) -> None:
    """Ctrl-C does not wait for the requests under way."""
    script = "threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\ntry:\n" + call

    assert outcome(script, "KeyboardInterrupt") == "KeyboardInterrupt  [] True"


def test_given_up_list_many_closes_its_connections(service: Service) -> None:
    """Anyone who stops early leaves no request under way on the server, and no thread."""
    from face_audit import FaceAuditClient  # noqa: PLC0415  # the sync client only

    with Wire(lambda line: line.hold()) as wire, FaceAuditClient(KEY, endpoint=wire.url) as client:
        many = client.audit_entries.list_many(["a", "b", "c"])
        waiting = threading.Thread(target=lambda: next(many, None), daemon=True)
        waiting.start()
        eventually(lambda: wire.open == 3)
        client.close()
        eventually(lambda: wire.open == 0)
        waiting.join(5)

    assert not waiting.is_alive()


def test_closing_wakes_a_call_that_waits_for_its_next_attempt(driver: Driver, service: Service) -> None:
    """`close()` ends a wait between attempts at once, and nothing more is sent."""
    service.will(*[Answer(status=503)] * 5)
    retry = RetryPolicy(first_wait=8, random=lambda: 1.0)
    client = driver.real_time(driver.client(service.url, retry=retry))
    began = time.monotonic()

    crowd = Crowd(client, 1)
    eventually(lambda: len(service.requests) == 1)
    close_beside(client)
    (error,) = crowd.join()

    assert type(error) is ClientClosedError
    assert time.monotonic() - began < 2
    assert len(service.requests) == 1


def test_closing_wakes_calls_behind_a_gate(driver: Driver, service: Service) -> None:
    """Calls that wait because the service asked all of them to wait end as well."""
    service.will(*[Answer(status=429, headers={"Retry-After": "60"})] * 3)
    client = driver.real_time(driver.client(service.url))
    began = time.monotonic()

    crowd = Crowd(client, 3)
    eventually(lambda: client.made._shared.brakes.gate.told is not None)
    close_beside(client)
    outcomes = crowd.join()

    assert {type(one) for one in outcomes} == {ClientClosedError}
    assert time.monotonic() - began < 3


def test_closing_wakes_a_call_that_waits_for_another_ones_answer(driver: Driver) -> None:
    """After a wait one call goes first; those that wait for its answer end with the client, too."""
    limited = b"HTTP/1.1 429 Slow\r\nRetry-After: 0.05\r\nContent-Length: 0\r\n\r\n"
    answered: list[int] = []

    def serve(line: Any) -> None:
        while line.receive():
            answered.append(1)
            if len(answered) > 3:
                line.hold()
                return
            line.send(limited)

    with Wire(serve) as wire:
        client = driver.real_time(driver.client(wire.url, timeouts=Timeouts(attempt=20)))
        crowd = Crowd(client, 3)
        eventually(lambda: len(answered) > 3)
        close_beside(client)
        outcomes = crowd.join()

    assert {type(one) for one in outcomes} == {ClientClosedError}


def test_closing_ends_calls_that_wait_for_a_connection(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that waits because all connections are in use ends with the client."""
    monkeypatch.setattr("face_audit._runtime.http.connections.MOST_CONNECTIONS", 1)
    with Wire(lambda line: line.hold()) as wire:
        client = driver.real_time(driver.client(wire.url, timeouts=Timeouts(attempt=20)))
        crowd = Crowd(client, 5)
        eventually(lambda: wire.accepted == 1)
        began = time.monotonic()
        close_beside(client)
        outcomes = crowd.join()

    assert {type(one) for one in outcomes} == {ClientClosedError}
    assert time.monotonic() - began < 2


def test_async_client_outside_of_asyncio_says_so() -> None:
    """Other libraries, such as trio, get an error that names the reason."""
    from face_audit import AsyncFaceAuditClient  # noqa: PLC0415  # the async client only

    client = AsyncFaceAuditClient(KEY, endpoint="http://localhost")

    with pytest.raises(WrongEventLoopError, match="needs a running asyncio event loop"):
        client.audit_entries.list_page(SESSION).send(None)


def close_beside(client: Any) -> None:
    """Close a client while its calls are under way."""
    if client._runner is None:
        client.close()
    else:
        asyncio.run_coroutine_threadsafe(client.made.aclose(), client._runner.get_loop()).result(5)
