"""A service in memory that shares no code with the package: it serves the very bytes that a test gives it."""

from __future__ import annotations

import json
import threading
from collections import deque
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
from face_audit import AsyncFaceAuditClient, FaceAuditClient, RetryPolicy
from face_audit._runtime.http.client import AsyncDefaultClient, DefaultClient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

KEY = "0123456789abcdef0123456789abcdef"
ENDPOINT = "https://face.example.com"
FIRST, SECOND = "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3", "00000000-1111-2222-3333-444444444444"

PRETTY = b'{\r\n  "id": 2,\n  "digest" : "\\u0041\\n",\n\t"unknown": [1.50, 1e2]\n}'
MALFORMED = b'{"id":1,"response":{"statusCode":"none"},"digest":"\xc3\xa9"}'


def entry(number: int, **changes: Any) -> bytes:
    """An entry as the service is known to write it."""
    made: dict[str, Any] = {
        "id": number,
        "requestId": f"{number:08}-0000-0000-0000-000000000000",
        "receivedDateTime": "2024-04-01T12:00:00.1234567+00:00",
        "response": {"body": {"livenessDecision": "realface"}, "statusCode": 200, "latencyInMilliseconds": number},
        "digest": f"{number:064X}",
    }
    return json.dumps(made | changes, separators=(",", ":")).encode()


def entries(count: int, **changes: Any) -> list[bytes]:
    """The given number, newest first."""
    return [entry(number, **changes) for number in range(count, 0, -1)]


def answer(status: int, message: str = "Told by the test.", **headers: str) -> httpx.Response:
    """An error as the service writes it."""
    return httpx.Response(status, json={"error": {"code": str(status), "message": message}}, headers=headers)


class Shelf:
    """Sessions by their id, each the bytes of its entries in the order of the service."""

    def __init__(self, sessions: Mapping[str, Sequence[bytes]]) -> None:
        """Serve these."""
        self.sessions = {name: list(items) for name, items in sessions.items()}
        self.told: deque[httpx.Response | Exception] = deque()
        """What the next requests get instead of their page."""
        self.instead: dict[str | None, httpx.Response] = {}
        """By cursor: what is answered once instead of the page after it."""
        self.between = b","
        """What is between two entries."""
        self.requests: list[tuple[str, str | None]] = []
        """The session and the cursor of each."""
        self.keys = set[str]()
        self.before: Callable[[], object] = lambda: None
        """Is called for each request."""
        self._lock = threading.Lock()

    def transport(self) -> httpx.MockTransport:
        """What replaces the network, for both clients."""
        return httpx.MockTransport(self._answer)

    def client(self, **settings: Any) -> FaceAuditClient:
        """A client of it."""
        given: dict[str, Any] = {"endpoint": ENDPOINT, "retry": RetryPolicy(first_wait=0)} | settings
        return FaceAuditClient(KEY, http_client=DefaultClient(self.transport()), **given)

    def async_client(self, **settings: Any) -> AsyncFaceAuditClient:
        """The same for asyncio."""
        given: dict[str, Any] = {"endpoint": ENDPOINT, "retry": RetryPolicy(first_wait=0)} | settings
        return AsyncFaceAuditClient(KEY, http_client=AsyncDefaultClient(self.transport()), **given)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        split = urlsplit(str(request.url))
        session, asked = split.path.split("/")[-2], parse_qs(split.query)
        start, top = asked.get("start", [None])[0], int(asked.get("top", ["1000"])[0])
        with self._lock:
            self.requests.append((session, start))
            self.keys.add(request.headers["Ocp-Apim-Subscription-Key"])
            number = len(self.requests)
            told = self.told.popleft() if self.told else None
            if told is None and top > 1:  # a page, and no question about its first entry
                told = self.instead.pop(start, None)
        self.before()
        if isinstance(told, Exception):
            raise told
        if told is not None:  # a copy, because a client of httpx changes the answer that it reads
            return httpx.Response(told.status_code, headers=told.headers, content=told.content)
        if session not in self.sessions:
            return answer(404, "Session Id is not found.")
        items = self.sessions[session]
        ids = [str(json.loads(one)["id"]) for one in items]
        begin = 0 if start is None else ids.index(start) + 1
        body = b"[" + self.between.join(items[begin : begin + top]) + b"]"
        headers = {"content-type": "application/json", "apim-request-id": f"r{number}"}
        return httpx.Response(200, content=body, headers=headers)
