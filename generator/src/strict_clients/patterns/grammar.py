r"""The grammar of ECMA-262's regular expressions (22.2.1, flag `u`), read into a tree without captures.

Annex B is followed where the flag is stricter and nothing else could be meant: `\_`, `[\w-.]`, a lone `{`, `}` or `]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Code points from and to, both inclusive, in order and apart."""
LAST = 0x10FFFF


class Unsupported(ValueError):  # noqa: N818 - a verdict about a document, not a fault of the program
    """A pattern has no Python expression that is equal and fast; the message is the reason."""


class Chars(NamedTuple):
    """One character out of a set."""

    ranges: Ranges


class Mark(NamedTuple):
    """A condition on a place: `^`, `$`, `b` or `B`."""

    kind: str


class Look(NamedTuple):
    """A lookahead or lookbehind, with the text that opens it."""

    opening: str
    body: Node


class Repeat(NamedTuple):
    """The body at least `low` and at most `high` times; greedy and lazy succeed in the same texts."""

    body: Node
    low: int
    high: int | None


class Sequence(NamedTuple):
    """One node after the other."""

    items: tuple[Node, ...]


class Either(NamedTuple):
    """One of several nodes."""

    options: tuple[Node, ...]


Node: TypeAlias = "Chars | Mark | Look | Repeat | Sequence | Either"

