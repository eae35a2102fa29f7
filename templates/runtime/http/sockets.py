"""What the sockets of both clients share: the order of addresses, and the meaning of errors."""

from __future__ import annotations

import os
import select
from collections.abc import Generator
from contextlib import contextmanager
from itertools import chain, zip_longest
from types import TracebackType

import httpcore

from .names import Address, Addresses

CHUNK = 64 * 1024
"""Bytes of one read."""
NEXT_ADDRESS = 0.25
"""Seconds before the next address is tried beside the ones before it (RFC 8305, 5)."""

# The modules that call the operating system for us.
_CALLERS = frozenset({__name__.rpartition(".")[0], "ssl", "socket", "selectors", "asyncio", "truststore"})


def interleave(addresses: Addresses) -> tuple[Address, ...]:
    """The addresses with their families in turn, the first one's first (RFC 8305, 4)."""
    first = [one for one in addresses if one.family == addresses[0].family]
    others = [one for one in addresses if one.family != addresses[0].family]
    return tuple(one for one in chain.from_iterable(zip_longest(first, others)) if one is not None)


def network_error(error: OSError) -> Exception:
    """The httpcore error for an error of a socket.

    An error that a signal handler or another thread raised during the call is returned as it is.
    """
    return translated(error) if _is_of_the_network(error) else error


def translated(error: OSError) -> httpcore.ReadTimeout | httpcore.ReadError:
    """The httpcore error for an error of a socket, which is its cause."""
    kind = httpcore.ReadTimeout if isinstance(error, TimeoutError) else httpcore.ReadError
    made = kind(reason(error))
    made.__cause__ = error
    return made


@contextmanager
def connecting(peer: str) -> Generator[None]:
    """Turn the errors of a network into errors of connecting to `peer`."""
    try:
        yield
    except httpcore.TimeoutException:
        raise httpcore.ConnectTimeout(f"{peer}: not in time") from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise httpcore.ConnectError(f"{peer}: {error}") from error.__cause__


def has_arrived(descriptor: int) -> bool:
    """Whether reading from it would not block."""
    if descriptor < 0:
        return True
    if not hasattr(select, "poll"):  # on Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(0))


def reason(error: OSError) -> str:
    """What went wrong, without numbers and addresses."""
    # The errors of `ssl` and `socket` have numbers of their own.
    if error.errno is None or type(error).__module__ != "builtins":
        return str(error) or type(error).__name__
    return os.strerror(error.errno)  # asyncio writes the address in its place


def _is_of_the_network(error: OSError) -> bool:
    # A signal handler adds its own frame. `PyThreadState_SetAsyncExc` adds none, but it raises an error without
    # arguments; the errors of sockets have a number or a text.
    inside = _innermost(error.__traceback__)
    return bool(error.args) and (inside in _CALLERS or inside.partition(".")[0] in _CALLERS)


def _innermost(trace: TracebackType | None) -> str:
    """The name of the module, or the package of ours, that the error was raised in."""
    name = ""
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        trace = trace.tb_next
    package = __name__.rpartition(".")[0]
    return package if name.startswith(f"{package}.") else name
