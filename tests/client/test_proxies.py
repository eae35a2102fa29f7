"""Proxies: which one is asked, what passes it, and that its password is shown nowhere."""

from __future__ import annotations

import base64
import logging
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any
from urllib.request import proxy_bypass_environment

import pytest
from face_audit import ConfigurationError, ConnectError, FaceAuditError, RateLimitedError, RetryPolicy, Timeouts
from face_audit._runtime.http import connections
from face_audit._runtime.http.route import choose_proxy
from face_audit._runtime.requests.endpoint import parse_endpoint

from .authority import Authority
from .conftest import origin_of
from .servers import Service
from .wires import EMPTY, Crowd, Wire, eventually, ok

if TYPE_CHECKING:
    from .conftest import Driver
    from .wires import Line

HOST = "https://service.test"
TWICE = RetryPolicy(max_attempts=2, random=lambda: 0.5)
WORD = "canary-of-a-password"


def password() -> str:
    """A password, which is in no variable of a test."""
    return WORD


class Tunnel:
    """A proxy that itself serves, over TLS, the host that it is asked to connect to."""

    def __init__(self, authority: Authority, *, refusal: bytes = b"", name: str = "service.test") -> None:
        """Refuse every CONNECT with `refusal`, if given."""
        self.heads: list[bytes] = []
        self.inside: list[bytes] = []
        self._refusal = refusal
        self._context = authority.server(name)

    def __call__(self, line: Line) -> None:
        """Serve one connection."""
        self.heads.append(line.receive())
        if self._refusal:
            line.send(self._refusal)
            return
        line.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        line.socket = self._context.wrap_socket(line.socket, server_side=True)
        while head := line.receive():
            self.inside.append(head)
            line.send(EMPTY)
        line.socket.close()


