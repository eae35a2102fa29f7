"""Credentials in queries and cookies, user names with passwords, and where each is sent."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from face_audit import ConfigurationError, ServerError
from face_audit._runtime.calls import settings as settings_module
from face_audit._runtime.calls.attempts import find_base
from face_audit._runtime.calls.settings import SecurityScheme, build_settings
from face_audit._runtime.operation import Operation, Parameter
from face_audit._runtime.requests.credentials import Secret
from face_audit._runtime.values import scalars
from face_audit.client.service import SERVICE

from .conftest import KEY, Driver
from .servers import Service, answer
from .test_events import TWICE, shown

if TYPE_CHECKING:
    from .conftest import Client

CANARY = "canary/0123456789"
LOGIN = ("name", "pass:canary-word")


def canary() -> str:
    """The key, which is in no variable of a test."""
    return CANARY


def login() -> tuple[str, str]:
    """The same of a user name and a password."""
    return LOGIN


def echo() -> Any:
    """An error that repeats the key, as it was given and as it was sent."""
    return answer({"error": {"code": "x", "message": f"no {CANARY}, {quote(CANARY, safe='')}"}}, 503)


def has_canary(text: str) -> bool:
    """Whether the key is in a text; here, so that no frame of a test holds it."""
    return "canary" in text


def operation(*alternatives: tuple[str, ...], **fields: Any) -> Operation:
    """An operation with these alternatives of credentials, and a parameter in the query and among the cookies."""
    places: Any = [("q", "query"), ("c", "cookie")]
    parameters = tuple(Parameter(name=name, wire=name, location=place, type=scalars.STRING) for name, place in places)
    made = Operation(name="x", method="GET", path="/x", success=frozenset({200}), parameters=parameters)
    return made._replace(security=alternatives, **fields)


def client_with(driver: Driver, endpoint: str, sources: dict[str, Any], **arguments: Any) -> Client:
    """A client that holds these credentials: `query`, `cookie` and `basic`."""
    schemes = {
        "query": SecurityScheme(name="query", parameter="query", query="k&"),
        "cookie": SecurityScheme(name="cookie", parameter="cookie", cookie="session"),
        "basic": SecurityScheme(name="basic", parameter="basic", header="Authorization", prefix="Basic ", basic=True),
    }
    client = driver.client(endpoint, **arguments)
    held = {name: schemes[name].hold(source) for name, source in sources.items()}
    client.made._settings = client.made._settings._replace(credentials=held)
    return client


def test_each_credential_goes_to_its_place(driver: Driver, service: Service) -> None:
    """The query and the cookies of the caller stay before it; a password is in base64 (RFC 7617)."""
    sources = {"query": canary, "cookie": canary, "basic": login}
    client = client_with(driver, service.url, sources)
    service.will(*[answer({})] * 2)

    client.send(operation(("query", "cookie", "basic")).call({"q": "a", "c": "b"}))
    client.send(operation(("query", "cookie")).call({}))

    first, second = service.requests
    assert first.target.endswith("/x?q=a&k%26=canary%2F0123456789")
    assert first.headers["cookie"] == "c=b; session=canary/0123456789"
    assert first.headers["authorization"] == "Basic bmFtZTpwYXNzOmNhbmFyeS13b3Jk"
    assert second.target.endswith("/x?k%26=canary%2F0123456789")
    assert second.headers["cookie"] == "session=canary/0123456789"


def test_several_keys_in_a_query_are_joined(driver: Driver, service: Service) -> None:
    """Their names are percent-encoded as a whole, the slash included."""
    schemes = [SecurityScheme(name=name, parameter=name, query=f"{name}/&") for name in ("a", "b")]
    client = driver.client(service.url)
    client.made._settings = client.made._settings._replace(credentials={one.name: one.hold("k") for one in schemes})
    service.will(answer({}))

    client.send(operation(("a", "b")).call({}))

    assert service.requests[0].target.endswith("/x?a%2F%26=k&b%2F%26=k")


@pytest.mark.parametrize("own", [False, True])
def test_key_in_a_query_is_shown_nowhere(
    driver: Driver, service: Service, caplog: pytest.LogCaptureFixture, *, own: bool
) -> None:
    """No log, event, error or frame shows it, even where the service echoes it; nor do URLs that hooks see."""
    caplog.set_level(logging.DEBUG)
    events: list[Any] = []
    options: dict[str, Any] = {"http_client": driver.http_client(None)} if own else {}
    client = client_with(driver, service.url, {"query": canary}, on_event=events.append, retry=TWICE, **options)
    service.will(*[echo()] * 2)

    with pytest.raises(ServerError) as caught:
        client.send(operation(("query",)).call({}))

    assert service.requests[0].target.endswith("k%26=canary%2F0123456789")
    assert not has_canary(shown(caught.value) + repr(events) + caplog.text)
    assert "HTTP Request: GET" in caplog.text


def test_url_with_a_key_shows_itself_without(driver: Driver) -> None:
    """Text and repr are for logs; what is sent has the key, and so has a copy."""
    seen: list[httpx.URL] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(200, json={})

    http_client = driver.http_client(httpx.MockTransport(handle))
    client = client_with(driver, "https://a.example.com", {"query": canary}, http_client=http_client)

    client.send(operation(("query",)).call({"q": "a"}))

    (url,) = seen
    assert str(url).endswith("/x?q=***&k%26=***")
    assert repr(url).endswith("/x?q=***&k%26=***')")
    assert url.params["k&"] == CANARY


@pytest.mark.parametrize(
    ("way", "source", "said"),
    [
        ("basic", "name", "key: has no colon, or contains a character that cannot be sent"),
        ("basic", ("a:b", "c"), "key: has a colon in the user name"),
        ("basic", ("a", "b\n"), "key: has no colon, or contains a character that cannot be sent"),
        ("basic", ("a", "\ud800"), "key: has no colon, or contains a character that cannot be sent"),
        ("basic", ("a", 1), "key: is not a pair of texts"),
        ("basic", ("a",), "key: is not a pair of texts"),
        ("basic", ("", ""), "key: is empty"),
        ("basic", 7, "key: is of the type int; give a tuple of user name and password"),
        ("cookie", "a;b", "key: contains a character that cannot be sent in a cookie"),
        ("query", "a b", "key: contains a character that no key has"),
        ("header", ("a", "b"), "key: is of the type tuple; give str$"),
    ],
)
def test_what_cannot_be_sent_in_a_way_is_refused(way: Any, source: Any, said: str) -> None:
    """It is refused when it is given, or when the function that gives it is asked."""
    with pytest.raises(ConfigurationError, match=said):
        Secret(source, name="key", way=way)
    with pytest.raises(ConfigurationError, match=said):
        Secret(lambda: source, name="key", way=way).reveal()


@pytest.mark.parametrize("login", [("", "password"), ("name", ""), ("u", "p" * (16_384 - 2))])
def test_login_is_sent_with_either_part_empty_and_up_to_a_length(login: tuple[str, str]) -> None:
    """Some services take a key as the password of nobody; user name, colon and password may have 16,384 characters."""
    sent = Secret(login, name="key", way="basic").reveal()

    assert base64.b64decode(sent).decode() == ":".join(login)


@pytest.mark.parametrize(
    ("source", "hidden"),
    [(LOGIN, "pass:canary-word"), ("name:pass:canary-word", "pass:canary-word"), (("secret-key", ""), "secret-key")],
)
def test_password_is_hidden_in_every_form(source: Any, hidden: str) -> None:
    """What a service echoes is hidden as it was given and as it was sent; without a password, the user name is."""
    secret = Secret(source, name="key", way="basic")
    sent = secret.reveal()

    assert secret.hide(f"<{hidden}> <{sent}>") == "<[redacted]> <[redacted]>"
    assert secret.hide_in(hidden.encode()) == b"[redacted]"


def test_client_goes_without_credentials_where_the_document_allows_it(driver: Driver, service: Service) -> None:
    """`{}` counts last; what needs a credential is refused when it is called."""
    given = settings_module.Given(
        credentials={"apiKey": None}, variables={"region": None}, endpoint=service.url, proxy=None
    )
    scheme = SERVICE.schemes[0].name
    given.credentials = {scheme: None}
    given.variables = {one.name: None for one in SERVICE.variables}
    named: dict[str, Any] = {"given": given, "timeouts": None, "retry": None, "strict_json": False, "on_event": None}
    client = driver.client(service.url)
    service.will(answer({}))

    made = build_settings(SERVICE._replace(anonymous=True), **named)
    with pytest.raises(ConfigurationError, match="is missing; give"):
        build_settings(SERVICE, **named)
    client.made._settings = made
    client.send(operation((scheme,), ()).call({}))
    with pytest.raises(ConfigurationError, match="x: needs"):
        client.send(operation((scheme,)).call({}))

    assert not {"authorization", "ocp-apim-subscription-key"} & service.requests[0].headers.keys()


def test_operation_with_a_server_of_its_own_is_called_there(driver: Driver, service: Service) -> None:
    """Unless the caller has named an endpoint: then nothing goes elsewhere."""
    client = driver.client(service.url)
    settings = client.made._settings
    elsewhere = operation(origin="https://files.example.com", prefix="/v9")

    assert find_base(settings, operation()) == service.url + settings.prefix
    assert find_base(settings, elsewhere) == f"{service.url}/v9"
    assert find_base(settings, operation(prefix="")) == service.url
    everywhere = settings._replace(origins=("https://files.example.com",))
    assert find_base(everywhere, elsewhere) == "https://files.example.com/v9"


def test_default_client_has_a_transport_for_each_host(driver: Driver, service: Service) -> None:
    """A request to another host of the document goes over connections of its own, any other is not sent."""
    client = driver.client(region="norwayeast", key=KEY)
    settings = client.made._settings._replace(origins=(service.url,))
    given = settings_module.Given(credentials={}, variables={}, endpoint=None, proxy=None)
    from face_audit._runtime.http.opening import open_channel  # noqa: PLC0415  # as clients do

    kind: Any = "Client" if driver.runner is None else "AsyncClient"
    client.made._channel = open_channel(
        kind, settings, given=given, http_client=None, ssl_context=None, trust_env=False, transport=None
    )
    client.made._settings = settings
    service.will(answer({}))

    client.send(operation((), origin=service.url, prefix="/v9").call({}))

    assert service.requests[0].target == "/v9/x"
