"""The transport of the default client in an httpx client of the caller's, and TLS contexts of theirs."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import truststore
from face_audit import (
    AsyncFaceAuditClient,
    AsyncHTTPTransport,
    ConfigurationError,
    ConnectError,
    FaceAuditClient,
    HTTPTransport,
    RetryPolicy,
)
from face_audit._runtime.http.origin import AsyncPool, SyncPool

from .authority import Authority
from .conftest import KEY, origin_of
from .servers import SESSION, Service
from .wires import EMPTY, Wire, ok

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Driver
    from .wires import Line

ONCE = RetryPolicy(max_attempts=1)


class Asking:
    """An httpx client of the caller's over the public transport, of either kind."""

    def __init__(self, driver: Driver, url: str) -> None:
        """Send to `url`."""
        self.runner = driver.runner
        self.transport: Any = (HTTPTransport if self.runner is None else AsyncHTTPTransport)(url)
        self.client: Any = driver.http_client(self.transport)

    def get(self, url: str, **settings: Any) -> httpx.Response:
        """One answer."""
        asked = self.client.get(url, **settings)
        return asked if self.runner is None else self.runner.run(asked)

    def close(self) -> None:
        """Close the client."""
        if self.runner is None:
            self.client.close()
        else:
            self.runner.run(self.client.aclose())


def test_transport_serves_requests_of_the_callers_own(driver: Driver, service: Service) -> None:
    """A request that no client of this package made is sent as any other."""
    asking = Asking(driver, service.url)

    answers = [asking.get(f"{service.url}/x"), asking.get(f"{service.url}/y", timeout=None)]
    asking.close()

    assert [answer.json() for answer in answers] == [[], []]
    assert len({request.port for request in service.requests}) == 1


def test_transport_sends_to_its_origin_only(driver: Driver, service: Service) -> None:
    """A request for another host is refused before anything is sent."""
    asking = Asking(driver, "http://localhost:1")

    with pytest.raises(httpx.UnsupportedProtocol, match="sends to http://localhost:1 only"):
        asking.get(service.url)

    assert service.requests == []


@pytest.mark.parametrize("begun", [b"", ok(b"[" + b" " * 900 + b"]").partition(b"[")[0]], ids=["head", "body"])
def test_timeouts_of_httpx_bound_the_whole_attempt(driver: Driver, begun: bytes) -> None:
    """Without a deadline of this package's clients, the longest timeout of the request is one."""

    def trickle(line: Line) -> None:
        line.receive()
        line.send(begun)
        line.trickle(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 900)

    with Wire(trickle) as wire:
        asking, began = Asking(driver, wire.url), time.monotonic()
        with pytest.raises(httpx.ReadTimeout):
            asking.get(wire.url, timeout=0.2)
        took = time.monotonic() - began

    assert took < 1


def test_closed_transport_sends_nothing(driver: Driver, service: Service) -> None:
    """Requests after `close()` fail as httpx fails."""
    asking = Asking(driver, service.url)
    if driver.runner is None:
        asking.transport.close()
    else:
        driver.runner.run(asking.transport.aclose())

    with pytest.raises(httpx.ConnectError, match="was closed"):
        asking.get(service.url)

    assert service.requests == []


def test_client_over_the_public_transport_lists(driver: Driver) -> None:
    """An httpx client of the caller's over this transport, with a hook of theirs, lists as the default one."""
    seen: list[str] = []
    with Service(25) as service:
        asking = Asking(driver, service.url)
        asking.client.event_hooks = {"request": [hook_of(driver, lambda request: seen.append(request.method))]}
        found = driver.client(service.url, http_client=asking.client).list(top=10)
        asking.close()

    assert len(found) == 25
    assert len(seen) == 4


def hook_of(driver: Driver, note: Callable[[Any], object]) -> Any:
    """A hook of the colour of the driver's clients."""
    if driver.runner is None:
        return note

    async def hook(value: Any) -> None:
        note(value)

    return hook


