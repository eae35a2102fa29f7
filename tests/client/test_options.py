"""Options: settings for some calls, headers of the caller's, the user agent, and what answers' headers are shown."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit import (
    APIStatusError,
    AttemptEvent,
    AttemptTimeoutError,
    ClientClosedError,
    ConfigurationError,
    DecodeError,
    RateLimitedError,
    RetryPolicy,
    ServerError,
    Timeouts,
    __version__,
)

from .conftest import KEY, Client
from .servers import SESSION, Answer, Service, answer, entries
from .test_closing import close_beside
from .wires import Crowd, Wire, eventually

if TYPE_CHECKING:
    from .conftest import Clock, Driver

TOKEN = "gateway-token-0123456789"


def derived(client: Client, **options: Any) -> Client:
    """The same client with options."""
    return Client(client.made.with_options(**options), client._runner)


def test_options_change_calls_of_the_new_client_alone(driver: Driver, service: Service, clock: Clock) -> None:
    """The client that it was made from goes on as before."""
    events: list[AttemptEvent] = []
    client = driver.client(service.url, clock=clock)
    once = derived(client, retry=RetryPolicy(max_attempts=1), on_event=events.append)
    service.will(Answer(status=503), Answer(status=503))

    with pytest.raises(ServerError):
        once.page()
    page = client.page()

    assert (len(events), len(page.attempts)) == (1, 2)


def test_options_that_are_not_given_stay(driver: Driver, service: Service) -> None:
    """Also of a client that was made with options itself."""
    client = driver.client(service.url, default_headers={"x-a": "1"}, client_request_id="mine")
    twice = derived(derived(client, headers={"X-B": "2"}, timeouts=Timeouts(attempt=7)), headers={"x-c": "3"})
    twice.page()

    sent = service.requests[0].headers
    assert (sent["x-a"], sent["x-b"], sent["x-c"], sent["client-request-id"]) == ("1", "2", "3", "mine")
    assert twice.made._settings.timeouts == Timeouts(attempt=7)
    assert twice.made.endpoint == client.made.endpoint


def test_clients_share_connections(driver: Driver, service: Service) -> None:
    """What one has opened, the other one uses."""
    client = driver.client(service.url)
    client.page()
    derived(client, headers={"x-a": "1"}).page()
    client.page()

    assert len({received.port for received in service.requests}) == 1
    assert client.made.http_client is derived(client).made.http_client


def test_clients_share_the_wait_after_a_429(driver: Driver, service: Service, clock: Clock) -> None:
    """What one was told to wait, the other one waits."""
    client = driver.client(service.url, clock=clock)
    other = derived(client, retry=RetryPolicy(max_attempts=1, max_asked_waits=0))
    service.will(answer({}, 429, Retry_After="26"))

    with pytest.raises(RateLimitedError):
        other.page()
    client.page()

    assert clock.waits == [26]


def test_clients_share_the_budget(driver: Driver, service: Service, clock: Clock) -> None:
    """Retries of either are taken from the first client's budget."""
    client = driver.client(service.url, clock=clock, retry=RetryPolicy(budget=1, max_attempts=2))
    service.will(*[Answer(status=503)] * 3)

    with pytest.raises(ServerError, match=r"sent 2 times"):
        derived(client, retry=RetryPolicy(budget=50)).page()
    with pytest.raises(ServerError, match=r"sent 1 time; the client's retry.budget is spent"):
        client.page()


def test_closing_a_client_with_options_leaves_the_first_one_open(driver: Driver, service: Service) -> None:
    """It is used in a `with` block, and the first client goes on; closing that one ends both."""
    client = driver.client(service.url)
    other = derived(client)
    other.enter()
    other.leave()
    assert (client.page().items, other.page().items) == ((), ())

    client.close()

    for use in (client.page, other.page, lambda: derived(other), other.enter):
        with pytest.raises(ClientClosedError, match="was closed; make a new client"):
            use()


def test_closing_ends_the_waits_of_clients_with_options(driver: Driver) -> None:
    """A call that waits for its answer ends with the first client."""
    with Wire(lambda line: line.hold()) as wire:
        client = driver.client(wire.url)
        crowd = Crowd(derived(client), 2)
        eventually(lambda: wire.accepted == 2)
        close_beside(client)
        outcomes = crowd.join()

    assert [type(one) for one in outcomes] == [ClientClosedError] * 2


async def awaited(*_: object) -> None:
    """A function that has to be awaited."""


class Awaited:
    """Another one, in the shape of an object."""

    async def __call__(self, *_: object) -> None:
        """Do nothing."""


class Counter(list[AttemptEvent]):
    """Collects what it is called with; it is false while it is empty."""

    __call__ = list[AttemptEvent].append


