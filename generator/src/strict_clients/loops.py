"""Loops and chains in a graph of names, in linear time."""

from collections.abc import Collection, Iterator, Mapping, Sequence

Edges = Mapping[str, Collection[str]]


def find_knots(edges: Edges) -> Iterator[list[str]]:
    """The strongly connected components, each after all that it leads to (Kosaraju)."""
    forwards = {name: [one for one in targets if one in edges] for name, targets in edges.items()}
    backwards: dict[str, list[str]] = {name: [] for name in edges}
    for name, targets in forwards.items():
        for target in targets:
            backwards[target].append(name)
    # Backwards first, so that each group comes after all groups that it leads to.
    seen: set[str] = set()
    for start in reversed(list(_finished(backwards))):
        members = list(_collect(start, forwards, seen))
        if members:
            yield members


def is_loop(knot: Sequence[str], edges: Edges) -> bool:
    """Whether a group is a loop: a single name is one only if it leads to itself."""
    return len(knot) > 1 or knot[0] in edges[knot[0]]


def longest_chains(edges: Edges) -> dict[str, int]:
    """By name, the length of the longest path from it; a loop counts as one."""
    lengths: dict[str, int] = {}
    for knot in find_knots(edges):
        inside = set(knot)
        beyond = [
            lengths[target] for name in knot for target in edges[name] if target not in inside and target in edges
        ]
        lengths |= dict.fromkeys(knot, 1 + max(beyond, default=-1))
    return lengths


def sizes(edges: Edges) -> dict[str, int]:
    """By name, how many names are met when every path is followed to its end; there must be no loop."""
    found: dict[str, int] = {}
    for (name,) in find_knots(edges):
        found[name] = 1 + sum(found.get(target, 1) for target in edges[name])
    return found


def _finished(edges: Mapping[str, list[str]]) -> Iterator[str]:
    """Every name after all that it leads to, except in loops."""
    seen: set[str] = set()
    for start in edges:
        waiting = [(start, False)]
        while waiting:
            name, is_done = waiting.pop()
            if is_done:
                yield name
            elif name not in seen:
                seen.add(name)
                waiting.append((name, True))
                waiting.extend((target, False) for target in reversed(edges[name]))


def _collect(start: str, edges: Mapping[str, list[str]], seen: set[str]) -> Iterator[str]:
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting.extend(edges[name])
