"""What a fault server is told to do: bytes, pauses and ends, in turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

SESSION = "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"
OTHER_SESSION = "00000000-0000-4000-8000-000000000000"
COUNT = 7
TOP = 3
MIDDLE = str(COUNT - TOP + 1)
"""The cursor of the second page."""


@dataclass(frozen=True)
class Pause:
    """Say nothing for this many seconds."""

    seconds: float


@dataclass(frozen=True)
class Drip:
    """Send a byte every this many seconds."""

    content: bytes
    every: float


@dataclass(frozen=True)
class Flood:
    """Send the same block many times."""

    block: bytes
    times: int


class End(Enum):
    """How a connection ends before its time."""

    CLOSED = "closed"
    RESET = "reset"


SILENCE = Pause(60)

Step: TypeAlias = bytes | Pause | Drip | Flood | End


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a script may need to know."""

    page: bytes
    """The body of the right answer."""
    host: str
    """Host and port of this server."""
    elsewhere: str
    """Host and port of another server, which no request may reach."""


Script: TypeAlias = Callable[[Scene], Sequence[Step]]


def entry(number: int, session: str = SESSION) -> dict[str, Any]:
    """One audit entry as the service writes it."""
    return {
        "id": str(number),
        "sessionId": session,
        "requestId": f"3f08db40-687e-414b-8931-{number:012d}",
        "receivedDateTime": "2023-10-20T23:09:59.4533078+00:00",
        "request": {
            "url": "/face/v1.1-preview.1/detectLiveness/singleModal",
            "method": "POST",
            "contentLength": 360030,
        },
        "response": {"body": {"livenessDecision": "realface"}, "statusCode": 200, "latencyInMilliseconds": 2037},
        "digest": f"{number:064X}",
    }


def reply(body: bytes, status: int = 200, *lines: str, kind: str | None = "application/json") -> bytes:
    """A whole answer; `lines` are further header lines, `kind` is the content type."""
    typed = [] if kind is None else [f"Content-Type: {kind}"]
    return head(status, *typed, f"Content-Length: {len(body)}", *lines) + body


def head(status: int = 200, *lines: str) -> bytes:
    """The head of an answer."""
    text = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status} Said", f"apim-request-id: r-{status}", *lines))
    return text.encode() + b"\r\n"


def page(numbers: Sequence[int], session: str = SESSION) -> bytes:
    """The body of a page with these entries."""
    return json.dumps([entry(number, session) for number in numbers]).encode()
