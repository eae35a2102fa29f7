"""Event hooks on `client.http_client` are called for each attempt, may read answers, and may raise."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit import AttemptTimeoutError, IncompleteBodyError, RetryPolicy, Timeouts
from face_audit._runtime.http import connections

from ..client.conftest import KEY
from ..client.servers import PATH, Answer, entries
from ..client.wires import Wire, ok
from .conftest import CANARY, secret, trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..client.conftest import Client, Clock, Driver
    from ..client.servers import Service
    from ..client.wires import Line
    from .conftest import Early


def hook(client: Client, event: str, act: Callable[[Any], Any], *, read: bool = False) -> None:
    """Add a hook of the client's colour, which reads the response first if it is told to."""

    def call(value: Any) -> None:
        if read:
            value.read()
        act(value)

    async def call_async(value: Any) -> None:
        if read:
            await value.aread()
        act(value)

    made = client.made.http_client
    chosen = call if client._runner is None else call_async
    made.event_hooks = {**made.event_hooks, event: [*made.event_hooks[event], chosen]}


def test_hooks_see_each_request_and_response(early: Early, service: Service) -> None:
    """A hook for requests and one for responses are called for each attempt."""
    service.will(Answer(status=503), entries("7"))
    client = early.client()
    seen: list[object] = []
    hook(client, "request", lambda request: seen.append(str(request.url)))
    hook(client, "response", lambda response: seen.append(response.status_code))

    page = client.page()

    url = service.url + PATH
    assert seen == [url, 503, url, 200]
    assert [one.id for one in page.items] == ["7"]


def test_hook_may_add_a_header(early: Early, service: Service) -> None:
    """What a hook adds to a request reaches the service, beside the key."""
    client = early.client()
    hook(client, "request", lambda request: request.headers.update({"X-Trace": "1"}))

    client.page()

    assert service.requests[0].headers["x-trace"] == "1"
    assert service.requests[0].headers["ocp-apim-subscription-key"] == KEY


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_hook_may_read_the_response(early: Early, service: Service, encoding: str) -> None:
    """A response that a hook has read is read anyway, and not decoded twice."""
    content = json.dumps(entries("7")).encode()
    body = gzip.compress(content) if encoding == "gzip" else content
    service.will(Answer(headers={"Content-Type": "application/json", "Content-Encoding": encoding}, body=body))
    client, seen = early.client(), list[bytes]()
    hook(client, "response", lambda response: seen.append(response.content), read=True)

    page = client.page()

    assert page.raw == content
    assert seen == [content]


def test_connection_is_kept_where_a_hook_reads(driver: Driver, service: Service) -> None:
    """Reading in a hook does not cost the connection."""
    client = driver.client(service.url)
    hook(client, "response", lambda response: None, read=True)

    for _ in range(3):
        client.page()

    assert len({request.port for request in service.requests}) == 1


@pytest.mark.parametrize("event", ["request", "response"])
def test_exception_of_a_hook_comes_out_as_itself(
    early: Early, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    """It is not retried, and it leaves the client usable: its connection's place is free."""
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 1)
    client, raised = early.client(), LookupError("not allowed")

    def refuse(_: object) -> None:
        raise raised

    hook(client, event, refuse)
    errors = []
    for _ in range(3):
        with pytest.raises(LookupError) as caught:
            client.page()
        errors.append(caught.value)
    client.made.http_client.event_hooks = {}
    page = client.page()

    assert errors == [raised] * 3
    assert clock.waits == []
    assert len(service.requests) == (1 if event == "request" else 4)
    assert page.items == ()


def test_status_error_of_a_hook_has_its_response(early: Early, service: Service, clock: Clock) -> None:
    """`raise_for_status` in a hook raises httpx's error, whose response can be looked at."""
    service.will(Answer(status=503, body=b"busy"))
    client = early.client()
    hook(client, "response", lambda response: response.raise_for_status(), read=True)

    with pytest.raises(httpx.HTTPStatusError) as caught:
        client.page()

    assert caught.value.response.status_code == 503
    assert caught.value.response.text == "busy"
    assert clock.waits == []


@pytest.mark.parametrize("event", ["request", "response"])
def test_exception_of_a_hook_shows_no_key(driver: Driver, service: Service, event: str) -> None:
    """Its traceback with locals holds the hook's frame, and the key in none."""
    client = driver.client(service.url, key=secret)

    def refuse(_: object) -> None:
        raise LookupError("not allowed")

    hook(client, event, refuse)
    with pytest.raises(LookupError) as caught:
        client.page()

    assert caught.traceback[-1].name == "refuse"
    assert CANARY not in trace(caught.value)


def test_damaged_body_that_a_hook_reads_is_incomplete(early: Early, service: Service) -> None:
    """Where httpx cannot decode what the hook reads, the attempt is retried as for any damaged body."""
    damaged = Answer(headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}, body=b"no gzip")
    service.will(damaged, entries("7"))
    client = early.client()
    hook(client, "response", lambda response: None, read=True)

    page = client.page()

    assert [one.id for one in page.items] == ["7"]
    assert len(page.attempts) == 2


def test_cut_body_that_a_hook_reads_is_incomplete(early: Early, service: Service) -> None:
    """A body that ends early is retried, and its error has the class of an incomplete body."""
    service.will(*[Answer(body=b"[1, 2, 3]", cut_after=4)] * 5)
    client = early.client()
    hook(client, "response", lambda response: None, read=True)

    with pytest.raises(IncompleteBodyError) as caught:
        client.page()

    assert len(caught.value.attempts) == 5


def test_hook_that_reads_a_drip_ends_at_the_limit(driver: Driver) -> None:
    """The time limit of the attempt holds while a hook reads."""

    def drip(line: Line) -> None:
        line.receive()
        line.send(ok(b"[" + b" " * 900 + b"]").partition(b"[")[0])
        line.trickle(b" " * 900)

    with Wire(drip) as wire:
        client = driver.client(wire.url, retry=RetryPolicy(max_attempts=1), timeouts=Timeouts(attempt=0.2))
        hook(client, "response", lambda response: None, read=True)
        with pytest.raises(AttemptTimeoutError, match=r"within 0\.2 s"):
            client.page()
