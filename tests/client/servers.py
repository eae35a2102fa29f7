"""A service on loopback that shares no code with the package: serves a session's entries, or what a test queues."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from face_audit import API_VERSION

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

SESSION = "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"
# Where this version of the API is on its host.
PREFIX = f"/face/v{API_VERSION}"
PATH = f"{PREFIX}/detectLiveness/singleModal/sessions/{SESSION}/audit"

# The example of the API's reference page, verbatim.
EXAMPLE: dict[str, Any] = {
    "id": "1",
    "sessionId": "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3",
    "requestId": "3f08db40-687e-414b-8931-0c0eb509a763",
    "dateReceived": "2023-10-20T23:09:59.4533078+00:00",
    "request": {
        "url": "/face/v1.1-preview.1/detectLiveness/singleModal",
        "method": "POST",
        "contentLength": 360030,
        "contentType": "multipart/form-data; boundary=--------------------------087499987152446464473896",
        "userAgent": "VisionSDK-objective-c/0.15.1-alpha.0.1 (Darwin Darwin 22.6.0)",
    },
    "response": {
        "body": {
            "livenessDecision": "spoofface",
            "target": {
                "faceRectangle": {"top": 782, "left": 260, "width": 858, "height": 984},
                "fileName": "video.webp",
                "timeOffsetWithinFile": 0,
                "imageType": "Color",
            },
            "modelVersionUsed": "2022-10-15-preview.04",
        },
        "statusCode": 200,
        "latencyInMS": 2037,
    },
    "digest": "1CC98BA83EAF1D0FF7F566FAEFCCCC787819FFA01251E2D9299143F7AD6651DB",
}

Spelling = Literal["example", "table"]
Order = Literal["newest first", "oldest first"]


def entry(number: int, *, spelling: Spelling = "example", text_id: bool = True, **changes: Any) -> dict[str, Any]:
    """One entry as the service writes it: as in its JSON example, or as in its field table."""
    media, agent = "multipart/form-data; boundary=x", "VisionSDK-objective-c/0.15.1"
    request = {"url": "/face/v1.1-preview.1/detectLiveness/singleModal", "method": "POST", "contentLength": 360030}
    response: dict[str, Any] = {"body": {"livenessDecision": "realface", "modelVersionUsed": "2022-10-15-preview.04"}}
    made: dict[str, Any] = {
        "id": str(number) if text_id else number,
        "sessionId": SESSION,
        "requestId": f"request-{number}",
        "request": request,
        "response": response,
        "digest": f"{number:064X}",
    }
    if spelling == "example":
        made["dateReceived"] = "2023-10-20T23:09:59.4533078+00:00"
        request |= {"contentType": media, "userAgent": agent}
        response |= {"statusCode": 200, "latencyInMS": number}
    else:
        made["receivedDateTime"] = "2023-10-20T23:09:59.4533078Z"
        made["clientRequestId"] = f"client-{number}"
        made["result"] = {"contentType": media, "userAgent": agent}
        response |= {"statusCode": "200", "latencyInMilliseconds": str(number)}
    return made | changes


def entries(*numbers: int | str, **changes: Any) -> list[dict[str, Any]]:
    """Entries with these ids, each as text or number as given."""
    return [entry(0) | {"id": number} | changes for number in numbers]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What to send, byte by byte."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    body: bytes = b"[]"
    cut_after: int | None = None
    """Bytes of the body after which the connection is closed."""
    lost: Literal["", "closed", "reset"] = ""
    """The connection ends this way, and nothing is sent."""


def answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer with this JSON body; an underscore in a header's name means a hyphen."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(
        status=status, headers={"Content-Type": "application/json"} | named, body=json.dumps(value).encode("utf-8")
    )


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    target: str
    headers: dict[str, str]
    port: int
    """The client's, which tells connections apart."""
    body: bytes = b""

    @property
    def start(self) -> str | None:
        """Its cursor."""
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True).get("start", [None])[0]


class Service:
    """A session with `count` entries; what is queued goes first. Use it as a context manager."""

    def __init__(  # one keyword for each way in which services differ
        self,
        count: int = 0,
        *,
        spelling: Spelling = "example",
        order: Order = "newest first",
        text_ids: bool = True,
        longest_page: int = 1000,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Make the entries 1 to `count`; it speaks TLS with the context of a server."""
        numbers = range(count, 0, -1) if order == "newest first" else range(1, count + 1)
        self.entries = [entry(number, spelling=spelling, text_id=text_ids) for number in numbers]
        self.queue: deque[Answer] = deque()
        self.requests: list[Received] = []
        self._descending = order == "newest first"
        self._longest_page = longest_page
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.service = self
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def will(self, *answers: Answer | Sequence[Any]) -> None:
        """Queue answers; a list is a page."""
        self.queue.extend(one if isinstance(one, Answer) else answer(one) for one in answers)

    def respond(self, request: Received) -> Answer:
        """What the next request gets."""
        self.requests.append(request)
        if self.queue:
            return self.queue.popleft()
        asked = parse_qs(urlsplit(request.target).query)
        top = min(int(asked.get("top", ["1000"])[0]), self._longest_page)
        start = asked.get("start", [None])[0]
        left = self.entries if start is None else [one for one in self.entries if self._follows(one, int(start))]
        return answer(left[:top], apim_request_id=f"r{len(self.requests)}")

    def _follows(self, one: dict[str, Any], start: int) -> bool:
        return int(one["id"]) < start if self._descending else int(one["id"]) > start

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    service: Service
    daemon_threads = True
    request_queue_size = 128
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients may leave."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """The same as for GET."""
        self.do_GET()

    def do_GET(self) -> None:
        """Record the request and send what its turn is."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        received = Received(self.path, headers, self.client_address[1], body)
        reply = self.server.service.respond(received)
        self.close_connection = bool(reply.lost) or reply.cut_after is not None
        if reply.lost == "reset":
            # With a linger time of zero, closing sends RST.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif not reply.lost:
            headers = {"Content-Length": str(len(reply.body))} | reply.headers
            if "Transfer-Encoding" in headers or reply.status == 204:
                del headers["Content-Length"]
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            body = reply.body if reply.cut_after is None else reply.body[: reply.cut_after]
            self.wfile.write(f"HTTP/1.1 {reply.status} Said\r\n{head}\r\n".encode() + body)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""
