"""What is told of every attempt, and that no key is in it, even where the service echoes it."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import (
    AttemptEvent,
    AuthenticationError,
    ConfigurationError,
    DecodeError,
    FaceAuditError,
    RetryPolicy,
    ServerError,
)
from face_audit._runtime.calls.telemetry import redact_query
from face_audit._runtime.operation import Operation
from face_audit._runtime.requests.credentials import Credential, Secret

from .conftest import Driver
from .servers import PATH, Answer, Service, answer, entries
from .wires import Wire, ok

if TYPE_CHECKING:
    from .conftest import Clock
    from .wires import Line

CANARY = "canary0123456789abcdef"
TWICE = RetryPolicy(max_attempts=2, max_asked_waits=0, random=lambda: 0.5)


def secret() -> str:
    """The key, which is in no variable of a test."""
    return CANARY


def shown(error: BaseException) -> str:
    """All that an error can show: texts, attributes, causes, pickle, copies, traceback with locals."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = (frame for frame in trace.format() if __file__ not in frame)
    parts = [*frames, repr(pickle.dumps(error)), repr(vars(copy.copy(error))), repr(vars(copy.deepcopy(error)))]
    one: BaseException | None = error
    while one is not None:
        parts += [str(one), repr(one), repr(vars(one))]
        one = one.__cause__ or one.__context__
    return "".join(parts)


def test_every_attempt_is_told_once(driver: Driver, service: Service, clock: Clock) -> None:
    """The hook gets one event for each attempt, with what came of it and what follows."""
    events: list[AttemptEvent] = []
    service.will(Answer(lost="closed"), answer({}, 503, apim_request_id="r2"), answer([], apim_request_id="r3"))
    client = driver.client(service.url, clock=clock, on_event=events.append)

    client.page(start="secret-cursor", top=3)

    assert [event.attempt for event in events] == [1, 2, 3]
    assert [event.status for event in events] == [None, 503, 200]
    assert [event.error for event in events] == ["ConnectionLostError", "ServerError", None]
    assert [event.wait for event in events] == [0.25, 0.5, None]
    assert [event.request_id for event in events] == [None, "r2", "r3"]
    assert {event.method for event in events} == {"GET"}
    assert len({event.operation for event in events}) == 1
    assert {event.url.partition("?")[0] for event in events} == {service.url + PATH}
    assert not any("secret-cursor" in event.url for event in events)
    assert all(part.endswith("=***") for part in events[0].url.partition("?")[2].split("&"))


