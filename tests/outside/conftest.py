"""Both clients against a service on loopback, and a guard that fails a test whose requests leave this machine."""

from __future__ import annotations

import socket
import traceback
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import pytest

from ..client.conftest import authority, clock, driver, secure, service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..client.conftest import Client, Clock, Driver
    from ..client.servers import Service

__all__ = ["authority", "clock", "driver", "secure", "service"]

LOOPBACK = {"127.0.0.1", "::1", "localhost", None}
CANARY = "canary0123456789abcdef0123456789"


def secret() -> str:
    """The key, which is in no variable of a test."""
    return CANARY


def trace(error: BaseException) -> str:
    """The traceback with the locals of its frames, but for those of these tests."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    return "".join(frame for frame in frames if "/tests/" not in frame)


def run(client: Client, call: Any) -> Any:
    """The result of a call in the context of the test, as a task has that of the code that made it."""
    return call if client._runner is None else client._runner.run(call, context=copy_context())


@pytest.fixture(autouse=True)
def guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuses every connection and lookup outside this machine, and fails the test that asked for one."""
    left: list[object] = []

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*arguments: Any, **named: Any) -> Any:
            place = next(one for one in arguments if not isinstance(one, socket.socket))
            host = place[0] if isinstance(place, tuple) else place
            if host not in LOOPBACK:
                left.append(host)
                raise OSError(f"a test asked for {host!r}")
            return real(*arguments, **named)

        return ask

    for place, name in ((socket, "getaddrinfo"), (socket.socket, "connect"), (socket.socket, "connect_ex")):
        monkeypatch.setattr(place, name, guarded(getattr(place, name)))
    yield
    assert left == []


class Early:
    """A client of a service that is made and used before a tool is active, or made when it is asked for."""

    def __init__(self, driver: Driver, service: Service, clock: Clock) -> None:
        """Make it when it is asked for."""
        self._driver, self._service, self._clock = driver, service, clock
        self._made: Client | None = None

    def begin(self) -> None:
        """Make and use it now; the service forgets that request."""
        self._made = self.client()
        self._made.page()
        self._service.requests.clear()

    def client(self) -> Client:
        """The client."""
        return self._made or self._driver.client(self._service.url, clock=self._clock)


@pytest.fixture(params=["tool", "client"])
def early(request: pytest.FixtureRequest, driver: Driver, service: Service, clock: Clock) -> Early:
    """A client that is made after the tool is active, then one that was used before."""
    made = Early(driver, service, clock)
    if request.param == "client":
        made.begin()
    return made
