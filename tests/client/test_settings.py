"""Settings: key, region and endpoint, from arguments or from the environment."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import ConfigurationError, FaceAuditClient, Region
from face_audit._runtime.requests.endpoint import fill_host, parse_endpoint

from .conftest import KEY
from .servers import Answer, Service

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Driver

REGION_HOST = "https://norwayeast.api.cognitive.microsoft.com"
BAD_HOSTS = [
    *("", ".", "a@b", "evil.com/#", "evil.com/?", "user:pw@evil.com/", "[::1]/#", "norwayeast\r\nHost: evil"),
    *("norwayeast。evil。com/#", "norwayeast%2eevil", "a..b", "a b", "-a", "a-", "a_b", "é", "a\n", "a\\b", "a" * 64),
    *("a" * 70_000, "a:0", "a:00", "a:65536", "a:99999", "a:" + "9" * 5000, "a:x", "a//", "\ud800"),
    *(
        "evil.com\\@good.com",
        "good.com@evil.com",
        "good.com%00.evil.com",
        "good.com\0.evil.com",
        "good.com\tevil",
        "a;b",
    ),
    *(
        "good.com:443@evil.com",
        "good.com:443:443",
        "good.com:+443",
        "good.com:４４３",
        "good.com:-1",
        "*.evil.com",
        "a,b",
    ),
    *(
        "256.1.1.1",
        "1.2.3",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "1.2.3.4.5",
        "[127.0.0.1]",
        "[::1%25lo]",
        "[::1%lo]",
        "[fe80::1%25eth0]",
        "[::1",
        "::1",
        "[::1]x",
        "[]",
        "[::1].",
        "[1::1::1]",
        "[::g]",
        "[v1.a]",
    ),
    *(
        "xn--\u2603",
        "xn--a-ecp.",
        "xn--a-ecp.example",
        "a" * 254,
        "good.com ",
        "good.com\x0b",
        "good\u00adcom",
        "good\uff0ecom",
        "\u212aelvin.com",
        "a..",
        ".a",
        "{region}.evil.com",
    ),
]
BAD_KEYS: list[Any] = [
    *("", "canary\n", " canary ", "canary\r\nX-Evil: 1", "canaryé", "\ufeffcanary", "canary\u2028", "canary" * 20_000),
    *(b"canary", 123, "canary\0", "canary\x7f", "\ud800canary", ["canary"]),
]


def named(value: object) -> str:
    """A short name of a test's case."""
    return ascii(value)[:30]


@pytest.mark.parametrize("host", BAD_HOSTS, ids=named)
def test_endpoint_that_is_more_than_a_host_is_refused(host: str) -> None:
    """An endpoint is scheme, host and port: nothing that could send the key elsewhere."""
    with pytest.raises(ConfigurationError, match="^endpoint: ") as caught:
        parse_endpoint("https://" + host)

    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("setting", ["endpoint", "region", "FACE_ENDPOINT", "FACE_REGION"])
def test_wrong_host_opens_no_connection(driver: Driver, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """A client of a wrong host is refused where it is made: no name is looked up, and no proxy is asked."""
    looked_up: list[object] = []
    monkeypatch.setattr("socket.getaddrinfo", lambda *host, **_: looked_up.append(host))
    prefix = "https://" if "endpoint" in setting.lower() else ""

    with Service() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        for host in BAD_HOSTS:
            if setting.islower():
                arguments = {setting: prefix + host}
            elif prefix + host == "" or "\0" in host or "\ud800" in host:
                continue  # no variable of the environment can hold it
            else:
                arguments = {}
                monkeypatch.setenv(setting, prefix + host)
            with pytest.raises(ConfigurationError):
                driver.client(**arguments)

    assert proxy.requests == []
    assert looked_up == []


@pytest.mark.parametrize(
    "endpoint",
    [
        *("http://example.com", "http://10.0.0.1", "http://127.0.0.1.evil.com", "http://localhost.evil.com"),
        *(
            "ftp://a",
            "//a",
            "a",
            "http\u017f://a",
            "https:/a",
            " https://a",
            "https://a ",
            None,
            5,
            b"https://a",
            "http://127.1",
            "http://0.0.0.0",
            "http://localhost..",
            "http://[::ffff:10.0.0.1]",
            "http://localhost@evil.com",
            "http://[::]",
            "http://128.0.0.1",
            "http://127.0.0.256",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https:evil.com",
            "https:///evil.com",
            "https://evil.com\n",
            "https\u200b://evil.com",
        ),
    ],
    ids=named,
)
def test_endpoint_of_another_scheme_is_refused(endpoint: Any) -> None:
    """Only https, or http to this machine: the key travels in a header."""
    with pytest.raises(ConfigurationError, match="^endpoint: "):
        parse_endpoint(endpoint)


@pytest.mark.parametrize("value", ["", ".", "a.b", "a@b", "evil.com/#", "a\r\nb", "a\n", "é", "x" * 64])
def test_variable_of_a_host_is_one_label(value: str) -> None:
    """A region cannot change the rest of the host."""
    with pytest.raises(ConfigurationError, match="^region: "):
        fill_host("https://{region}.example.com", {"region": value})


@pytest.mark.parametrize("host", BAD_HOSTS, ids=named)
def test_region_that_is_not_known_is_refused(driver: Driver, host: str) -> None:
    """A region is one of the document's; other hosts are given as an endpoint."""
    with pytest.raises(ConfigurationError, match="^region: "):
        driver.client(region=host)


@pytest.mark.parametrize("region", [Region.NORWAY_EAST, "norwayeast"])
def test_region_gives_the_host(driver: Driver, region: Any) -> None:
    """A region is given by its name or its member."""
    client = driver.client(region=region)

    assert client.made.endpoint == REGION_HOST
    assert repr(client.made) == f"{driver.kind.__name__}(endpoint='{REGION_HOST}')"


def test_client_that_could_not_be_made_is_shown_in_a_traceback(driver: Driver) -> None:
    """Tools that show local variables do not fail on a client without settings."""
    with pytest.raises(ConfigurationError) as caught:
        driver.kind(KEY, endpoint="http://example.com")

    trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)

    assert f"{driver.kind.__name__}(endpoint=None)" in "".join(trace.format())


