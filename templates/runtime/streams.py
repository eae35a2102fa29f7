"""What the sockets of both clients share: what becomes of a failure, and how long an address may take."""

from __future__ import annotations

import os
import select
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager

from .resolve import Addresses
from .watch import Watch

CHUNK = 64 * 1024


class NoConnectionError(Exception):
    """No connection came about."""


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


def share(limit: Watch, addresses: Addresses, place: int) -> float:
    """Seconds for the address at this place, counted from 1."""
    # An address that does not answer leaves time for those after it.
    return limit.left() / (len(addresses) - place + 1)


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "not in time"
    if error.errno is None or isinstance(error, (ssl.SSLError, socket.gaierror)):
        return str(error) or type(error).__name__
    return os.strerror(error.errno)  # asyncio has put the address in place of it
