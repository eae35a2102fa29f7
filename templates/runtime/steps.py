"""The steps of a call, which its client performs one after the other, and the replies to them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeAlias

from attrs import field, frozen

from .errors import TransportError
from .messages import HTTPRequest, HTTPResponse


class Send(NamedTuple):
    """Send this request within `timeout` seconds; reply with an HTTPResponse or a TransportError.

    After each wait for a connection, ask `may_send`; if it says no, reply with None and send nothing.
    """

    request: HTTPRequest
    timeout: float
    may_send: Callable[[], bool]


class Sleep(NamedTuple):
    """Wait for `seconds`; reply with None."""

    seconds: float


class Follow(NamedTuple):
    """Wait until another call's attempt is over, but for `seconds` at most; reply with None."""

    other: Future[None]
    seconds: float


@frozen(kw_only=True)
class Arrived:
    """A success has arrived and is not decoded yet; reply with None once it is needed."""

    content: bytes = field(repr=False)


Step: TypeAlias = Send | Sleep | Follow | Arrived
Reply: TypeAlias = HTTPResponse | TransportError | None
Steps: TypeAlias = Generator[Step, Reply, Any]