@pytest.mark.parametrize("key", BAD_KEYS, ids=named)
def test_key_that_no_header_can_hold_is_refused_unseen(driver: Driver, key: Any) -> None:
    """The message says what is wrong with a key, and never holds it."""
    with pytest.raises(ConfigurationError, match="^key: ") as caught:
        driver.client(REGION_HOST, key=key)

    assert "canary" not in str(caught.value)


def test_missing_settings_are_named_with_their_variables(driver: Driver) -> None:
    """What is missing is named with each way to give it."""
    with pytest.raises(ConfigurationError, match="key: is missing; give key= or credential=, or set FACE_APIKEY"):
        driver.client(REGION_HOST, key=None)
    with pytest.raises(ConfigurationError, match="region: is missing; give region= or endpoint=, or set FACE_REGION"):
        driver.client()


def test_region_beside_an_endpoint_is_refused(driver: Driver) -> None:
    """Both would contradict each other."""
    with pytest.raises(ConfigurationError, match="endpoint: cannot be combined with region; give one of them"):
        driver.client(REGION_HOST, region="norwayeast")


def test_environment_fills_what_is_not_given(driver: Driver, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """FACE_APIKEY and FACE_ENDPOINT are read when a client is made."""
    monkeypatch.setenv("FACE_APIKEY", "from-environment")
    monkeypatch.setenv("FACE_ENDPOINT", service.url)

    driver.client(key=None).page()

    assert service.requests[0].headers["ocp-apim-subscription-key"] == "from-environment"


@pytest.mark.parametrize(
    ("given", "environment", "endpoint"),
    [
        ({}, {"FACE_REGION": "westus3"}, "https://westus3.api.cognitive.microsoft.com"),
        ({}, {"FACE_REGION": "westus3", "FACE_ENDPOINT": "https://a.b"}, "https://a.b"),
        ({}, {"FACE_REGION": "westus3", "FACE_ENDPOINT": ""}, "https://westus3.api.cognitive.microsoft.com"),
        ({"region": "norwayeast"}, {"FACE_REGION": "westus3", "FACE_ENDPOINT": "https://a.b"}, REGION_HOST),
        ({"endpoint": "https://c.d"}, {"FACE_REGION": "westus3", "FACE_ENDPOINT": "https://a.b"}, "https://c.d"),
    ],
)
def test_arguments_go_before_the_environment(
    driver: Driver,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    environment: dict[str, str],
    endpoint: str,
) -> None:
    """What is given wins, then the endpoint of the environment, then its region."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    client = driver.client(**given)

    assert client.made.endpoint == endpoint


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("FACE_REGION", "nowhere", "region: is not one of Region; check the spelling, or give endpoint="),
        ("FACE_ENDPOINT", "http://a.b", "endpoint: http would send the key in the clear"),
        ("FACE_APIKEY", " canary", "key: contains a character"),
    ],
)
def test_environment_is_checked_like_arguments(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, name: str, value: str, match: str
) -> None:
    """A wrong variable is refused where the client is made."""
    monkeypatch.setenv("FACE_REGION", "norwayeast")
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=match):
        driver.client(key=None if name == "FACE_APIKEY" else KEY)


def test_callable_key_is_asked_for_every_attempt(driver: Driver, service: Service) -> None:
    """A key that rotates while a call is retried is sent as it is then."""
    keys = iter(["first", "second", "third"])
    service.will(Answer(status=503), Answer(lost="closed"))

    driver.client(service.url, key=lambda: next(keys)).page()

    assert [one.headers["ocp-apim-subscription-key"] for one in service.requests] == ["first", "second", "third"]


@pytest.mark.parametrize("key", BAD_KEYS, ids=named)
def test_callable_that_gives_no_key_is_refused(driver: Driver, service: Service, key: Any) -> None:
    """What a function gives is checked like a key that was given, before it is sent."""
    client = driver.client(service.url, key=lambda: key)

    with pytest.raises(ConfigurationError, match="^key: ") as caught:
        client.page()

    assert "canary" not in str(caught.value)
    assert service.requests == []


@pytest.mark.parametrize("hook", ["x", 5, []])
def test_hook_that_is_no_function_is_refused(hook: Any) -> None:
    """A hook is a function, or none."""
    with pytest.raises(ConfigurationError, match="on_event: is .*; give a function"):
        FaceAuditClient(KEY, region="norwayeast", on_event=hook)


def test_folder_of_certificates_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """OpenSSL would pass it over, and then trust nobody."""
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "nowhere"))

    with pytest.raises(ConfigurationError, match="SSL_CERT_DIR=.*no such folder"):
        FaceAuditClient(KEY, region="norwayeast")
