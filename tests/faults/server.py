"""A fault server on raw sockets: serves a session by pages, and misbehaves to the byte where its script says so.

It shares no code with the package, and none with http.server, which would not send what is wrong.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias
from urllib.parse import parse_qs, urlsplit

from .script import COUNT, SILENCE, Drip, End, Flood, Pause, Scene, Script, Step, page, reply

Trick: TypeAlias = Literal["", "slam", "plain", "silent"] | ssl.SSLContext
"""What happens to a new connection: closed, answered without TLS, not answered, or shown this certificate."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    connection: int
    at: float
    """Seconds, monotonic."""

    @property
    def start(self) -> str | None:
        """Its cursor."""
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True).get("start", [None])[0]


class FaultServer:
    """A session with seven entries. Use it as a context manager."""

    def __init__(self, *, keep: bool = True, context: ssl.SSLContext | None = None, lag: float = 0.0) -> None:
        """Keep connections open between requests, or not; speak TLS with this context; answer after `lag` seconds."""
        self.requests: list[Received] = []
        self.connections = 0
        self.settled = threading.Event()
        """A script has run to its end."""
        self.name = "127.0.0.1" if context is None else "localhost"
        self._keep = keep
        self._context = context
        self._lag = lag
        self._plan: tuple[Script, str | None, float] | None = None
        self._trick: tuple[Trick, float] = ("", 0)
        self._stop = threading.Event()
        self._open: set[socket.socket] = set()
        self._elsewhere = socket.create_server(("127.0.0.1", 0))
        self._listener: socket.socket | None = None
        self._port = 0
        self.listen()

    @property
    def host(self) -> str:
        """Host and port."""
        return f"{self.name}:{self._port}"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'http' if self._context is None else 'https'}://{self.host}"

    def plan(self, script: Script, start: str | None, times: float) -> None:
        """Answer the next `times` requests with this cursor by `script`."""
        self._plan = (script, start, times)

    def plan_connections(self, trick: Trick, times: float) -> None:
        """Treat the next `times` connections this way."""
        self._trick = (trick, times)

    def heal(self) -> None:
        """Behave from now on."""
        self._plan = None
        self._trick = ("", 0)
        self.listen()

    def listen(self) -> None:
        """Accept connections, on the same port as before."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self._port))
            self._port = self._listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def refuse(self) -> None:
        """Stop accepting connections."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()

    def was_left(self) -> bool:
        """Whether somebody went to the other server."""
        self._elsewhere.settimeout(0)
        try:
            self._elsewhere.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def drop(self) -> None:
        """Close all connections."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.refuse()
        self._elsewhere.close()
        self.drop()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, raw: socket.socket, number: int) -> None:
        trick, times = self._trick
        if times > 0:
            self._trick = (trick, times - 1)
        else:
            trick = ""
        with raw, contextlib.suppress(OSError):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(raw)
            if trick == "silent":
                self._stop.wait(SILENCE.seconds)
            elif trick == "plain":
                raw.recv(65536)
                raw.sendall(reply(b"no TLS here", 400, "Connection: close", kind="text/plain"))
            elif trick != "slam":
                context = trick if isinstance(trick, ssl.SSLContext) else self._context
                connection = raw if context is None else context.wrap_socket(raw, server_side=True)
                self._open.add(connection)
                with connection:
                    self._converse(connection, number)
        self._open.discard(raw)

    def _converse(self, connection: socket.socket, number: int) -> None:
        buffer = b""
        while True:
            while b"\r\n\r\n" not in buffer:
                arrived = connection.recv(65536)
                if not arrived:
                    return
                buffer += arrived
            text, _, buffer = buffer.partition(b"\r\n\r\n")
            if not self._answer(connection, _parse(text.decode("latin-1"), number)):
                return

    def _answer(self, connection: socket.socket, received: Received) -> bool:
        """Whether the connection goes on."""
        self.requests.append(received)
        if self._lag:
            self._stop.wait(self._lag)
        body = _page(received)
        if self._plan is not None and self._plan[1] == received.start and self._plan[2] > 0:
            script, start, times = self._plan
            self._plan = (script, start, times - 1)
            steps = script(Scene(page=body, host=self.host, elsewhere=self._elsewhere_host()))
            goes_on = all(self._perform(connection, step) for step in steps)
            self.settled.set()
            return goes_on
        connection.sendall(reply(body, 200, *([] if self._keep else ["Connection: close"])))
        return self._keep

    def _elsewhere_host(self) -> str:
        return f"localhost:{self._elsewhere.getsockname()[1]}"

    def _perform(self, connection: socket.socket, step: Step) -> bool:
        if isinstance(step, bytes):
            connection.sendall(step)
        elif isinstance(step, Pause):
            return not self._stop.wait(step.seconds)
        elif isinstance(step, Drip):
            for byte in step.content:
                connection.sendall(bytes([byte]))
                if self._stop.wait(step.every):
                    return False
        elif isinstance(step, Flood):
            for _ in range(step.times):
                connection.sendall(step.block)
        else:
            if step is End.RESET:
                # With a linger time of zero, closing sends RST.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        return True


def _parse(text: str, connection: int) -> Received:
    line, *fields = text.split("\r\n")
    method, target, _ = line.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    return Received(method=method, target=target, headers=headers, connection=connection, at=time.monotonic())


def _page(received: Received) -> bytes:
    # Newest first; the cursor is the id of the last entry received, and nothing follows one that is none.
    highest = COUNT
    if received.start is not None:
        highest = int(received.start) - 1 if received.start.isdecimal() else 0
    top = int(parse_qs(urlsplit(received.target).query).get("top", ["1000"])[0])
    return page(range(highest, max(0, highest - top), -1))
