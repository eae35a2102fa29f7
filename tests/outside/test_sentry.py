"""sentry-sdk sees the requests of the default clients; what it would send stays in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import sentry_sdk
from face_audit import AuthenticationError, ServerError
from sentry_sdk import integrations
from sentry_sdk.integrations.httpx import HttpxIntegration
from sentry_sdk.transport import Transport

from ..client.servers import PATH, SESSION, Answer, entries
from ..client.tokens import SCOPE, Given, credential
from .conftest import CANARY, run, secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentry_sdk.envelope import Envelope

    from ..client.conftest import Driver
    from ..client.servers import Service
    from .conftest import Early


class Memory(Transport):
    """Keeps what the SDK would send."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        """Keep its events."""
        self.events += [item.payload.json for item in envelope.items if item.payload.json is not None]

    @property
    def shown(self) -> str:
        """All that would be sent."""
        return json.dumps(self.events, default=repr)


@pytest.fixture
def memory(early: Early, monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """The SDK, which begins after a client was used if `early` says so, and what it would send."""
    made = Memory()
    # It replaces the methods once in a process, and for good.
    for kind in (httpx.Client, httpx.AsyncClient):
        monkeypatch.setattr(kind, "send", kind.send)
    for name in ("_processed_integrations", "_installed_integrations"):
        monkeypatch.setattr(integrations, name, set())
    with sentry_sdk.isolation_scope():
        sentry_sdk.init(
            dsn="https://public@sentry.invalid/1",
            transport=made,
            traces_sample_rate=1.0,
            default_integrations=False,
            integrations=[HttpxIntegration()],
        )
        yield made
        sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def test_request_leaves_a_breadcrumb(early: Early, service: Service, memory: Memory) -> None:
    """An event after a call tells of its request: method, URL and status."""
    client = early.client()

    run(client, client.made.audit_entries.list_page(SESSION))
    sentry_sdk.capture_message("done")

    (event,) = memory.events
    (crumb,) = event["breadcrumbs"]["values"]
    assert (crumb["type"], crumb["category"]) == ("http", "httplib")
    assert crumb["data"]["url"] == service.url + PATH
    assert crumb["data"]["http.method"] == "GET"
    assert crumb["data"]["http.response.status_code"] == 200


def test_each_attempt_has_a_span_that_the_service_continues(early: Early, service: Service, memory: Memory) -> None:
    """Within a transaction each attempt has a span, and the service gets its ids in `sentry-trace`."""
    service.will(Answer(status=503), entries("7"))
    client = early.client()

    with sentry_sdk.start_transaction(name="list"):
        run(client, client.made.audit_entries.list_page(SESSION))

    (event,) = memory.events
    spans = [span for span in event["spans"] if span["op"] == "http.client"]
    assert [span["data"]["http.response.status_code"] for span in spans] == [503, 200]
    sent = [request.headers["sentry-trace"].split("-")[:2] for request in service.requests]
    assert sent == [[span["trace_id"], span["span_id"]] for span in spans]


def test_reported_error_shows_no_key(driver: Driver, service: Service, memory: Memory) -> None:
    """An error that is reported with the locals of its frames and its breadcrumbs does not hold the key."""
    service.will(*[Answer(status=503)] * 5)
    client = driver.client(service.url, key=secret)

    with pytest.raises(ServerError) as caught, sentry_sdk.start_transaction(name="list"):
        client.page()
    sentry_sdk.capture_exception(caught.value)

    assert len(memory.events) == 2
    assert "ServerError" in memory.shown
    assert CANARY not in memory.shown


def test_reported_error_shows_no_token(driver: Driver, memory: Memory) -> None:
    """The same of a token, which the service echoes, and of an error of the credential."""

    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"error": {"code": "401", "message": f"no {secret()}"}})

    def give(number: int) -> Given:
        if number > 2:
            raise LookupError("no login")
        return Given(secret(), 1 << 40)

    http_client = driver.http_client(httpx.MockTransport(refuse))
    given = credential(driver, give)
    client = driver.client("https://a.example", key=None, credential=given, scope=SCOPE, http_client=http_client)

    for kind in (AuthenticationError, LookupError):
        with pytest.raises(kind) as caught, sentry_sdk.start_transaction(name="list"):
            client.page()
        sentry_sdk.capture_exception(caught.value)

    assert len(given.asked) == 3
    assert "AuthenticationError" in memory.shown
    assert "LookupError" in memory.shown
    assert CANARY not in memory.shown


def test_closed_sdk_leaves_the_client_alone(early: Early, service: Service, memory: Memory) -> None:
    """Without an active SDK requests are sent as they were, though its patches stay."""
    client = early.client()
    sentry_sdk.get_global_scope().set_client(None)

    page = client.page()

    assert page.items == ()
    assert memory.events == []
    assert "sentry-trace" not in service.requests[0].headers
