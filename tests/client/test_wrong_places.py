"""A key, or a password, that was given in the wrong place: no message shows it, and no frame of its error."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import (
    AsyncHTTPTransport,
    ConfigurationError,
    FaceAuditError,
    HTTPTransport,
    InvalidArgumentError,
    Region,
)
from face_audit._runtime.calls.settings import Given, SecurityScheme, ServerVariable, Service, build_settings
from face_audit._runtime.http.opening import open_channel
from face_audit._runtime.operation import Operation, Parameter
from face_audit._runtime.responses.status_errors import ErrorBody
from face_audit._runtime.values import compounds, scalars

from .properties import refusal
from .test_settings import named

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Driver

CANARY = "canary0123456789abcdef0123456789"
HOST = "https://example.com"
OURS = str(Path(__file__).parent)


def secret() -> str:
    """The key, which is in no variable of a test."""
    return CANARY


FORMS: dict[str, Callable[[], str]] = {
    "alone": secret,
    "with a line end": lambda: secret() + "\n",
    "as user": lambda: f"https://{secret()}@example.com",
    "as password": lambda: f"https://me:{secret()}@example.com",
    "as password with a port": lambda: f"https://me:{secret()}@example.com:443/team",
    "in a query": lambda: f"https://example.com/?key={secret()}",
    "in a fragment": lambda: f"https://example.com/#{secret()}",
    "in a path": lambda: f"https://example.com/%2e/{secret()}",
    "as a host without a scheme": lambda: f"{secret()}.example.com",
    "as an odd host": lambda: f"https://{secret()}_.example.com",
    "as a host of http": lambda: f"http://{secret()}.example.com",
    "as an IDNA host": lambda: f"https://xn--a-ecp.{secret()}.example.com",
    "as an address": lambda: f"https://[{secret()}]",
    "as a port": lambda: f"https://example.com:{secret()}",
    "after another scheme": lambda: f"ftp://{secret()}.example.com",
    "in JSON": lambda: f'{{"key": "{secret()}"}}',
    "as the host of a proxy": lambda: f"http://{secret()}..com:1",
    "as the password of a proxy": lambda: f"socks5://me:{secret()}@example.com:1",
    "as the password of an odd proxy": lambda: f"http://me:{secret()}@a..b:1",
    "as the password of a proxy without a port": lambda: f"http://me:{secret()}@p:99999",
    "as the user of a proxy": lambda: f"{secret()}@example.com",
}
PLACES = ("endpoint", "region", "proxy", "FACE_ENDPOINT", "FACE_REGION", "HTTPS_PROXY", "ALL_PROXY")


def shown(error: BaseException) -> str:
    """What an error says, with the locals of all frames but those of the tests, and those of its cause and context."""
    context = [error.__cause__, error.__context__]
    traces = [traceback.TracebackException.from_exception(one, capture_locals=True) for one in (error, *context) if one]
    frames = [frame for trace in traces for frame in trace.format() if OURS not in frame]
    assert any("_runtime" in frame for frame in frames)
    return "".join((str(error), repr(error), repr(vars(error)), repr(context), *frames))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", PLACES)
def test_value_that_cannot_be_used_is_not_shown(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, place: str, form: str
) -> None:
    """Neither the message nor a frame holds it, wherever it was given; some can be used, and a few are wrong later."""
    if place.isupper():
        monkeypatch.setenv(place, FORMS[form]())
        given: dict[str, Any] = {} if place.startswith("FACE") else {"region": "norwayeast"}
    else:
        given = {"region": "norwayeast"} if place == "proxy" else {}
        given |= {place: FORMS[form]()}

    error = refusal(ConfigurationError, driver.kind, "0123456789abcdef", **given)

    assert error is not None or place not in {"region", "FACE_REGION"}
    assert error is None or CANARY not in shown(error)


@pytest.mark.parametrize("place", ["endpoint", "region", "proxy"])
def test_missing_key_is_no_reason_to_show_what_was_given_for_it(driver: Driver, place: str) -> None:
    """The key is looked for first, so nothing else is at hand when it is missing."""
    form = {"endpoint": "as a host", "region": "alone", "proxy": "as the password of a proxy without a port"}[place]
    forms = FORMS | {"as a host": lambda: f"https://{secret()}.example.com"}

    with pytest.raises(ConfigurationError, match="^key: is missing") as caught:
        driver.kind(**{"region": "norwayeast", place: forms[form]()} if place == "proxy" else {place: forms[form]()})

    assert CANARY not in shown(caught.value)


@pytest.mark.parametrize("setting", ["timeouts", "retry", "on_event"])
def test_setting_of_another_type_is_named_by_its_type(driver: Driver, setting: str) -> None:
    """Its value is not shown."""
    with pytest.raises(ConfigurationError, match=f"^{setting}: is of the type list; give") as caught:
        driver.kind("k", region="norwayeast", **{setting: [CANARY]})

    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://x.example.com", "HTTP://x", "http://", "http+unix://%2Frun", f"https://me:{CANARY}@x.example.com"]
)
@pytest.mark.parametrize("how", ["argument", "function", "environment"])
def test_url_is_no_key(driver: Driver, monkeypatch: pytest.MonkeyPatch, url: str, how: str) -> None:
    """The first argument of other clients is the endpoint; the message says where it belongs."""
    monkeypatch.setenv("FACE_APIKEY", url)
    key: Any = {"argument": url, "function": lambda: url, "environment": None}[how]

    def use() -> None:
        driver.client("https://example.com", key=key).page()

    assert str(refusal(ConfigurationError, use)) == "key: is a URL; give it as endpoint="


def test_key_and_endpoint_that_are_swapped_are_told_apart(driver: Driver) -> None:
    """The key's message says where the URL belongs."""
    with pytest.raises(ConfigurationError, match="^key: is a URL; give it as endpoint=$") as caught:
        driver.kind(HOST, endpoint=secret())

    assert CANARY not in shown(caught.value)


