"""What servers of long runs have in common: requests without a body on loopback, until their parent process is gone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable


class Connection(asyncio.Protocol):
    """One connection of a client."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        """Begin without a request."""
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            target = self._received.split(b" ", 2)[1].decode("ascii")
            self._received = self._received[end + 4 :]
            self.respond(target)

    def respond(self, target: str) -> None:
        """Answer a request for this path and query."""
        raise NotImplementedError


async def serve(connect: Callable[[], Connection]) -> None:
    """Print the port, and serve until the standard input ends, which it does when the parent process is gone."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(connect, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin, ended.set)
    await ended.wait()
