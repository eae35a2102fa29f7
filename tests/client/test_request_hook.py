"""The hook before each attempt: what it receives, what it may add, and what is refused."""

from __future__ import annotations

import logging
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import AttemptEvent, AttemptRequest, ConfigurationError, Timeouts
from face_audit._runtime.calls.attempts import Send, make_attempts
from face_audit._runtime.calls.retry import Brakes, Budget, Gate
from face_audit._runtime.operation import Operation

from .conftest import KEY, Client
from .servers import PATH, SESSION, Answer, entries
from .test_secrets import CANARY, secret, shown

if TYPE_CHECKING:
    from .conftest import Clock, Driver
    from .servers import Service

CALLER = ContextVar("CALLER", default="nobody")


def test_hook_is_called_before_each_attempt_and_adds_headers(driver: Driver, service: Service, clock: Clock) -> None:
    """It says which attempt follows, with the values of the query hidden, and each attempt has its own headers."""
    seen: list[AttemptRequest] = []
    sent: list[int] = []
    service.will(Answer(status=503), entries("1"))

    def hook(request: AttemptRequest) -> None:
        seen.append(request)
        sent.append(len(service.requests))
        request.headers["X-Attempt"] = f"number {request.attempt}"

    driver.client(service.url, clock=clock, on_request=hook).page(top=3)

    assert [(one.operation, one.method, one.attempt) for one in seen] == [
        ("AuditEntries_list", "GET", number) for number in (1, 2)
    ]
    assert sent == [0, 1]
    assert {one.url for one in seen} == {f"{service.url}{PATH}?top=***"}
    assert [one.headers["x-attempt"] for one in service.requests] == ["number 1", "number 2"]


def test_hook_adds_to_the_headers_of_the_client(driver: Driver, service: Service) -> None:
    """Those of `default_headers` are sent too, unless the hook has one of the same name."""

    def hook(request: AttemptRequest) -> None:
        request.headers["X-Team"] = "b"

    driver.client(service.url, default_headers={"x-team": "a", "x-other": "c"}, on_request=hook).page()

    (sent,) = service.requests
    assert (sent.headers["x-team"], sent.headers["x-other"]) == ("b", "c")


def test_client_with_options_may_have_a_hook_of_its_own(driver: Driver, service: Service) -> None:
    """Without one it keeps that of the first client."""
    client = driver.client(service.url, on_request=lambda request: request.headers.update(x="first"))
    other = client.made.with_options(on_request=lambda request: request.headers.update(x="other"))
    same = client.made.with_options(timeouts=Timeouts(call=5))

    for made in (client.made, other, same):
        Client(made, driver.runner).page()

    assert [one.headers["x"] for one in service.requests] == ["first", "other", "first"]


def test_hook_sees_no_credential(driver: Driver, service: Service) -> None:
    """The key is asked for after the hook has returned, so that nothing it can reach holds the key."""
    asked: list[str] = []

    def key() -> str:
        asked.append("key")
        return KEY

    def hook(request: AttemptRequest) -> None:
        asked.append(f"hook with {dict(request.headers)}")

    driver.client(service.url, key=key, on_request=hook).page()

    assert asked == ["hook with {}", "key"]
    assert service.requests[0].headers["ocp-apim-subscription-key"] == KEY


@pytest.mark.parametrize(
    "name",
    [
        *("Ocp-Apim-Subscription-Key", "Client-Request-Id", "Host", "User-Agent", "Accept-Encoding", "Cookie"),
        "Transfer-Encoding",
    ],
)
def test_header_of_the_client_is_refused_by_name(driver: Driver, service: Service, name: str) -> None:
    """A hook that sets what the client sets is a mistake in its code: the first call shows it, and sends nothing."""

    def hook(request: AttemptRequest) -> None:
        request.headers[name] = secret()

    with pytest.raises(ConfigurationError, match=f"^on_request: '{name}' is set by the client itself") as caught:
        driver.client(service.url, on_request=hook).page()

    assert service.requests == []
    assert CANARY not in shown(caught.value)


def test_value_that_no_header_can_carry_is_refused(driver: Driver, service: Service) -> None:
    """Neither the message nor a frame of the error shows it."""

    def hook(request: AttemptRequest) -> None:
        request.headers["x-team"] = f"{secret()}\r\nhost: elsewhere"

    with pytest.raises(ConfigurationError, match="^on_request: 'x-team' cannot be sent in a header") as caught:
        driver.client(service.url, on_request=hook).page()

    assert service.requests == []
    assert CANARY not in shown(caught.value)


