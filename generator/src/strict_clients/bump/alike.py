"""Merges lines of a report that say the same about several things into one, with a count and the names."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from attrs import frozen

_FEW = 3
"""Up to this many lines stay separate."""
ANY = "…"
"""The placeholder for each of the names."""
_Line = TypeVar("_Line")


@frozen
class Alike:
    """The text of several lines, or of one."""

    text: str
    """With a placeholder for the names, if there are several."""
    names: tuple[str, ...] = ()

    @property
    def listed(self) -> str:
        """The names, in Markdown."""
        return ", ".join(f"`{name}`" for name in self.names)

    @property
    def title(self) -> str:
        """The text with its count."""
        return f"{len(self.names)} times: {self.text}" if self.names else self.text

    @property
    def sentence(self) -> str:
        """The text with its count and the names."""
        return f"{self.title}: {self.listed}" if self.names else self.text


def gather(
    lines: Iterable[_Line],
    *,
    name: Callable[[_Line], str],
    text: Callable[[_Line], str],
    key: Callable[[_Line], Hashable],
) -> list[tuple[Alike, list[_Line]]]:
    """The lines in order; those with one key, and with texts that differ only in their names, become one."""
    groups: dict[Hashable, list[_Line]] = {}
    for line in lines:
        groups.setdefault((_pattern(text(line), name(line)), key(line)), []).append(line)
    found: list[tuple[Alike, list[_Line]]] = []
    for members in groups.values():
        if len(members) <= _FEW:
            found += [(Alike(text(line)), [line]) for line in members]
        else:
            names = dict.fromkeys(one for one in map(name, members) if one)
            found.append((Alike(_pattern(text(members[0]), name(members[0])), tuple(names)), members))
    return found


def _pattern(text: str, name: str) -> str:
    return text.replace(name, ANY, 1) if name else text
