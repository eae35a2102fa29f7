"""`http_client=` takes the caller's client of httpx or httpx2, and uses it as it is."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx
import httpx2
import pytest
from face_audit import (
    AttemptTimeoutError,
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    PoolExhaustedError,
    RedirectRefusedError,
    RetryPolicy,
    Timeouts,
)
from face_audit._runtime.http import route
from face_audit.testing import Emulator

from ..client.authority import Authority
from ..client.conftest import KEY, Clock
from ..client.servers import SESSION, Answer, Service, answer, entries
from ..client.wires import EMPTY, Crowd, Wire
from .conftest import CANARY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..client.conftest import Driver

HOST = "https://service.invalid"
WITHOUT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
HEADER = "ocp-apim-subscription-key"


class Maker:
    """Makes clients of one library, of the colour that a driver's clients need, and closes them."""

    def __init__(self, library: Any, driver: Driver) -> None:
        """Make none yet."""
        self.library, self._runner = library, driver.runner
        self.prefix = "" if driver.runner is None else "Async"
        self.colour = f"{self.prefix}Client"
        self.other = "AsyncClient" if driver.runner is None else "Client"
        self._made: list[Any] = []

    def __call__(self, **arguments: Any) -> Any:
        """A client; unless a context is given, it has one without certificates, which takes less time to make."""
        return self.make({"verify": WITHOUT} | arguments)

    def make(self, arguments: dict[str, Any]) -> Any:
        """A client with exactly these arguments."""
        self._made.append(getattr(self.library, self.colour)(**arguments))
        return self._made[-1]

    def hook(self, act: Callable[[Any], None]) -> Callable[[Any], Any]:
        """A hook of the right colour."""

        async def act_async(value: Any) -> None:
            act(value)

        return act if self._runner is None else act_async

    def close(self, made: Any) -> None:
        """Close a client."""
        if self._runner is None:
            made.close()
        else:
            self._runner.run(made.aclose())

    def close_all(self) -> None:
        """Close those that are open."""
        for made in self._made:
            self.close(made)


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def make(request: pytest.FixtureRequest, driver: Driver) -> Iterator[Maker]:
    """Makes clients of httpx, then of httpx2."""
    maker = Maker(request.param, driver)
    yield maker
    maker.close_all()


def test_2500_entries_are_listed_from_the_emulator(driver: Driver, make: Maker) -> None:
    """A client that is made without arguments lists a whole session over sockets."""
    emulator = Emulator(key=KEY)
    emulator.add(SESSION, count=2_500)

    with emulator.serve() as url:
        found = driver.client(url, http_client=make.make({})).list()

    assert len({one.id for one in found}) == len(found) == 2_500
    assert [int(one.id) for one in found] == sorted((int(one.id) for one in found), reverse=True)


def test_given_client_is_the_public_one(driver: Driver, make: Maker) -> None:
    """`client.http_client` is the client that was given."""
    given = make()

    assert driver.client(HOST, http_client=given).made.http_client is given


def test_given_client_is_not_closed(driver: Driver, service: Service, make: Maker) -> None:
    """Closing ours leaves the caller's open, and a second client of ours may use it."""
    given = make()
    client = driver.client(service.url, http_client=given)
    client.page()
    client.close()

    page = driver.client(service.url, http_client=given).page()

    assert not given.is_closed
    assert page.items == ()
    assert len({request.port for request in service.requests}) == 1


def test_client_that_is_closed_meanwhile_is_named(driver: Driver, service: Service, make: Maker) -> None:
    """A call after the caller has closed theirs says so, and sends nothing."""
    given = make()
    client = driver.client(service.url, http_client=given)
    client.page()
    make.close(given)

    with pytest.raises(ClientClosedError, match="http_client: was closed; make a new client with an open one"):
        client.page()

    assert len(service.requests) == 1


