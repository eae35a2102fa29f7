"""Sockets whose waits end when the attempt at hand does, for both clients."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import cast

from .resolve import Address, Addresses
from .watch import Watch

_CHUNK = 64 * 1024
_HELD = 4 * _CHUNK


class NoConnectionError(Exception):
    """No connection came about."""


class Stream:
    """A connected socket."""

    def __init__(self, addresses: Addresses, limit: Watch) -> None:
        """Connect to the first of these addresses that takes one."""
        self._socket = _try_each(addresses, limit)

    def read(self, watch: Watch) -> bytes:
        """Some bytes; none at the end."""
        self._socket.settimeout(watch.left())
        return self._socket.recv(_CHUNK)

    def write(self, data: bytes, watch: Watch) -> None:
        """Send all of it."""
        view = memoryview(data)
        while view:
            self._socket.settimeout(watch.left())
            view = view[self._socket.send(view) :]

    def secure(self, context: ssl.SSLContext, host: str, limit: Watch) -> None:
        """Talk TLS from now on."""
        self._socket.settimeout(limit.left())
        self._socket = context.wrap_socket(self._socket, server_hostname=host)

    @property
    def has_unread(self) -> bool:
        """Whether bytes arrived that nobody asked for, or the end."""
        pending = isinstance(self._socket, ssl.SSLSocket) and self._socket.pending() > 0
        return pending or has_arrived(self._socket.fileno())

    def cut(self) -> None:
        """Close the socket, and end what another thread waits for on it."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class AsyncStream(asyncio.Protocol):
    """A transport of asyncio with a small buffer, which shows what arrived unasked."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._ended = self._paused = False
        self._error: Exception | None = None
        self._arrived = asyncio.Event()

    @classmethod
    async def connect(cls, addresses: Addresses, limit: Watch) -> AsyncStream:
        """A connection to the first of these addresses that takes one."""
        for place, address in enumerate(addresses, start=1):
            try:
                async with asyncio.timeout(_share(limit, addresses, place)):
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
        self._buffer += data
        self._arrived.set()
        if len(self._buffer) > _HELD:
            self._transport.pause_reading()
            self._paused = True

    def eof_received(self) -> None:
        """The other side has ended."""
        self._ended = True
        self._arrived.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._ended, self._error = True, exc
        self._arrived.set()

    async def read(self) -> bytes:
        """Some bytes; none at the end."""
        while not self._buffer and not self._ended:
            self._arrived.clear()
            await self._arrived.wait()
        if not self._buffer and self._error is not None:
            raise self._error
        taken = bytes(self._buffer)
        self._buffer.clear()
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
        return bool(self._buffer) or self._ended or has_arrived(self._transport.get_extra_info("socket").fileno())

    def cut(self) -> None:
        """Close the socket at once."""
        self._transport.abort()


@contextmanager
def connecting(what: str) -> Generator[None]:
    """Give what goes wrong its place; a certificate that cannot be verified goes through as it is."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise
    except OSError as error:
        raise NoConnectionError(f"{what}: {_reason(error)}") from None


def has_arrived(descriptor: int) -> bool:
    """Whether reading from it would not wait."""
    if descriptor < 0:
        return True
    if not hasattr(select, "poll"):  # on Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(0))


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "not in time"
    if error.errno is None or isinstance(error, (ssl.SSLError, socket.gaierror)):
        return str(error) or type(error).__name__
    return os.strerror(error.errno)  # asyncio has put the address in place of it


def _try_each(addresses: Addresses, limit: Watch) -> socket.socket:
    for place, address in enumerate(addresses, start=1):
        try:
            return _connect(address, _share(limit, addresses, place))
        except OSError:
            if place == len(addresses):
                raise
    raise OSError("the name has no address")


def _share(limit: Watch, addresses: Addresses, place: int) -> float:
    # An address that does not answer leaves time for those after it.
    return limit.left() / (len(addresses) - place + 1)


def _connect(address: Address, seconds: float) -> socket.socket:
    tried = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        tried.settimeout(seconds)
        tried.connect(address.place)
        tried.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        tried.close()
        raise
    return tried
