"""Bounds the time that Python may take to match: counts the ways in which a pattern can read a text.

The pattern becomes an automaton with a state per character set. Python tries the runs of the automaton one by one, so
their number limits its steps. The number grows exponentially if a state leads back to itself in two ways along one
text. Otherwise it grows with a power of the length, to which loops in a row add up if they can read the same text
(Weber and Seidl, "On the degree of ambiguity of finite automata", 1991). Conditions on positions count as met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from typing import TypeAlias

from strict_clients.patterns.grammar import (
    LAST,
    Chars,
    Either,
    Look,
    Mark,
    Node,
    Ranges,
    Repeat,
    Sequence,
    Unsupported,
)

_Ways: TypeAlias = "Counter[int]"
_WRITTEN_OUT = 64
"""States up to which a bounded repeat is written out; a longer one counts as unbounded."""
_LARGEST = 1000
_WORK = 100_000
_RUNS = {0: 5_000, 1: 10}
"""The runs that are few enough, by the power of the length with which they grow.

The steps grow with one power more. The worst patterns within these limits take some seconds for 2,000 characters.
"""
_EXPONENTIAL = "a repeat can read the same text in several ways, so matching could take exponential time"
_POLYNOMIAL = "several repeats can read the same text, so matching could take too long"
_TOO_LARGE = "it is too large to tell how long matching takes"


def check_time(tree: Node) -> None:
    """Accept a pattern that matches in at most quadratic time. Raises: Unsupported."""
    if _size(tree) > _LARGEST:
        raise Unsupported(_TOO_LARGE)
    _Analysis(tree).run()


def _size(node: Node) -> int:
    """The states of the node's automaton."""
    if isinstance(node, Chars):
        return 1
    if isinstance(node, Mark):
        return 0
    if isinstance(node, Look):
        return _size(node.body)
    if isinstance(node, Repeat):
        size = _size(node.body)
        return size * (node.high or 0) if _is_written_out(node, size) else size
    return sum(map(_size, node.items if isinstance(node, Sequence) else node.options))


def _is_written_out(node: Repeat, size: int) -> bool:
    return node.high is not None and node.high * size <= _WRITTEN_OUT


class _Automaton:
    def __init__(self, tree: Node) -> None:
        self.sets: dict[int, Ranges] = {}
        self.follow: list[_Ways] = []  # of states, and of forks, which read nothing
        self.starts: set[int] = set()  # forks that are open at the start of a text only
        self.after_fork: dict[tuple[int, bool], _Ways] = {}  # the states that come after a fork
        entry = self._enter(tree, Counter())
        self.edges = {state: self._states(self.follow[state]) for state in self.sets}
        self.start = self._add(Counter())
        self.edges[self.start] = self._states(entry, at_start=True)
        if anywhere := self._states(entry):
            search = self._add(Counter(), ((0, LAST),))
            self.edges[search] = anywhere + Counter([search])
            self.edges[self.start][search] += 1
        self.sets[self.start] = ()

    def _add(self, follow: _Ways, ranges: Ranges | None = None) -> int:
        self.follow.append(follow)
        if ranges is not None:
            self.sets[len(self.follow) - 1] = ranges
        return len(self.follow) - 1

    def _enter(self, node: Node, then: _Ways) -> _Ways:
        """The states and forks that begin the node, with the number of ways to each."""
        match node:
            case Chars(ranges):
                then = Counter([self._add(then, ranges)])
            case Mark(kind):
                then = self._mark(kind, then)
            case Look(_, body):
                then = self._enter(body, Counter()) + then
            case Sequence(items):
                for item in reversed(items):
                    then = self._enter(item, then)
            case Either(options):
                ways: _Ways = Counter()
                for option in options:
                    ways.update(self._enter(option, then))
                then = ways
            case _:
                then = self._repeat(node, then)
        return then

    def _mark(self, kind: str, then: _Ways) -> _Ways:
        if kind == "^":
            fork = self._add(then)
            self.starts.add(fork)
            return Counter([fork])
        return Counter() if kind == "$" else then

    def _repeat(self, node: Repeat, then: _Ways) -> _Ways:
        if node.high is None or not _is_written_out(node, _size(node.body)):
            fork = self._add(then)
            entry = self._enter(node.body, Counter([fork]))
            self.follow[fork] = entry + then
            return entry if node.low else entry + then
        ways = then
        for number in reversed(range(node.high)):
            ways = self._enter(node.body, ways)
            if number >= node.low:
                ways = ways + then
        return ways

    def _states(self, ways: _Ways, *, at_start: bool = False) -> _Ways:
        found: _Ways = Counter()
        for one, number in ways.items():
            if one in self.sets:
                found[one] += number
            elif at_start or one not in self.starts:
                if (one, at_start) not in self.after_fork:
                    self.after_fork[one, at_start] = self._states(self.follow[one], at_start=at_start)
                for state, times in self.after_fork[one, at_start].items():
                    found[state] += number * times
        return found


