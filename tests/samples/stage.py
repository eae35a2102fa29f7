"""What samples meet: the emulator of a document on loopback, with responses that a scenario puts in between."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from face_audit._runtime.emulator import Emulator
from face_audit._runtime.emulator.server import serve
from face_audit._runtime.wire import HTTPRequest, HTTPResponse

KEY = "canary-0123456789"


def respond(status: int, body: Any = "", **headers: str) -> HTTPResponse:
    """A response; what is no text becomes JSON, and `_` in the name of a header `-`."""
    content = body if isinstance(body, str) else json.dumps(body)
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return HTTPResponse(status=status, headers=written, content=content.encode())


@dataclass
class Stage:
    """An emulator with one collection, and what it answers in place of its own responses."""

    document: Mapping[str, Any]
    scripted: dict[int, HTTPResponse | Callable[[str], HTTPResponse]] = field(default_factory=dict)
    """By the number of the request, from 1; those of 0 hold for all others."""
    received: list[HTTPRequest] = field(default_factory=list)
    url: str = ""
    elsewhere: str = ""
    """The address of another host."""
    leaked: list[HTTPRequest] = field(default_factory=list)
    """What came there."""

    def __post_init__(self) -> None:
        """Begin with an empty emulator."""
        self.emulator = Emulator(self.document, key=KEY)

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """The scripted response, or that of the emulator."""
        self.received.append(request)
        scripted = self.scripted.get(len(self.received), self.scripted.get(0))
        if scripted is None:
            return self.emulator.answer(request)
        return scripted(self.elsewhere) if callable(scripted) else scripted

    def answer_elsewhere(self, request: HTTPRequest) -> HTTPResponse:
        """An empty list, which a sample that follows redirects takes for the end."""
        self.leaked.append(request)
        return respond(200, [])

    @contextmanager
    def open(self) -> Iterator[Stage]:
        """Listen on loopback while the context lasts."""
        with serve(self.answer) as url, serve(self.answer_elsewhere) as elsewhere:
            self.url, self.elsewhere = url, elsewhere
            yield self
