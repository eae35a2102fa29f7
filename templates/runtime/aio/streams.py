"""Transports of asyncio as sockets, whose waits end by cancellation."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import cast

from ..resolve import Address, Addresses
from ..streams import CHUNK, has_arrived, share
from ..watch import Watch

_HELD = 4 * CHUNK


class AsyncStream(asyncio.Protocol):
    """A transport of asyncio with a small buffer, which shows what arrived unasked."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._received = b""
        self._ended = self._paused = False
        self._error: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None

    @classmethod
    async def connect(cls, addresses: Addresses, limit: Watch) -> AsyncStream:
        """A connection to the first of these addresses that takes one."""
        for place, address in enumerate(addresses, start=1):
            try:
                async with asyncio.timeout(share(limit, addresses, place)):
                    return await cls._connect(address)
            except OSError:
                if place == len(addresses):
                    raise
        raise OSError("the name has no address")

    @classmethod
    async def _connect(cls, address: Address) -> AsyncStream:
        loop = asyncio.get_running_loop()
        tried = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            tried.settimeout(0)
            await loop.sock_connect(tried, address.place)
            tried.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _, stream = await loop.create_connection(cls, sock=tried)
        except BaseException:
            tried.close()
            raise
        return stream

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Bytes arrived."""
        self._received += data
        if len(self._received) > _HELD:
            self._transport.pause_reading()
            self._paused = True
        self._wake()

    def eof_received(self) -> None:
        """The other side has ended."""
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._ended, self._error = True, exc
        self._wake()

    async def read(self) -> bytes:
        """Some bytes; none at the end."""
        while not self._received and not self._ended:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        taken, self._received = self._received, b""
        if not taken and self._error is not None:
            raise self._error
        if self._paused and not self._ended:
            self._transport.resume_reading()
            self._paused = False
        return taken

    def write(self, data: bytes) -> None:
        """Send all of it."""
        if self._ended:
            raise ConnectionError("the connection is closed")
        self._transport.write(data)

    async def secure(self, context: ssl.SSLContext, host: str, limit: Watch) -> None:
        """Talk TLS from now on."""
        async with asyncio.timeout(limit.left()):
            secured = await asyncio.get_running_loop().start_tls(self._transport, self, context, server_hostname=host)
        if secured is None:
            raise ConnectionError("it was closed during the TLS handshake")
        self._transport = secured

    @property
    def has_unread(self) -> bool:
        """Whether bytes arrived that nobody asked for, or the end."""
        # The loop may not have run since, and what it has not read yet is unasked for just as well.
        return bool(self._received) or self._ended or has_arrived(self._transport.get_extra_info("socket").fileno())

    def cut(self) -> None:
        """Close the socket at once."""
        self._transport.abort()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
