"""The way to an origin: directly or through the tunnel of a proxy, and the certificates that are trusted."""

from __future__ import annotations

import binascii
import errno
import functools
import os
import re
import ssl
import sys
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ..errors import ConfigurationError
from ..requests.credentials import unseen
from ..requests.endpoint import HIGHEST_PORT, Endpoint, parse_endpoint
from .protocol import Protocol

_VARIABLES = frozenset({"https_proxy", "all_proxy"})
_PROXY = (
    r"(?:(?P<scheme>[a-z0-9+.-]+)://)?(?:(?P<user>[^:@/\s]*)(?::(?P<password>[^@/\s]*))?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?/?"
)
_OF_ENVIRONMENT = "HTTPS_PROXY or ALL_PROXY of the environment"
_WITH_PORT = r"(\[.*\]|[^:]*):([0-9]{1,5})"
_LONGEST_LABEL = 63
_PROXY_PORT = 80
_TRUSTED = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class Proxy:
    """An HTTP proxy that is asked for a tunnel; its repr does not show the password."""

    __slots__ = ("host", "login", "port")

    def __init__(self, *, host: str, port: int, login: tuple[bytes, bytes] | None) -> None:
        self.host, self.port, self.login = host, port, login


class Route(NamedTuple):
    """How to reach an origin."""

    endpoint: Endpoint
    connect_timeout: float
    """Seconds."""
    proxy: Proxy | None
    tls: ssl.SSLContext | None
    """None for http."""

    @property
    def host(self) -> str:
        """The origin's host, without the brackets of an IPv6 address."""
        return self.endpoint.host.strip("[]")

    @property
    def first(self) -> tuple[str, int]:
        """Host and port to connect to: the proxy's, if there is one."""
        return (self.host, self.endpoint.port) if self.proxy is None else (self.proxy.host, self.proxy.port)

    def tunnel_request(self, protocol: Protocol, proxy: Proxy) -> bytes:
        """The request that asks the proxy for a tunnel to the origin (RFC 9110, 9.3.6)."""
        target = f"{self.endpoint.host}:{self.endpoint.port}".encode("ascii")
        login = []
        if proxy.login is not None:
            basic = b"Basic " + binascii.b2a_base64(b":".join(proxy.login), newline=False)
            login = [(b"proxy-authorization", basic)]
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
        _check_context(ssl_context)
    if place.origin.startswith("https:"):
        tls = find_context(trust_env=trust_env) if ssl_context is None else ssl_context
    elif ssl_context is not None:
        raise ConfigurationError("ssl_context: has no effect with an http endpoint; leave it out, or use https")
    return Route(
        endpoint=place,
        connect_timeout=connect_timeout,
        proxy=choose_proxy(place, given=proxy, trust_env=trust_env),
        tls=tls,
    )


def choose_proxy(endpoint: Endpoint, *, given: str | None, trust_env: bool) -> Proxy | None:
    """The proxy in `given`, or that of the environment; None for this machine itself.

    Messages do not quote it: it may contain a password, or be a key in the wrong place.

    Raises:
        ConfigurationError: it cannot be used.
    """
    if given is not None:
        if endpoint.loopback:
            raise ConfigurationError(f"proxy: is never used for {endpoint.host!r}, this machine itself; leave it out")
        return _parse(given, "proxy", may_be_host=False)
    if endpoint.loopback or not trust_env:
        return None
    found = _of_environment(endpoint)
    return None if found is None else _parse(found, _OF_ENVIRONMENT, may_be_host=True)


def _of_environment(endpoint: Endpoint) -> str | None:
    # Windows and macOS also have system settings for proxies, so there the import is always needed.
    if sys.platform == "linux" and not any(name.lower() in _VARIABLES and value for name, value in os.environ.items()):
        return None
    from urllib.request import getproxies, getproxies_environment, proxy_bypass  # noqa: PLC0415  # takes 15 ms

    if proxy_bypass(f"{endpoint.host}:{endpoint.port}"):
        return None
    if any(_names(entry, endpoint) for entry in getproxies_environment().get("no", "").split(",")):
        return None
    known = getproxies()
    return known.get("https") or known.get("all")


