"""What goes over the wire and what comes back, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .errors import TransportError


class HTTPRequest(NamedTuple):
    """One request, ready to be sent; its repr shows neither headers nor content."""

    method: str
    url: str
    headers: Mapping[str, str]
    """By their lower-case names (RFC 9110, 5.1: names are case-insensitive)."""
    content: bytes | None = None
    fresh: bool = False
    """Whether it needs a connection that was not used before."""

    def __repr__(self) -> str:
        return f"HTTPRequest({self.method} {self.url})"


class HTTPResponse(NamedTuple):
    """One answer; its repr shows neither headers nor content."""

    status: int
    headers: Mapping[str, str]
    """By their lower-case names."""
    content: bytes
    fault: TransportError | None = None
    """What is wrong with the body, where it did not arrive whole; its content is empty then."""

    def __repr__(self) -> str:
        return f"HTTPResponse({self.status})"
