"""Where requests go: scheme, host, port and a gateway's path, checked before sending, in canonical spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import unquote

from ..errors import ConfigurationError

_URL = re.compile(
    r"(?P<scheme>https?)://(?:(?P<user>[^/?#]*)@)?(?P<host>\[[^\]/?#@]*\]|[^\[\]:/?#@]*)(?::(?P<port>[0-9]*))?"
    r"(?P<path>/[^?#]*)?(?P<rest>[?#].*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_LONGEST_HOST = 253  # RFC 1035, 2.3.4
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)
# Few endpoints have a path, so these are compiled on first use.
_SEGMENT = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*"
_SEGMENTS = r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)*"  # RFC 3986, 3.3
_PORTS = {"http": 80, "https": 443}
HIGHEST_PORT = 65535
_MOST_DIGITS = 5


class Endpoint(NamedTuple):
    """Where a service is."""

    origin: str
    """Scheme and host, and the port unless it is the default: `https://host` or `https://host:8443`."""
    host: str
    """In lower case; an IPv6 address in brackets."""
    port: int
    path: str
    """A gateway's path, which precedes every request's; without a slash at its end."""
    url: str
    """Origin and path: the canonical spelling of this endpoint."""

    @property
    def loopback(self) -> bool:
        """Whether the service runs on this machine; proxies are never used for it."""
        address = _address(self.host)
        if address is None:
            return self.host == "localhost"
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return (mapped or address).is_loopback


class TokenHosts(NamedTuple):
    """The hosts that take tokens, and those that do not, by patterns such as `*.example.com`."""

    scopes: tuple[tuple[str, str], ...]
    """Patterns, each with the scope of the tokens there."""
    refused: tuple[tuple[str, str], ...] = ()
    """Patterns, each with what to do instead."""

    def scope_at(self, endpoint: Endpoint, given: object, *, parameter: str) -> str:
        """The scope of tokens for this endpoint: the one that the caller has given, or the document's.

        No message quotes what is given.

        Raises:
            ConfigurationError: the endpoint takes no tokens, or its scope is not known.
        """
        if not endpoint.origin.startswith("https:"):
            raise ConfigurationError(f"{parameter}: tokens are sent to https alone; give an endpoint of https")
        for pattern, advice in self.refused:
            if _matches(pattern, endpoint.host):
                raise ConfigurationError(f"{parameter}: {pattern} takes no tokens; {advice}")
        if given is not None:
            if not isinstance(given, str) or not given or not given.isprintable() or " " in given:
                raise ConfigurationError("scope: is not a scope; give one text without blanks")
            return given
        for pattern, scope in self.scopes:
            if _matches(pattern, endpoint.host):
                return scope
        raise ConfigurationError(f"{parameter}: the scope of tokens for this endpoint is not known; give scope=")


def parse_endpoint(given: object) -> Endpoint:
    """The endpoint of a URL such as `https://api.example.com`, in any spelling (RFC 3986, 6.2).

    Messages do not quote the argument: it may be a key in the wrong place.

    Raises:
        ConfigurationError: it is not such a URL, has more than scheme, host, port and a plain path, or names another
            machine with http.
    """
    parts = _URL.fullmatch(given) if isinstance(given, str) else None
    if parts is None:
        raise ConfigurationError("endpoint: is not a URL of scheme and host; write it as 'https://host'")
    if parts["user"] is not None:
        raise ConfigurationError("endpoint: contains user information; leave out what precedes the @")
    if parts["rest"] is not None:
        raise ConfigurationError("endpoint: contains a query or a fragment; leave it out")
    scheme, host = parts["scheme"].lower(), _canonical_host(parts["host"])
    port = _parse_port(parts["port"]) if parts["port"] else _PORTS[scheme]
    origin = f"{scheme}://{host}" + ("" if port == _PORTS[scheme] else f":{port}")
    path = _canonical_path(parts["path"] or "")
    endpoint = Endpoint(origin=origin, host=host, port=port, path=path, url=origin + path)
    if scheme == "http" and not endpoint.loopback:
        raise ConfigurationError("endpoint: http would send the key in the clear to another machine; use https")
    return endpoint


def refuse_prefix(endpoint: Endpoint, prefix: str) -> None:
    """Refuse an endpoint whose path begins like the document's own, as one copied from a portal may do.

    Raises:
        ConfigurationError: it does; its requests would contain that path twice.
    """
    first, own = (unquote(path).casefold().split("/")[1:2] for path in (endpoint.path, prefix))
    if own and first == own:
        raise ConfigurationError(
            f"endpoint: its path begins like the one that every request adds; leave {endpoint.path!r:.80} out"
        )


def fill_host(template: str, variables: Mapping[str, str]) -> str:
    """The endpoint that a server's URL template gives with these variables.

    Raises:
        ConfigurationError: a value is not a label of a host name; the message does not quote it.
    """
    return _fill(template, variables, _LABEL, "is not a label of a host name; give letters, digits and hyphens")


def fill_path(template: str, variables: Mapping[str, str]) -> str:
    """The path that a server's URL template gives with these variables.

    Raises:
        ConfigurationError: a value is not part of one segment; the message does not quote it.
    """
    return _fill(template, variables, _SEGMENT, "is not part of a path; give letters, digits, - . _ and ~")


def _fill(template: str, variables: Mapping[str, str], values: str, complaint: str) -> str:
    for name, value in variables.items():
        if re.fullmatch(values, value) is None:
            raise ConfigurationError(f"{name}: {complaint}")
        template = template.replace(f"{{{name}}}", value)
    return template


def _canonical_host(written: str) -> str:
    address = _address(written)
    if isinstance(address, IPv6Address):
        return f"[{address}]"
    # Only ASCII is lowered: some other characters become ASCII letters in lower case.
    host = written.lower().removesuffix(".") if written.isascii() else ""
    # Systems read a name that ends in a number as an address, in notations that hide the address.
    hides = _NUMBER.fullmatch(host.rpartition(".")[2]) is not None and not isinstance(_address(host), IPv4Address)
    if hides or len(host) > _LONGEST_HOST or not all(re.fullmatch(_LABEL, label) for label in host.split(".")):
        raise ConfigurationError("endpoint: its host is not a host name; check the spelling")
    if "xn--" in host:  # decoding leaves other names unchanged
        try:
            host.encode("ascii").decode("idna")
        except ValueError:
            raise ConfigurationError("endpoint: its host is not a host name (IDNA); check the spelling") from None
    return host


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address in `host`, for IPv6 in brackets and without a zone, or None if it is a name."""
    try:
        if host.startswith("[") and "%" not in host:
            return IPv6Address(host[1:-1])
        return IPv4Address(host)
    except AddressValueError:
        return None


