"""Tampers with an export at random, and puts everything back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

KINDS = (
    "flip",
    "replace",
    "drop byte",
    "add byte",
    "drop line",
    "swap lines",
    "double line",
    "move line",
    "cut",
    "append",
)


@contextmanager
def tamper(folder: Path, kind: str, chance: random.Random) -> Iterator[tuple[Path, int]]:
    """Change one file of the folder; gives which, and the number of the byte or line."""
    path = chance.choice([one for one in sorted(folder.glob("*.json*")) if _can(one, kind)])
    before = path.read_bytes()
    while True:
        after, place = _changed(before, kind, chance)
        if after != before:  # two lines may be the same, and a random byte the old one
            break
    path.write_bytes(after)
    try:
        yield path, place
    finally:
        path.write_bytes(before)


def _can(path: Path, kind: str) -> bool:
    lines = len(path.read_bytes().splitlines())
    return lines > 1 if kind in ("swap lines", "move line") else lines > 0


def _changed(content: bytes, kind: str, chance: random.Random) -> tuple[bytes, int]:
    if "line" in kind:
        return _with_lines(content, kind, chance)
    at = chance.randrange(len(content))
    before, behind = content[:at], content[at + 1 :]
    changed = {
        "flip": before + bytes([content[at] ^ 1 << chance.randrange(8)]) + behind,
        "replace": before + chance.randbytes(1) + behind,
        "drop byte": before + behind,
        "add byte": before + chance.randbytes(1) + content[at:],
        "cut": before,
        "append": content + chance.choice([b"\n", b"{}\n", content[-at - 1 :]]),
    }
    return changed[kind], at


def _with_lines(content: bytes, kind: str, chance: random.Random) -> tuple[bytes, int]:
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    match kind:
        case "drop line":
            del lines[at]
        case "double line":
            lines.insert(at, lines[at])
        case "swap lines":
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            lines.insert(chance.randrange(len(lines)), lines.pop(at))
    return b"".join(lines), at + 1
