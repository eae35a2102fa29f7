"""Whatever goes wrong outside this package, its callers see an error of its tree, and no credential."""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit import (
    AttemptTimeoutError,
    AuditEntry,
    BadArgumentError,
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    DecodeError,
    FaceAuditClient,
    InvalidArgumentError,
    RetryPolicy,
    Timeouts,
)
from face_audit._runtime.http.client import HandlerTransport
from face_audit._runtime.wire import HTTPResponse

from .conftest import KEY, Clock
from .servers import SESSION, Answer, Service, answer, entries

if TYPE_CHECKING:
    from .conftest import Driver

LOCAL = "http://localhost"


def listed(_: httpx.Request) -> httpx.Response:
    """A page, read already, as tests of other people give it."""
    return httpx.Response(200, json=[{"id": 1}], headers={"Set-Cookie": "a=b"})


def test_answer_that_is_read_already_is_taken(driver: Driver) -> None:
    """A mock transport of httpx serves as well as a network."""
    client = driver.client(LOCAL, http_client=driver.http_client(httpx.MockTransport(listed)))

    pages = [client.page() for _ in range(2)]

    assert [page.items[0].id for page in pages] == ["1", "1"]
    assert pages[0].raw == b'[{"id":1}]'


def test_cookies_are_not_kept(driver: Driver, service: Service) -> None:
    """The default client sends no cookie back that a service sets."""
    page = answer(entries(1), Set_Cookie="a=b")
    service.will(page, page)
    client = driver.client(service.url)

    client.page()
    client.page()

    assert "cookie" not in service.requests[1].headers
    assert not client.made.http_client.cookies


def test_cookies_of_a_callers_client_are_theirs(driver: Driver) -> None:
    """A client of httpx that was given keeps its own cookies."""
    seen: list[str | None] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie"))
        return listed(request)

    client = driver.client(LOCAL, http_client=driver.http_client(httpx.MockTransport(respond)))
    client.page()
    client.page()

    assert seen == [None, "a=b"]


def test_exception_of_a_callers_transport_is_raised_as_it_is(driver: Driver) -> None:
    """An exception that no network raises is not retried, keeps the frames of its own, and shows no key in others."""
    calls: list[int] = []

    def fail(_: httpx.Request) -> httpx.Response:
        calls.append(1)
        raise ValueError("broken by hand")

    client = driver.client(LOCAL, http_client=driver.http_client(httpx.MockTransport(fail)))

    with pytest.raises(ValueError, match="broken by hand") as caught:
        client.page()

    assert len(calls) == 1
    trace = traceback.TracebackException(caught.type, caught.value, caught.tb, capture_locals=True)
    assert trace.stack[-1].name == "fail"
    assert f"': '{KEY}" not in "".join(trace.format())


def test_cause_of_a_transport_error_holds_no_key(driver: Driver) -> None:
    """The cause of the error neither holds the request nor the frames that held it."""

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    client = driver.client(
        LOCAL, http_client=driver.http_client(httpx.MockTransport(answer)), retry=RetryPolicy(max_attempts=1)
    )

    with pytest.raises(ConnectError) as caught:
        client.page()

    cause = caught.value.__cause__
    assert isinstance(cause, httpx.ConnectError)
    assert cause.__traceback__ is None
    assert not any(isinstance(value, httpx.Request) for value in vars(cause).values())


@pytest.mark.parametrize(("argument", "value"), [("retry", 0), ("retry", 3), ("timeouts", 30), ("timeouts", 0)])
def test_setting_of_another_type_is_refused(argument: str, value: object) -> None:
    """A number instead of a policy is refused, and not taken for the default."""
    with pytest.raises(ConfigurationError, match=f"{argument}: is {value}; give a "):
        FaceAuditClient(KEY, endpoint=LOCAL, **{argument: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e10])
def test_timeout_that_is_no_time_is_refused(seconds: float) -> None:
    """All timeouts are positive and finite."""
    with pytest.raises(ConfigurationError, match="attempt"):
        Timeouts(attempt=seconds)


