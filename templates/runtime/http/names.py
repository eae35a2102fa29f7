"""Looks up host names in threads of their own, so that a lookup never takes longer than its caller waits."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias

import httpcore


class Address(NamedTuple):
    """One address of a host, as a socket takes it."""

    family: int
    place: tuple[Any, ...]


Addresses: TypeAlias = tuple[Address, ...]


class Resolver:
    """Finds the addresses of hosts; simultaneous lookups of one host share a thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[tuple[str, int], Future[Addresses]] = {}

    def lookup(self, host: str, port: int, seconds: float) -> Addresses:
        """The addresses of `host` in the system's order.

        Raises:
            ConnectTimeout: they were not found within `seconds`.
            ConnectError: the host is not known.
        """
        found = self.begin(host, port)
        wait([found], seconds)
        if not found.done():
            self.forget(host, port, found)
            raise httpcore.ConnectTimeout
        return found.result()

    def begin(self, host: str, port: int) -> Future[Addresses]:
        """The addresses, once they are found; its error is a ConnectError."""
        if (literal := _literal(host, port)) is not None:
            return literal
        with self._lock:
            found = self._running.get((host, port))
            if found is None:
                found = Future[Addresses]()
                # A daemon thread: the process can end while the system's resolver hangs.
                look_up = threading.Thread(target=self._look_up, args=(host, port, found), daemon=True)
                try:
                    look_up.start()
                except RuntimeError as error:  # the machine has no more threads
                    raise httpcore.ConnectError(str(error)) from None
                self._running[host, port] = found
        return found

    def forget(self, host: str, port: int, found: Future[Addresses]) -> None:
        """Give the next caller a lookup of its own, because this one may never end."""
        with self._lock:
            if self._running.get((host, port)) is found:
                del self._running[host, port]

    def _look_up(self, host: str, port: int, found: Future[Addresses]) -> None:
        outcome: Addresses | httpcore.ConnectError
        try:
            listed = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except BaseException as error:  # noqa: BLE001  # the callers wait for it, whatever it is
            outcome = httpcore.ConnectError(str(error) or type(error).__name__)
        else:
            outcome = tuple(Address(family, place) for family, _, _, _, place in listed)
        self.forget(host, port, found)
        if isinstance(outcome, httpcore.ConnectError):
            found.set_exception(outcome)
        elif outcome:
            found.set_result(outcome)
        else:
            found.set_exception(httpcore.ConnectError("the name has no address"))


def _literal(host: str, port: int) -> Future[Addresses] | None:
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            socket.inet_pton(family, host)
            found = Future[Addresses]()
            found.set_result((Address(family, (host, port)),))
            return found
    return None
