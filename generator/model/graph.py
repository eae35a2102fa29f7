"""Which classes lead to which: what contains itself, what is sent, and what a discriminator chooses among."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from generator.check.places import mapping, sequence
from generator.load import Document
from generator.loops import find_knots, is_loop
from generator.model.structure import component, properties, resolve, schemas


@frozen
class Graph:
    """The components of a document's schemas with the components that each leads to."""

    document: Document
    edges: Mapping[str, frozenset[str]] = field(init=False)
    _loops: Mapping[str, int] = field(init=False)
    _heirs: Mapping[str, tuple[str, ...]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        found = schemas(self.document).items()
        parents = {name: {component(self.document, part) for part in one.get("allOf", ())} for name, one in found}
        object.__setattr__(self, "_heirs", _find_heirs(parents))
        edges = {name: frozenset(self._leads_to(schema)) for name, schema in schemas(self.document).items()}
        knots = enumerate(knot for knot in find_knots(edges) if is_loop(knot, edges))
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "_loops", {name: number for number, knot in knots for name in knot})

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
        return self._heirs.get(base, ())

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


def _find_heirs(parents: Mapping[str, set[str | None]]) -> dict[str, tuple[str, ...]]:
    """By component, those that inherit from it at any depth, in the document's order."""
    above: dict[str, set[str]] = {}
    for (name,) in find_knots({name: [one for one in known if one] for name, known in parents.items()}):
        own = {one for one in parents[name] if one}
        above[name] = own.union(*(above.get(one, set()) for one in own))
    heirs: dict[str, tuple[str, ...]] = {}
    for name in parents:
        for base in above[name]:
            heirs[base] = (*heirs.get(base, ()), name)
    return heirs
