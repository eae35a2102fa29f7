"""Finds the value that a caller means, in whatever case and with whatever blanks, hyphens and underscores."""

from __future__ import annotations

from enum import Enum

from .errors import ConfigurationError

_IGNORED = {ord(character): None for character in " -_"}
_LONGEST_COMPARED = 80
_LIKENESS = 0.7


def find_value(values: type[Enum], spelled: str, *, parameter: str, otherwise: str) -> str:
    """The value of the one member whose value or name is spelled so.

    Raises:
        ConfigurationError: none is, or several are. The message shows known values alone: what was given may be a key
            in the wrong place. `otherwise` says what to do where none is similar.
    """
    spellings = dict[str, set[str]]()
    for name, member in values.__members__.items():
        for spelling in (name, str(member.value)):
            spellings.setdefault(_plain(spelling), set()).add(str(member.value))
    found = spellings.get(_plain(spelled), set())
    if spelled in found:
        return spelled
    if len(found) == 1:
        return min(found)
    if found:
        known = " or ".join(map(repr, sorted(found)))
        raise ConfigurationError(f"{parameter}: may mean {known}; give one of them")
    from difflib import get_close_matches  # noqa: PLC0415  # only where it is needed

    close = get_close_matches(_plain(spelled)[:_LONGEST_COMPARED], spellings, n=1, cutoff=_LIKENESS)
    advice = f"did you mean {min(spellings[close[0]])!r}?" if close else otherwise
    raise ConfigurationError(f"{parameter}: is not one of {values.__name__}; {advice}")


def _plain(spelling: str) -> str:
    return spelling.translate(_IGNORED).casefold()
