"""A client of ours of either kind, over any HTTP client, with a clock whose waits pass at once."""

from __future__ import annotations

import asyncio
import importlib
import ssl
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Literal, Self, TypeAlias

from face_audit import AsyncFaceAuditClient, FaceAuditClient, FaceAuditError, RetryPolicy
from face_audit._runtime.http.deadline import Clock as RuntimeClock
from face_audit.client.service import SERVICE

from .script import COUNT, SESSION, TOP

Kind: TypeAlias = Literal["sync", "async"]
HTTP: TypeAlias = Literal["default", "httpx", "httpx2"]
"""What sends the requests: the default HTTP client, or a caller's of either library."""

KINDS: tuple[Kind, ...] = ("sync", "async")
CALLERS: tuple[HTTP, ...] = ("httpx", "httpx2")
CANARY = "canary0123456789abcdef0123456789"
NOON = datetime(2024, 4, 1, 12, 0, 0, tzinfo=UTC)
LOGIN = next(scheme for scheme in SERVICE.schemes if scheme.tokens is not None)
IDS = [str(number) for number in range(COUNT, 0, -1)]


def secret() -> str:
    """The key, which is in no variable of a test."""
    return CANARY


class Login:
    """Gives the key as a token."""

    def get_token(self, *_: str, **__: Any) -> Any:
        """The token, without a repr that shows it."""
        return SimpleNamespace(token=secret(), expires_on=1 << 40)


class AsyncLogin:
    """The same for asyncio."""

    async def get_token(self, *_: str, **__: Any) -> Any:
        """The token."""
        return Login().get_token()


class Clock:
    """Real time, in which waits pass at once."""

    def __init__(self) -> None:
        """Begin now."""
        self.waits: list[float] = []
        self.ahead = 0.0
        self.on_wait = lambda: None

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.waits.append(seconds)
        self.ahead += seconds
        self.on_wait()

    def pause(self, _: object, seconds: float) -> None:
        """The same for a wait that an event could end."""
        self.sleep(seconds)

    async def pause_async(self, _: object, seconds: float) -> None:
        """The same for asyncio."""
        self.sleep(seconds)
        await asyncio.sleep(0)

    def of_runtime(self) -> RuntimeClock:
        """The same as the runtime's type."""
        return RuntimeClock(
            monotonic=self.monotonic,
            now=lambda: NOON + timedelta(seconds=self.ahead),
            pause=self.pause,
            pause_async=self.pause_async,
        )


class Ours:
    """A client of ours of either kind. Use it as a context manager."""

    def __init__(
        self,
        kind: Kind,
        endpoint: str,
        *,
        http: HTTP = "default",
        most: int | None = None,
        clock: Clock | None = None,
        token: bool = False,
        **arguments: Any,
    ) -> None:
        """Make a client whose random waits are half of the longest; without `clock`, waits are real.

        A caller's HTTP client opens at most `most` connections. With `token` the key is one, which is asked for.
        """
        self._runner = asyncio.Runner() if kind == "async" else None
        settings = {"endpoint": endpoint, "retry": RetryPolicy(random=lambda: 0.5)} | arguments
        self._callers = None if http == "default" else _http_client(http, kind, endpoint, most)
        made = FaceAuditClient if self._runner is None else AsyncFaceAuditClient
        self.client: Any = made(secret, http_client=self._callers, **settings)
        if token:
            # Not by its argument: the servers of these tests speak no TLS.
            held = LOGIN.hold(Login() if kind == "sync" else AsyncLogin(), scope="s", asynchronous=kind == "async")
            self.client._settings = self.client._settings._replace(credentials={LOGIN.name: held})
        if clock is not None:
            self.client._settings = self.client._settings._replace(clock=clock.of_runtime())

    def pager(self, **told: Any) -> Any:
        """A new pager over the session."""
        return self.client.audit_entries.list(SESSION, top=TOP, **told)

    def next_page(self, pager: Any) -> Any:
        """The next page, or None after the last one."""
        if self._runner is None:
            return next(pager.pages(), None)
        return self._runner.run(_next_page(pager))

    def page(self) -> Any:
        """The first page; a coroutine in the async client."""
        return self.client.audit_entries.list_page(SESSION, top=TOP)

    def run(self, coroutine: Any) -> Any:
        """What the coroutine gives back, on this client's loop."""
        assert self._runner is not None
        return self._runner.run(coroutine)

    def ids(self, pager: Any) -> list[str]:
        """The ids of all entries from here on, and the name of the error that ended them."""
        found: list[str] = []
        try:
            while (page := self.next_page(pager)) is not None:
                found += [entry.id for entry in page.items]
        except FaceAuditError as error:
            found.append(repr(error))
        return found

    def close(self) -> None:
        """Close the client, but not its loop."""
        if self._runner is None:
            self.client.close()
        else:
            self._runner.run(self.client.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        if self._runner is None:
            if self._callers is not None:
                self._callers.close()
        else:
            if self._callers is not None:
                self._runner.run(self._callers.aclose())
            self._runner.close()


def _http_client(http: HTTP, kind: Kind, endpoint: str, most: int | None) -> Any:
    """A client of that library as its users make it."""
    library = importlib.import_module(http)
    # Loading certificates takes longer than most faults, and without TLS none are used.
    settings = {} if endpoint.startswith("https:") else {"verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}
    if most is not None:
        settings["limits"] = library.Limits(max_connections=most)
    return (library.Client if kind == "sync" else library.AsyncClient)(**settings)


async def _next_page(pager: Any) -> Any:
    return await anext(pager.pages(), None)
