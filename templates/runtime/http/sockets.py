"""Host names, and sockets that block; async_sockets.py has the same functions for asyncio."""

from __future__ import annotations

import os
import selectors
import socket
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from itertools import chain, zip_longest
from traceback import walk_tb
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

import httpcore

from .deadline import Deadline

ResultT = TypeVar("ResultT")

NEXT_ADDRESS = 0.25
"""Seconds before the next address is tried in parallel (RFC 8305, 5)."""
NO_ADDRESS = "the name has no address"

# The packages that make system calls for this one.
_CALLERS = frozenset({"ssl", "socket", "selectors", "asyncio", "truststore"})


class Address(NamedTuple):
    """One address of a host, as a socket takes it."""

    family: int
    place: tuple[Any, ...]


Addresses: TypeAlias = tuple[Address, ...]


class Resolver:
    """Finds the addresses of hosts in threads of its own; simultaneous lookups of one host share a thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[tuple[str, int], Future[Addresses]] = {}

    async def find(
        self, host: str, port: int, result_of: Callable[[Future[Addresses]], Awaitable[Addresses]]
    ) -> Addresses:
        """The addresses of `host` in the order to try them; `result_of` waits for the thread.

        Raises:
            ConnectError: the host was not found.
        """
        for family in (socket.AF_INET, socket.AF_INET6):
            with suppress(OSError):
                socket.inet_pton(family, host)
                return (Address(family, (host, port)),)
        with self._lock:
            found = self._running.get((host, port))
            if found is None:
                found = Future[Addresses]()
                # A daemon thread: the process can end while the system's resolver hangs.
                look_up = threading.Thread(target=_look_up, args=(host, port, found), daemon=True)
                try:
                    look_up.start()
                except RuntimeError as error:  # no more threads can be started
                    raise httpcore.ConnectError(str(error)) from None
                self._running[host, port] = found
        try:
            return await result_of(found)
        finally:
            # The next caller starts its own lookup: this one may be over, or never end.
            with self._lock:
                if self._running.get((host, port)) is found:
                    del self._running[host, port]


class BlockingSockets:
    """Every wait of the sync client; the coroutines never suspend, see `run`."""

    make_room = threading.Semaphore

    async def enter(self, room: threading.Semaphore, deadline: Deadline) -> None:
        """Acquire `room`."""
        if not room.acquire(timeout=deadline.left()):
            raise deadline.error()

    async def result_of(self, future: Future[ResultT], deadline: Deadline) -> ResultT:
        """The result that another thread sets."""
        wait([future], deadline.left())
        if not future.done():
            raise deadline.error()
        return future.result()

    async def content_of(self, stream: Iterable[bytes], _: Deadline) -> bytes:
        """The whole body of a request."""
        return b"".join(stream)

    async def connect(self, addresses: Addresses, deadline: Deadline) -> socket.socket:
        """A socket that is connected to the first of these addresses that accepts (RFC 8305)."""
        waiting, refused = deque(addresses), NO_ADDRESS
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

    async def receive(self, connected: socket.socket, most: int, deadline: Deadline) -> bytes:
        """At most `most` bytes; empty at the end."""
        connected.settimeout(deadline.left())
        return connected.recv(most)

    async def send(self, connected: socket.socket, data: bytes, deadline: Deadline) -> None:
        """Send all of it."""
        view = memoryview(data)
        while view:
            connected.settimeout(deadline.left())
            view = view[connected.send(view) :]


def run(coroutine: Coroutine[Any, Any, ResultT]) -> ResultT:
    """The result of a coroutine that waits only through BlockingSockets; no event loop is needed."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration as done:
        return cast("ResultT", done.value)


def make_socket(address: Address) -> socket.socket:
    """A socket for this address that does not block."""
    made = socket.socket(address.family, socket.SOCK_STREAM)
    made.setblocking(False)  # noqa: FBT003  # as the standard library asks
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


class NetworkErrors:
    """Turns the errors of sockets into those of httpcore.

    Errors raised meanwhile by a signal handler or another thread pass unchanged.
    """

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise the error that replaces another one."""
        if isinstance(error, OSError) and _is_of_the_network(error):
            raise (httpcore.ReadTimeout if isinstance(error, TimeoutError) else httpcore.ReadError)(
                reason(error)
            ) from error


@contextmanager
def connecting(peer: str) -> Generator[None]:
    """Turn the errors of a network into errors of connecting to `peer`."""
    try:
        yield
    except httpcore.TimeoutException:
        raise httpcore.ConnectTimeout(f"{peer}: not in time") from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise httpcore.ConnectError(f"{peer}: {error}") from error.__cause__


def reason(error: OSError) -> str:
    """The reason of an error, without numbers and addresses."""
    # The errors of `ssl` and `socket` have numbers of their own.
    if error.errno is None or type(error).__module__ != "builtins":
        return str(error) or type(error).__name__
    return os.strerror(error.errno)  # asyncio writes the address in its place


def _look_up(host: str, port: int, found: Future[Addresses]) -> None:
    try:
        addresses = [Address(one[0], one[4]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except BaseException as error:  # noqa: BLE001  # every error has to reach the callers
        found.set_exception(httpcore.ConnectError(str(error) or type(error).__name__))
        return
    # Alternate between the address families, beginning with the first result's (RFC 8305, 4).
    first = [one for one in addresses if one.family == addresses[0].family]
    others = [one for one in addresses if one.family != addresses[0].family]
    found.set_result(tuple(one for one in chain.from_iterable(zip_longest(first, others)) if one is not None))


def _begin(address: Address) -> socket.socket:
    begun = make_socket(address)
    try:
        with suppress(BlockingIOError):  # connecting continues in the background
            begun.connect(address.place)
    except BaseException:
        begun.close()
        raise
    return begun


def _is_of_the_network(error: OSError) -> bool:
    # A signal handler adds its own frame. `PyThreadState_SetAsyncExc` adds none, but it raises an error without
    # arguments; the errors of sockets have a number or a text.
    *_, (innermost, _) = walk_tb(error.__traceback__)
    name = str(innermost.f_globals.get("__name__", ""))
    return bool(error.args) and (name.startswith(f"{__package__}.") or name.partition(".")[0] in _CALLERS)
