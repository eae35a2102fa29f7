"""Waits for the addresses of a host without holding up the event loop."""

from __future__ import annotations

from ..resolve import Addresses, Resolver
from .waiting import wait_for


async def lookup(resolver: Resolver, host: str, port: int) -> Addresses:
    """The addresses of `host`, in the order of the system's preference; cancel it where patience ends.

    Raises:
        OSError: the host is not known.
    """
    found = resolver.begin(host, port)
    try:
        return await wait_for(found)
    finally:
        resolver.forget(host, port, found)
