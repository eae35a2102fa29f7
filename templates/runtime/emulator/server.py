"""A small HTTP/1.1 server on loopback."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeAlias, cast

from ..wire import HTTPRequest, HTTPResponse

Answer: TypeAlias = Callable[[HTTPRequest], HTTPResponse]

_HOST = "127.0.0.1"


class CutBodyError(EOFError):
    """The connection is lost within the body of `response`."""

    def __init__(self, response: HTTPResponse) -> None:
        """Keep the whole response, so that a server can send its first half."""
        super().__init__("the emulator cut the body, as requested")
        self.response = response


class LoopbackServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1 only; one thread for each connection."""

    # Their connections are shut down on closing, so waiting for the threads takes no time.
    daemon_threads = False

    def __init__(self, answer: Answer, port: int) -> None:
        """Listen on `port`; 0 takes a free one.

        Raises:
            OSError: the port is taken or not allowed.
        """
        self.answer = answer
        self._connections: set[socket.socket] = set()
        # Last, because it closes the server again if the port is taken.
        super().__init__((_HOST, port), _Handler)

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://{_HOST}:{self.server_port}"

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept one connection and remember it."""
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close one connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening and close the connections that clients keep open."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


@contextmanager
def serve(answer: Answer, port: int = 0) -> Generator[str, None, None]:
    """Serve `answer` from a thread while the context lasts; it receives the base URL."""
    with LoopbackServer(answer, port) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer the requests of one connection; a client may hang up at any time."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing: the test or demo around the server decides what is printed."""

    def _answer(self) -> None:
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdecimal():
            # The end of this request is unknown, so the connection cannot serve another one.
            self.send_error(411)
            return
        server = cast("LoopbackServer", self.server)
        request = HTTPRequest(
            method=self.command,
            url=server.url + self.path,
            headers={name.lower(): ", ".join(self.headers.get_all(name, ())) for name in self.headers},
            content=self.rfile.read(int(length)) or None,
        )
        try:
            self._write(server.answer(request), missing=0)
        except CutBodyError as cut:
            self._write(cut.response, missing=len(cut.response.content) - len(cut.response.content) // 2)
        except ConnectionResetError:
            # Closing a socket that must not linger resets the connection.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

    def _write(self, response: HTTPResponse, *, missing: int) -> None:
        """Send the response in one piece, without the last `missing` bytes of its body."""
        headers = dict(response.headers)
        if response.status != HTTPStatus.NO_CONTENT:
            headers["content-length"] = str(len(response.content))
        if missing:
            headers["connection"] = "close"
            self.close_connection = True
        status = f"HTTP/1.1 {response.status} {responses.get(response.status, '')}"
        head = [status, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        content = b"" if self.command == "HEAD" else response.content[: len(response.content) - missing]
        self.wfile.write("\r\n".join(head).encode("latin-1") + content)

    def __getattr__(self, name: str) -> Any:
        # The base class looks up `do_GET` and the like; unknown methods are answered by the emulator as well.
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)
