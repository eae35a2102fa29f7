"""Sockets whose waits end when the attempt at hand does."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from ..resolve import Address, Addresses
from ..streams import CHUNK, has_arrived, share
from ..watch import Watch

if TYPE_CHECKING:
    import ssl


class Stream:
    """A connected socket."""

    def __init__(self, addresses: Addresses, limit: Watch) -> None:
        """Connect to the first of these addresses that takes one."""
        self._socket = _try_each(addresses, limit)
        self._pending: Callable[[], int] = int

    def read(self, watch: Watch) -> bytes:
        """Some bytes; none at the end."""
        self._socket.settimeout(watch.left())
        return self._socket.recv(CHUNK)

    def write(self, data: bytes, watch: Watch) -> None:
        """Send all of it."""
        view = memoryview(data)
        while view:
            self._socket.settimeout(watch.left())
            view = view[self._socket.send(view) :]

    def secure(self, context: ssl.SSLContext, host: str, limit: Watch) -> None:
        """Talk TLS from now on."""
        self._socket.settimeout(limit.left())
        self._socket = secured = context.wrap_socket(self._socket, server_hostname=host)
        self._pending = secured.pending

    @property
    def has_unread(self) -> bool:
        """Whether bytes arrived that nobody asked for, or the end."""
        return self._pending() > 0 or has_arrived(self._socket.fileno())

    def cut(self) -> None:
        """Close the socket, and end what another thread waits for on it."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def _try_each(addresses: Addresses, limit: Watch) -> socket.socket:
    for place, address in enumerate(addresses, start=1):
        try:
            return _connect(address, share(limit, addresses, place))
        except OSError:
            if place == len(addresses):
                raise
    raise OSError("the name has no address")


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