@pytest.fixture
def trusting(driver: Driver, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """A driver whose clients trust the authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return driver


def address(wire: Wire, login: str = "") -> str:
    """The proxy's, with a login."""
    return f"http://{login}127.0.0.1:{wire.port}"


def chosen(endpoint: str, monkeypatch: pytest.MonkeyPatch, given: str | None = None, **variables: str) -> str | None:
    """The proxy for an endpoint in this environment, as text."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = choose_proxy(parse_endpoint(endpoint), given=given, trust_env=True)
    return None if found is None else f"http://{found.host}:{found.port}"


@pytest.mark.parametrize("how", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "given"])
def test_proxy_tunnels_to_the_service(
    trusting: Driver, authority: Authority, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The proxy is asked to connect, sees no key, and the host is verified through the tunnel; that is kept."""
    tunnel = Tunnel(authority)
    with Wire(tunnel) as wire:
        if how != "given":
            monkeypatch.setenv(how, address(wire))
        client = trusting.client(HOST, proxy=address(wire) if how == "given" else None)
        pages = [client.page(), client.page()]
        client.close()

    assert [page.raw for page in pages] == [b"[]", b"[]"]
    assert tunnel.heads[0].startswith(b"CONNECT service.test:443 HTTP/1.1\r\n")
    assert b"subscription-key" not in tunnel.heads[0].lower()
    assert b"subscription-key" in tunnel.inside[0].lower()
    assert b"proxy-authorization" not in (tunnel.heads[0] + tunnel.inside[0]).lower()
    assert wire.accepted == 1


def test_given_proxy_goes_before_the_environment(
    trusting: Driver, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is given wins, also over NO_PROXY."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "*")

    with Wire(Tunnel(authority)) as wire:
        page = trusting.client(HOST, proxy=address(wire)).page()

    assert page.raw == b"[]"


def test_login_reaches_the_proxy_only(trusting: Driver, authority: Authority) -> None:
    """Name and password are decoded, sent to the proxy, and not to the service."""
    tunnel = Tunnel(authority)
    with Wire(tunnel) as wire:
        trusting.client(HOST, proxy=address(wire, "us%40er:p%3Aw%2F@")).page()

    sent = base64.b64encode(b"us@er:p:w/")
    assert b"proxy-authorization: Basic " + sent in tunnel.heads[0]
    assert b"proxy-authorization" not in tunnel.inside[0].lower()


@pytest.mark.parametrize("refusal", ["407 Proxy Authentication Required", "502 Bad Gateway", "403 Forbidden"])
def test_refusal_of_the_proxy_is_named(trusting: Driver, authority: Authority, refusal: str) -> None:
    """A proxy that does not connect is told from the service, whose status it is not."""
    answer = f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n".encode()
    with Wire(Tunnel(authority, refusal=answer)) as wire:
        client = trusting.client(HOST, proxy=address(wire), retry=TWICE)
        with pytest.raises(ConnectError, match=f"the proxy answered {refusal}") as caught:
            client.page()
        eventually(lambda: wire.open == 0)

    assert "no connection to 'service.test'" in str(caught.value)
    assert [attempt.status for attempt in caught.value.attempts] == [None, None]


@pytest.mark.parametrize("fault", ["lost", "no http", "wrong host", "plain", "silent"])
def test_tunnel_that_fails_leaves_no_place_taken(
    trusting: Driver, authority: Authority, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """However a tunnel fails, its connection is closed and its place is free: the next call finds one."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 1)
    tunnel = Tunnel(authority)

    def fail(line: Line) -> None:
        line.receive()
        if fault == "no http":
            line.send(b"SSH-2.0\r\n\r\n")
        elif fault == "silent":
            line.hold()
        elif fault == "plain":
            line.send(b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")

    failing = Tunnel(authority, name="other.test") if fault == "wrong host" else fail
    with Wire(failing, failing, failing, tunnel) as wire:
        once, limits = RetryPolicy(max_attempts=1), Timeouts(attempt=0.15 if fault == "silent" else 5)
        client = trusting.client(HOST, proxy=address(wire), retry=once, timeouts=limits)
        for _ in range(3):
            with pytest.raises(FaceAuditError):
                client.page()
        page = client.page()

    assert page.raw == b"[]"
    assert wire.accepted == 4


def test_call_that_opens_a_connection_is_not_sent_after_a_429(trusting: Driver, authority: Authority) -> None:
    """A call that found the gate open asks again once its connection is open, here with a tunnel and TLS."""
    context = authority.server("service.test")
    opening, ended = threading.Event(), threading.Event()
    sent: list[bytes] = []
    crowds: list[Crowd] = []

    def secure(line: Line) -> None:
        line.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        line.socket = context.wrap_socket(line.socket, server_side=True)

    def answer_429(line: Line) -> None:
        line.receive()
        secure(line)
        line.receive()
        assert opening.wait(5)
        line.send(ok(b"{}", "Retry-After: 86400", status=429))

    def open_late(line: Line) -> None:
        line.receive()
        opening.set()
        eventually(lambda: sum(len(crowd.outcomes) for crowd in crowds) == 1)
        try:
            secure(line)
            sent.append(line.receive())
        finally:
            ended.set()

    with Wire(answer_429, open_late) as wire:
        crowds.append(Crowd(trusting.client(HOST, proxy=address(wire)), 2))
        outcomes = crowds[0].join()
        assert ended.wait(5)

    assert [type(outcome) for outcome in outcomes] == [RateLimitedError] * 2
    assert b"".join(sent) == b""


def test_proxy_that_cannot_be_reached_is_named(driver: Driver) -> None:
    """The error names the proxy as well as the service."""
    client = driver.client(HOST, proxy="http://127.0.0.1:1", retry=TWICE)

    with pytest.raises(ConnectError, match="no connection to 'service.test' .127.0.0.1:1: Connection refused"):
        client.page()


def test_loopback_is_never_proxied(driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stays on this machine passes no proxy, whatever the environment says; to ask for one is a mistake."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    page = driver.client(service.url).page()

    assert page.raw == b"[]"
    with pytest.raises(ConfigurationError, match="proxy: is never used for '127.0.0.1'"):
        driver.client(service.url, proxy="http://127.0.0.1:1")


def test_environment_that_is_not_trusted_names_no_proxy(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `trust_env=False` only a given proxy is asked."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    route = origin_of(driver.client(HOST, trust_env=False).made)._route

    assert route.proxy is None


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTP_PROXY": "http://p:1"}, None),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"HTTPS_PROXY": "p"}, "http://p:80"),
        ({"HTTPS_PROXY": "HTTP://P:8080/"}, "http://P:8080"),
        ({"HTTPS_PROXY": "http://[::1]:8080"}, "http://::1:8080"),
        ({"HTTPS_PROXY": "http://under_score.example.:8080"}, "http://under_score.example.:8080"),
        ({"https_proxy": "http://low:1", "HTTPS_PROXY": "http://p:1"}, "http://low:1"),
        ({"https_proxy": "", "HTTPS_PROXY": "http://p:1"}, None),
        ({"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "http://all:1"}, "http://p:1"),
        ({"ALL_PROXY": "http://all:9"}, "http://all:9"),
        ({"HTTPS_PROXY": ""}, None),
        *(
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": bypass}, None)
            for bypass in (
                "*",
                "service.test",
                "SERVICE.TEST",
                ".test",
                "test",
                "service.test:443",
                "a.example, service.test ,b.example",
                ".service.test",
            )
        ),
        *(
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": bypass}, "http://p:1")
            for bypass in ("", "ice.test", "other.test", "service.test:8443", "service.tes", "sub.service.test", ",")
        ),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "service.test"}, None),
    ],
)
def test_environment_names_the_proxy(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], proxy: str | None
) -> None:
    """HTTPS_PROXY goes before ALL_PROXY; NO_PROXY names hosts, suffixes, ports or all."""
    assert chosen(HOST, monkeypatch, **variables) == proxy


@pytest.mark.parametrize(("bypass", "proxied"), [("service.test:8443", False), ("service.test:443", True)])
def test_port_of_a_bypass_is_compared(monkeypatch: pytest.MonkeyPatch, bypass: str, proxied: bool) -> None:
    """NO_PROXY with a port is for that port only."""
    found = chosen("https://service.test:8443", monkeypatch, HTTPS_PROXY="http://p:1", NO_PROXY=bypass)

    assert (found is not None) is proxied


BYPASSES = [
    # Networks, of either kind of address.
    ("https://10.1.2.3", "10.0.0.0/8", True),
    ("https://10.1.2.3", " 10.0.0.0/8 ", True),
    ("https://10.1.2.3", "10.9.9.9/8", True),
    ("https://10.1.2.3", "10.0.0.0/255.0.0.0", True),
    ("https://10.1.2.3:8443", "10.0.0.0/8", True),
    ("https://11.1.2.3", "10.0.0.0/8", False),
    ("https://10.1.2.3", "10.0.0.0/8/8", False),
    ("https://10.1.2.3", "10.0.0.0/33", False),
    ("https://10.1.2.3", "fd00::/8,10.1.0.0/16", True),
    ("https://[fd00::1]", "FD00::/8", True),
    ("https://[fd00::1]", "[fd00::]/8", False),
    ("https://[fd00::1]", "[fd00::/8]", True),
    ("https://[fe00::1]", "fd00::/8", False),
    ("https://[fd00::1]", "10.0.0.0/8", False),
    ("https://10.1.2.3", "::/0", False),
    ("https://ten.example", "10.0.0.0/8", False),
    # One address, spelled in another way than in the endpoint.
    ("https://[fd00::1]", "fd00::1", True),
    ("https://[fd00::1]", "[fd00:0:0::0001]", True),
    ("https://[fd00::1]:8443", "[FD00:0::1]:8443", True),
    ("https://[fd00::1]:8443", "[fd00:0::1]:443", False),
    ("https://[fd00::1]", "[fd00::1]:443", True),
    ("https://[fd00::1]", "fd00::2", False),
    # Wildcards.
    ("https://a.service.test", "*.service.test", True),
    ("https://a.b.service.test", "*.Service.Test", True),
    ("https://service.test", "*.service.test", False),
    ("https://myservice.test", "*.service.test", False),
    ("https://a.service.test:8443", "*.service.test:8443", True),
    ("https://a.service.test:8443", "*.service.test:443", False),
    ("https://service.test", "a.example, *", True),
    ("https://service.test", " * ", True),
    ("https://service.test:8443", "*:8443", True),
    ("https://service.test", "*:8443", False),
    ("https://[fd00::1]", "*", True),
    # A dot at the end, on either side.
    ("https://service.test.", "service.test", True),
    ("https://service.test", "service.test.", True),
    ("https://service.test", ".test.", True),
    ("https://service.test", "service.test.:443", True),
    ("https://service.test", "service.test.:8443", False),
    ("https://service.test", ".", False),
    ("https://service.test", "..", False),
    # Nothing, and what is not an entry.
    ("https://service.test", " , ,", False),
    ("https://service.test", ":443", False),
    ("https://service.test", "https://service.test", False),
    ("https://service.test", "service.test:99999", False),
    ("https://service.test", "service.test:x", False),
]


@pytest.mark.parametrize(("endpoint", "bypass", "direct"), BYPASSES)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_bypass_that_urllib_does_not_know_is_honoured(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, bypass: str, direct: bool, name: str
) -> None:
    """NO_PROXY may name networks, addresses in any spelling, wildcards with a port, and hosts with a dot at the end."""
    found = chosen(endpoint, monkeypatch, HTTPS_PROXY="http://p:1", **{name: bypass})

    assert (found is None) is direct


def test_urllib_alone_does_not_know_those(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it learns to, our own lines may go."""
    asked = (
        "10.1.2.3:443",
        "[fd00::1]:443",
        "[fd00::1]:443",
        "a.service.test:443",
        "service.test:443",
        "service.test:443",
    )
    entries = ("10.0.0.0/8", "fd00::/8", "fd00::1", "*.service.test", "a.example, *", "service.test.")

    assert not any(proxy_bypass_environment(host, {"no": entry}) for host, entry in zip(asked, entries, strict=True))


@pytest.mark.parametrize("given", ["p", "p.example", "me@p", "canary-of-a-password"])
def test_proxy_that_is_given_names_its_scheme_or_port(driver: Driver, given: str) -> None:
    """A single word may be a key in the wrong place; in the environment it is a host, as other tools take it."""
    with pytest.raises(ConfigurationError) as caught:
        driver.client(HOST, proxy=given)

    assert str(caught.value) == "proxy: is not the address of a proxy; write it as 'http://host:port'"


def test_other_systems_are_asked_for_their_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows and macOS keep proxies in places of their own, which Python looks up."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://registry:1"})

    assert chosen(HOST, monkeypatch) == "http://registry:1"


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            "http://",
            "http://p:x",
            "http://p:1/path",
            "http://a b",
            "ftp://p:1",
            "https://p:1",
            "http://p:1?x",
            "\ud800",
        ),
        *(
            "http://p:0",
            "http://p:99999",
            "http://a..b:1",
            f"http://{'a' * 64}.b:1",
            "http://.:1",
            "http://u@v@p:1",
            "é",
        ),
        *(5, b"http://p:1", ""),
    ],
    ids=lambda wrong: ascii(wrong)[:20],
)
@pytest.mark.parametrize("login", ["", f"user:{WORD}@"])
def test_what_is_no_proxy_is_refused_unseen(driver: Driver, wrong: Any, login: str) -> None:
    """A wrong address is refused when the client is made, and not shown: it may hold a password."""
    given = wrong.replace("://", f"://{login}") if isinstance(wrong, str) else wrong

    with pytest.raises(ConfigurationError, match="^proxy: ") as caught:
        driver.client(HOST, proxy=given)

    assert WORD not in str(caught.value)


