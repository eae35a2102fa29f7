"""Tampers with an export at random, and puts everything back."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

_OF_BYTES = ("flip a bit", "replace a byte", "drop a byte", "add a byte", "cut the end off", "append something")
_OF_LINES = ("drop a line", "double a line", "swap two lines", "move a line")
_OF_FILES = ("drop an entry with its link", "swap two entries with their links", "delete a file", "exchange two files")
KINDS = (*_OF_BYTES, *_OF_LINES, *_OF_FILES)


@contextmanager
def tamper(folder: Path, kind: str, chance: random.Random) -> Iterator[set[Path]]:
    """Change one file of the folder, or two; gives which."""
    files = {path: path.read_bytes() for path in sorted(folder.glob("*.json*"))}
    while True:
        after = _changed(files, kind, chance)
        touched = {path for path, content in after.items() if content != files[path]}
        if touched:  # two lines may be the same, and a random byte the old one
            break
    for path in touched:
        if (content := after[path]) is None:
            path.unlink()
        else:
            path.write_bytes(content)
    try:
        yield touched
    finally:
        for path in touched:
            path.write_bytes(files[path])


def _changed(files: dict[Path, bytes], kind: str, chance: random.Random) -> dict[Path, bytes | None]:
    if kind in _OF_FILES:
        return _with_files(files, kind, chance)
    path = chance.choice([one for one, content in files.items() if content.count(b"\n") > 1 or kind in _OF_BYTES])
    return {path: (_with_bytes if kind in _OF_BYTES else _with_lines)(files[path], kind, chance)}


def _with_bytes(content: bytes, kind: str, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    before, after, new = content[:at], content[at + 1 :], chance.randbytes(1)
    match kind:
        case "flip a bit":
            return before + bytes([content[at] ^ 1 << chance.randrange(8)]) + after
        case "replace a byte":
            return before + new + after
        case "drop a byte":
            return before + after
        case "add a byte":
            return before + new + content[at:]
        case "cut the end off":
            return before
        case _:
            return content + chance.choice([b"\n", b"{}\n", content[-at - 1 :]])


def _with_lines(content: bytes, kind: str, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match kind:
        case "drop a line":
            del lines[at]
        case "double a line":
            lines.insert(at, lines[at])
        case "swap two lines":
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            lines.insert(other, lines.pop(at))
    return b"".join(lines)


def _with_files(files: dict[Path, bytes], kind: str, chance: random.Random) -> dict[Path, bytes | None]:
    entries = [path for path in files if path.name.endswith(".entries.jsonl")]
    path = chance.choice(entries)
    if kind == "delete a file":
        return {chance.choice([one for one in files if one.name != "summary.json"]): None}
    if kind == "exchange two files":
        suffix = chance.choice([".entries.jsonl", ".chain.jsonl", ".manifest.json"])
        first, second = (
            one.with_name(one.name.replace(".entries.jsonl", suffix)) for one in (path, chance.choice(entries))
        )
        return {first: files[second], second: files[first]}
    chain = path.with_name(path.name.replace(".entries.", ".chain."))
    count = len(files[chain].splitlines())
    at, other = chance.randrange(count), chance.randrange(count)
    made = dict[Path, bytes | None]()
    for one in (path, chain):
        lines = files[one].splitlines(keepends=True)
        if kind == "drop an entry with its link":
            del lines[at]
        else:
            lines[at], lines[other] = lines[other], lines[at]
        made[one] = b"".join(lines)
    return made