_HEX = "[0-9a-fA-F]"
_ESCAPE = re.compile(
    rf"u(?P<high>[dD][89abAB]{_HEX}{{2}})\\u(?P<low>[dD][c-fC-F]{_HEX}{{2}})"
    rf"|(?:u\{{0*(?={_HEX})|u(?={_HEX}{{4}})|x(?={_HEX}{{2}}))(?P<code>(?<=x){_HEX}{{2}}|(?<=u){_HEX}{{4}}|{_HEX}{{1,6}}\}})"
    r"|c(?P<control>[A-Za-z])|(?P<set>[dDsSwW])|(?P<named>[fnrtv]|0(?![0-9]))|(?P<itself>[^A-Za-z0-9])",
    re.DOTALL,
)
_QUANTIFIER = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<low>[0-9]{1,99})(?P<comma>,(?P<high>[0-9]{1,99})?)?\})\??")
_NO_REPEAT = re.compile(r"[*+?]|\{(?:[0-9]+,?[0-9]*|,[0-9]*)\}")
_GROUP = re.compile(r"\((?:\?(?::|<?[=!]|<(?P<name>(?!\d)[\w$]+)>))?")
_SIGNS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_NAMED = {"f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "0": 0}


def union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The ranges in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def complement(ranges: Ranges) -> Ranges:
    """Every code point that is in none of the ranges."""
    starts = [0, *(high + 1 for _, high in ranges)]
    ends = [*(low - 1 for low, _ in ranges), LAST]
    return tuple((low, high) for low, high in zip(starts, ends, strict=True) if low <= high)


_DIGITS = ((48, 57),)
_WORD = ((48, 57), (65, 90), (95, 95), (97, 122))
# WhiteSpace and LineTerminator (ECMA-262, 12.2 and 12.3), which are more than Python's under re.ASCII.
_SPACE = union(
    [
        (9, 13),
        (0x2000, 0x200A),
        *((one, one) for one in (0x20, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF)),
    ]
)
_SETS = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_NO_LINE_END = complement(((10, 10), (13, 13), (0x2028, 0x2029)))


def parse(pattern: str) -> Node:
    """The pattern's tree. Raises: Unsupported."""
    reader = _Reader(pattern)
    tree = reader.either()
    if reader.at < len(pattern):
        raise Unsupported("a closing parenthesis has no opening one")
    return trimmed(tree, (0, -1))


def trimmed(node: Node, ends: tuple[int, ...]) -> Node:
    """The node with the fewest repeats at its ends, 0 or -1, where anything may precede or follow.

    A search for `.*x.*` and for `x` succeed in the same texts, and the second takes less time.
    """
    match node:
        case Either(options):
            return Either(tuple(trimmed(option, ends) for option in options))
        case Repeat(body, 1, _):
            return trimmed(body, ends)
        case Repeat(body, low, _):
            return Repeat(body, low, low) if low else Sequence(())
        case Sequence(items):
            left = list(items)
            for end in ends:
                while left:
                    left[end] = trimmed(left[end], (end,))
                    if left[end] != Sequence(()):
                        break
                    del left[end]
            return Sequence(tuple(left))
        case _:
            return node


def can_be_empty(node: Node) -> bool:
    """Whether the node may match no character."""
    if isinstance(node, Sequence):
        return all(map(can_be_empty, node.items))
    if isinstance(node, Either):
        return any(map(can_be_empty, node.options))
    if isinstance(node, Repeat):
        return node.low == 0 or can_be_empty(node.body)
    return not isinstance(node, Chars)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.names: set[str] = set()

    def next(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def take(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        found = expression.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def skip(self, text: str) -> bool:
        found = self.text.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def either(self) -> Node:
        options = [self.sequence()]
        while self.skip("|"):
            options.append(self.sequence())
        return options[0] if len(options) == 1 else Either(tuple(options))

    def sequence(self) -> Node:
        items: list[Node] = []
        while self.next() not in {"", "|", ")"}:
            items.append(self.term())
        return Sequence(tuple(items))

    def term(self) -> Node:
        if repeat := _NO_REPEAT.match(self.text, self.at):
            raise Unsupported(f"ECMA-262 allows no repeat {repeat[0]!r:.20} here")
        node = self.atom()
        found = self.take(_QUANTIFIER)
        if not found:
            return node
        low, high = _SIGNS.get(found["sign"]) or (
            int(found["low"]),
            int(found["high"]) if found["high"] else None if found["comma"] else int(found["low"]),
        )
        if isinstance(node, Mark | Look):
            raise Unsupported("it repeats a condition")
        if high is not None and high < low:
            raise Unsupported("a repeat has its bounds in the wrong order")
        # Python runs through all of the least number of repeats, even if they read nothing.
        if high != 1 and can_be_empty(node):
            raise Unsupported("it repeats what can be empty")
        return Repeat(node, low, high)

    def atom(self) -> Node:
        match self.next():
            case "(":
                return self.group()
            case "[":
                return Chars(self.set())
            case "\\" if self.next(2) in {r"\b", r"\B"}:
                self.at += 2
                return Mark(self.text[self.at - 1])
            case "\\":
                return Chars(self.escape())
            case one:
                self.at += 1
                return Mark(one) if one in {"^", "$"} else Chars(_NO_LINE_END if one == "." else _one(one))

    def group(self) -> Node:
        opening = self.take(_GROUP)
        assert opening  # noqa: S101 - the caller saw the parenthesis
        if self.next() == "?":
            raise Unsupported(f"ECMA-262 has no group '({self.next(2)}'")
        if opening["name"] and opening["name"] in self.names:
            raise Unsupported(f"two groups have the name {opening['name']!r}")
        self.names.add(opening["name"])
        body = self.either()
        if not self.skip(")"):
            raise Unsupported("a parenthesis is not closed")
        if opening[0][-1] not in "=!":
            return body
        return Look(opening[0], body if "<" in opening[0] else trimmed(body, (-1,)))

    def set(self) -> Ranges:
        self.at += 1
        negated = self.skip("^")
        found: list[tuple[int, int]] = []
        while not self.skip("]"):
            left = self.member()
            if self.next() == "-" and self.next(2) != "-]":
                self.at += 1
                left = _range(left, self.member())
            found += left
        ranges = complement(union(found)) if negated else union(found)
        if not ranges:
            raise Unsupported("a class matches no character")
        return ranges

    def member(self) -> Ranges:
        if self.skip(r"\b"):
            return _one("\b")
        if self.next() == "\\":
            return self.escape()
        if not self.next():
            raise Unsupported("a class is not closed")
        self.at += 1
        return _one(self.text[self.at - 1])

    def escape(self) -> Ranges:
        self.at += 1
        found = self.take(_ESCAPE)
        if not found:
            raise Unsupported(_no_escape(self.next()))
        kind, text = found.lastgroup, found[found.lastgroup or 0]
        if kind == "set":
            return _SETS[text] if text.islower() else complement(_SETS[text.lower()])
        if kind == "low":
            code = 0x10000 + ((int(found["high"], 16) - 0xD800) << 10) + int(text, 16) - 0xDC00
        elif kind == "code":
            code = int(text.removesuffix("}"), 16)
        elif kind == "control":
            code = ord(text) % 32
        else:
            code = _NAMED.get(text, ord(text))
        if code > LAST:
            raise Unsupported("an escape is beyond the last character")
        return ((code, code),)


def _one(character: str) -> Ranges:
    return ((ord(character), ord(character)),)


def _range(left: Ranges, right: Ranges) -> Ranges:
    (low, *others), (high, *more) = left, right
    if others or more or low[0] != low[1] or high[0] != high[1]:
        return (*left, *_one("-"), *right)  # Annex B: a hyphen beside a set is a hyphen
    if low > high:
        raise Unsupported("a class has a range in the wrong order")
    return ((low[0], high[0]),)


def _no_escape(character: str) -> str:
    if character in {"p", "P"}:
        return "Python has no classes of Unicode properties"
    if character == "k" or character.isdigit():
        return "it refers back to a group, which Python reads in another way"
    return f"ECMA-262 has no escape '\\{character}'"