@pytest.mark.parametrize(
    "endpoint", ["https://999.1.1.1", "https://1.2.3", "http://127.999.1.1", "https://xn--a\u00e9.com"]
)
def test_host_that_cannot_be_is_refused(endpoint: str) -> None:
    """What no URL can hold is refused where the client is made."""
    with pytest.raises(ConfigurationError, match="endpoint: "):
        FaceAuditClient(KEY, endpoint=endpoint)


def test_closing_during_a_wait_is_named(driver: Driver, service: Service) -> None:
    """A client that is closed while a call of it waits ends that call with the reason."""
    service.will(Answer(status=503), Answer(status=503))
    client = driver.client(service.url)
    clock = Clock()

    def close(_: object, seconds: float) -> None:
        clock.sleep(seconds)
        client.made._shared.closed = True

    async def close_async(event: object, seconds: float) -> None:
        close(event, seconds)

    runtime = clock.of_runtime()._replace(pause=close, pause_async=close_async)
    client.made._settings = client.made._settings._replace(clock=runtime)

    with pytest.raises(ClientClosedError):
        client.page()

    client.made._shared.closed = False
    assert len(service.requests) == 1


def test_slow_credential_leaves_no_time(driver: Driver, service: Service) -> None:
    """Where asking for the key took all the time of the call, nothing is sent."""
    clock = Clock()

    def ask() -> str:
        clock.sleep(500)
        return KEY

    client = driver.client(service.url, key=ask)
    client.made._settings = client.made._settings._replace(clock=clock.of_runtime())

    with pytest.raises(AttemptTimeoutError, match="no time was left") as caught:
        client.page()

    assert caught.value.attempts == ()
    assert service.requests == []


@pytest.mark.parametrize("raw", [None, 5, [1], "abc"])
def test_entry_that_is_no_object_is_refused(raw: Any) -> None:
    """`from_dict` of anything but an object says so."""
    with pytest.raises(DecodeError, match="AuditEntry: expected object"):
        AuditEntry.from_dict(raw)


def test_number_of_thousands_of_digits_is_refused(driver: Driver, service: Service) -> None:
    """A limit is told of a number that Python does not write out."""
    with pytest.raises(InvalidArgumentError, match="top: a number of thousands of digits is out of range"):
        driver.client(service.url).page(top=10**5000)


def test_thousands_of_attempts_are_possible() -> None:
    """The wait of a late attempt is bounded like that of an early one."""
    calls: list[int] = []

    def refuse(_: object) -> HTTPResponse:
        calls.append(1)
        done = len(calls) >= 1_100
        return HTTPResponse(status=400 if done else 503, headers={}, content=b"")

    policy = RetryPolicy(max_attempts=5_000, first_wait=0, budget=5_000)
    with (
        FaceAuditClient(
            KEY, endpoint=LOCAL, retry=policy, http_client=httpx.Client(transport=HandlerTransport(refuse))
        ) as client,
        pytest.raises(BadArgumentError),
    ):
        client.audit_entries.list_page(SESSION)

    assert len(calls) == 1_100


def test_message_of_the_service_forges_no_line(driver: Driver, service: Service) -> None:
    """Line ends and escape sequences in a message are shown escaped; the attribute holds it as received."""
    forged = "bad\n2026-01-01 INFO all is well \x1b[31m"
    body = json.dumps({"error": {"code": "BadArgument", "message": forged}}).encode()
    service.will(Answer(status=400, body=body))

    with pytest.raises(BadArgumentError) as caught:
        driver.client(service.url).page()

    assert str(caught.value).isprintable()
    assert "bad\\n2026" in str(caught.value)
    assert caught.value.message == forged


def test_deepest_value_is_taken_whole(driver: Driver, service: Service) -> None:
    """A value of 200 levels, the deepest that is taken, comes back as it was."""
    deep = json.loads("[" * 200 + "]" * 200)
    service.will([{"id": "1", "response": {"body": deep}}])

    (entry,) = driver.client(service.url).page().items

    assert entry.to_dict() == {"id": "1", "response": {"body": deep}}
    assert AuditEntry.from_dict(entry.to_dict()) == entry
