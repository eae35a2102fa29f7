"""Draws structured values from the bytes of an input, in the session and in the tests alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# At the limits and special cases of the readers, which random bytes would hardly reach.
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 403, 2**63, 10**18, 10**400, 1.5, -0.0, 1e308, "", "0", "1", "007", "-5", "1_0", "nan",
    "9" * 18, "9" * 19, " ", "é", "\u0662\u0666", "\U0001f600", "\x00", "\r\nX: 1", "\x1b[31m", "realface",
    "2023-10-20T23:09:59.4533078+00:00", "2023-10-20T23:09:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60Z",
    "2023-10-20T24:00:00", "2023-W42-5T10:00", [], {}, [[]], [None], {"": {}}, {"id": "1"}, {"/": 1, "~": 2},
)  # fmt: skip


class Draws:
    """Values drawn one after the other, from the front of the bytes; used up bytes count as zeros."""

    def __init__(self, data: bytes) -> None:
        """Draw from `data`."""
        self._data, self._place = data, 0

    def below(self, count: int) -> int:
        """A number from 0 to `count` - 1, from as few bytes as can hold it."""
        return int.from_bytes(self._take(((count - 1).bit_length() + 7) // 8), "big") % count

    def pick(self, values: Sequence[Any]) -> Any:
        """One of these."""
        return values[self.below(len(values))]

    def often(self) -> bool:
        """True in seven of eight cases."""
        return self.below(8) != 7

    def text(self, most: int = 40) -> str:
        """At most `most` characters: of ASCII, of Latin-1, or of all planes."""
        alphabet, data = self.below(3), self.data(most)
        if alphabet == 0:
            return bytes(byte & 0x7F for byte in data).decode("ascii")
        # Halves of surrogate pairs are left out.
        return data.decode("latin-1") if alphabet == 1 else data.decode("utf-16-le", "ignore")

    def data(self, most: int) -> bytes:
        """At most `most` bytes."""
        return self._take(self.below(most + 1))

    def rest(self) -> bytes:
        """All bytes that are left."""
        return self._take(len(self._data))

    def _take(self, count: int) -> bytes:
        taken = self._data[self._place : self._place + count]
        self._place += len(taken)
        return taken

    def value(self, levels: int = 8) -> Any:
        """Any JSON value, drawn through at most this many levels."""
        choice = self.below(8) if levels else None
        if choice == 0:
            return self.text()
        if choice == 1:
            return {self.text(8): self.value(levels - 1)}
        if choice == 2:
            return [self.value(levels - 1), self.pick(ODD)]
        if choice == 3:
            # Around the limits of the depth of a value and of an object.
            return nested(self.pick(ODD), 190 + self.below(70), as_objects=self.below(2) == 0)
        return self.pick(ODD)

    def object(self, typical: dict[str, Any], others: Sequence[str] = ()) -> dict[str, Any]:
        """`typical` with a few fields left out or changed, at any depth, and some of `others` or of any name added."""
        made = dict(typical)
        for _ in range(self.below(4)):
            name = self.pick(tuple(typical))
            inner = made.get(name)
            if isinstance(inner, dict) and inner and self.often():
                made[name] = self.object(inner, others)
            elif self.below(3) == 0:
                made.pop(name, None)
            else:
                made[name] = self.value()
        for _ in range(self.below(3)):
            made[self.pick(others) if others and self.often() else self.text(8)] = self.value()
        return made

    def spoil(self, content: bytes) -> bytes:
        """Mostly the same bytes; else cut, changed in one place, or with something before or after them."""
        damages: tuple[Callable[[], bytes], ...] = (
            lambda: content[: self.below(len(content) + 1)],
            lambda: content + self.data(20),
            lambda: self.data(4) + content,
            lambda: self._replace(content, self.below(len(content) + 1)),
        )
        return content if self.often() else self.pick(damages)()

    def _replace(self, content: bytes, place: int) -> bytes:
        new = self.data(4)
        return content[:place] + new + content[place + len(new) :]


def nested(value: Any, levels: int, *, as_objects: bool) -> Any:
    """`value` inside as many objects or arrays."""
    for _ in range(levels):
        value = {"a": value} if as_objects else [value]
    return value


def write(value: Any) -> bytes:
    """Its JSON text."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