def test_hook_that_is_an_empty_collection_is_a_hook(driver: Driver, service: Service) -> None:
    """An option is given where it is not None, whatever its truth value is."""
    counter = Counter()
    client = driver.client(service.url)

    derived(client, on_event=counter).page()

    assert len(counter) == 1


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"timeouts": 5}, "timeouts: is 5; give a Timeouts"),
        ({"retry": 3}, "retry: is 3; give a RetryPolicy"),
        ({"on_event": "print"}, "on_event: is of the type str; give a function"),
        ({"headers": [("x-a", TOKEN)]}, "headers: is of the type list; give a dict"),
        (
            {"headers": {"Ocp-Apim-Subscription-Key": TOKEN}},
            "headers: 'Ocp-Apim-Subscription-Key' is set by the client",
        ),
        ({"headers": {"Host": None}}, "headers: 'Host' is set by the client itself; leave it out"),
        ({"headers": {7: None}}, "headers: contains an invalid header name"),
        ({"headers": []}, "headers: is of the type list; give a dict"),
        ({"headers": {"Client-Request-Id": TOKEN}}, "headers: 'Client-Request-Id' is set by the client"),
        ({"headers": {"x-a": f"{TOKEN}\n"}}, "headers: 'x-a' cannot be sent in a header"),
        ({"client_request_id": ""}, "client_request_id: cannot be sent in a header; give 1 to 256"),
        ({"client_request_id": f"{TOKEN}é"}, "client_request_id: cannot be sent in a header"),
        ({"client_request_id": 5}, "client_request_id: is 5; give str"),
        ({"on_event": awaited}, "on_event: is an async function, which would never be awaited; give a plain one"),
        ({"on_request": awaited}, "on_request: is an async function, which would never be awaited; give a plain one"),
        ({"client_request_id": awaited}, "client_request_id: is an async function, which would never be awaited"),
        ({"on_event": Awaited()}, "on_event: is an async function, which would never be awaited; give a plain one"),
    ],
)
def test_wrong_option_is_refused_before_anything_is_sent(
    driver: Driver, service: Service, options: dict[str, Any], complaint: str
) -> None:
    """The error names the option, and neither it nor its frames show what was given."""
    with pytest.raises(ConfigurationError) as caught:
        driver.client(service.url).made.with_options(**options)

    assert str(caught.value).startswith(complaint)
    frame = caught.tb.tb_next
    while frame is not None:
        assert TOKEN not in repr(frame.tb_frame.f_locals)
        frame = frame.tb_next


@pytest.mark.parametrize("given", [{"default_headers": {"host": "a"}}, {"user_agent": ""}, {"user_agent": 5}])
def test_wrong_argument_of_a_client_is_refused(driver: Driver, given: dict[str, Any]) -> None:
    """It is named."""
    with pytest.raises(ConfigurationError, match=f"^{next(iter(given))}: "):
        driver.client("https://example.com", **given)


def test_default_headers_are_sent_with_every_attempt(driver: Driver, service: Service, clock: Clock) -> None:
    """Beside the client's own; None takes one away for some calls, however it is spelled."""
    client = driver.client(service.url, clock=clock, default_headers={"X-Team": "blue birds", "X-Gateway": TOKEN})
    service.will(Answer(status=503))
    client.page()
    derived(client, headers={"x-TEAM": None, "x-unknown": None}).page()

    teams = [received.headers.get("x-team") for received in service.requests]
    assert teams == ["blue birds", "blue birds", None]
    assert {received.headers["x-gateway"] for received in service.requests} == {TOKEN}
    assert service.requests[0].headers["ocp-apim-subscription-key"] == KEY


def test_header_of_a_gateway_is_kept_as_a_key_is(driver: Driver, service: Service, clock: Clock) -> None:
    """No repr, error, event or pickle shows it, an answer that echoes it included."""
    events: list[AttemptEvent] = []
    client = driver.client(service.url, clock=clock, default_headers={"X-Gateway": TOKEN}, on_event=events.append)
    other = derived(client, headers={"x-second": f"{TOKEN}-2"}, retry=RetryPolicy(max_attempts=1))
    echo = {"error": {"code": "busy", "message": f"{TOKEN} and {TOKEN}-2 are busy"}}
    service.will(answer(echo, 503, apim_request_id=f"of {TOKEN}"))

    with pytest.raises(ServerError) as caught:
        other.page()

    shown = [caught.value, vars(caught.value), events, client.made, other.made, other.made._settings, vars(other.made)]
    assert not any(TOKEN in f"{one!r}{one}" for one in shown)
    assert TOKEN.encode() not in pickle.dumps(caught.value)
    with pytest.raises(TypeError, match="cannot be pickled or copied"):
        copy.deepcopy(other.made._settings)


def test_user_agent_names_package_python_system_and_the_caller(driver: Driver, service: Service) -> None:
    """So that a service's log tells who called, and from what."""
    driver.client(service.url, user_agent="acme-audit/3.1 (nightly)").page()

    python = ".".join(map(str, sys.version_info[:3]))
    agent = service.requests[0].headers["user-agent"]
    assert agent == f"face-audit/{__version__} python/{python} ({sys.platform}) acme-audit/3.1 (nightly)"


