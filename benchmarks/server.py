"""Serves the pages on loopback, in a process of its own: `python -m benchmarks.server` prints its port.

Every answer is kept as bytes once it was asked for, and what is timed has been asked for before.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from .pages import MOST, body, read_session

_SMALL = 100
"""Entries, at most, of a page of which many are kept."""
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n"
    b"apim-request-id: 3f08db40-687e-414b-8931-0c0eb509a763\r\nDate: Sat, 20 Apr 2024 23:10:00 GMT\r\n\r\n"
)


@lru_cache(maxsize=16_384)
def read_target(target: str) -> tuple[str, int | None, int]:
    """The session, the cursor and the number of entries that are asked for."""
    split = urlsplit(target)
    asked = parse_qs(split.query)
    start = int(asked["start"][0]) if "start" in asked else None
    return split.path.split("/")[-2], start, int(asked["top"][0]) if "top" in asked else MOST


def answer(target: str) -> tuple[bytes, float]:
    """The whole answer, and the seconds after which it is given."""
    name, start, top = read_target(target)
    keep = _few if top > _SMALL else _many
    return keep(name, start, top), read_session(name)[1] / 1000


def _render(name: str, start: int | None, top: int) -> bytes:
    content = body(name, start=start, top=top)
    return _HEAD % len(content) + content


_few = lru_cache(maxsize=32)(_render)
_many = lru_cache(maxsize=16_384)(_render)


class Connection(asyncio.Protocol):
    """One connection of a client."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        """Begin without a request."""
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request; none has a body."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            target = self._received.split(b" ", 2)[1].decode("ascii")
            self._received = self._received[end + 4 :]
            content, seconds = answer(target)
            if seconds:
                asyncio.get_running_loop().call_later(seconds, self._transport.write, content)
            else:
                self._transport.write(content)


async def main() -> None:
    """Serve until the standard input ends, which it does when the process that started this one is gone."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin, ended.set)
    gc.freeze()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(main())