def test_wrong_proxy_of_the_environment_is_named(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named, its value is not shown."""
    monkeypatch.setenv("ALL_PROXY", f"http://user:{WORD}@p:1/x")

    with pytest.raises(
        ConfigurationError, match="HTTPS_PROXY or ALL_PROXY of the environment: is not the address"
    ) as caught:
        driver.client(HOST)

    assert WORD not in str(caught.value)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "https", "ftp"])
def test_other_kinds_of_proxies_are_refused(driver: Driver, scheme: str) -> None:
    """What is not an HTTP proxy is refused when the client is made."""
    with pytest.raises(ConfigurationError, match=f"the scheme '{scheme}' is not supported; use an http proxy"):
        driver.client(HOST, proxy=f"{scheme}://127.0.0.1:1")


def shown(value: object) -> str:
    """All that a value shows."""
    return repr(value) + str(value) + repr(getattr(value, "__dict__", ""))


@pytest.mark.parametrize("refusal", [b"", b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n"])
def test_password_of_a_proxy_is_shown_nowhere(
    trusting: Driver, authority: Authority, caplog: pytest.LogCaptureFixture, refusal: bytes
) -> None:
    """Neither the client, nor its settings, nor an error, its traceback with locals or a log shows the password."""
    caplog.set_level(1)
    for name in ("httpx", "asyncio", "face_audit"):
        caplog.set_level(1, logger=name)
    parts: list[Any] = []

    def give(wire: Wire) -> str:
        return address(wire, f"user:{password()}@")

    tunnel = Tunnel(authority, refusal=refusal)
    with Wire(tunnel) as wire:
        client = trusting.client(HOST, proxy=give(wire), retry=TWICE)
        if refusal:
            with pytest.raises(ConnectError) as caught:
                client.page()
            trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
            parts += [caught.value, *(frame for frame in trace.format() if __file__ not in frame)]
        else:
            parts.append(client.page())

    made = client.made
    route = origin_of(made)._route
    parts += [made, route, route.proxy, made._settings, made._channel, origin_of(made)]
    records = "".join(f"{record.getMessage()}{record.args!r}" for record in caplog.records)
    hidden = base64.b64encode(f"user:{WORD}".encode()).decode()
    assert hidden.encode() in tunnel.heads[0]
    assert not any(WORD in shown(part) or hidden in shown(part) for part in parts)
    assert WORD not in records
    assert hidden not in records
    assert logging.getLogger("httpx").level in {0, 1}