def test_call_has_one_id_for_all_of_its_attempts(driver: Driver, service: Service, clock: Clock) -> None:
    """It is sent, and is on attempts, events, pages and errors; the next call has another one."""
    events: list[AttemptEvent] = []
    client = driver.client(service.url, clock=clock, on_event=events.append)
    service.will(Answer(status=503), entries("1"), Answer(status=404))

    page = client.page()
    with pytest.raises(APIStatusError) as caught:
        client.page()

    sent = [received.headers["client-request-id"] for received in service.requests]
    assert sent[0] == sent[1] != sent[2]
    assert [event.client_request_id for event in events] == sent
    assert [attempt.client_request_id for attempt in page.attempts] == sent[:2]
    assert (page.client_request_id, caught.value.client_request_id) == (sent[0], sent[2])


def test_caller_may_give_ids_of_calls(driver: Driver, service: Service) -> None:
    """One for all, or a function that is asked once for each call."""
    count = iter(range(100))
    client = driver.client(service.url, client_request_id="case 4711")
    client.page()
    counting = derived(client, client_request_id=lambda: f"call-{next(count)}")
    service.will(entries("2"), entries("1"), entries())
    pages = counting.walk(top=1).pages()

    assert service.requests[0].headers["client-request-id"] == "case 4711"
    assert [page.client_request_id for page in pages][:2] == ["call-0", "call-1"]


@pytest.mark.parametrize("given", ["", "é", "x" * 257, None])
def test_id_that_a_function_gives_wrongly_is_refused(driver: Driver, service: Service, given: Any) -> None:
    """Nothing is sent."""
    client = driver.client(service.url, client_request_id=lambda: given)

    with pytest.raises(ConfigurationError, match="^client_request_id: "):
        client.page()

    assert service.requests == []


def test_api_without_ids_of_calls_gets_none(driver: Driver, service: Service) -> None:
    """Where the document names no header for them, none is sent, and giving one is refused."""
    client = driver.client(service.url)
    client.made._settings = client.made._settings._replace(call_id_header="")

    page = client.page()

    assert page.client_request_id is None
    assert "client-request-id" not in service.requests[0].headers
    with pytest.raises(ConfigurationError, match="^client_request_id: this API does not accept call ids"):
        client.made.with_options(client_request_id="mine")


def test_error_before_anything_was_sent_has_no_id(driver: Driver) -> None:
    """The id of a call names what the service may have seen."""
    client = driver.client("https://example.com")
    client.close()

    with pytest.raises(ClientClosedError) as caught:
        client.page()

    assert caught.value.client_request_id is None


def test_described_headers_of_answers_are_shown(driver: Driver, service: Service) -> None:
    """Those that the document describes, by lower-case names, on pages and errors of every kind; no other one."""
    client = driver.client(service.url, retry=RetryPolicy(max_attempts=1, longest_hint=0))
    told = {
        "apim_request_id": "a-1",
        "x_ms_error_code": "Busy",
        "Retry_After": "9",
        "Set_Cookie": "a=b",
        "X_Other": "c",
    }
    service.will(answer([], 200, **told), answer({}, 429, **told), answer({"a": 1}, 200, **told))

    page = client.page()
    with pytest.raises(RateLimitedError) as limited:
        client.page()
    other = driver.client(service.url)
    with pytest.raises(DecodeError) as malformed:
        other.page()

    expected = {"apim-request-id": "a-1", "x-ms-error-code": "Busy", "retry-after": "9"}
    assert page.headers == limited.value.headers == malformed.value.headers == expected
    assert hash(page) == hash(copy.copy(page))
    assert pickle.loads(pickle.dumps(limited.value)).headers == expected


def test_options_reach_listings_side_by_side(driver: Driver, service: Service) -> None:
    """Pages that are fetched ahead, and many lists, are sent with them."""
    client = driver.client(service.url)
    other = derived(client, headers={"x-a": "1"})
    service.will(entries("2"), entries("1"), entries())
    other.walk(top=1, prefetch=True).take()

    assert {received.headers.get("x-a") for received in service.requests} == {"1"}


def test_limit_of_an_attempt_is_an_option(driver: Driver) -> None:
    """An answer that takes longer ends the attempt of the new client."""
    with Wire(lambda line: line.hold()) as wire:
        client = driver.client(wire.url, retry=RetryPolicy(max_attempts=1))
        with pytest.raises(AttemptTimeoutError):
            derived(client, timeouts=Timeouts(attempt=0.1)).page()


def test_callers_http_client_sends_options_too(driver: Driver, service: Service) -> None:
    """Headers and the time to connect go to it as well."""
    kind = httpx.Client if driver.runner is None else httpx.AsyncClient
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=[])

    given = kind(transport=httpx.MockTransport(respond))
    client = driver.client("https://example.com", http_client=given, default_headers={"x-a": "1"})
    derived(client, timeouts=Timeouts(connect=0.25)).page()

    assert seen[0].headers["x-a"] == "1"
    assert seen[0].extensions["timeout"]["connect"] == 0.25
    assert json.loads(json.dumps(SESSION)) in str(seen[0].url)
