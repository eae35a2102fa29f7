"""Hooks of callers, and what they give to OpenTelemetry, pass both strict type checkers; wrong ones do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..client.test_overloads import CHECKERS, check

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
from typing import assert_type

from face_audit import AsyncFaceAuditClient, AttemptEvent, AttemptRequest, AuditEntry, FaceAuditClient, flatten
from opentelemetry import metrics, propagate, trace


def inject(request: AttemptRequest) -> None:
    assert_type(request.attempt, int)
    propagate.inject(request.headers)
    request.headers["x-team"] = "a"


def record(event: AttemptEvent) -> None:
    assert_type(event.attributes, dict[str, str | int])
    trace.get_tracer("a").start_span(event.method, attributes=event.attributes).end()
    metrics.get_meter("a").create_histogram("b").record(event.elapsed, event.attributes)


class Tracer:
    def before(self, request: AttemptRequest) -> None:
        request.headers.update(traceparent="00")

    def after(self, event: AttemptEvent) -> None: ...


events: list[AttemptEvent] = []
FaceAuditClient("key", region="norwayeast", on_request=inject, on_event=record)
FaceAuditClient("key", region="norwayeast", on_request=Tracer().before, on_event=Tracer().after)
AsyncFaceAuditClient("key", region="norwayeast", on_request=inject, on_event=record)
AsyncFaceAuditClient(
    "key", region="norwayeast", on_request=lambda request: propagate.inject(request.headers), on_event=events.append
)
rows: list[dict[str, object]] = [{**flatten(AuditEntry(id="1"))}]
"""
AWAITED = """
from face_audit import AsyncFaceAuditClient, AttemptRequest


async def hook(request: AttemptRequest) -> None: ...


AsyncFaceAuditClient("key", region="norwayeast", on_request=hook)
"""


@CHECKERS
def test_hooks_are_typed(tmp_path: Path, checker: list[str]) -> None:
    """Functions, methods and lambdas, for both clients."""
    ran = check(PROGRAM, tmp_path, checker)

    assert ran.returncode == 0, ran.stdout + ran.stderr


@CHECKERS
def test_hook_that_would_have_to_be_awaited_is_found_by_its_type(tmp_path: Path, checker: list[str]) -> None:
    """Nobody awaits it, so it would add nothing."""
    ran = check(AWAITED, tmp_path, checker)

    assert ran.returncode == 1
    assert "on_request" in ran.stdout
