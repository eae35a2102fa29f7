"""What the pools of both clients share: a member that takes any number of requests, and the deadline of each."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import FunctionType
from typing import Any, cast

import httpcore

from .connections import Connections
from .deadline import Deadline
from .names import Resolver
from .route import Route

DEADLINE = f"{__package__}.deadline"
"""The extension of a request that holds its Deadline."""

_LONGEST = 30.0
"""Seconds for a request that has neither a Deadline nor timeouts."""
_FILES = frozenset(
    pool.create_connection.__code__.co_filename for pool in (httpcore.ConnectionPool, httpcore.AsyncConnectionPool)
)


class Member(ABC):
    """The single member of a pool."""

    def __init__(self, route: Route) -> None:
        self._route = route
        port = route.port
        self._targets = {(route.url.partition(":")[0].encode(), route.host.encode(), one) for one in (None, port)}
        self._begin()

    @abstractmethod
    def _begin(self) -> None:
        """Make what belongs to one process."""
        self._process = os.getpid()
        self._resolver = Resolver()
        self._connections = Connections()

    def _admit(self, request: httpcore.Request) -> Deadline:
        """The deadline of a request that this member may send.

        Raises:
            UnsupportedProtocol: it is for another origin.
        """
        url = request.url
        if (url.scheme, url.host, url.port) not in self._targets:
            raise httpcore.UnsupportedProtocol(f"this transport sends to {self._route.url} only")
        self._require_own_process()
        return deadline_of(request)

    def _require_own_process(self) -> None:
        # A forked child has copies of its parent's sockets and locks, and must use neither.
        if self._process != os.getpid():
            connections = self._connections
            connections.abandon()
            self._begin()
            if connections.closed:
                self._connections.close()

    def can_handle_request(self, origin: httpcore.Origin) -> bool:  # noqa: ARG002  # as httpcore asks
        """True: otherwise the pool waits for another member."""
        return True

    def is_available(self) -> bool:
        """True: requests wait for a connection in here."""
        return True

    def has_expired(self) -> bool:
        """False: connections expire in here."""
        return False

    def is_idle(self) -> bool:
        """False, so that the pool keeps its member."""
        return False

    def is_closed(self) -> bool:
        """False: once it is closed, it refuses requests itself."""
        return False

    def info(self) -> str:
        """The text of the pool's repr."""
        return self._route.url


def deadline_of(request: httpcore.Request) -> Deadline:
    """The deadline of a request; the longest of its timeouts where this package's clients did not make it."""
    extensions = cast("Mapping[str, Any]", request.extensions)
    known: Deadline | None = extensions.get(DEADLINE)
    if known is None:
        timeouts: Mapping[str, float | None] = extensions.get("timeout", {})
        limits = [limit for limit in timeouts.values() if limit is not None]
        known = Deadline(time.monotonic() + max(limits, default=_LONGEST), enforced=False)
    known.stage = "waiting"
    return known


def is_replaced(method: object) -> bool:
    """Whether a tool, such as a mock or a recorder, replaced this method of httpcore's pools."""
    # The code's file tells, because this module may be loaded while the method is replaced, and because wrappers take
    # over the names and the types of what they wrap.
    return type(method) is not FunctionType or method.__code__.co_filename not in _FILES