def test_hook_that_raises_costs_nothing(driver: Driver, service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """A tracer that is broken must not cost an entry: its error is logged, and the attempt goes without its headers."""
    service.will(Answer(status=503), entries("1"))

    def hook(request: AttemptRequest) -> None:
        request.headers["x-half"] = "set"
        raise RuntimeError(secret())

    page = driver.client(service.url, on_request=hook).page()

    assert [entry.id for entry in page.items] == ["1"]
    assert [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR] == [
        "on_request raised RuntimeError; fix the hook"
    ] * 2
    assert not any("x-half" in one.headers for one in service.requests)


def test_added_headers_are_in_no_frame_of_an_error(driver: Driver, service: Service) -> None:
    """The baggage of a trace may name persons; an error that follows does not show it."""

    def hook(request: AttemptRequest) -> None:
        request.headers["baggage"] = f"user={secret()}"

    with pytest.raises(ConfigurationError, match="^key: is empty") as caught:
        driver.client(service.url, key=lambda: "", on_request=hook).page()

    assert CANARY not in shown(caught.value)


def test_attempt_that_is_held_back_calls_the_hook_again(driver: Driver) -> None:
    """With the same number, once it is its turn: the context may be another one by then."""
    seen: list[int] = []
    made = driver.client("http://localhost", on_request=lambda request: seen.append(request.attempt)).made
    steps = make_attempts(
        Operation(name="x", method="GET", path="/x", success=frozenset({200})).call({}),
        made._settings,
        Brakes(gate=Gate(), budget=Budget(1)),
    )

    first, second = next(steps), steps.send(None)
    steps.close()

    assert isinstance(first, Send)
    assert isinstance(second, Send)
    assert seen == [1, 1]


def test_interrupt_in_a_hook_passes(driver: Driver, service: Service) -> None:
    """Ctrl-C is not a failure of the hook; the next call works."""
    interrupts = [KeyboardInterrupt]

    def hook(request: AttemptRequest) -> None:
        if interrupts:
            raise interrupts.pop()

    client = driver.client(service.url, on_request=hook)
    with pytest.raises(KeyboardInterrupt):
        client.page()

    assert client.page().items == ()


def test_what_is_no_function_is_refused(driver: Driver) -> None:
    """As for the other hook."""
    with pytest.raises(ConfigurationError, match="^on_request: is of the type str; give a function$"):
        driver.client("http://localhost", on_request="hook")


class Watched:
    """A client whose functions note the context that they run in."""

    def __init__(self, driver: Driver, service: Service) -> None:
        """Make it."""
        self.seen: dict[str, list[str]] = {"on_request": [], "on_event": [], "key": []}
        self.client: Client = driver.client(
            service.url, key=self._key, on_request=self._on_request, on_event=self._on_event
        )

    def _key(self) -> str:
        self.seen["key"].append(CALLER.get())
        return KEY

    def _on_request(self, request: AttemptRequest) -> None:
        self.seen["on_request"].append(CALLER.get())

    def _on_event(self, event: AttemptEvent) -> None:
        self.seen["on_event"].append(CALLER.get())


def listing(client: Any, way: str) -> Any:
    """A listing that sends from threads or tasks of its own."""
    if way == "many":
        return client.audit_entries.list_many([SESSION] * 4, concurrency=2)
    return client.audit_entries.list(SESSION, prefetch=True)


async def _collect(found: Any) -> None:
    async for _ in found:
        pass


@pytest.mark.parametrize("way", ["many", "prefetch"])
def test_functions_of_the_caller_run_in_its_context(driver: Driver, service: Service, way: str) -> None:
    """Whichever thread or task sends, hooks and a key's function see the context variables of the caller."""
    service.will(entries("9", "8"), entries("7"))
    watched = Watched(driver, service)

    def use() -> None:
        CALLER.set("the caller")
        found = listing(watched.client.made, way)
        if driver.runner is None:
            list(found)
        else:
            driver.runner.run(_collect(found), context=copy_context())

    copy_context().run(use)

    assert all(len(names) >= 3 for names in watched.seen.values())
    assert {name for names in watched.seen.values() for name in names} == {"the caller"}
