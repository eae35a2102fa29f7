"""A service with faults on loopback, in a process of its own: `python -m tests.soak.server` prints its port.

A session's name ends with the number of its entries, so the server keeps none: `any-name-250` has the ids 250 to 1.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import socket
import struct
import time
from collections import Counter
from functools import partial
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Connection, serve

FAULTS = ("reset", "cut", "503", "429", "slow")
BROWN_OUT = ("reset", "503", "503", "429")
SHARE, BROWN_OUT_SHARE = 0.05, 0.85
"""Of the requests that meet a fault."""
TOLD, TOLD_IN_BROWN_OUT = 2, 400
"""Milliseconds that a 429 asks to wait."""
GRACE = 0.2
"""Seconds after a 429 in which requests may still come that were under way when the client learned of it."""
SLOW = 0.005
"""Seconds between the halves of a slow answer."""
_ENTRY = (
    '{"id":"%d","sessionId":"%s","requestId":"r","dateReceived":"2023-10-20T23:09:59.4533078+00:00","response":{"body":'
    '{"livenessDecision":"realface"},"statusCode":200,"latencyInMS":7},"digest":"%s/%d"}'
)
_UNAVAILABLE = b'{"error":{"code":"503","message":"The service is unavailable."}}'
_TOO_MANY = b'{"error":{"code":"429","message":"Rate limit is exceeded."}}'


class Service:
    """What all connections share."""

    def __init__(self) -> None:
        """Begin without a brown-out."""
        self.open = 0
        self.counts = Counter[str]()
        self._chance = random.Random(1)
        self._brown_out_until = 0.0
        self._told_since = self._told_until = 0.0

    def begin_brown_out(self, seconds: float) -> None:
        """Let most requests fail for so long."""
        self._brown_out_until = time.monotonic() + seconds

    @property
    def in_brown_out(self) -> bool:
        """Whether most requests fail now."""
        return time.monotonic() < self._brown_out_until

    def fault(self) -> str:
        """What the next request meets; empty where it is answered."""
        now = time.monotonic()
        brown_out = self.in_brown_out
        self.counts["requests"] += 1
        self.counts["requests in brown-out"] += brown_out
        self.counts["too early"] += self._told_since + GRACE < now < self._told_until
        if self._chance.random() >= (BROWN_OUT_SHARE if brown_out else SHARE):
            return ""
        fault = self._chance.choice(BROWN_OUT if brown_out else FAULTS)
        self.counts[fault] += 1
        return fault

    def too_many(self) -> bytes:
        """A 429 that asks to wait."""
        told = TOLD_IN_BROWN_OUT if self.in_brown_out else TOLD
        now = time.monotonic()
        if now > self._told_until:
            self._told_since = now
        self._told_until = max(self._told_until, now + told / 1000)
        return _answer(b"429 Too Many Requests", _TOO_MANY, b"retry-after-ms: %d\r\n" % told)

    def page(self, target: str) -> bytes:
        """The answer with the page that is asked for, every tenth one as gzip."""
        split = urlsplit(target)
        session = split.path.split("/")[-2]
        asked = parse_qs(split.query)
        first = int(asked["start"][0]) - 1 if "start" in asked else int(session.rpartition("-")[2])
        last = max(first - int(asked["top"][0]), 0)
        body = ("[" + ",".join(_ENTRY % (n, session, session, n) for n in range(first, last, -1)) + "]").encode()
        self.counts["pages"] += 1
        if self.counts["pages"] % 10:
            return _answer(b"200 OK", body)
        return _answer(b"200 OK", gzip.compress(body, 1), b"content-encoding: gzip\r\n")

    def control(self, target: str) -> bytes:
        """The figures so far; with `seconds`, a brown-out begins."""
        if seconds := parse_qs(urlsplit(target).query).get("seconds"):
            self.begin_brown_out(float(seconds[0]))
        figures = {"open": self.open - 1, **self.counts}  # without the connection that asks
        return _answer(b"200 OK", json.dumps(figures).encode())


class FaultyConnection(Connection):
    """One connection of the client, which meets faults."""

    def __init__(self, service: Service) -> None:
        """Answer for `service`."""
        super().__init__()
        self._service = service

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        super().connection_made(transport)
        self._service.open += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it no more."""
        self._service.open -= 1

    def respond(self, target: str) -> None:
        """With the page, a fault, or the figures."""
        if target.startswith("/control"):
            self.transport.write(self._service.control(target))
        else:
            self._respond(target)

    def _respond(self, target: str) -> None:
        fault = self._service.fault()
        if fault == "reset":
            # With a linger time of zero, closing sends RST.
            taken = self.transport.get_extra_info("socket")
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        elif fault == "503":
            self.transport.write(_answer(b"503 Service Unavailable", _UNAVAILABLE))
        elif fault == "429":
            self.transport.write(self._service.too_many())
        else:
            self._send(self._service.page(target), fault)

    def _send(self, answer: bytes, fault: str) -> None:
        if not fault:
            self.transport.write(answer)
            return
        # Past the head, inside the body.
        half = (answer.find(b"\r\n\r\n") + 4 + len(answer)) // 2
        self.transport.write(answer[:half])
        if fault == "cut":
            self.transport.close()
        else:
            asyncio.get_running_loop().call_later(SLOW, self.transport.write, answer[half:])


def _answer(status: bytes, body: bytes, headers: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%b\r\n"
    return head % (status, len(body), headers) + body


if __name__ == "__main__":
    asyncio.run(serve(partial(FaultyConnection, Service())))
