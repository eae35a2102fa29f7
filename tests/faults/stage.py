"""Sets up a fault: the server, the certificates and the resolver that one of the catalogue needs."""

from __future__ import annotations

import os
import socket
import ssl
import tempfile
import threading
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import trustme

from .server import FaultServer

if TYPE_CHECKING:
    from .fault import Fault

LAG = 0.02
"""Seconds; as long as the network takes to a service nearby."""
PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)


class Stage:
    """A server with one fault, which begins with `arm` and ends with `heal`. Use it as a context manager."""

    def __init__(self, fault: Fault, *, slow: bool = False) -> None:
        """Start the server; a slow one takes its time where that decides what an unasked answer does."""
        self.fault = fault
        secure = fault.group == "TLS"
        # Where a new connection, name or certificate is at fault, the page before must not leave a connection.
        kept = fault.place == "answer"
        lag = LAG if slow and fault.group == "kept connections" and not fault.idle else 0
        self.server = FaultServer(keep=kept, context=context("good") if secure else None, lag=lag)
        self.resolver = Resolver()
        self._certificates = os.environ.get("SSL_CERT_FILE")
        if secure:
            os.environ["SSL_CERT_FILE"] = authority_file()
        if fault.place == "name":
            self.server.name = "localhost"

    def arm(self, start: str | None, times: float) -> None:
        """From now on, show the fault `times` times to requests with this cursor."""
        place, trick = self.fault.place, self.fault.trick
        if place == "answer" and self.fault.script is not None:
            self.server.settled.clear()
            self.server.plan(self.fault.script, start, times)
        elif place == "port":
            self.server.refuse()
        elif place == "connection":
            self.server.plan_connections(trick, times)
        elif place == "certificate":
            self.server.plan_connections(context(trick), times)
        elif place == "name":
            self.resolver.fail(trick, times)

    def pass_over(self) -> None:
        """End a fault that cannot count how often it was met."""
        if self.fault.place == "port":
            self.server.listen()

    def settle(self) -> None:
        """Wait until what the server sends unasked has arrived."""
        if self.fault.idle:
            self.server.settled.wait(2)
            threading.Event().wait(0.005)

    def heal(self) -> None:
        """End the fault."""
        self.server.heal()
        self.resolver.fail("", 0)

    def end(self) -> None:
        """End the fault, for those who meet it just now as well."""
        self.heal()
        self.server.drop()

    def __enter__(self) -> Self:
        self.resolver.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.resolver.__exit__()
        self.server.__exit__()
        if self._certificates is None:
            os.environ.pop("SSL_CERT_FILE", None)
        else:
            os.environ["SSL_CERT_FILE"] = self._certificates


class Resolver:
    """The resolver of this process, which fails for `localhost` where it is told to. No name leaves this machine."""

    def __init__(self) -> None:
        """Change nothing yet."""
        self._trick, self._times = "", 0.0
        self._released = threading.Event()
        self._real = socket.getaddrinfo

    def fail(self, trick: str, times: float) -> None:
        """Fail the next `times` times; lookups that hang until now end."""
        self._trick, self._times = trick, times
        released, self._released = self._released, threading.Event()
        released.set()

    def __enter__(self) -> Self:
        self._real = socket.getaddrinfo
        socket.getaddrinfo = self._look_up
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        socket.getaddrinfo = self._real

    def _look_up(self, host: Any, *arguments: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name == "localhost" and self._times > 0:
            self._times -= 1
            if self._trick == "hangs":
                self._released.wait()
            number = socket.EAI_AGAIN if self._trick == "again" else socket.EAI_NONAME
            raise socket.gaierror(number, "Name or service not known")
        return self._real(host, *arguments, **named)


@cache
def _authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@cache
def authority_file() -> str:
    """The path of the one authority's certificate, for SSL_CERT_FILE."""
    folder = Path(tempfile.mkdtemp(prefix="authority-"))
    path = folder / "authority.pem"
    _authority().cert_pem.write_to_path(str(path))
    return str(path)


@cache
def context(trick: str) -> ssl.SSLContext:
    """What a server needs to show a certificate that is wrong in this way."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if trick == "own":
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        with authority.private_key_pem.tempfile() as key, authority.cert_pem.tempfile() as certificate:
            made.load_cert_chain(certificate, key)
        return made
    issuer = trustme.CA(key_type=trustme.KeyType.ECDSA) if trick == "stranger" else _authority()
    issued = issuer.issue_cert(
        "other.example" if trick == "other host" else "localhost",
        not_before=FUTURE if trick == "early" else PAST,
        not_after=PAST.replace(year=2021) if trick == "expired" else FUTURE.replace(year=2121),
        key_type=trustme.KeyType.ECDSA,
    )
    issued.configure_cert(made)
    return made