def test_default_call_goes_through_the_pool_that_replaces_httpx_s(
    driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one private name of httpx that the transport replaces is the one that httpx calls."""
    called: list[str] = []
    sync, asynchronous = SyncPool.handle_request, AsyncPool.handle_async_request

    def note(pool: Any, request: Any) -> Any:
        called.append("sync")
        return sync(pool, request)

    async def note_async(pool: Any, request: Any) -> Any:
        called.append("async")
        return await asynchronous(pool, request)

    monkeypatch.setattr(SyncPool, "handle_request", note)
    monkeypatch.setattr(AsyncPool, "handle_async_request", note_async)
    driver.client(service.url).page()

    assert called == ["sync" if driver.runner is None else "async"]
    assert len(service.requests) == 1


def test_pool_shows_its_origin() -> None:
    """What tools print of a pool names the origin."""
    with FaceAuditClient(KEY, endpoint="http://localhost") as client:
        assert origin_of(client).info() == "http://localhost"
        assert not origin_of(client).is_idle()
        assert not origin_of(client).has_expired()


def test_cookies_cannot_be_set_on_the_default_client(driver: Driver) -> None:
    """The default client keeps no cookies; setting some is an error."""
    client = driver.client("http://localhost").made.http_client

    with pytest.raises(TypeError, match="cookies: .*your own http_client"):
        client.cookies = {"a": "b"}


@pytest.mark.parametrize("kind", [FaceAuditClient, AsyncFaceAuditClient])
def test_transport_argument_says_what_to_write(kind: Any) -> None:
    """The argument of earlier versions is refused with the new one."""
    with pytest.raises(ConfigurationError, match=r"write http_client=httpx\.(Async)?Client\(transport=\.\.\.\)"):
        kind(KEY, endpoint="http://localhost", transport=httpx.MockTransport(lambda _: httpx.Response(200)))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority that no system knows."""
    return Authority(tmp_path)


def test_context_of_the_caller_is_used(driver: Driver, authority: Authority) -> None:
    """`ssl_context=` verifies the service, without any variable of the environment."""
    with Wire(lambda line: line.answer(EMPTY), tls=authority.server("127.0.0.1")) as wire:
        client = driver.client(f"https://127.0.0.1:{wire.port}", ssl_context=authority.trusting(), trust_env=False)
        page = client.page()

    assert page.raw == b"[]"


def test_certificate_of_the_client_is_sent(driver: Driver, authority: Authority) -> None:
    """A context with a client's certificate authenticates to a service that demands one."""
    server = authority.server("127.0.0.1")
    authority.demand(server)
    seen: list[Any] = []

    def serve(line: Line) -> None:
        seen.append(line.socket.getpeercert())  # type: ignore[attr-defined]
        line.answer(EMPTY)

    context = authority.trusting()
    authority.certify(context, "client.example")
    with Wire(serve, tls=server) as wire:
        page = driver.client(f"https://127.0.0.1:{wire.port}", ssl_context=context).page()

    assert page.raw == b"[]"
    assert "client.example" in str(seen)


def test_truststore_verifies(driver: Driver, authority: Authority) -> None:
    """The trust store of the system, by truststore, refuses an authority that it does not know."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with Wire(lambda line: line.answer(EMPTY), tls=authority.server("127.0.0.1")) as wire:
        client = driver.client(f"https://127.0.0.1:{wire.port}", ssl_context=context, retry=ONCE)
        with pytest.raises(ConnectError, match="certificate"):
            client.page()


def test_truststore_with_a_known_authority_connects(driver: Driver, authority: Authority) -> None:
    """The same with an authority that the context was given."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority.pem)
    with Wire(lambda line: line.answer(EMPTY), tls=authority.server("127.0.0.1")) as wire:
        page = driver.client(f"https://127.0.0.1:{wire.port}", ssl_context=context).page()

    assert page.raw == b"[]"


def unverifying(**changes: Any) -> ssl.SSLContext:
    """A context that verifies less."""
    context = ssl.create_default_context()
    context.check_hostname = False
    for name, value in changes.items():
        setattr(context, name, value)
    return context


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (unverifying(), "does not verify"),
        (unverifying(verify_mode=ssl.CERT_NONE), "does not verify"),
        (True, "is of type bool; give an ssl.SSLContext"),
        ("ca.pem", "is of type str"),
    ],
)
def test_context_that_does_not_verify_is_refused(driver: Driver, given: Any, said: str) -> None:
    """No switch turns the verification of certificates off, and no context of the caller's does."""
    with pytest.raises(ConfigurationError, match=f"ssl_context: {said}"):
        driver.client("https://example.com", ssl_context=given)


