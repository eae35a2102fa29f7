"""Serves long sessions on loopback, in a process of its own: `python -m tests.evidence.server` prints its port.

A session's name ends with the number of its entries, so the server keeps none: `any-name-250` has the ids 250 to 1.
"""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Connection, serve

_ENTRY = (
    '{"id":%d,"sessionId":"%s","requestId":"3f08db40-687e-414b-8931-%012x",'
    '"clientRequestId":"9ad5c5b4-5a3d-4f0e-8ad5-6d1f0b7f6a2e","receivedDateTime":"2024-04-20T23:09:59.4533078+00:00",'
    '"request":{"url":"/face/v1.1-preview.1/detectLiveness/singleModal","method":"POST","contentLength":360030,'
    '"contentType":"multipart/form-data; boundary=--------------------------087499987152446464473896",'
    '"userAgent":"VisionSDK-objective-c/0.15.1-alpha.0.1 (Darwin Darwin 22.6.0)"},'
    '"response":{"body":{"livenessDecision":"realface","target":{"faceRectangle":{"top":782,"left":260,"width":858,'
    '"height":984},"fileName":"video.webp","timeOffsetWithinFile":0,"imageType":"Color"},'
    '"modelVersionUsed":"2022-10-15-preview.04"},"statusCode":200,"latencyInMilliseconds":%d},"digest":"%064X"}'
)


def count_of(session: str) -> int:
    """How many entries a session has."""
    return int(session.rpartition("-")[2])


def entry(session: str, number: int) -> str:
    """One of them."""
    return _ENTRY % (number, session, number, number % 5000, number)


def _answer(target: str) -> bytes:
    split = urlsplit(target)
    session, asked = split.path.split("/")[-2], parse_qs(split.query)
    first = int(asked["start"][0]) - 1 if "start" in asked else count_of(session)
    last = max(first - int(asked.get("top", ["1000"])[0]), 0)
    body = ("[" + ",".join([entry(session, number) for number in range(first, last, -1)]) + "]").encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\napim-request-id: r%d\r\ncontent-length: %d\r\n\r\n"
    return head % (first, len(body)) + body


class PageConnection(Connection):
    """Answers with the page that is asked for."""

    def respond(self, target: str) -> None:
        """At once."""
        self.transport.write(_answer(target))


if __name__ == "__main__":
    asyncio.run(serve(PageConnection))
