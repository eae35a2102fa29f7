"""A credential that shows itself to nobody but the one line that sends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from .errors import ConfigurationError

# Longer than any key or token seen; a header beyond it would be refused by servers anyway.
_LONGEST = 16_384


class Secret:
    """A credential, given as text or as a function that is asked before every attempt (rotation)."""

    __slots__ = ("_ask", "_name")

    def __init__(self, source: str | Callable[[], str], *, name: str) -> None:
        """Hold `source`; `name` is the argument's name, for error messages.

        Raises:
            ConfigurationError: the text cannot be sent as a header.
        """
        self._name = name
        if callable(source):
            self._ask = source
        else:
            held = _checked(source, name)
            self._ask = lambda: held

    def reveal(self) -> str:
        """The credential, checked, for the header of one attempt."""
        return _checked(self._ask(), self._name)

    def __repr__(self) -> str:
        return f"Secret({self._name})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{self._name}: a credential is not pickled or copied; give it to the new client again")


def _checked(value: object, name: str) -> str:
    # The message never holds the value.
    if not isinstance(value, str):
        raise ConfigurationError(f"{name}: is no text; give it as str")
    if not value:
        raise ConfigurationError(f"{name}: is empty; give the key of your account")
    if len(value) > _LONGEST:
        raise ConfigurationError(f"{name}: has {len(value)} characters; at most {_LONGEST} can be sent")
    if not all("!" <= character <= "~" for character in value):
        raise ConfigurationError(f"{name}: holds a character that no key has; look for blanks and line ends around it")
    return value
