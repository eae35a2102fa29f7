"""OpenTelemetry's instrumentation of httpx traces the default clients, and so do the servers that they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit import BadArgumentError, ConnectError, RetryPolicy
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, format_span_id, format_trace_id

from ..client.servers import PATH, SESSION, Answer, answer, entries
from .conftest import CANARY, run, secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.sdk.trace import ReadableSpan

    from ..client.conftest import Client, Driver
    from ..client.servers import Received, Service
    from .conftest import Early

STATUS = "http.status_code"


class Tracing:
    """Spans in memory."""

    def __init__(self) -> None:
        """Record none yet."""
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def spans(self) -> list[ReadableSpan]:
        """Those that have ended."""
        return list(self._exporter.get_finished_spans())


@pytest.fixture
def tracing() -> Iterator[Tracing]:
    """Traces nobody yet; whatever is instrumented by a test ends with it."""
    yield Tracing()
    HTTPXClientInstrumentor().uninstrument()


@pytest.fixture(params=["all", "one"])
def instrumented(request: pytest.FixtureRequest, early: Early, tracing: Tracing) -> Client:
    """A default client, traced with all clients of httpx or by itself."""
    instrumentor = HTTPXClientInstrumentor()
    if request.param == "all":
        instrumentor.instrument(tracer_provider=tracing.provider)
        return early.client()
    client = early.client()
    instrumentor.instrument_client(client.made.http_client, tracer_provider=tracing.provider)
    return client


def ids(span: ReadableSpan) -> list[str]:
    """The ids of the trace and of the span, as text."""
    assert span.context is not None
    return [format_trace_id(span.context.trace_id), format_span_id(span.context.span_id)]


def received(request: Received) -> list[str]:
    """The same ids as the service gets them (W3C Trace Context)."""
    return request.headers["traceparent"].split("-")[1:3]


def test_call_has_a_span_that_the_service_continues(instrumented: Client, service: Service, tracing: Tracing) -> None:
    """The span has method, URL and status, and the service gets its id in `traceparent`."""
    instrumented.page()

    (span,) = tracing.spans
    (request,) = service.requests
    assert span.attributes is not None
    assert (span.name, span.attributes[STATUS]) == ("GET", 200)
    assert span.attributes["http.url"] == service.url + PATH
    assert span.status.status_code is StatusCode.UNSET
    assert received(request) == ids(span)


def test_each_attempt_has_a_span(instrumented: Client, service: Service, tracing: Tracing) -> None:
    """A retried call has a span for each attempt, with its own status, all below the caller's span."""
    service.will(Answer(status=503), entries("7"))
    tracer = tracing.provider.get_tracer("caller")

    with tracer.start_as_current_span("list") as above:
        run(instrumented, instrumented.made.audit_entries.list_page(SESSION))

    *attempts, _ = tracing.spans
    assert [span.attributes and span.attributes[STATUS] for span in attempts] == [503, 200]
    assert [span.status.status_code for span in attempts] == [StatusCode.ERROR, StatusCode.UNSET]
    assert [span.parent and span.parent.span_id for span in attempts] == [above.get_span_context().span_id] * 2
    assert [received(request) for request in service.requests] == [ids(span) for span in attempts]


def test_refused_call_has_the_status_of_its_answer(instrumented: Client, service: Service, tracing: Tracing) -> None:
    """An error status is in the span."""
    service.will(answer({"error": {"code": "BadArgument", "message": "wrong"}}, 400))

    with pytest.raises(BadArgumentError):
        instrumented.page()

    (span,) = tracing.spans
    assert span.attributes is not None
    assert span.attributes[STATUS] == 400
    assert span.status.status_code is StatusCode.ERROR


def test_uninstrumented_client_is_not_traced(instrumented: Client, service: Service, tracing: Tracing) -> None:
    """Once the instrumentation has ended, requests have neither a span nor `traceparent`."""
    HTTPXClientInstrumentor().uninstrument()
    HTTPXClientInstrumentor().uninstrument_client(instrumented.made.http_client)

    instrumented.page()

    assert tracing.spans == []
    assert "traceparent" not in service.requests[0].headers


def test_failed_connection_has_a_span_that_says_so(driver: Driver, tracing: Tracing) -> None:
    """Where nobody answers, the span ends with an error, and holds no key."""
    HTTPXClientInstrumentor().instrument(tracer_provider=tracing.provider)
    client = driver.client("http://127.0.0.1:1", key=secret, retry=RetryPolicy(max_attempts=1))

    with pytest.raises(ConnectError):
        client.page()

    (span,) = tracing.spans
    assert span.status.status_code is StatusCode.ERROR
    assert [event.name for event in span.events] == ["exception"]
    assert CANARY not in span.to_json()


def list_all(client: Client, way: str) -> Any:
    """Run a listing that sends from threads or tasks of its own."""
    if way == "many":
        return client.made.audit_entries.list_many([SESSION] * 3, concurrency=2)
    return client.made.audit_entries.list(SESSION, prefetch=True)


async def exhaust(listing: Any) -> None:
    """Take all that it gives."""
    async for _ in listing:
        pass


@pytest.mark.parametrize("way", ["many", "ahead"])
def test_requests_of_other_threads_and_tasks_belong_to_the_callers_span(
    driver: Driver, service: Service, tracing: Tracing, way: str
) -> None:
    """Listings that send from threads or tasks of their own keep the trace together."""
    service.will(entries("7"), entries("6"))
    HTTPXClientInstrumentor().instrument(tracer_provider=tracing.provider)
    client = driver.client(service.url)

    with tracing.provider.get_tracer("caller").start_as_current_span("list") as above:
        listing = list_all(client, way)
        run(client, exhaust(listing)) if client._runner else [*listing]

    requests = [span for span in tracing.spans if span.name == "GET"]
    assert len(requests) >= 3
    assert {span.parent and span.parent.span_id for span in requests} == {above.get_span_context().span_id}


def hooks(told: list[str]) -> dict[str, Callable[..., object]]:
    """The hooks of the instrumentation, of both colours."""

    def ask(span: object, request: object) -> None:
        told.append("request")

    def respond(span: object, request: object, response: object) -> None:
        told.append("response")

    async def ask_async(span: object, request: object) -> None:
        told.append("request")

    async def respond_async(span: object, request: object, response: object) -> None:
        told.append("response")

    return {
        "request_hook": ask,
        "response_hook": respond,
        "async_request_hook": ask_async,
        "async_response_hook": respond_async,
    }


def test_hooks_of_the_instrumentation_are_called(early: Early, service: Service, tracing: Tracing) -> None:
    """`request_hook` and `response_hook` are called for each attempt."""
    told: list[str] = []
    HTTPXClientInstrumentor().instrument(tracer_provider=tracing.provider, **hooks(told))

    early.client().page()

    assert told == ["request", "response"]
