"""Headers that a caller adds: which names and values a request takes."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import cast

from ..errors import ConfigurationError
from ..wire import fits_header
from .credentials import Credential, Secret, unseen

# What the client sets itself, and what says how a message is sent (RFC 9110, 7.6.1, 7.8 and 10.1.1; RFC 9112, 6).
_OWN = frozenset(
    {
        *("accept", "accept-encoding", "content-encoding", "content-length", "content-type", "cookie", "user-agent"),
        *("connection", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)  # RFC 9110, 5.6.2


class _Held(Secret):
    """The value of a header, which was checked."""

    __slots__ = ()

    def __init__(self, value: str, *, name: str) -> None:
        super().__init__(lambda: value, name=name)

    def reveal(self) -> str:
        """The value; it may hold blanks, as no credential does."""
        return self._remember(cast("str", self._ask()))


@unseen
def check_headers(given: Mapping[str, str], *, where: str, taken: Container[str] = ()) -> dict[str, str]:
    """The headers that a caller gave as `where`, by their lower-case names; no message and no frame shows a value.

    `taken` are more names that callers cannot set, in lower case: those of credentials, and of arguments.

    Raises:
        ConfigurationError: a name is the client's own, or a name or value cannot be sent.
    """
    if not isinstance(cast("object", given), Mapping):
        raise ConfigurationError(f"{where}: is of the type {type(given).__name__}; give a dict of names and values")
    checked = dict[str, str]()
    for name, value in cast("Mapping[object, object]", given).items():
        if not isinstance(name, str) or _TOKEN.fullmatch(name) is None:
            # It is not shown: a header that is given in one text holds its value, too.
            raise ConfigurationError(f"{where}: holds what is no name of a header; use ASCII letters, digits and -")
        lower = name.lower()
        if lower in _OWN or lower.startswith("proxy-") or lower in taken:
            raise ConfigurationError(f"{where}: {name!r} is set by the client itself; leave it out")
        if not isinstance(value, str) or not fits_header(value):
            raise ConfigurationError(
                f"{where}: {name!r} holds what no header can carry; use printable ASCII, no blanks around it"
            )
        checked[lower] = value
    return checked


def hold_headers(given: Mapping[str, str], *, where: str, taken: Container[str] = ()) -> dict[str, Credential]:
    """The same, held as credentials are: a gateway's key may be among them.

    Raises:
        ConfigurationError: as `check_headers`.
    """
    checked = check_headers(given, where=where, taken=taken)
    return {name: Credential(name, "", _Held(value, name=where)) for name, value in checked.items()}
