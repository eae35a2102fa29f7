"""Which proxy a client uses to reach its service, if any."""

from __future__ import annotations

import os
import re
import sys
from ipaddress import ip_address, ip_network
from urllib.parse import unquote_to_bytes

from attrs import field, frozen

from ..errors import ConfigurationError
from ..requests.endpoint import HIGHEST_PORT, Endpoint

_VARIABLES = frozenset({"https_proxy", "all_proxy"})
_PROXY = (
    r"(?:(?P<scheme>[a-z0-9+.-]+)://)?(?:(?P<user>[^:@/\s]*)(?::(?P<password>[^@/\s]*))?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?/?"
)
_OF_ENVIRONMENT = "HTTPS_PROXY or ALL_PROXY of the environment"
_WITH_PORT = re.compile(r"(\[.*\]|[^:]*):([0-9]{1,5})", re.ASCII)
_LONGEST_LABEL = 63
_PORT = 80


@frozen(kw_only=True)
class Proxy:
    """An HTTP proxy, which is asked for a tunnel; its repr shows no password."""

    host: str
    port: int
    login: tuple[bytes, bytes] | None = field(repr=False)


def choose_proxy(endpoint: Endpoint, *, given: str | None, trust_env: bool) -> Proxy | None:
    """The proxy that `given` names, or that of the environment; never one for this machine itself.

    No message quotes it: it may hold a password, or be a key in the wrong place.

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
    # Windows and macOS keep proxies elsewhere, too; there the look-up is always worth its import.
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
    """Whether an entry of NO_PROXY names the endpoint in a way that `proxy_bypass` does not know.

    That compares texts: it knows no network ("10.0.0.0/8"), no second spelling of an IPv6 address, no "*" but a single
    one ("*.example.com", "a,*"), and no dot at the end. See test_urllib_alone_does_not_know_those.
    """
    name, port = entry.strip().lower(), ""
    if found := _WITH_PORT.fullmatch(name):
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
    """The proxy of an address; a host alone is usual in the environment, and elsewhere may be a key."""
    parts = re.fullmatch(_PROXY, address, re.ASCII | re.IGNORECASE) if isinstance(address, str) else None
    if parts is None or not (may_be_host or parts["scheme"] or parts["port"]):
        raise ConfigurationError(f"{place}: is not the address of a proxy; write it as 'http://host:port'")
    scheme = (parts["scheme"] or "http").lower()
    if scheme != "http":
        raise ConfigurationError(f"{place}: proxies of the scheme {scheme!r:.20} are not supported; use an http one")
    login = None
    if parts["user"] is not None:
        login = (unquote_to_bytes(parts["user"]), unquote_to_bytes(parts["password"] or ""))
    host, port = parts["host"].strip("[]"), int(parts["port"] or _PORT)
    if not 0 < port <= HIGHEST_PORT:
        raise ConfigurationError(f"{place}: its port does not exist; use 1 to {HIGHEST_PORT}")
    if "" in host.removesuffix(".").split(".") or any(len(label) > _LONGEST_LABEL for label in host.split(".")):
        raise ConfigurationError(f"{place}: its host is not a host name; check the spelling")
    return Proxy(host=host, port=port, login=login)
