"""A server on loopback whose every byte a test scripts, and calls that run beside the test."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from .servers import SESSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Client

EMPTY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"


def ok(body: bytes, *headers: str, status: int = 200) -> bytes:
    """A whole answer with this body."""
    lines = [f"HTTP/1.1 {status} OK", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Line:
    """One connection, as a script of the server sees it."""

    def __init__(self, connected: socket.socket, ended: threading.Event) -> None:
        """Talk over `connected` until `ended`."""
        self.socket = connected
        self._ended = ended

    def receive(self) -> bytes:
        """The head of the next request, with what of its body came along; nothing at the end."""
        received = b""
        while b"\r\n\r\n" not in received:
            piece = self.socket.recv(65536)
            if not piece:
                return b""
            received += piece
        return received

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.socket.sendall(data)

    def answer(self, *answers: bytes) -> None:
        """One answer for each request, the last one for all further ones."""
        for place in range(1000):
            if not self.receive():
                return
            self.send(answers[min(place, len(answers) - 1)])

    def trickle(self, data: bytes) -> None:
        """Send it byte by byte."""
        for place in range(len(data)):
            self.socket.sendall(data[place : place + 1])
            if self._ended.wait(0.01):
                return

    def hold(self) -> None:
        """Say nothing until the client closes the connection, or the test is over."""
        while self.socket.recv(65536):
            pass

    def reset(self) -> None:
        """Close it with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Wire:
    """Runs a script on each connection, the last one on all further ones. Use it as a context manager."""

    def __init__(self, *scripts: Callable[[Line], None], tls: ssl.SSLContext | None = None) -> None:
        """Listen; with `tls`, scripts begin after the handshake."""
        self.accepted = 0
        self.open = 0
        self.failures: list[Exception] = []
        self._scripts = scripts
        self._tls = tls
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Where it listens, in the clear."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for one in self._sockets:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connected, _ = self._listener.accept()
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._sockets.append(connected)
                    script = self._scripts[min(self.accepted, len(self._scripts) - 1)]
                    self.accepted += 1
                    self.open += 1
                threading.Thread(target=self._serve, args=(connected, script), daemon=True).start()

    def _serve(self, connected: socket.socket, script: Callable[[Line], None]) -> None:
        secured = connected
        try:
            if self._tls is not None:
                secured = self._tls.wrap_socket(connected, server_side=True)
            with self._lock:
                self._sockets.append(secured)
            script(Line(secured, self._ended))
        except OSError as error:  # the client has left
            self.failures.append(error)
        finally:
            secured.close()
            with self._lock:
                self.open -= 1


def eventually(claim: Callable[[], bool]) -> None:
    """Wait for what another thread brings about; fails where it does not come true."""
    until = time.monotonic() + 5
    while not claim():
        assert time.monotonic() < until, "it did not come true"
        threading.Event().wait(0.002)


class Crowd:
    """Calls of one client that run beside the test: threads of the sync client, tasks of the async one."""

    def __init__(self, client: Client, count: int) -> None:
        """Start `count` calls for one page each."""
        self.outcomes: list[Any] = []
        targets = [lambda: self._call(client)] * count
        if client._runner is not None:
            targets = [lambda: client._runner.run(self._gather(client, count))]
        self._threads = [threading.Thread(target=target, daemon=True) for target in targets]
        for thread in self._threads:
            thread.start()

    def join(self) -> list[Any]:
        """The pages and errors, in the order in which they came."""
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a call does not end"
        return self.outcomes

    def _call(self, client: Client) -> None:
        try:
            self.outcomes.append(client.made.audit_entries.list_page(SESSION))
        except Exception as error:  # noqa: BLE001  # the test looks at any error
            self.outcomes.append(error)

    async def _gather(self, client: Client, count: int) -> None:
        await asyncio.gather(*(self._call_async(client) for _ in range(count)))

    async def _call_async(self, client: Client) -> None:
        try:
            self.outcomes.append(await client.made.audit_entries.list_page(SESSION))
        except Exception as error:  # noqa: BLE001  # the test looks at any error
            self.outcomes.append(error)
