"""Sockets of the sync client, whose waits end at the deadline of the attempt."""

from __future__ import annotations

import os
import selectors
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import httpcore

from .deadline import Deadline
from .names import Address, Addresses
from .sockets import CHUNK, NEXT_ADDRESS, has_arrived, interleave, network_error, reason
from .tls import require_http1

if TYPE_CHECKING:
    import ssl


class Stream:
    """A connected socket."""

    def __init__(self, addresses: Addresses, deadline: Deadline) -> None:
        """Connect to the first of these addresses that accepts (RFC 8305)."""
        self._socket = _connect_first(addresses, deadline)
        self._pending: Callable[[], int] = int
        self._size = CHUNK

    def read(self, deadline: Deadline) -> bytes:
        """Some bytes; empty at the end."""
        try:
            self._socket.settimeout(deadline.left())
            data = self._socket.recv(self._size)
        except OSError as error:
            raise network_error(error)  # noqa: B904  # it has its cause
        # A large buffer takes longer to make than a small answer takes to read, and most answers are small.
        self._size = 4 * CHUNK if len(data) >= CHUNK else CHUNK
        return data

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Send all of it."""
        view = memoryview(data)
        try:
            while view:
                self._socket.settimeout(deadline.left())
                view = view[self._socket.send(view) :]
        except OSError as error:
            raise network_error(error)  # noqa: B904  # it has its cause

    def secure(self, context: ssl.SSLContext, host: str, deadline: Deadline) -> None:
        """Do the TLS handshake."""
        raw = self._socket
        # `wrap_socket` takes the descriptor over at once: until it returns, `cut` needs another one.
        with raw.dup() as self._socket:
            try:
                raw.settimeout(deadline.left())
                # With the last argument, an end without TLS's close_notify is an error of `recv` (RFC 9112, 9.8).
                secured = context.wrap_socket(raw, server_hostname=host, suppress_ragged_eofs=False)
                require_http1(secured)
            except OSError as error:
                raw.close()
                raise network_error(error)  # noqa: B904  # it has its cause
            self._pending = secured.pending
        self._socket = secured

    @property
    def has_unread(self) -> bool:
        """Whether unexpected bytes arrived, or the end of the connection."""
        return self._pending() > 0 or has_arrived(self._socket.fileno())

    def cut(self) -> None:
        """End the connection, and with it the wait of another thread on it; only that thread may close the socket."""
        # A closed descriptor may be the next connection's at once, and its bytes would go to the thread that waits. The
        # method of the base class, because that of `ssl` drops the state that the other thread is using.
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket."""
        self.cut()
        self._socket.close()

    def abandon(self) -> None:
        """Close this process's copy of the socket."""
        self._socket.close()


def _connect_first(addresses: Addresses, deadline: Deadline) -> socket.socket:
    waiting = deque(interleave(addresses))
    refused = "the name has no address"
    with selectors.DefaultSelector() as running:
        try:
            while waiting or running.get_map():
                if waiting:
                    try:
                        running.register(_begin(waiting.popleft()), selectors.EVENT_WRITE)
                    except OSError as error:
                        refused = reason(error)
                        continue
                left = deadline.left()
                for key, _ in running.select(min(NEXT_ADDRESS, left) if waiting else left):
                    made: socket.socket = key.fileobj  # type: ignore[assignment]  # as it was registered
                    code = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    running.unregister(made)
                    if code == 0:
                        return made
                    made.close()
                    refused = os.strerror(code)
            raise httpcore.ConnectError(refused)
        finally:
            for key in [*running.get_map().values()]:
                key.fileobj.close()  # type: ignore[union-attr]


def _begin(address: Address) -> socket.socket:
    begun = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        begun.settimeout(0)
        begun.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(BlockingIOError):  # it goes on connecting
            begun.connect(address.place)
    except BaseException:
        begun.close()
        raise
    return begun
