"""A service with faults on loopback, in a process of its own: `python -m tests.soak.server` prints its port.

A session's name ends with the number of its entries, so the server keeps none: `any-name-250` has the ids 250 to 1.

On request it also sends strays: empty pages that were not asked for, beside its real pages. The first request of a
connection is always answered correctly, because a stray is the trace of an earlier request on the same connection.
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
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Connection, serve

FAULTS = ("reset", "cut", "503", "429", "slow")
BROWN_OUT = ("reset", "503", "503", "429")
SHARE, BROWN_OUT_SHARE = 0.05, 0.85
"""The share of the requests that get a fault."""
STRAYS = ("same segment", "idle", "before")
"""After a page in the same segment, on an idle connection a moment after a page, or before a page."""
TOLD, TOLD_IN_BROWN_OUT = 2, 400
"""Milliseconds that a 429 asks the client to wait."""
GRACE = 0.2
"""Seconds after a 429 in which requests may arrive that were already under way."""
SLOW = 0.005
"""Seconds between the halves of a slow answer."""
IDLE = 0.002
"""The longest time in seconds between a page and the stray that follows it on an idle connection."""
HELD = 0.003
"""Seconds for which an answer is held back on a connection that is out of step."""
_ENTRY = (
    '{"id":"%d","sessionId":"%s","requestId":"r","dateReceived":"2023-10-20T23:09:59.4533078+00:00","response":{"body":'
    '{"livenessDecision":"realface"},"statusCode":200,"latencyInMS":7},"digest":"%s/%d"}'
)
_UNAVAILABLE = b'{"error":{"code":"503","message":"The service is unavailable."}}'
_TOO_MANY = b'{"error":{"code":"429","message":"Rate limit is exceeded."}}'


class Answer(NamedTuple):
    """The bytes of an answer, and whether it is an empty page."""

    content: bytes
    is_empty: bool


class Service:
    """What all connections share."""

    def __init__(self) -> None:
        """Begin without a brown-out and without strays."""
        self.open = 0
        self.counts = Counter[str]()
        self._chance, self._stray_chance = random.Random(1), random.Random(2)
        self._stray_share = 0.0
        self._ended = set[str]()
        self._brown_out_until = 0.0
        self._told_since = self._told_until = 0.0

    def begin_brown_out(self, seconds: float) -> None:
        """Let most requests fail for so long."""
        self._brown_out_until = time.monotonic() + seconds

    @property
    def in_brown_out(self) -> bool:
        """Whether most requests fail now."""
        return time.monotonic() < self._brown_out_until

    def count_request(self) -> None:
        """Count a request, and whether the client should have waited."""
        now = time.monotonic()
        self.counts["requests"] += 1
        self.counts["too early"] += self._told_since + GRACE < now < self._told_until

    def fault(self) -> str:
        """The fault of the next request; empty if it is answered."""
        brown_out = self.in_brown_out
        if self._chance.random() >= (BROWN_OUT_SHARE if brown_out else SHARE):
            return ""
        fault = self._chance.choice(BROWN_OUT if brown_out else FAULTS)
        self.counts[fault] += 1
        return fault

    def stray(self, *, first: bool) -> str:
        """The kind of stray that goes with the next page; empty if none does. `first`: of the connection."""
        if self._stray_chance.random() >= self._stray_share:
            return ""
        kind = self._stray_chance.choice(STRAYS)
        return "" if first and kind == "before" else kind

    def idle_time(self) -> float:
        """Seconds between a page and its stray."""
        return self._stray_chance.random() * IDLE

    def note_misread(self, target: str, answer: Answer) -> None:
        """The client takes `answer` for the answer to this request, but it is a stray or another request's answer."""
        self.counts["strays read" if answer is STRAY else "shifted"] += 1
        if answer.is_empty and not self._page_of(target).is_empty:
            self._ended.add(target)

    def too_many(self) -> bytes:
        """A 429 that asks to wait."""
        told = TOLD_IN_BROWN_OUT if self.in_brown_out else TOLD
        now = time.monotonic()
        if now > self._told_until:
            self._told_since = now
        self._told_until = max(self._told_until, now + told / 1000)
        return _answer(b"429 Too Many Requests", _TOO_MANY, b"retry-after-ms: %d\r\n" % told)

    def page(self, target: str, *, first: bool) -> Answer:
        """The page that is asked for, every tenth one as gzip. `first`: of the connection."""
        page = self._page_of(target)
        if first and target in self._ended:
            self._ended.remove(target)
            self.counts["ends contradicted"] += 1
        self.counts["pages"] += 1
        if self.counts["pages"] % 10:
            return page._replace(content=_answer(b"200 OK", page.content))
        return page._replace(content=_answer(b"200 OK", gzip.compress(page.content, 1), b"content-encoding: gzip\r\n"))

    def _page_of(self, target: str) -> Answer:
        split = urlsplit(target)
        session = split.path.split("/")[-2]
        asked = parse_qs(split.query)
        first = int(asked["start"][0]) - 1 if "start" in asked else int(session.rpartition("-")[2])
        last = max(first - int(asked["top"][0]), 0)
        body = "[" + ",".join(_ENTRY % (n, session, session, n) for n in range(first, last, -1)) + "]"
        return Answer(body.encode(), is_empty=first == last)

    def control(self, target: str) -> bytes:
        """The figures so far; `seconds` begins a brown-out, `strays` sets the share of pages with a stray."""
        asked = parse_qs(urlsplit(target).query)
        if seconds := asked.get("seconds"):
            self.begin_brown_out(float(seconds[0]))
        if share := asked.get("strays"):
            self._stray_share = float(share[0])
        figures = {"open": self.open - 1, **self.counts}  # without the connection that asks
        return _answer(b"200 OK", json.dumps(figures).encode())


