"""The way to an origin: directly, or through the tunnel of a proxy."""

from __future__ import annotations

import binascii
import ssl
from urllib.parse import urlsplit

import httpcore
from attrs import field, frozen

from ..errors import ConfigurationError
from ..requests.credentials import unseen
from ..requests.endpoint import parse_endpoint
from .deadline import Deadline
from .protocol import Head, Protocol
from .proxies import Proxy, choose_proxy
from .tls import check_context, find_context


@frozen(kw_only=True)
class Route:
    """How to reach an origin."""

    url: str
    """Scheme, host and port."""
    connect_timeout: float
    """Seconds."""
    proxy: Proxy | None
    tls: ssl.SSLContext | None = field(repr=False)
    """None for http."""

    @property
    def netloc(self) -> str:
        """Host, and port if it is not the scheme's."""
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
        """Host and port to connect to: the proxy's, if there is one."""
        return (self.host, self.port) if self.proxy is None else (self.proxy.host, self.proxy.port)

    def tunnel_request(self, protocol: Protocol, proxy: Proxy) -> bytes:
        """The request that asks the proxy for a tunnel to the origin (RFC 9110, 9.3.6)."""
        target = f"{self.netloc.removesuffix(f':{self.port}')}:{self.port}".encode("ascii")
        login = [] if proxy.login is None else [(b"proxy-authorization", _basic(proxy.login))]
        return protocol.request(b"CONNECT", target, [(b"host", target), *login], b"")


@unseen
def find_route(
    endpoint: str | None,
    *,
    connect_timeout: float,
    proxy: str | None,
    ssl_context: ssl.SSLContext | None,
    trust_env: bool,
) -> Route:
    """The way to the origin of `endpoint`.

    Raises:
        ConfigurationError: the endpoint, the proxy or the certificates cannot be used.
    """
    place, tls = parse_endpoint(endpoint), None
    if ssl_context is not None:
        check_context(ssl_context)
    if place.origin.startswith("https:"):
        tls = find_context(trust_env=trust_env) if ssl_context is None else ssl_context
    elif ssl_context is not None:
        raise ConfigurationError("ssl_context: is of no use with an http endpoint; leave it out, or use https")
    return Route(
        url=place.origin,
        connect_timeout=connect_timeout,
        proxy=choose_proxy(place, given=proxy, trust_env=trust_env),
        tls=tls,
    )


def require_time(deadline: Deadline, patience: float) -> None:
    """Refuse a connection that became free when the time was almost over.

    Raises:
        PoolTimeout: less than a tenth of the time is left.
    """
    # Calls that began together end together: a place that becomes free at their end is of no use to the others.
    if deadline.left() < patience / 10:
        raise httpcore.PoolTimeout


def require_tunnel(head: Head) -> None:
    """Refuse the answer of a proxy that opened no tunnel.

    Raises:
        ConnectError: its status is not a success.
    """
    if not 200 <= head.status < 300:  # noqa: PLR2004  # the class of successes, RFC 9110, 15.3
        reason = head.reason.decode("latin-1")
        raise httpcore.ConnectError(f"the proxy answered {head.status} {reason:.80}")


def _basic(login: tuple[bytes, bytes]) -> bytes:
    return b"Basic " + binascii.b2a_base64(b":".join(login), newline=False)