def _names(entry: str, endpoint: Endpoint) -> bool:
    """Whether an entry of NO_PROXY names the endpoint in a way that `proxy_bypass` does not support.

    `proxy_bypass` compares texts. It does not support networks ("10.0.0.0/8"), other spellings of an IPv6 address, "*"
    except alone ("*.example.com", "a,*"), or a dot at the end. See test_urllib_alone_does_not_know_those.
    """
    name, port = entry.strip().lower(), ""
    if found := re.fullmatch(_WITH_PORT, name):
        name, port = found.groups()
    name = name.removesuffix(".")
    if port and int(port) != endpoint.port:
        return False
    if name.startswith("*"):
        return endpoint.host.endswith(name[1:])
    try:
        return ip_address(endpoint.host.strip("[]")) in ip_network(name.strip("[]"), strict=False)
    except ValueError:
        return f".{endpoint.host}".endswith(f".{name.lstrip('.')}")


def _parse(address: object, place: str, *, may_be_host: bool) -> Proxy:
    """The proxy at an address; a bare host is common in the environment, but as an argument it may be a key."""
    parts = re.fullmatch(_PROXY, address, re.ASCII | re.IGNORECASE) if isinstance(address, str) else None
    if parts is None or not (may_be_host or parts["scheme"] or parts["port"]):
        raise ConfigurationError(f"{place}: is not the address of a proxy; write it as 'http://host:port'")
    scheme = (parts["scheme"] or "http").lower()
    if scheme != "http":
        raise ConfigurationError(f"{place}: the scheme {scheme!r:.20} is not supported; use an http proxy")
    login = None
    if parts["user"] is not None:
        login = (unquote_to_bytes(parts["user"]), unquote_to_bytes(parts["password"] or ""))
    host, port = parts["host"].strip("[]"), int(parts["port"] or _PROXY_PORT)
    if not 0 < port <= HIGHEST_PORT:
        raise ConfigurationError(f"{place}: its port is out of range; use 1 to {HIGHEST_PORT}")
    if "" in host.removesuffix(".").split(".") or any(len(label) > _LONGEST_LABEL for label in host.split(".")):
        raise ConfigurationError(f"{place}: its host is not a host name; check the spelling")
    return Proxy(host=host, port=port, login=login)


def find_context(*, trust_env: bool) -> ssl.SSLContext:
    """The default context. With `trust_env`, `SSL_CERT_FILE` and `SSL_CERT_DIR` name the trusted authorities.

    Raises:
        ConfigurationError: the file or the folder cannot be read.
    """
    file, folder = ((trust_env and os.environ.get(name)) or None for name in _TRUSTED)
    return _make_context(file, folder)


def _check_context(given: object) -> None:
    """Refuse a caller's context that does not verify certificates.

    Raises:
        ConfigurationError: it does not verify them, or is not a context for clients.
    """
    if not isinstance(given, ssl.SSLContext):
        raise ConfigurationError(f"ssl_context: is of type {type(given).__name__}; give an ssl.SSLContext")
    if given.verify_mode != ssl.CERT_REQUIRED or not given.check_hostname:
        raise ConfigurationError(
            "ssl_context: does not verify certificates and host names; use verify_mode=CERT_REQUIRED and check_hostname"
        )


@functools.cache  # loading the certificates takes 20 ms
def _make_context(file: str | None, folder: str | None) -> ssl.SSLContext:
    # Not `create_default_context`: it writes the keys of every connection to the file that SSLKEYLOGFILE names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if file is None and folder is None:
        import certifi  # noqa: PLC0415  # only for https

        file = certifi.where()
    try:
        if folder is not None and not os.path.isdir(folder):  # noqa: PTH112  # OpenSSL ignores it
            raise NotADirectoryError(errno.ENOTDIR, "no such folder", folder)
        context.load_verify_locations(file, folder)
    except OSError as error:  # an SSLError is an OSError
        given = zip(_TRUSTED, (file, folder), strict=True)
        named = " and ".join(f"{name}={value!r}" for name, value in given if value is not None)
        raise ConfigurationError(f"client: {named} cannot be used ({error}); give a file of PEM certificates") from None
    return context