def _parse_port(digits: str) -> int:
    plain = digits.lstrip("0")
    port = int(plain) if 0 < len(plain) <= _MOST_DIGITS else 0  # Python refuses thousands of digits
    if not 0 < port <= HIGHEST_PORT:
        raise ConfigurationError(f"endpoint: its port is out of range; use 1 to {HIGHEST_PORT}")
    return port


def _canonical_path(written: str) -> str:
    path = written.removesuffix("/")
    if not path:
        return path
    if re.fullmatch(_SEGMENTS, path) is None or _hides(path):
        raise ConfigurationError(
            "endpoint: its path is not a plain one; leave out empty and dot segments, and encoded slashes, "
            "backslashes, dots, percent signs and control characters"
        )
    return re.sub("%(..)", _canonical_escape, path)


def _hides(path: str) -> bool:
    """Whether servers may read a path as another one, because of encoded characters or segments of dots."""
    try:
        decoded = unquote(path, errors="strict")
    except UnicodeDecodeError:
        return True
    if not decoded.isprintable() or decoded.count("/") > path.count("/") or "\\" in decoded or "%" in decoded:
        return True
    # Some servers drop what follows a semicolon before they resolve dots.
    return "%2e" in path.lower() or any(one.partition(";")[0] in {".", ".."} for one in decoded.split("/"))


def _canonical_escape(escape: re.Match[str]) -> str:
    # RFC 3986, 6.2.2: an unreserved character is not encoded, and the digits of the others are upper-case.
    character = chr(int(escape[1], 16))
    return character if re.fullmatch("[A-Za-z0-9._~-]", character) else escape[0].upper()


def _matches(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*") else host == pattern
