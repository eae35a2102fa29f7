"""What a call asks its client to do, one step after the other, and what it is told of each."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeAlias

from attrs import field, frozen

from .errors import TransportError
from .messages import HTTPRequest, HTTPResponse


class Send(NamedTuple):
    """Send this request within `timeout` seconds; answer with an HTTPResponse or a TransportError."""

    request: HTTPRequest
    timeout: float


class Sleep(NamedTuple):
    """Wait for `seconds`; answer with None."""

    seconds: float


class Follow(NamedTuple):
    """Wait until another call's attempt is over, but for `seconds` at most; answer with None."""

    other: Future[None]
    seconds: float


@frozen(kw_only=True)
class Arrived:
    """A success is here, and not read yet; answer with None once it is wanted."""

    content: bytes = field(repr=False)


Step: TypeAlias = Send | Sleep | Follow | Arrived
Reply: TypeAlias = HTTPResponse | TransportError | None
Steps: TypeAlias = Generator[Step, Reply, Any]
