"""The command that serves an emulator until it is stopped."""

from __future__ import annotations

import argparse
import re
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from ..wire import HTTPRequest, HTTPResponse
from .answers import FAULTS
from .server import LoopbackServer

_LARGEST_PORT = 65535


class _Servable(Protocol):
    def add(self, collection: str, *, count: int) -> None: ...
    @property
    def fail(self) -> Callable[..., None]: ...
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
        for failure in arguments.fail:
            emulator.fail(**failure)
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
    failing = f"""let requests fail: a documented status, the name of its example, or one of {", ".join(FAULTS)};
        then, with commas between them, times=N, after=N (after N successes), and headers of the response, such as
        429,times=2,after=1,retry-after=1; may be repeated"""
    parser.add_argument("--fail", type=_read_failure, action="append", default=[], metavar="WHAT", help=failing)
    return parser


def _read_port(written: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", written) or int(written) > _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{written!r}: is not a port; give a number from 0 to {_LARGEST_PORT}")
    return int(written)


def _read_failure(written: str) -> dict[str, Any]:
    """The arguments of `Emulator.fail`."""
    if not re.fullmatch("[^,=]+(,((times|after)=[0-9]{1,9}|(?!times=|after=)[^,=]+=[^,]*))*", written):
        raise argparse.ArgumentTypeError(f"{written!r}: is not a failure; write WHAT,times=N,after=N,HEADER=VALUE")
    what, *others = written.split(",")
    headers = {name: value for name, _, value in (one.partition("=") for one in others)}
    numbers: dict[str, Any] = {name: int(headers.pop(name)) for name in ("times", "after") if name in headers}
    kind = "fault" if what in FAULTS else "status" if what.isdecimal() else "example"
    return {kind: int(what) if kind == "status" else what, "headers": headers} | numbers


def _read_collection(written: str) -> tuple[str, int]:
    found = re.fullmatch("(.+)=([0-9]{1,9})", written, re.DOTALL)
    if found is None:
        raise argparse.ArgumentTypeError(f"{written!r}: is not a collection; write it as NAME=COUNT")
    return found[1], int(found[2])
