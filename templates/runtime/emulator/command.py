"""The command that serves an emulator until it is stopped."""

from __future__ import annotations

import argparse
import re
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress

from ..values.strict_json import JSON
from .emulator import Emulator
from .server import LoopbackServer


def main(document: Mapping[str, JSON], argv: Sequence[str], *, name: str) -> int:
    """Serve `document` on loopback until Ctrl-C or SIGTERM; 0 is the exit status.

    Raises:
        SystemExit: an argument is wrong, or the port is taken; the reason is on stderr.
    """
    parser = _parser(name)
    arguments = parser.parse_args(argv)
    collections: list[tuple[str, int]] = arguments.add
    try:
        emulator = Emulator(document, key=arguments.key, ascending=True if arguments.oldest_first else None)
        for collection, count in collections:
            emulator.add(collection, count=count)
    except ValueError as error:
        parser.error(str(error))
    try:
        server = LoopbackServer(emulator.answer, arguments.port)
    except OSError as error:
        parser.error(f"port {arguments.port}: cannot be listened on ({error.strerror}); give another one, or 0")
    # SIGINT too: a shell starts what runs in the background with Ctrl-C ignored.
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


_LARGEST_PORT = 65535


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name, description="Serve an emulator of the API on 127.0.0.1 until stopped.")
    parser.add_argument("--port", type=_port, default=0, help="the port; 0, the default, takes a free one")
    parser.add_argument("--key", default="emulator-key", help="the key that callers must send (default: %(default)s)")
    parser.add_argument("--oldest-first", action="store_true", help="list the smallest id first")
    parser.add_argument(
        "--add",
        type=_collection,
        action="append",
        default=[],
        metavar="NAME=COUNT",
        help="hold a collection of COUNT items; may be repeated",
    )
    return parser


def _port(written: str) -> int:
    if _number(written) not in range(_LARGEST_PORT + 1):
        raise argparse.ArgumentTypeError(f"{written!r}: is no port; give a number from 0 to {_LARGEST_PORT}")
    return int(written)


def _collection(written: str) -> tuple[str, int]:
    name, _, count = written.rpartition("=")
    if not name or _number(count) < 0:
        raise argparse.ArgumentTypeError(f"{written!r}: is no collection; write it as NAME=COUNT")
    return name, int(count)


def _number(written: str) -> int:
    return int(written) if re.fullmatch("[0-9]{1,9}", written) else -1
