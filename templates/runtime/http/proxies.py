"""Which proxy stands between a client and its service, if any."""

from __future__ import annotations

import os
import re
import sys
from urllib.parse import unquote_to_bytes

from attrs import field, frozen

from ..endpoint import HIGHEST_PORT, Origin
from ..errors import ConfigurationError

_VARIABLES = frozenset({"https_proxy", "all_proxy"})
_PROXY = (
    r"(?:(?P<scheme>[a-z0-9+.-]+)://)?(?:(?P<user>[^:@/\s]*)(?::(?P<password>[^@/\s]*))?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?/?"
)
_LONGEST_LABEL = 63
_PORT = 80


@frozen(kw_only=True)
class Proxy:
    """An HTTP proxy, which is asked for a tunnel; its repr shows no password."""

    host: str
    port: int
    login: tuple[bytes, bytes] | None = field(repr=False)


def choose_proxy(origin: Origin, *, given: str | None, trust_env: bool) -> Proxy | None:
    """The proxy that `given` names, else the one of the environment; never one for this machine itself.

    Raises:
        ConfigurationError: it cannot be used.
    """
    if given is not None:
        if origin.loopback:
            raise ConfigurationError(f"proxy: is never asked for {origin.host!r}, this machine itself; leave it out")
        return _parse(given, "proxy")
    if origin.loopback or not trust_env:
        return None
    found = _of_environment(origin)
    return None if found is None else _parse(found, "HTTPS_PROXY or ALL_PROXY of the environment")


def _of_environment(origin: Origin) -> str | None:
    # Windows and macOS keep proxies elsewhere, too; there the look-up is always worth its import.
    if sys.platform == "linux" and not any(name.lower() in _VARIABLES and value for name, value in os.environ.items()):
        return None
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415  # takes 15 ms

    address = origin.url.removeprefix("https://")
    # NO_PROXY may name the port, too.
    if proxy_bypass(address if ":" in address else f"{address}:443"):
        return None
    known = getproxies()
    return known.get("https") or known.get("all")


def _parse(address: object, place: str) -> Proxy:
    # No message shows the address: it may hold a password.
    if not isinstance(address, str) or (parts := re.fullmatch(_PROXY, address, re.ASCII | re.IGNORECASE)) is None:
        raise ConfigurationError(f"{place}: is no address of a proxy; write it as 'http://host:port'")
    scheme = (parts["scheme"] or "http").lower()
    if scheme != "http":
        raise ConfigurationError(f"{place}: proxies of the scheme {scheme!r:.20} are not supported; use an http one")
    login = None
    if parts["user"] is not None:
        login = (unquote_to_bytes(parts["user"]), unquote_to_bytes(parts["password"] or ""))
    host, port = parts["host"].strip("[]"), int(parts["port"] or _PORT)
    if not 0 < port <= HIGHEST_PORT:
        raise ConfigurationError(f"{place}: port {port} does not exist; use 1 to {HIGHEST_PORT}")
    if "" in host.removesuffix(".").split(".") or any(len(label) > _LONGEST_LABEL for label in host.split(".")):
        raise ConfigurationError(f"{place}: {host!r} is no host name; check the spelling")
    return Proxy(host=host, port=port, login=login)
