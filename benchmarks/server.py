"""Serves the pages on loopback, in a process of its own: `python -m benchmarks.server` prints its port.

Every answer is kept as bytes once it was asked for, and what is timed has been asked for before.
"""

from __future__ import annotations

import asyncio
import gc
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Connection, serve

from .pages import MOST, body, read_session

_SMALL = 100
"""Entries, at most, of a page of which many are kept."""
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n"
    b"apim-request-id: 3f08db40-687e-414b-8931-0c0eb509a763\r\nDate: Sat, 20 Apr 2024 23:10:00 GMT\r\n\r\n"
)


@lru_cache(maxsize=16_384)
def read_target(target: str) -> tuple[str, int | None, int]:
    """The session, the cursor and the number of entries that are asked for."""
    split = urlsplit(target)
    asked = parse_qs(split.query)
    start = int(asked["start"][0]) if "start" in asked else None
    return split.path.split("/")[-2], start, int(asked["top"][0]) if "top" in asked else MOST


def answer(target: str) -> tuple[bytes, float]:
    """The whole answer, and the seconds after which it is given."""
    name, start, top = read_target(target)
    keep = _few if top > _SMALL else _many
    return keep(name, start, top), read_session(name)[1] / 1000


def _render(name: str, start: int | None, top: int) -> bytes:
    content = body(name, start=start, top=top)
    return _HEAD % len(content) + content


_few = lru_cache(maxsize=32)(_render)
_many = lru_cache(maxsize=16_384)(_render)


class PageConnection(Connection):
    """Answers with what is kept."""

    def respond(self, target: str) -> None:
        """At once, or when its time has come."""
        content, seconds = answer(target)
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self.transport.write, content)
        else:
            self.transport.write(content)


if __name__ == "__main__":
    gc.freeze()
    asyncio.run(serve(PageConnection))
