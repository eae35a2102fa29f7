"""Which classes lead to which: what contains itself, what is sent, and what a discriminator chooses among."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from generator.check.places import mapping, sequence
from generator.load import Document
from generator.model.structure import component, properties, resolve, schemas

Edges = Mapping[str, frozenset[str]]


@frozen
class Graph:
    """The components of a document's schemas with the components that each leads to."""

    document: Document
    edges: Edges = field(init=False)
    _loops: Mapping[str, int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        edges = {name: frozenset(self._leads_to(schema)) for name, schema in schemas(self.document).items()}
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "_loops", _find_loops(edges))

    def leads_back(self, start: str, name: str) -> bool:
        """Whether `start` leads to `name` and `name` leads back."""
        return self._loops.get(start, -1) == self._loops.get(name, -2)

    def reached(self, values: Iterable[Any]) -> frozenset[str]:
        """The components that these values of the document lead to."""
        found: set[str] = set()
        waiting = [name for value in values for name in self._references(value)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.edges[name])
        return frozenset(found)

    def heirs(self, base: str) -> tuple[str, ...]:
        """The components that have `base` in their `allOf`, at any depth, in the document's order."""
        found = [base]
        for name in found:  # grows on the way
            found += [one for one, above in self._parents.items() if name in above and one not in found]
        return tuple(name for name in self._parents if name in found[1:])

    @property
    def _parents(self) -> dict[str, tuple[str | None, ...]]:
        found = schemas(self.document).items()
        return {name: tuple(component(self.document, part) for part in one.get("allOf", ())) for name, one in found}

    def _leads_to(self, schema: Mapping[str, Any]) -> Iterator[str]:
        # What is inherited is copied; so a class leads where its properties lead, and not to the one it inherits from.
        inherited = properties(self.document, schema) if "allOf" in schema else {}
        own = {key: value for key, value in schema.items() if key != "allOf" or not inherited}
        yield from self._references([own, inherited])

    def _references(self, value: Any) -> Iterator[str]:
        waiting = [value]
        while waiting:
            node = waiting.pop()
            name = component(self.document, node)
            if name is not None and node["$ref"].startswith("#/components/schemas/"):
                yield name
                if "discriminator" in resolve(self.document, node):
                    yield from self.heirs(name)
            elif name is not None:
                waiting.append(resolve(self.document, node))
            waiting.extend([*sequence(node), *mapping(node).values()])


def _find_loops(edges: Edges) -> dict[str, int]:
    """By component, the number of its loop; those in none are left out (Kosaraju's algorithm, without recursion)."""
    backwards: dict[str, list[str]] = {name: [] for name in edges}
    for name, targets in edges.items():
        for target in sorted(targets):
            backwards[target].append(name)
    order = list(_finished(edges))
    loops: dict[str, int] = {}
    seen: set[str] = set()
    for number, start in enumerate(reversed(order)):
        members = list(_collect(start, backwards, seen))
        if len(members) > 1 or start in edges[start]:
            loops |= dict.fromkeys(members, number)
    return loops


def _finished(edges: Edges) -> Iterator[str]:
    """Every component once all that it leads to were given."""
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
                waiting.extend((target, False) for target in sorted(edges[name]))


def _collect(start: str, backwards: Mapping[str, list[str]], seen: set[str]) -> Iterator[str]:
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting.extend(backwards[name])