def test_context_for_http_is_refused(driver: Driver) -> None:
    """In the clear there is nothing to verify."""
    with pytest.raises(ConfigurationError, match="ssl_context: has no effect with an http endpoint"):
        driver.client("http://localhost", ssl_context=ssl.create_default_context())


def test_context_that_chooses_another_protocol_is_named(driver: Driver, authority: Authority) -> None:
    """A context that offers HTTP/2 to a server that takes it cannot be used; the error says what to set."""
    server, context = authority.server("127.0.0.1"), authority.trusting()
    server.set_alpn_protocols(["h2", "http/1.1"])
    context.set_alpn_protocols(["h2", "http/1.1"])
    with Wire(lambda line: line.hold(), tls=server) as wire:
        client = driver.client(f"https://127.0.0.1:{wire.port}", ssl_context=context, retry=ONCE)
        with pytest.raises(ConnectError, match="set_alpn_protocols"):
            client.page()


def test_protocol_that_is_offered_is_http1(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    """The default context offers http/1.1 (ALPN, RFC 7301), which some gateways demand."""
    chosen = list[str | None]()
    server = authority.server("127.0.0.1")
    server.set_alpn_protocols(["h2", "http/1.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))

    def serve(line: Line) -> None:
        chosen.append(line.socket.selected_alpn_protocol())  # type: ignore[attr-defined]
        line.answer(EMPTY)

    with Wire(serve, tls=server) as wire:
        driver.client(f"https://127.0.0.1:{wire.port}").page()

    assert chosen == ["http/1.1"]


def test_close_ends_a_handshake_of_another_thread() -> None:
    """A call of the sync client whose TLS handshake hangs ends with `close()`, long before its limit."""
    outcomes: list[BaseException] = []
    with Wire(lambda line: line.hold()) as wire:
        client = FaceAuditClient(KEY, endpoint=f"https://127.0.0.1:{wire.port}")

        def call() -> None:
            try:
                client.audit_entries.list_page(SESSION)
            except Exception as error:  # noqa: BLE001  # the test looks at any error
                outcomes.append(error)

        calling = threading.Thread(target=call, daemon=True)
        began = time.monotonic()
        calling.start()
        while not origin_of(client)._connections._all or wire.accepted < 1:
            threading.Event().wait(0.01)
        threading.Event().wait(0.1)
        client.close()
        calling.join(3)

    assert [type(outcome).__name__ for outcome in outcomes] == ["ClientClosedError"]
    assert time.monotonic() - began < 3


def test_cutting_a_connection_leaves_its_descriptor_to_its_user(service: Service) -> None:
    """Another thread ends a connection without closing it: the descriptor could be another connection's at once."""
    with FaceAuditClient(KEY, endpoint=service.url) as client:
        client.audit_entries.list_page(SESSION)
        (connection,) = origin_of(client)._connections._all

        connection.cut()

        assert connection.socket.fileno() >= 0
        assert not connection.usable


def test_async_transport_of_a_closed_loop_is_left_alone() -> None:
    """A client whose loop has ended causes no error when its transport is dropped."""

    async def use(url: str) -> None:
        async with httpx.AsyncClient(transport=AsyncHTTPTransport(url)) as client:
            await client.get(url)

    with Service() as service:
        asyncio.run(use(service.url))
        assert len(service.requests) == 1
