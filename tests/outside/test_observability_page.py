"""The recipe for Sentry, with the real SDK, which sends its envelopes to a server on loopback."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parent.parent.parent / "docs" / "observability.md"


@contextmanager
def sentry() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a server that takes envelopes, and the events in those that it got."""
    events: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            body = gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body
            parts = [json.loads(line) for line in body.splitlines() if line.startswith(b"{")]
            events.extend(part for part in parts if "event_id" in part and "platform" in part)
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://public@127.0.0.1:{server.server_port}/1", events
        server.shutdown()
        thread.join()


def test_recipe_for_sentry_reports_spans_breadcrumbs_and_the_error() -> None:
    """Sentry gets the transaction with a span for each attempt, and the error with breadcrumbs, and no key."""
    (block,) = re.findall(r"```python\n(import sentry_sdk\n.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    with sentry() as (dsn, events):
        environment = os.environ | {"SENTRY_DSN": dsn}
        ran = subprocess.run(
            [sys.executable, "-"], input=block, env=environment, capture_output=True, text=True, check=False
        )

    assert ran.returncode == 0, ran.stderr
    (transaction,) = [event for event in events if event.get("type") == "transaction"]
    (error,) = [event for event in events if "exception" in event]
    spans = [span["data"] for span in transaction["spans"] if span["op"] == "http.client"]
    crumbs = [crumb["data"] for crumb in error["breadcrumbs"]["values"] if crumb.get("type") == "http"]
    assert [one["http.response.status_code"] for one in spans] == [200, 404]
    assert [one["http.response.status_code"] for one in crumbs] == [200, 404]
    assert error["exception"]["values"][-1]["type"] == "SessionNotFoundError"
    assert "my-key" not in json.dumps(events)
