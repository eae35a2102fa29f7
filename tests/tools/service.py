"""The service on a socket, by the standard library alone: it lists what a test has put there, newest first."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from face_audit import FaceAuditClient, RetryPolicy
from face_audit_tools import Result, export_session, open_evidence

from .shelf import FIRST, KEY, entry


class Service:
    """Sessions by their id, each the bytes of its entries, newest first."""

    def __init__(self) -> None:
        """Without any."""
        self.sessions = dict[str, list[bytes]]()
        self.requests = list[tuple[str, str | None, int]]()
        """Session, start and top of each."""
        self.instead: Callable[[str | None, int], tuple[int, bytes] | None] = lambda start, top: None
        """Gives the answer to a question, instead of the right one, or None."""
        self.after: Callable[[], object] = lambda: None
        """Is called after each answer."""
        self.url = ""
        self._lock = threading.Lock()

    def add(self, session: str, first: int, last: int, **changes: Any) -> None:
        """Add entries with these ids, both included, to the beginning of a session's list."""
        new = [entry(number, sessionId=session, **changes) for number in range(last, first - 1, -1)]
        self.sessions[session] = new + self.sessions.get(session, [])

    def client(self) -> FaceAuditClient:
        """A client of it, over its own connections."""
        return FaceAuditClient(KEY, endpoint=self.url, retry=RetryPolicy(first_wait=0))

    def answer(self, target: str) -> tuple[int, bytes]:
        """Status and body of the answer to a request."""
        split = urlsplit(target)
        session, asked = split.path.split("/")[-2], parse_qs(split.query)
        start, top = asked.get("start", [None])[0], int(asked.get("top", ["1000"])[0])
        with self._lock:
            self.requests.append((session, start, top))
            found = self.instead(start, top)
            items = self.sessions.get(session)
            if found is None and items is None:
                found = 404, b'{"error":{"code":"SessionNotFound","message":"Session Id is not found."}}'
            elif found is None:
                ids = [json.loads(one)["id"] for one in items or []]
                begin = 0 if start is None else sum(one >= int(start) for one in ids)
                found = 200, b"[" + b",".join((items or [])[begin : begin + top]) + b"]"
            self.after()
        return found


@contextmanager
def serving() -> Iterator[Service]:
    """A service that listens on loopback."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = service.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("apim-request-id", f"r{len(service.requests)}")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


def export(service: Service, folder: Path, **told: Any) -> Result:
    """Export the first session."""
    with service.client() as client:
        return export_session(client, FIRST, folder, **told)


def ids(folder: Path, name: str = FIRST) -> list[int]:
    """Of the entries, in their order; each is verified."""
    return [json.loads(one.raw)["id"] for one in open_evidence(folder, name).entries()]


def down(first: int, last: int) -> list[int]:
    """These numbers, both included, falling."""
    return list(range(first, last - 1, -1))
