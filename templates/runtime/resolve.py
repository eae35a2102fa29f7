"""Looks up host names in threads of their own, so that a lookup that hangs never outlasts its caller's patience."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias


class Address(NamedTuple):
    """One address of a host: what a socket needs to connect to it."""

    family: int
    place: tuple[Any, ...]


Addresses: TypeAlias = tuple[Address, ...]


class Resolver:
    """Finds the addresses of hosts; callers that ask for the same host at once share one lookup."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[tuple[str, int], Future[Addresses]] = {}

    def lookup(self, host: str, port: int, patience: float) -> Addresses:
        """The addresses of `host`, in the order of the system's preference.

        Raises:
            TimeoutError: they were not found within `patience` seconds.
            OSError: the host is not known.
        """
        found = self.begin(host, port)
        try:
            return found.result(patience)
        except TimeoutError:
            self.forget(host, port, found)
            raise

    def begin(self, host: str, port: int) -> Future[Addresses]:
        """The addresses, once they are found."""
        if (literal := _literal(host, port)) is not None:
            return literal
        with self._lock:
            found = self._running.get((host, port))
            if found is None:
                found = Future[Addresses]()
                # A daemon: the process ends even where the system's resolver does not.
                threading.Thread(target=self._look, args=(host, port, found), name="resolver", daemon=True).start()
                self._running[host, port] = found
        return found

    def forget(self, host: str, port: int, found: Future[Addresses]) -> None:
        """Let whoever asks next have a lookup of its own, where this one may never end."""
        with self._lock:
            if self._running.get((host, port)) is found:
                del self._running[host, port]

    def _look(self, host: str, port: int, found: Future[Addresses]) -> None:
        try:
            listed = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except BaseException as error:  # noqa: BLE001  # whatever it is, those who wait have to learn it
            outcome: Addresses | BaseException = error
        else:
            outcome = tuple(Address(family, place) for family, _, _, _, place in listed)
        self.forget(host, port, found)
        if isinstance(outcome, BaseException):
            found.set_exception(outcome)
        else:
            found.set_result(outcome)


def _literal(host: str, port: int) -> Future[Addresses] | None:
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            socket.inet_pton(family, host)
            found = Future[Addresses]()
            found.set_result((Address(family, (host, port)),))
            return found
    return None
