"""Both clients with one set of verbs, and a clock that a test sets."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit import AsyncFaceAuditClient, AsyncPager, AuditEntry, FaceAuditClient, Page, Pager, RetryPolicy
from face_audit._runtime.http.client import AsyncDefaultClient, DefaultClient
from face_audit._runtime.http.deadline import Clock as RuntimeClock

from .authority import Authority
from .servers import SESSION, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "0123456789abcdef0123456789abcdef"
NOON = datetime(2024, 4, 1, 12, 0, 0, tzinfo=UTC)


class Clock:
    """Time that passes only where the client waits for it."""

    def __init__(self, *, late: float = 0.0) -> None:
        """Begin at noon; every sleep lasts `late` seconds longer than asked."""
        self.seconds = 0.0
        self.waits: list[float] = []
        self._late = late

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.waits.append(seconds)
        self.seconds += seconds + self._late

    def pause(self, _: object, seconds: float) -> None:
        """The same for a wait that an event could end."""
        self.sleep(seconds)

    async def pause_async(self, _: object, seconds: float) -> None:
        """The same for asyncio."""
        self.sleep(seconds)

    def of_runtime(self) -> RuntimeClock:
        """The same as the runtime's type."""
        return RuntimeClock(
            monotonic=lambda: self.seconds,
            now=lambda: NOON + timedelta(seconds=self.seconds),
            pause=self.pause,
            pause_async=self.pause_async,
        )


class Walk:
    """A pager of either client."""

    def __init__(self, pager: Any, runner: asyncio.Runner | None) -> None:
        """Take `pager`; without `runner` it is the sync one."""
        self.pager = pager
        self._runner = runner
        self._pages: Any = None

    @property
    def checkpoint(self) -> dict[str, Any]:
        """Where the pager is."""
        return self.pager.checkpoint

    def take(self, count: int | None = None) -> list[AuditEntry]:
        """The next entries, all of them without `count`."""
        return self._next(self.pager, count)

    def pages(self, count: int | None = None) -> list[Page[AuditEntry]]:
        """The next pages, from one iterator of pages for the whole walk."""
        if self._pages is None:
            self._pages = self.pager.pages()
        return self._next(self._pages, count)

    def _next(self, iterator: Any, count: int | None) -> list[Any]:
        if self._runner is None:
            return list(islice(iterator, count))
        return self._runner.run(_collect(iterator, count))


class Client:
    """An open client of either kind."""

    def __init__(self, made: Any, runner: asyncio.Runner | None) -> None:
        """Take `made`; without `runner` it is the sync one."""
        self.made = made
        self._runner = runner

    def walk(self, session: Any = SESSION, **arguments: Any) -> Walk:
        """A pager over the session's entries."""
        return Walk(self.made.audit_entries.list(session, **arguments), self._runner)

    def list(self, session: Any = SESSION, **arguments: Any) -> list[AuditEntry]:
        """All entries of a session."""
        return self.walk(session, **arguments).take()

    def page(self, session: Any = SESSION, **arguments: Any) -> Page[AuditEntry]:
        """One page."""
        page = self.made.audit_entries.list_page(session, **arguments)
        return page if self._runner is None else self._runner.run(page)

    def send(self, call: Any) -> Any:
        """The result of one call of any operation."""
        result = self.made._send(call)
        return result if self._runner is None else self._runner.run(result)

    def walk_through(self, operation: Any, **settings: Any) -> Walk:
        """A pager over any paged operation without arguments."""
        kind = Pager if self._runner is None else AsyncPager
        return Walk(kind(self.made, operation.begin({}), **settings), self._runner)

    def enter(self) -> None:
        """Begin a `with` block, as the client's kind asks for."""
        if self._runner is None:
            self.made.__enter__()
        else:
            self._runner.run(self.made.__aenter__())

    def leave(self) -> None:
        """End that block."""
        if self._runner is None:
            self.made.__exit__(None, None, None)
        else:
            self._runner.run(self.made.__aexit__(None, None, None))

    def close(self) -> None:
        """Close the connections."""
        if self._runner is None:
            self.made.close()
        else:
            self._runner.run(self.made.aclose())


class Driver:
    """Makes clients of one kind."""

    def __init__(self, runner: asyncio.Runner | None) -> None:
        """Without `runner`, the sync kind."""
        self.kind = FaceAuditClient if runner is None else AsyncFaceAuditClient
        self.runner = runner
        self._open: list[Client] = []

    def client(self, endpoint: str | None = None, *, clock: Clock | None = None, **arguments: Any) -> Client:
        """A client on a virtual clock, whose random waits are half of the longest; `transport` replaces the network."""
        settings = {"key": KEY, "endpoint": endpoint, "retry": RetryPolicy(random=lambda: 0.5)} | arguments
        if (transport := settings.pop("transport", None)) is not None:
            kind = DefaultClient if self.runner is None else AsyncDefaultClient
            settings["http_client"] = kind(transport)
        made = self.kind(**settings)
        made._settings = made._settings._replace(clock=(clock or Clock()).of_runtime())
        self._open.append(Client(made, self.runner))
        return self._open[-1]

    def http_client(self, transport: Any) -> Any:
        """A client of httpx over this transport, as a caller makes one."""
        return (httpx.Client if self.runner is None else httpx.AsyncClient)(transport=transport)

    def real_time(self, client: Client) -> Client:
        """The same client on the machine's clock."""
        client.made._settings = client.made._settings._replace(clock=RuntimeClock())
        return client

    def close(self) -> None:
        """Close all of them."""
        while self._open:
            self._open.pop().close()


def origin_of(made: Any) -> Any:
    """The member of the pool in the default transport of a client."""
    return made.http_client._transport._pool._origin


async def _collect(iterator: Any, count: int | None) -> list[Any]:
    found: list[Any] = []
    while count is None or len(found) < count:
        try:
            found.append(await anext(iterator))
        except StopAsyncIteration:
            break
    return found


@pytest.fixture(params=["sync", "async"])
def driver(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    """The sync client, then the async one."""
    proxies = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")
    for name in ("FACE_APIKEY", "FACE_REGION", "FACE_ENDPOINT", "SSL_CERT_FILE", "SSL_CERT_DIR", *proxies):
        monkeypatch.delenv(name, raising=False)
    if request.param == "sync":
        made = Driver(None)
        yield made
        made.close()
    else:
        with asyncio.Runner() as runner:
            made = Driver(runner)
            yield made
            made.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of certificates that nobody trusts by itself."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: Authority) -> Iterator[Service]:
    """A service with TLS, whose session holds no entries."""
    with Service(tls=authority.server("127.0.0.1")) as running:
        yield running


@pytest.fixture
def service() -> Iterator[Service]:
    """A service whose session holds no entries."""
    with Service() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    """A clock that does not move."""
    return Clock()