def test_every_attempt_is_logged_once(
    driver: Driver, service: Service, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """The logger `face_audit` gets the same: a success at DEBUG, anything else at WARNING."""
    caplog.set_level(logging.DEBUG, logger="face_audit")
    events: list[AttemptEvent] = []
    service.will(Answer(status=503), answer([]))

    driver.client(service.url, clock=clock, on_event=events.append).page()

    records: list[Any] = [record for record in caplog.records if record.name == "face_audit"]
    assert [record.levelno for record in records] == [logging.WARNING, logging.DEBUG]
    assert [record.attempt["status"] for record in records] == [503, 200]
    assert [AttemptEvent(**record.attempt) for record in records] == events
    assert "attempt 1: ServerError (status 503) after 0.00 s, next in 0.25 s" in records[0].getMessage()
    assert "attempt 2: status 200 after 0.00 s" in records[1].getMessage()


def test_success_is_not_logged_above_debug(driver: Driver, service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """A program that works is quiet."""
    caplog.set_level(logging.INFO, logger="face_audit")

    driver.client(service.url).page()

    assert [record for record in caplog.records if record.name == "face_audit"] == []


def test_failure_is_logged_where_successes_are_not(
    driver: Driver, service: Service, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Anyone who asks for warnings alone is told of what went wrong, and of nothing else."""
    caplog.set_level(logging.WARNING, logger="face_audit")
    service.will(Answer(status=503), [])

    driver.client(service.url, clock=clock).page()

    assert [record.levelname for record in caplog.records if record.name == "face_audit"] == ["WARNING"]


def test_nothing_is_printed_by_itself(driver: Driver, service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    """Where no logging is set up, a failure is an error and no line on the terminal."""
    service.will(Answer(status=503))

    driver.client(service.url).page()

    assert capfd.readouterr() == ("", "")
    assert any(isinstance(one, logging.NullHandler) for one in logging.getLogger("face_audit").handlers)


def test_hook_that_raises_costs_nothing(driver: Driver, service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """What a hook raises is logged by its class, and the call goes on."""
    service.will(Answer(status=503), entries("1"))

    def hook(event: AttemptEvent) -> None:
        raise RuntimeError(secret())

    page = driver.client(service.url, on_event=hook).page()

    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert [entry.id for entry in page.items] == ["1"]
    assert told == ["on_event raised RuntimeError; fix the hook"] * 2


def test_interrupt_in_a_hook_passes(driver: Driver, service: Service) -> None:
    """Ctrl-C is not a failure of the hook."""

    def hook(event: AttemptEvent) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        driver.client(service.url, on_event=hook).page()


def test_hook_may_use_the_client_while_it_goes_first(service: Service, clock: Clock) -> None:
    """A call that a hook makes does not wait for the call whose hook it is."""
    made = Driver(None)
    found: list[Any] = []

    def hook(event: AttemptEvent) -> None:
        if len(service.requests) == 2:
            found.append(client.page())

    client = made.client(service.url, clock=clock, on_event=hook)
    service.will(answer({}, 429, Retry_After="1"))
    client.page()
    made.close()

    assert len(found) == 1
    assert len(service.requests) == 3


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("https://a/b", "https://a/b"),
        ("https://a/b?", "https://a/b?"),
        ("https://a/b?x=1&y=&z", "https://a/b?x=***&y=***&z"),
        ("https://a/b?x=1=2?3", "https://a/b?x=***"),
    ],
)
def test_values_of_a_query_are_redacted(url: str, redacted: str) -> None:
    """Names stay, values go."""
    assert redact_query(url) == redacted


def echo(status: int, body: object, **headers: str) -> Answer:
    """An answer that repeats the key."""
    return Answer(
        status=status,
        headers={"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()},
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )


@pytest.mark.parametrize(
    "reply",
    [
        echo(401, {"error": {"code": "401", "message": f"the key {CANARY} is wrong"}}),
        echo(401, {"error": {"code": CANARY, "message": "x"}}),
        echo(401, json.dumps({"error": {"message": CANARY}}).replace("a", "\\u0061").encode()),
        echo(401, {"error": {"code": CANARY * 30, "message": CANARY * 30}}),
        echo(401, {}, x_ms_error_code=CANARY),
        echo(401, {}, apim_request_id=f"id-{CANARY}", x_ms_request_id=CANARY),
        echo(401, CANARY.encode()),
        echo(418, b"x" * 185 + CANARY.encode() + b"y" * 100),
        echo(503, f"<html>{CANARY}".encode(), Retry_After=CANARY),
        echo(429, {"error": {"message": f"{CANARY} Try again in 1 seconds."}}),
        echo(302, b"", Location=f"https://{CANARY}.example/{CANARY}"),
        echo(200, CANARY.encode()),
        echo(200, {"key": CANARY}),
        echo(200, [{"key": CANARY}]),
        echo(200, [], Content_Encoding=CANARY),
        echo(200, f"<html>{CANARY}</html>".encode(), Content_Type=f"text/{CANARY}", apim_request_id=CANARY),
    ],
    ids=lambda reply: f"{reply.status}-{len(reply.body)}-{len(reply.headers)}",
)
def test_echoed_key_is_hidden_everywhere(
    driver: Driver, service: Service, reply: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    """A service that repeats the key does not bring it into errors, attempts, events or logs."""
    caplog.set_level(1, logger="face_audit")
    events: list[AttemptEvent] = []
    service.will(reply, reply)
    client = driver.client(service.url, key=secret, retry=TWICE, on_event=events.append)

    with pytest.raises(FaceAuditError) as caught:
        client.page()

    records = [record for record in caplog.records if record.name == "face_audit"]
    texts = [shown(caught.value), repr(events), *(repr(vars(record)) for record in records)]
    assert service.requests[0].headers["ocp-apim-subscription-key"] == CANARY
    assert not any(CANARY[:9] in text for text in texts)


def test_echo_of_a_broken_answer_is_hidden(driver: Driver) -> None:
    """What is not HTTP at all may hold the key, too: neither the error nor its cause shows it."""

    def babble(line: Line) -> None:
        line.receive()
        line.send(f"HTTP/1.1 200 OK\r\n{CANARY} bad header\r\n\r\n".encode())

    with Wire(babble) as wire:
        client = driver.client(wire.url, key=secret, retry=RetryPolicy(max_attempts=1))
        with pytest.raises(FaceAuditError) as caught:
            client.page()

    assert CANARY[:9] not in shown(caught.value)


def test_echo_in_a_success_is_hidden_from_its_attempts_only(driver: Driver, service: Service) -> None:
    """The bytes of a success are evidence and stay as received; its request id is shown without the key."""
    service.will(echo(200, [], apim_request_id=CANARY))
    events: list[AttemptEvent] = []

    page = driver.client(service.url, key=secret, on_event=events.append).page()

    assert page.raw == b"[]"
    assert page.request_id == page.attempts[0].request_id == events[0].request_id == "[redacted]"


def test_key_of_before_a_rotation_is_hidden(driver: Driver, service: Service) -> None:
    """The answer to an older attempt may repeat the key that was sent then."""
    keys = iter(["canary-of-yesterday", "canary-of-today-x"])
    service.will(Answer(status=503), echo(401, {"error": {"message": "canary-of-yesterday, not canary-of-today-x"}}))

    with pytest.raises(AuthenticationError) as caught:
        driver.client(service.url, key=lambda: next(keys)).page()

    assert "canary" not in shown(caught.value)


def test_key_too_short_to_be_one_garbles_no_text(driver: Driver, service: Service) -> None:
    """A placeholder such as `e` is not hidden: every text would be garbled."""
    service.will(echo(401, {"error": {"message": "see the reference"}}))

    with pytest.raises(AuthenticationError, match="see the reference"):
        driver.client(service.url, key="e").page()


def test_only_the_latest_keys_are_kept() -> None:
    """A function that gives another key every time does not fill the memory."""
    numbers = iter(range(100))
    held = Secret(lambda: f"canary-{next(numbers):04}", name="key")
    sent = [held.reveal() for _ in range(100)]

    assert held.hide(sent[-1] + sent[-8]) == "[redacted][redacted]"
    assert held.hide(sent[0]) == sent[0]
    assert held.hide_in(sent[-1].encode()) == b"[redacted]"


def test_second_key_that_fails_does_not_show_the_first(driver: Driver, service: Service) -> None:
    """Where an operation sends two credentials, the error for one shows no other."""
    client = driver.client(service.url)
    one = Credential(name="one", prefix="", secret=Secret(secret, name="one"))
    two = Credential(name="two", prefix="", secret=Secret(lambda: "", name="two"))
    client.made._settings = client.made._settings._replace(credentials={"one": one, "two": two})
    operation = Operation(name="x", method="GET", path="/x", success=frozenset({200}), security=(("one", "two"),))

    with pytest.raises(ConfigurationError, match="two: is empty") as caught:
        client.send(operation.call({}))

    assert CANARY not in shown(caught.value)
    assert service.requests == []


@pytest.mark.parametrize("kind", [ServerError, DecodeError])
def test_errors_without_an_echo_keep_their_cause(driver: Driver, service: Service, kind: type) -> None:
    """Only what holds the key is taken away."""
    service.will(*[answer({}, 503)] * 2 if kind is ServerError else [Answer(body=b"{")])

    with pytest.raises(kind) as caught:
        driver.client(service.url, key=secret, retry=TWICE).page()

    assert (caught.value.__cause__ is not None) is (kind is DecodeError)


def test_wire_helper_answers_in_one_piece(driver: Driver) -> None:
    """A scripted server is asked like any other."""
    with Wire(lambda line: line.answer(ok(b"[]"))) as wire:
        page = driver.client(wire.url).page()

    assert page.raw == b"[]"