class FaultyConnection(Connection):
    """One connection of the client, with faults and strays."""

    def __init__(self, service: Service) -> None:
        """Answer for `service`."""
        super().__init__()
        self._service = service
        self._requests = 0
        self._unread: Answer | None = None
        """Was sent while no request was open, so the client takes it for the answer to the next one."""
        self._held: Answer | None = None
        """Belongs to the request before, which the client takes to be answered."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it as open."""
        super().connection_made(transport)
        self._service.open += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it as closed."""
        self._service.open -= 1

    def respond(self, target: str) -> None:
        """With the page, a fault, or the figures."""
        if target.startswith("/control"):
            self.transport.write(self._service.control(target))
            return
        self._requests += 1
        self._service.count_request()
        misread = self._unread or self._held
        if misread is None:
            self._respond(target)
            return
        # No fault here: the client may never read this answer, and a 429 has to reach it.
        if misread is self._held:
            self.transport.write(misread.content)
        self._unread = None
        self._service.note_misread(target, misread)
        self._hold(self._page(target))

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
        elif fault:
            self._send_halves(self._page(target).content, fault)
        else:
            self._send_page(target)

    def _page(self, target: str) -> Answer:
        return self._service.page(target, first=self._requests == 1)

    def _send_halves(self, answer: bytes, fault: str) -> None:
        # Past the head, inside the body.
        half = (answer.find(b"\r\n\r\n") + 4 + len(answer)) // 2
        self.transport.write(answer[:half])
        if fault == "cut":
            self.transport.close()
        else:
            asyncio.get_running_loop().call_later(SLOW, self.transport.write, answer[half:])

    def _send_page(self, target: str) -> None:
        page, kind = self._page(target), self._service.stray(first=self._requests == 1)
        if kind == "same segment":
            self._service.counts["strays: same segment"] += 1
            self.transport.write(page.content + STRAY.content)
        elif kind == "before":
            self._service.counts["strays: before"] += 1
            self.transport.write(STRAY.content)
            self._service.note_misread(target, STRAY)
            self._hold(page)
        else:
            self.transport.write(page.content)
            if kind == "idle":
                asyncio.get_running_loop().call_later(self._service.idle_time(), self._send_stray, self._requests)

    def _send_stray(self, number: int) -> None:
        if self._requests == number and not self.transport.is_closing():
            self._service.counts["strays: idle"] += 1
            self.transport.write(STRAY.content)
            self._unread = STRAY

    def _hold(self, answer: Answer) -> None:
        self._held = answer
        asyncio.get_running_loop().call_later(HELD, self._release, self._requests)

    def _release(self, number: int) -> None:
        if self._requests == number and self._held is not None and not self.transport.is_closing():
            self.transport.write(self._held.content)
            self._unread, self._held = self._held, None


def _answer(status: bytes, body: bytes, headers: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%b\r\n"
    return head % (status, len(body), headers) + body


STRAY = Answer(_answer(b"200 OK", b"[]"), is_empty=True)


if __name__ == "__main__":
    asyncio.run(serve(partial(FaultyConnection, Service())))
