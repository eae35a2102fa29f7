"""A small HTTP/1.1 server on loopback, and the command that serves an emulator until it is stopped."""

from __future__ import annotations

import argparse
import re
import signal
import socket
import struct
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Protocol, TypeAlias, cast

from ..wire import HTTPRequest, HTTPResponse

Answer: TypeAlias = Callable[[HTTPRequest], HTTPResponse]

_HOST = "127.0.0.1"
_LARGEST_PORT = 65535


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


class _Servable(Protocol):
    def add(self, collection: str, *, count: int) -> None: ...
    def answer(self, request: HTTPRequest) -> HTTPResponse: ...


def main(make_emulator: Callable[..., _Servable], argv: Sequence[str], *, name: str) -> int:
    """Serve an emulator on loopback until Ctrl-C or SIGTERM; returns exit status 0.

    Raises:
        SystemExit: an argument is wrong, or the port is taken; the reason is on stderr.
    """
    parser = _make_parser(name)
    arguments = parser.parse_args(argv)
    collections: list[tuple[str, int]] = arguments.add
    try:
        emulator = make_emulator(key=arguments.key, ascending=True if arguments.oldest_first else None)
        for collection, count in collections:
            emulator.add(collection, count=count)
    except ValueError as error:
        parser.error(str(error))
    try:
        server = LoopbackServer(emulator.answer, arguments.port)
    except OSError as error:
        parser.error(f"port {arguments.port}: cannot be listened on ({error.strerror}); give another one, or 0")
    # SIGINT too: a shell starts background processes with Ctrl-C ignored.
    previous = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(KeyboardInterrupt), server:
            print(f"listening on {server.url}", flush=True)
            holdings = [f"holding {collection}: {count} items" for collection, count in collections]
            print("\n".join(holdings or ["holding nothing; give --add NAME=COUNT"]), flush=True)
            server.serve_forever()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 0


def _make_parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name, description="Serve an emulator of the API on 127.0.0.1 until stopped.")
    parser.add_argument("--port", type=_read_port, default=0, help="the port; 0, the default, takes a free one")
    parser.add_argument("--key", default="emulator-key", help="the key that callers must send (default: %(default)s)")
    parser.add_argument("--oldest-first", action="store_true", help="list the smallest id first")
    adding = "hold a collection of COUNT items; may be repeated"
    parser.add_argument("--add", type=_read_collection, action="append", default=[], metavar="NAME=COUNT", help=adding)
    return parser


def _read_port(written: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", written) or int(written) > _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{written!r}: is not a port; give a number from 0 to {_LARGEST_PORT}")
    return int(written)


def _read_collection(written: str) -> tuple[str, int]:
    found = re.fullmatch("(.+)=([0-9]{1,9})", written, re.DOTALL)
    if found is None:
        raise argparse.ArgumentTypeError(f"{written!r}: is not a collection; write it as NAME=COUNT")
    return found[1], int(found[2])
