"""What griffe finds broken between two packages: a second opinion on the names that we compare."""

import re
from pathlib import Path

import griffe
from attrs import frozen

from strict_clients.bump.surface import load_package

_PRIVATE = re.compile(r"\._(?!_)")


@frozen(kw_only=True)
class Breakage:
    """One breakage in griffe's words."""

    name: str
    why: str


def find(old: Path, new: Path, package: str) -> tuple[Breakage, ...]:
    """The breakages of what is public; `old` and `new` are the folders that hold the package."""
    found = griffe.find_breaking_changes(load_package(old, package), load_package(new, package))
    breakages = (Breakage(name=one.obj.canonical_path, why=_why(one)) for one in found)
    return tuple(dict.fromkeys(one for one in breakages if not _PRIVATE.search(one.name)))


def _why(breakage: griffe.Breakage) -> str:
    parameter = next(
        (one for one in (breakage.old_value, breakage.new_value) if isinstance(one, griffe.Parameter)), None
    )
    return f"{parameter.name}: {breakage.kind.value}" if parameter is not None else breakage.kind.value
