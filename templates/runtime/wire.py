"""HTTP requests and responses as plain values.

They are not tuples: tools that show the locals of a traceback, such as Sentry, ignore the repr of a tuple.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from .errors import TransportError


@frozen(kw_only=True, eq=False)
class HTTPRequest:
    """One request, ready to be sent; its repr shows neither headers nor content."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    """By their lower-case names (RFC 9110, 5.1: names are case-insensitive)."""
    content: bytes | None = field(default=None, repr=False)
    fresh: bool = False
    """Whether it needs a new connection."""
    secret_query: str = field(default="", repr=False)
    """The credentials in its query, encoded; `url` does not contain them, because it is logged."""

    @property
    def full_url(self) -> str:
        """The URL that is sent. Never keep it in a local variable: a traceback with locals would show it."""
        if not self.secret_query:
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}{self.secret_query}"


@frozen(kw_only=True, eq=False)
class HTTPResponse:
    """One answer; its repr shows neither headers nor content."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By their lower-case names."""
    content: bytes = field(repr=False)
    fault: TransportError | None = None
    """What is wrong with the body if it is incomplete; `content` is then empty."""

    def select_headers(self, names: tuple[str, ...]) -> dict[str, str]:
        """The answer's headers among `names`, which are in lower case."""
        return {name: self.headers[name] for name in names if name in self.headers}

    def first_header(self, names: tuple[str, ...]) -> str | None:
        """The value of the first of these headers that the answer has."""
        return next((found for name in names if (found := self.headers.get(name.lower())) is not None), None)


def fits_header(text: str) -> bool:
    """Whether a header can carry this value: printable ASCII without blanks around it."""
    return all(" " <= character <= "~" for character in text) and text == text.strip()
