"""Traces without instrumentation: OpenTelemetry's propagators fill the hook's headers, and events are spans."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import AttemptEvent, AttemptRequest, RetryPolicy, ServerError
from opentelemetry import baggage, context, propagate, trace
from opentelemetry.instrumentation import _semconv
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.semconv.attributes import error_attributes, http_attributes, server_attributes, url_attributes
from opentelemetry.trace import SpanKind

from ..client.servers import PATH, SESSION, Answer, entries
from .conftest import CANARY, run, secret
from .test_opentelemetry import Tracing, exhaust, ids, list_all, received

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..client.conftest import Driver
    from ..client.servers import Service

CONVENTIONS = {
    value
    for module in (error_attributes, http_attributes, server_attributes, url_attributes)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, str)
}
"""The names of the stable conventions."""


@pytest.fixture
def tracing() -> Tracing:
    """Spans in memory."""
    return Tracing()


@pytest.fixture
def stable(monkeypatch: pytest.MonkeyPatch, tracing: Tracing) -> Iterator[Tracing]:
    """The instrumentation of httpx with the names of the stable conventions, which a process chooses once."""
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    chosen = _semconv._OpenTelemetrySemanticConventionStability
    monkeypatch.setattr(chosen, "_initialized", False)
    monkeypatch.setattr(chosen, "_OTEL_SEMCONV_STABILITY_SIGNAL_MAPPING", {})
    HTTPXClientInstrumentor().instrument(tracer_provider=tracing.provider)
    yield tracing
    HTTPXClientInstrumentor().uninstrument()


def inject(request: AttemptRequest) -> None:
    """The recipe's hook: the context of the trace, in the headers that the caller's propagators choose."""
    propagate.inject(request.headers)


@pytest.mark.parametrize("way", ["page", "many", "ahead"])
def test_service_continues_the_span_of_the_caller(driver: Driver, service: Service, tracing: Tracing, way: str) -> None:
    """Every request has the caller's span and baggage, whichever thread or task sends it."""
    service.will(Answer(status=503), entries("7"), entries("6"))
    client = driver.client(service.url, on_request=inject)

    with tracing.provider.get_tracer("caller").start_as_current_span("list") as above:
        token = context.attach(baggage.set_baggage("équipe", "a,b"))
        if way == "page":
            run(client, client.made.audit_entries.list_page(SESSION))
        else:
            listing = list_all(client, way)
            run(client, exhaust(listing)) if client._runner else [*listing]
        context.detach(token)

    assert len(service.requests) >= 2
    assert {tuple(received(request)) for request in service.requests} == {tuple(ids(above))}  # type: ignore[arg-type]
    assert {request.headers["baggage"] for request in service.requests} == {"%C3%A9quipe=a%2Cb"}


def test_request_outside_a_span_has_no_context(driver: Driver, service: Service) -> None:
    """Propagators set nothing there."""
    driver.client(service.url, on_request=inject).page()

    assert "traceparent" not in service.requests[0].headers


def test_attributes_of_an_attempt_have_the_names_of_the_conventions(driver: Driver, service: Service) -> None:
    """What is not known is left out; the values of the query are hidden."""
    service.will(Answer(lost="closed"), Answer(status=503), entries("7"))
    events: list[AttemptEvent] = []

    driver.client(service.url, on_event=events.append).page(start="secret-cursor")

    port = int(service.url.rpartition(":")[2])
    always = {
        http_attributes.HTTP_REQUEST_METHOD: "GET",
        server_attributes.SERVER_ADDRESS: "127.0.0.1",
        server_attributes.SERVER_PORT: port,
        url_attributes.URL_FULL: f"{service.url}{PATH}?start=***",
    }
    status, resent, wrong = (
        http_attributes.HTTP_RESPONSE_STATUS_CODE,
        http_attributes.HTTP_REQUEST_RESEND_COUNT,
        error_attributes.ERROR_TYPE,
    )
    assert [event.attributes for event in events] == [
        always | {wrong: "ConnectionLostError"},
        always | {wrong: "ServerError", status: 503, resent: 1},
        always | {status: 200, resent: 2},
    ]
    assert all(event.attributes.keys() <= CONVENTIONS for event in events)


@pytest.mark.parametrize(
    ("url", "address", "port"),
    [
        ("https://norwayeast.api.cognitive.microsoft.com/face", "norwayeast.api.cognitive.microsoft.com", 443),
        ("http://localhost/face", "localhost", 80),
        ("https://[::1]:8443/face", "::1", 8443),
    ],
)
def test_server_of_an_attempt_is_address_and_port(url: str, address: str, port: int) -> None:
    """The scheme's own port is in no URL; an IPv6 address has no brackets."""
    event = AttemptEvent(
        operation="x",
        method="GET",
        url=url,
        attempt=1,
        status=200,
        error=None,
        elapsed=0.0,
        wait=None,
        request_id=None,
    )

    assert (event.attributes["server.address"], event.attributes["server.port"]) == (address, port)


def comparable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What an event and a span of the instrumentation both say, and in the same way."""
    return {
        name: attributes.get(name) for name in CONVENTIONS if name not in {"error.type", "http.request.resend_count"}
    }


def test_event_says_what_the_instrumentation_says(driver: Driver, service: Service, stable: Tracing) -> None:
    """The attributes of both are equal, but for the number of the attempt and the class of an error."""
    service.will(Answer(status=503), entries("7"))
    events: list[AttemptEvent] = []

    driver.client(service.url, on_event=events.append).page()

    told = [dict(span.attributes or {}) for span in stable.spans]
    assert [comparable(event.attributes) for event in events] == [comparable(one) for one in told]
    assert ["error.type" in event.attributes for event in events] == ["error.type" in one for one in told]
    assert events[0].attributes["http.response.status_code"] == 503


def test_spans_can_be_made_of_events(driver: Driver, service: Service, tracing: Tracing) -> None:
    """As the recipe does: a span of each attempt, below the caller's, that holds no key."""
    service.will(*[Answer(status=503)] * 2)
    tracer = tracing.provider.get_tracer("attempts")

    def record(event: AttemptEvent) -> None:
        end = time.time_ns()
        span = tracer.start_span(
            event.method,
            kind=SpanKind.CLIENT,
            attributes=event.attributes,
            start_time=end - round(event.elapsed * 1e9),
        )
        span.end(end)

    client = driver.client(service.url, key=secret, retry=RetryPolicy(max_attempts=2), on_event=record)
    with tracer.start_as_current_span("list") as above, pytest.raises(ServerError):
        run(client, client.made.audit_entries.list_page(SESSION))

    *attempts, _ = tracing.spans
    assert [dict(span.attributes or {})["http.response.status_code"] for span in attempts] == [503, 503]
    assert {span.parent and span.parent.span_id for span in attempts} == {above.get_span_context().span_id}
    assert all(CANARY not in span.to_json() for span in attempts)
    assert trace.get_current_span() is trace.INVALID_SPAN
