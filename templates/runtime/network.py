"""The way to an origin, and what the failures on it mean."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from attrs import frozen

from .http1 import Head
from .messages import HTTPRequest
from .proxies import Proxy
from .streams import NoConnectionError, is_untrusted
from .watch import Watch

if TYPE_CHECKING:
    import ssl

Cause: TypeAlias = Literal["certificate", "busy", "no connection", "late", "lost", "unknown"]
"""Why no whole answer came."""


class NoRoomError(Exception):
    """All connections are in use."""


@frozen(kw_only=True)
class Route:
    """How to get to the origin."""

    url: str
    """Scheme, host and port."""
    connect: float
    """Seconds."""
    proxy: Proxy | None
    tls: ssl.SSLContext | None
    """None where the origin is asked in the clear."""

    @property
    def netloc(self) -> str:
        """Host, and port where it is not the scheme's."""
        return self.url.partition("://")[2]

    @property
    def host(self) -> str:
        """The origin's host, without the brackets of an IPv6 address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The origin's port."""
        return urlsplit(self.url).port or (80 if self.tls is None else 443)

    @property
    def first(self) -> tuple[str, int]:
        """Host and port to connect to: the proxy's, where there is one."""
        return (self.host, self.port) if self.proxy is None else (self.proxy.host, self.proxy.port)

    def tunnel(self, proxy: Proxy) -> HTTPRequest:
        """The request that asks the proxy for a way to the origin (RFC 9110, 9.3.6)."""
        target = f"{self.netloc.removesuffix(f':{self.port}')}:{self.port}"
        login = {} if proxy.login is None else {"proxy-authorization": _basic(proxy.login)}
        return HTTPRequest(method="CONNECT", url=target, headers=login)


def explain(error: BaseException) -> Cause:
    """What an exception on the way means."""
    if is_untrusted(error):
        return "certificate"
    if isinstance(error, NoRoomError):
        return "busy"
    if isinstance(error, NoConnectionError):
        return "no connection"
    if isinstance(error, TimeoutError):
        return "late"
    if isinstance(error, (OSError, EOFError)):
        return "lost"
    return "unknown"


def require_time(watch: Watch, patience: float) -> None:
    """Refuse a connection that came free when the time was all but over.

    Raises:
        NoRoomError: it was.
    """
    # Calls that began together end together: a place that is freed when the time is over helps nobody.
    if watch.left() < patience / 10:
        raise NoRoomError


def require_tunnel(head: Head, proxy: Proxy) -> None:
    """Refuse what a proxy says, unless it is a success.

    Raises:
        NoConnectionError: it is none.
    """
    if not 200 <= head.status < 300:  # noqa: PLR2004  # the class of successes, RFC 9110, 15.3
        raise NoConnectionError(f"{proxy.host}:{proxy.port}: the proxy says {head.status} {head.reason}")


def target_of(request: HTTPRequest, route: Route) -> str:
    """The target that the origin is asked for (RFC 9112, 3.2.1)."""
    return request.url.removeprefix(route.url)


def _basic(login: tuple[bytes, bytes]) -> str:
    return "Basic " + binascii.b2a_base64(b":".join(login), newline=False).decode("ascii")
