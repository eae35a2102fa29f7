"""Draws structured values from the bytes of a fuzzer: with atheris by its own provider, without it by a plain one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

try:
    from atheris import FuzzedDataProvider as Provider
except ImportError:  # the small test of these targets runs where atheris is not installed

    class Provider:  # type: ignore[no-redef]
        """As much of atheris' provider as the targets use; it draws other values from the same bytes."""

        def __init__(self, data: bytes) -> None:
            """Draw from the front of `data`; what is used up gives noughts."""
            self._data = data

        def ConsumeBytes(self, count: int) -> bytes:  # noqa: N802  # named by atheris, as those below
            """At most `count` bytes."""
            taken, self._data = self._data[:count], self._data[count:]
            return taken

        def ConsumeUnicodeNoSurrogates(self, count: int) -> str:  # noqa: N802
            """At most `count` characters."""
            return self.ConsumeBytes(count).decode("latin-1")

        def ConsumeIntInRange(self, least: int, most: int) -> int:  # noqa: N802
            """A number from `least` to `most`."""
            return least + int.from_bytes(self.ConsumeBytes(4), "big") % (most - least + 1)

        def ConsumeBool(self) -> bool:  # noqa: N802
            """Either."""
            return self.ConsumeIntInRange(0, 1) == 1

        def remaining_bytes(self) -> int:
            """How many bytes are left."""
            return len(self._data)


# Around every limit and special case of the readers, which plain bytes would hardly hit.
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 403, 2**63, 10**18, 10**400, 1.5, -0.0, 1e308, "", "0", "1", "007", "-5", "1_0", "nan",
    "9" * 18, "9" * 19, " ", "é", "\u0662\u0666", "\U0001f600", "\x00", "\r\nX: 1", "\x1b[31m", "realface",
    "2023-10-20T23:09:59.4533078+00:00", "2023-10-20T23:09:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60Z",
    "2023-10-20T24:00:00", "2023-W42-5T10:00", [], {}, [[]], [None], {"": {}}, {"id": "1"}, {"/": 1, "~": 2},
)  # fmt: skip


class Draws:
    """Values drawn one after the other."""

    def __init__(self, data: bytes) -> None:
        """Draw from `data`."""
        self._provider = Provider(data)

    def below(self, count: int) -> int:
        """A number from 0 to `count` - 1."""
        return int(self._provider.ConsumeIntInRange(0, count - 1))

    def pick(self, values: Sequence[Any]) -> Any:
        """One of these."""
        return values[self.below(len(values))]

    def often(self) -> bool:
        """True in seven of eight cases."""
        return self.below(8) != 7

    def text(self, most: int = 40) -> str:
        """At most `most` characters."""
        return str(self._provider.ConsumeUnicodeNoSurrogates(self.below(most + 1)))

    def data(self, most: int) -> bytes:
        """At most `most` bytes."""
        return bytes(self._provider.ConsumeBytes(self.below(most + 1)))

    def rest(self) -> bytes:
        """All bytes that are left."""
        return bytes(self._provider.ConsumeBytes(self._provider.remaining_bytes()))

    def value(self) -> Any:
        """Any JSON value."""
        choice = self.below(8)
        if choice == 0:
            return self.text()
        if choice == 1:
            return {self.text(8): self.value()}
        if choice == 2:
            return [self.value(), self.pick(ODD)]
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
        """Mostly the same bytes; else cut, changed in one place, or with something behind them."""
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
    """Its JSON text; integers that Python would not write out are text there already."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