def test_client_that_is_closed_between_attempts_is_named(driver: Driver, service: Service, make: Maker) -> None:
    """A call that waits for its next attempt ends with the same error."""
    given = make()
    service.will(Answer(status=503), Answer(status=503))

    class Closing(Clock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if driver.runner is None:
                given.close()

        async def pause_async(self, _: object, seconds: float) -> None:
            super().sleep(seconds)
            await given.aclose()

    client = driver.client(service.url, http_client=given, clock=Closing())

    with pytest.raises(ClientClosedError, match="http_client: was closed"):
        client.page()

    assert len(service.requests) == 1


def test_callers_headers_are_sent_and_ours_count(driver: Driver, service: Service, make: Maker) -> None:
    """Headers of the caller's client are sent with those of a call, and do not replace them."""
    given = make(headers={"X-Team": "audit", "Accept": "text/html", "Accept-Encoding": "br", HEADER: "wrong"})

    driver.client(service.url, http_client=given).page()

    sent = service.requests[0].headers
    assert sent["x-team"] == "audit"
    assert (sent["accept"], sent["accept-encoding"], sent[HEADER]) == ("application/json", "gzip", KEY)


def test_callers_auth_is_used(driver: Driver, service: Service, make: Maker) -> None:
    """Its auth signs each request, beside the key."""
    driver.client(service.url, http_client=make(auth=("name", "word"))).page()

    (sent,) = service.requests
    assert sent.headers["authorization"] == "Basic " + base64.b64encode(b"name:word").decode()
    assert sent.headers[HEADER] == KEY


def test_callers_parameters_are_sent_beside_the_cursor(driver: Driver, make: Maker) -> None:
    """Its query parameters are added to those of a call, which count where one is given twice."""
    given = make(params={"tenant": "a b", "top": "9"})

    with Service(4) as service:
        found = driver.client(service.url, http_client=given).list(top=3)

    sent = [parse_qs(request.target.partition("?")[2]) for request in service.requests]
    assert [one.id for one in found] == ["4", "3", "2", "1"]
    assert [query.get("start") for query in sent] == [None, ["2"], ["1"]]
    assert all(query["tenant"] == ["a b"] and query["top"] == ["3"] for query in sent)


def test_callers_cookies_are_sent_and_kept(driver: Driver, service: Service, make: Maker) -> None:
    """Its cookies are sent, and those of answers are kept for the next request."""
    given = make(cookies={"mine": "1"})
    service.will(answer([], Set_Cookie="theirs=2; Path=/"))
    client = driver.client(service.url, http_client=given)

    client.page()
    client.page()

    assert service.requests[0].headers["cookie"] == "mine=1"
    assert sorted(service.requests[1].headers["cookie"].split("; ")) == ["mine=1", "theirs=2"]


def test_callers_hooks_are_called(driver: Driver, service: Service, make: Maker) -> None:
    """Its event hooks are called for each attempt."""
    seen: list[object] = []
    hooks = {
        "request": [make.hook(lambda request: seen.append(request.method))],
        "response": [make.hook(lambda response: seen.append(response.status_code))],
    }
    service.will(Answer(status=503), [])

    driver.client(service.url, http_client=make(event_hooks=hooks)).page()

    assert seen == ["GET", 503, "GET", 200]


def test_exception_of_a_callers_hook_comes_out_as_itself(
    driver: Driver, service: Service, make: Maker, clock: Clock
) -> None:
    """It is not retried."""
    raised = LookupError("not allowed")

    def refuse(_: object) -> None:
        raise raised

    given = make(event_hooks={"response": [make.hook(refuse)]})

    with pytest.raises(LookupError) as caught:
        driver.client(service.url, http_client=given, clock=clock).page()

    assert caught.value is raised
    assert clock.waits == []
    assert len(service.requests) == 1


def test_callers_mounts_are_used(driver: Driver, service: Service, make: Maker) -> None:
    """A transport that is mounted for the host gets the request."""
    library = make.library
    mounted = library.MockTransport(lambda request: library.Response(200, json=entries("7")))

    page = driver.client(service.url, http_client=make(mounts={"http://127.0.0.1": mounted})).page()

    assert [one.id for one in page.items] == ["7"]
    assert service.requests == []


def test_callers_timeouts_give_way(driver: Driver, service: Service, make: Maker) -> None:
    """The time limits are those of our client, and not of the caller's."""
    seen: list[dict[str, float]] = []
    hooks = {"request": [make.hook(lambda request: seen.append(request.extensions["timeout"]))]}
    given = make(timeout=0.000_001, event_hooks=hooks)

    driver.client(service.url, http_client=given, timeouts=Timeouts(connect=3, attempt=20)).page()

    assert seen[0]["connect"] == 3
    assert all(19 < seen[0][name] <= 20 for name in ("read", "write"))
    assert 17 < seen[0]["pool"] <= 18


def test_calls_that_waited_for_a_connection_leave_the_client_usable(driver: Driver, make: Maker) -> None:
    """Where the caller's pool is full, calls say so in time, and the pool is whole afterwards."""
    given = make(limits=make.library.Limits(max_connections=1))
    with Wire(lambda line: line.hold(), lambda line: line.answer(EMPTY)) as wire:
        # httpx gives up a tenth earlier, which has to be long enough on a busy machine.
        settings = {"retry": RetryPolicy(max_attempts=1), "timeouts": Timeouts(attempt=1.0)}
        client = driver.client(wire.url, http_client=given, **settings)
        outcomes = Crowd(client, 6).join()

        page = client.page()

    assert {type(one) for one in outcomes} == {AttemptTimeoutError, PoolExhaustedError}
    assert page.raw == b"[]"


def test_redirect_is_not_followed_though_the_caller_follows_them(driver: Driver, service: Service, make: Maker) -> None:
    """`follow_redirects=True` of the caller's client does not send the key elsewhere."""
    service.will(Answer(status=307, headers={"Location": f"http://localhost:{service.url.rpartition(':')[2]}/x"}))

    with pytest.raises(RedirectRefusedError):
        driver.client(service.url, http_client=make(follow_redirects=True)).page()

    assert len(service.requests) == 1


def test_client_for_http2_speaks_http1_where_the_server_does(driver: Driver, make: Maker, tmp_path: Path) -> None:
    """A client with `http2=True` lists from a server that offers HTTP/1.1 only."""
    authority = Authority(tmp_path)
    context = ssl.create_default_context(cafile=authority.file)
    with Wire(lambda line: line.answer(EMPTY), tls=authority.server("127.0.0.1")) as wire:
        page = driver.client(f"https://127.0.0.1:{wire.port}", http_client=make(http2=True, verify=context)).page()

    assert page.raw == b"[]"


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_client_with_a_socks_proxy_is_taken(driver: Driver, make: Maker, scheme: str) -> None:
    """Ours takes it, and a proxy that does not answer is a failed connection."""
    given = make(proxy=f"{scheme}://127.0.0.1:1")
    client = driver.client(HOST, http_client=given, retry=RetryPolicy(max_attempts=2))

    with pytest.raises(ConnectError, match="no connection to 'service.invalid'") as caught:
        client.page()

    assert len(caught.value.attempts) == 2


def test_environment_is_not_read(
    driver: Driver, service: Service, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Certificates and proxies that cannot be used do not matter if a client is given."""
    given = make.make({})
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    monkeypatch.setenv("HTTPS_PROXY", "no address of a proxy")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.setattr(route, "find_context", None)

    driver.client(HOST, http_client=given)
    page = driver.client(service.url, http_client=given).page()

    assert page.items == ()


@pytest.mark.parametrize("argument", ["proxy", "ssl_context"])
def test_argument_for_the_default_client_is_refused(driver: Driver, make: Maker, argument: str) -> None:
    """What the caller's client decides is not taken beside it, and its value is not shown."""
    with pytest.raises(
        ConfigurationError, match=f"^{argument}: cannot be combined with http_client; set it there"
    ) as caught:
        driver.client(HOST, http_client=make(), **{argument: f"http://user:{CANARY}@127.0.0.1:1"})

    assert CANARY not in str(caught.value)


class Telling:
    """An object whose repr shows a secret."""

    def __repr__(self) -> str:
        return CANARY


def closed(make: Maker) -> Any:
    """A client that was closed."""
    given = make()
    make.close(given)
    return given


WRONG: dict[str, Callable[[Maker], Any]] = {
    "closed": closed,
    "other colour": lambda make: getattr(make.library, make.other)(),
    "transport": lambda make: getattr(make.library, f"{make.prefix}HTTPTransport")(),
    "mock transport": lambda make: make.library.MockTransport(lambda request: make.library.Response(200)),
    "class": lambda make: getattr(make.library, make.colour),
    "other class": lambda make: Telling,
    "function": lambda make: make.library.get,
    "object": lambda make: Telling(),
}


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("closed", "http_client: is closed; give an open one"),
        ("other colour", "http_client: is of type {library}.{other}; give an {library}.{colour}"),
        ("transport", "http_client: is a transport ({library}.{prefix}HTTPTransport); give an {library}.{colour}"),
        ("mock transport", "http_client: is a transport ({library}.MockTransport); give an {library}.{colour}"),
        ("class", "http_client: is the class {library}.{colour}; give an {library}.{colour}()"),
        ("other class", "http_client: is the class tests.Telling; give an httpx.{colour}()"),
        ("function", "http_client: is of type builtins.function; give an httpx.{colour}"),
        ("object", "http_client: is of type tests.Telling; give an httpx.{colour}"),
    ],
)
def test_what_is_no_open_client_is_refused(driver: Driver, make: Maker, what: str, text: str) -> None:
    """The constructor says what came and what to write, and shows the value of nothing."""
    names = {"colour": make.colour, "other": make.other, "prefix": make.prefix}
    expected = text.format(library=make.library.__name__, **names)

    with pytest.raises(ConfigurationError) as caught:
        driver.client(HOST, http_client=WRONG[what](make))

    assert str(caught.value).startswith(expected)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("transport", ["a transport", HOST])
def test_old_name_of_the_argument_says_what_to_write(driver: Driver, transport: object) -> None:
    """`transport=` is refused with the line that replaces it."""
    colour = "Client" if driver.runner is None else "AsyncClient"
    expected = f"transport: was replaced by http_client; write http_client=httpx.{colour}.transport=...."

    with pytest.raises(ConfigurationError, match=expected):
        driver.kind(KEY, endpoint=HOST, transport=transport)  # type: ignore[arg-type]


def test_subclass_is_taken(driver: Driver, service: Service, make: Maker) -> None:
    """A class of the caller's own that extends the library's is a client of that library."""
    kind = type("Own", (getattr(make.library, make.colour),), {})
    given = kind()

    page = driver.client(service.url, http_client=given).page()

    assert page.items == ()
    make.close(given)
