"""What the sockets of both clients share: what becomes of a failure, and how long an address may take."""

from __future__ import annotations

import os
import select
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
    except OSError as error:
        if is_untrusted(error):
            raise
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


def is_untrusted(error: BaseException) -> bool:
    """Whether it says that a certificate could not be verified."""
    # Only errors of that class have it; the class itself stands in `ssl`, which only TLS has to load.
    return hasattr(error, "verify_code")


def share(limit: Watch, addresses: Addresses, place: int) -> float:
    """Seconds for the address at this place, counted from 1."""
    # An address that does not answer leaves time for those after it.
    return limit.left() / (len(addresses) - place + 1)


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "not in time"
    # The errors of `ssl` and `socket` have numbers of their own.
    if error.errno is None or type(error).__module__ != "builtins":
        return str(error) or type(error).__name__
    return os.strerror(error.errno)  # asyncio has put the address in place of it
