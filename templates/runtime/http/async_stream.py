"""Connections of the async client, whose waits end by cancellation."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from typing import cast

import httpcore

from .deadline import Deadline
from .names import Address, Addresses
from .sockets import CHUNK, NEXT_ADDRESS, has_arrived, interleave, reason, translated
from .tls import require_http1

_HELD = 4 * CHUNK


class AsyncStream(asyncio.Protocol):
    """A transport of asyncio with a small buffer, which shows bytes that arrived unexpectedly."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._received = b""
        self._ended = self._paused = False
        self._error: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None

    @classmethod
    async def connect(cls, addresses: Addresses) -> AsyncStream:
        """Connect to the first of these addresses that accepts (RFC 8305)."""
        connected = await _connect_first(addresses)
        try:
            _, stream = await asyncio.get_running_loop().create_connection(cls, sock=connected)
        except BaseException:
            connected.close()
            raise
        return stream

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep the bytes until somebody reads them."""
        self._received += data
        if len(self._received) > _HELD:
            self._transport.pause_reading()
            self._paused = True
        self._wake()

    def eof_received(self) -> None:
        """Note the end of the connection."""
        self._end(None if self._has_close_notify() else httpcore.ReadError("it ended without a close_notify of TLS"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the connection, and its error."""
        self._end(translated(exc) if isinstance(exc, OSError) else exc)

    async def read(self) -> bytes:
        """Some bytes; empty at the end."""
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
            raise httpcore.WriteError("the connection is closed")
        self._transport.write(data)

    async def secure(self, context: ssl.SSLContext, host: str, deadline: Deadline) -> None:
        """Do the TLS handshake."""
        try:
            async with asyncio.timeout(deadline.left()):
                loop = asyncio.get_running_loop()
                secured = await loop.start_tls(self._transport, self, context, server_hostname=host)
            if secured is None:
                raise httpcore.ReadError("it was closed during the TLS handshake")
            self._transport = secured
            require_http1(secured.get_extra_info("ssl_object"))
        except OSError as error:
            raise translated(error)  # noqa: B904  # it has its cause

    @property
    def has_unread(self) -> bool:
        """Whether unexpected bytes arrived, or the end of the connection."""
        # The event loop may not have run since, so the socket is asked as well.
        return bool(self._received) or self._ended or has_arrived(self._transport.get_extra_info("socket").fileno())

    def cut(self) -> None:
        """Close the socket at once."""
        self._transport.abort()

    close = cut

    def abandon(self) -> None:
        """Do nothing: the event loop that owns the socket is the parent process's."""

    def _end(self, error: Exception | None) -> None:
        self._ended = True
        self._error = self._error or error
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _has_close_notify(self) -> bool:
        # asyncio reports both ends of TLS alike. Its SSL object knows: reading from it gives an empty text, or the
        # error for a connection that is closed both ways, only after a close_notify (RFC 8446, 6.1).
        secured: ssl.SSLObject | None = self._transport.get_extra_info("ssl_object")
        if secured is None:
            return True
        try:
            return secured.read(1) == b""
        except ssl.SSLError as error:
            return isinstance(error, ssl.SSLZeroReturnError)


async def _connect_first(addresses: Addresses) -> socket.socket:
    waiting, running = deque(interleave(addresses)), set[asyncio.Task[socket.socket]]()
    refused = "the name has no address"
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(_connect(waiting.popleft())))
            done, running = await asyncio.wait(
                running, timeout=NEXT_ADDRESS if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for one in done:
                error = one.exception()
                if error is None:
                    running |= done - {one}
                    return one.result()
                refused = reason(error) if isinstance(error, OSError) else str(error)
        raise httpcore.ConnectError(refused)
    finally:
        for one in running:
            one.add_done_callback(_close)
            one.cancel()


def _close(begun: asyncio.Task[socket.socket]) -> None:
    if not begun.cancelled() and begun.exception() is None:
        begun.result().close()


async def _connect(address: Address) -> socket.socket:
    begun = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        begun.settimeout(0)
        await asyncio.get_running_loop().sock_connect(begun, address.place)
        begun.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        begun.close()
        raise
    return begun
