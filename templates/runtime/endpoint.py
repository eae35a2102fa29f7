"""Where requests go: scheme, host and port, checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from .errors import ConfigurationError

_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[::1\]|[A-Za-z0-9.-]{1,253})(?::(?P<port>[0-9]{1,5}))?/?", re.ASCII
)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ADDRESS = re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}", re.ASCII)
_LOOPBACK = re.compile(r"localhost|\[::1\]|127(?:\.[0-9]{1,3}){3}", re.ASCII | re.IGNORECASE)
HIGHEST_PORT = 65535


class Origin(NamedTuple):
    """Scheme, host and port of the service."""

    url: str
    """`https://host` or `https://host:port`, lower case, without a slash at the end."""
    host: str

    @property
    def loopback(self) -> bool:
        """Whether the service runs on this machine; proxies are never asked for it."""
        return _LOOPBACK.fullmatch(self.host) is not None


def parse_origin(endpoint: object) -> Origin:
    """The origin named by `endpoint`, such as `https://api.example.com`.

    Raises:
        ConfigurationError: more than scheme, host and port, or http to another machine.
    """
    if not isinstance(endpoint, str) or (parts := _ORIGIN.fullmatch(endpoint)) is None:
        raise ConfigurationError(
            f"endpoint: {endpoint!r:.200} is not of the form 'https://host'; give scheme and host only"
        )
    host = parts["host"].lower()
    # Systems read whatever ends in a number as an address, in notations that hide which one.
    hides = _NUMBER.fullmatch(host.rpartition(".")[2]) is not None and _ADDRESS.fullmatch(host) is None
    if host != "[::1]" and (hides or not all(_LABEL.fullmatch(label) for label in host.split("."))):
        raise ConfigurationError(f"endpoint: {host!r} is no host name; check the spelling")
    if "xn--" in host:  # what other names would be decoded to is themselves
        try:
            host.encode("ascii").decode("idna")
        except ValueError as error:
            raise ConfigurationError(f"endpoint: {host!r} is no host name ({error}); check the spelling") from None
    port = parts["port"]
    if port is not None and not 0 < int(port) <= HIGHEST_PORT:
        raise ConfigurationError(f"endpoint: port {port} does not exist; use 1 to {HIGHEST_PORT}")
    origin = Origin(url=f"{parts['scheme']}://{host}{'' if port is None else f':{int(port)}'}", host=host)
    if parts["scheme"] == "http" and not origin.loopback:
        raise ConfigurationError(f"endpoint: http would send the key in the clear to {host!r}; use https")
    return origin


def fill_host(template: str, variables: Mapping[str, str]) -> str:
    """The endpoint that a server's URL template gives with these variables.

    Raises:
        ConfigurationError: a value that is not one label of a host name.
    """
    for name, value in variables.items():
        if _LABEL.fullmatch(value) is None:
            raise ConfigurationError(f"{name}: {value!r:.200} is not part of a host name; give one of the known names")
        template = template.replace(f"{{{name}}}", value)
    return template