class _Analysis:
    def __init__(self, tree: Node) -> None:
        automaton = _Automaton(tree)
        self.work = sum(map(len, automaton.edges.values()))
        self.edges = automaton.edges
        self.start = automaton.start
        self.masks = _masks(automaton.sets)
        self.reach = self._reach()
        self.loops = {
            state: frozenset(other for other in self._members(self.reach[state]) if self.reach[other] >> state & 1)
            for state in self.edges
        }

    def _count(self) -> None:
        self.work += 1
        if self.work > _WORK:
            raise Unsupported(_TOO_LARGE)

    def _reach(self) -> dict[int, int]:
        self._count()
        reach = {state: sum(1 << other for other in ways) for state, ways in self.edges.items()}
        for middle, state in product(reach, reach):
            if reach[state] >> middle & 1:
                reach[state] |= reach[middle]
        return reach

    def _members(self, bits: int) -> Iterator[int]:
        return (state for state in self.edges if bits >> state & 1)

    def run(self) -> None:
        """Refuse the pattern if the number of runs can become too large."""
        widths = {loop: self._width(loop) for loop in {*self.loops.values()} if loop}
        degrees: dict[int, int] = {}
        runs: dict[int, int] = {}
        # A state comes after all that it reaches and that do not lead back to it.
        for state in sorted(self.edges, key=lambda one: (self.reach[one].bit_count(), not self.loops[one])):
            if state not in runs:
                members = self.loops[state] or frozenset([state])
                degree = max((self._degree(members, other, degrees) for other in degrees), default=0)
                ways = max(self._ways(member, members, runs) for member in members)
                for member in members:
                    degrees[member], runs[member] = degree, ways * widths.get(members, 1)
        if runs[self.start] > _RUNS.get(degrees[self.start], 0):
            raise Unsupported(_POLYNOMIAL)

    def _width(self, loop: frozenset[int]) -> int:
        """The runs that one text can have inside a loop at a time."""
        if any(self.edges[one][other] > 1 for one, other in product(loop, loop)):
            raise Unsupported(_EXPONENTIAL)
        seen = {(one, one) for one in loop}
        left = list(seen)
        while left:
            pair = left.pop()
            for one, other in self._steps(pair, (loop, loop)):
                if one == other and pair[0] != pair[1]:
                    raise Unsupported(_EXPONENTIAL)
                if (one, other) not in seen:
                    seen.add((one, other))
                    left.append((one, other))
        return 1 if len(seen) == len(loop) else len(loop)

    def _steps(self, states: tuple[int, ...], within: Iterable[frozenset[int] | None]) -> Iterator[tuple[int, ...]]:
        choices = [
            [one for one in self.edges[state] if area is None or one in area]
            for state, area in zip(states, within, strict=True)
        ]
        for step in product(*choices):
            self._count()
            common = -1
            for one in step:
                common &= self.masks[one]
            if common:
                yield step

    def _degree(self, members: frozenset[int], other: int, degrees: dict[int, int]) -> int:
        """The power of the length that grows from these states by way of another one."""
        if not any(self.reach[member] >> other & 1 for member in members):
            return 0
        return degrees[other] + any(self._meet(member, other) for member in members)

    def _meet(self, state: int, other: int) -> bool:
        """Whether one text leads from each of two states back to it, and from the first to the second."""
        areas = (self.loops[state], None, self.loops[other])
        # Such a text can be rotated until the way to the second state leaves the loop at once.
        if not areas[0] or not areas[2] or not self.edges[state].keys() - areas[0]:
            return False
        seen = {(state, state, other)}
        left: list[tuple[int, ...]] = list(seen)
        while left:
            for one in self._steps(left.pop(), areas):
                if one == (state, other, other):
                    return True
                if one not in seen:
                    seen.add((one[0], one[1], one[2]))
                    left.append(one)
        return False

    def _ways(self, state: int, members: frozenset[int], runs: dict[int, int]) -> int:
        """The runs that leave these states from one of them, on the character for which they are the most."""
        ways: Counter[int] = Counter()
        for other, number in self.edges[state].items():
            if other not in members:
                for bit in _bits(self.masks[other]):
                    ways[bit] += number * runs[other]
        return max(ways.values(), default=1)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield mask & -mask
        mask &= mask - 1


def _masks(sets: dict[int, Ranges]) -> dict[int, int]:
    """The sets as bits, one for all characters that no set tells apart."""
    bounds = sorted({bound for ranges in sets.values() for low, high in ranges for bound in (low, high + 1)})
    index = {bound: place for place, bound in enumerate(bounds)}
    return {
        state: sum((1 << index[high + 1]) - (1 << index[low]) for low, high in ranges) for state, ranges in sets.items()
    }