def free(*, in_path: bool) -> Service:
    """A service with a variable without known values."""
    variable = ServerVariable(name="Team", parameter="team", default=None, in_path=in_path)
    return Service(
        host="https://example.com" if in_path else "https://{Team}.example.com",
        prefix="/{Team}" if in_path else "",
        environment=None,
        variables=(variable,),
        schemes=(SecurityScheme(name="key", parameter="key", header="X-Key"),),
        errors=ErrorBody(),
        user_agent="x",
        logger="x",
    )


@pytest.mark.parametrize("wrong", ["\n", " ", ".", "/", "@x"])
@pytest.mark.parametrize("in_path", [False, True])
def test_variable_without_known_values_is_not_shown(wrong: str, in_path: bool) -> None:
    """It may be anything, so also a key."""
    given = Given(credentials={"key": secret}, variables={"Team": secret() + wrong + " "}, endpoint=None, proxy=None)

    with pytest.raises(ConfigurationError, match="^Team: is not ") as caught:
        build_settings(free(in_path=in_path), given=given, timeouts=None, retry=None, strict_json=False, on_event=None)

    assert repr(given) == str(given) == "Given()"
    assert CANARY not in shown(caught.value)


@pytest.mark.parametrize("value", [5, b"team", ["team"]], ids=named)
@pytest.mark.parametrize("name", ["region", "team"])
def test_variable_that_is_not_text_is_refused(driver: Driver, name: str, value: Any) -> None:
    """With an error of this package, which names its type."""

    def use() -> None:
        if name == "region":
            driver.kind("k", region=value)
        given = Given(credentials={"key": "k"}, variables={"Team": value}, endpoint=None, proxy=None)
        build_settings(free(in_path=False), given=given, timeouts=None, retry=None, strict_json=False, on_event=None)

    assert str(refusal(ConfigurationError, use)) == f"{name}: is of the type {type(value).__name__}; give str"


def test_frames_that_are_left_out_are_those_of_the_arguments_alone(driver: Driver) -> None:
    """A traceback still leads to the place in this package that refused the client."""
    with pytest.raises(FaceAuditError) as caught:
        driver.kind("k", region="nowhere")

    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[-3:] == ["__init__", "build_settings", "read_unseen"]


def test_password_of_a_proxy_is_in_no_frame_behind_the_settings() -> None:
    """The proxy is read by a function of its own, whose error drops its frames."""
    given = Given(
        credentials={"key": "k"}, variables={"Team": "a"}, endpoint=None, proxy=f"http://me:{secret()}@a..b:1"
    )
    settings = build_settings(
        free(in_path=False), given=given, timeouts=None, retry=None, strict_json=False, on_event=None
    )

    with pytest.raises(ConfigurationError, match="^proxy: its host is not a host name; check the spelling$") as caught:
        open_channel(
            "Client", settings, given=given, http_client=None, ssl_context=None, trust_env=True, transport=None
        )

    assert CANARY not in shown(caught.value)


@pytest.mark.parametrize("kind", [HTTPTransport, AsyncHTTPTransport])
def test_transport_that_cannot_be_made_shows_no_password(kind: Any) -> None:
    """The transport as a class of its own hides the proxy's password and a key in the wrong place as clients do."""
    with pytest.raises(ConfigurationError) as caught:
        kind(HOST, proxy="ftp://user:" + secret() + "@host:80")
    with pytest.raises(ConfigurationError) as also:
        kind(secret())

    assert CANARY not in shown(caught.value) + shown(also.value)


def test_region_is_shown_where_it_is_known(driver: Driver) -> None:
    """The value that is shown is the document's."""
    with pytest.raises(ConfigurationError, match=r"^region: is not one of Region; did you mean 'norwayeast'\?$"):
        driver.kind("k", region="norwayest")

    assert driver.kind("k", region=Region.NORWAY_EAST).endpoint.startswith("https://norwayeast.")


@pytest.mark.parametrize(
    ("kind", "location", "said"),
    [
        (scalars.STRING, "header", "cannot be sent in a header"),
        (compounds.ListOf(scalars.STRING), "header", "an element holds a comma"),
        (scalars.STRING, "path", "holds a control character"),
        (scalars.Limited(inner=scalars.STRING, pattern="^a$"), "query", "does not match '^a$'"),
        (scalars.Limited(inner=scalars.STRING, max_length=3), "query", "characters; give at most 3"),
        (scalars.IDENTIFIER, "query", "expected UUID, got str"),
        (scalars.DATE, "query", "expected date, got str"),
        (scalars.DATE_TIME, "query", "expected an aware datetime, got str"),
        (scalars.INTEGER, "query", "expected integer, got string"),
    ],
)
def test_argument_of_an_operation_that_may_be_a_credential_is_not_shown(
    kind: scalars.Type, location: Any, said: str
) -> None:
    """Some APIs take tokens in headers of their own, and passwords in bodies."""
    parameter = Parameter(name="token", wire="token", location=location, type=kind)
    operation = Operation(name="o", method="GET", path="/{token}", success=frozenset({200}), parameters=(parameter,))
    text = secret() + "\n"
    value = [f"{text[:-1]},", "b"] if isinstance(kind, compounds.ListOf) else text

    with pytest.raises(InvalidArgumentError) as caught:
        operation.call({"token": value})

    assert said in str(caught.value)
    assert CANARY not in str(caught.value)
