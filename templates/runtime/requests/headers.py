"""Headers that a caller adds: which names and values a request takes."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import cast

from ..errors import ConfigurationError
from ..wire import fits_header
from .credentials import Credential, Secret, unseen

# Headers that the client sets itself, and those of the connection (RFC 9110, 7.6.1, 7.8, 10.1.1; RFC 9112, 6).
_OWN = frozenset(
    {
        *("accept", "accept-encoding", "content-encoding", "content-length", "content-type", "cookie", "user-agent"),
        *("connection", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)  # RFC 9110, 5.6.2


class _Held(Secret):
    """The checked value of a header."""

    __slots__ = ()

    def __init__(self, value: str, *, name: str) -> None:
        super().__init__(lambda: value, name=name)

    def reveal(self) -> str:
        """The value; unlike a credential, it may contain blanks."""
        value = cast("str", self._ask())
        self._remember(value.partition(" ")[2])  # services echo a token without its scheme (RFC 9110, 11.4)
        return self._remember(value)


def check_headers(given: Mapping[str, str], *, where: str, taken: Container[str] = ()) -> dict[str, str]:
    """The headers given as `where`, by their lower-case names; no message shows a value.

    `taken` are further names that callers cannot set, in lower case: those of credentials and arguments.

    Raises:
        ConfigurationError: a name is the client's own, or a name or value cannot be sent.
    """
    if not isinstance(cast("object", given), Mapping):
        raise ConfigurationError(f"{where}: is of the type {type(given).__name__}; give a dict of names and values")
    checked = dict[str, str]()
    for name, value in cast("Mapping[object, object]", given).items():
        if not isinstance(name, str) or _TOKEN.fullmatch(name) is None:
            # Not shown: a header given as a single text contains its value.
            raise ConfigurationError(f"{where}: contains an invalid header name; use ASCII letters, digits and -")
        lower = name.lower()
        if lower in _OWN or lower.startswith("proxy-") or lower in taken:
            raise ConfigurationError(f"{where}: {name!r} is set by the client itself; leave it out")
        if not isinstance(value, str) or not fits_header(value):
            raise ConfigurationError(
                f"{where}: {name!r} cannot be sent in a header; use printable ASCII without blanks around it"
            )
        checked[lower] = value
    return checked


@unseen
def hold_headers(
    given: Mapping[str, str], *, where: str, credentials: Mapping[str, Credential], taken: Iterable[str]
) -> dict[str, Credential]:
    """The same, kept as credentials, because a gateway's key may be among them; no frame of an error shows a value.

    The headers of the client's own `credentials` are taken too.

    Raises:
        ConfigurationError: as `check_headers`.
    """
    own = [one.name for one in credentials.values() if one.place == "header"]
    checked = check_headers(given, where=where, taken={*own, *taken})
    return {name: Credential(name, "", _Held(value, name=where)) for name, value in checked.items()}
