"""The graph of classes: which contain themselves, which are sent, and which a discriminator selects."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from attrs import field, frozen

from strict_clients.check.places import mapping
from strict_clients.engine import ListProperty, ModelProperty, Property, UnionProperty, pointer_of
from strict_clients.load import Document
from strict_clients.loops import find_knots, is_loop
from strict_clients.structure import component, schemas


@frozen
class Graph:
    """The classes of a document with the classes that each leads to."""

    document: Document
    classes: Mapping[str, ModelProperty]
    edges: Mapping[str, frozenset[str]] = field(init=False)
    _loops: Mapping[str, int] = field(init=False)
    _heirs: Mapping[str, tuple[ModelProperty, ...]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_heirs", self._find_subclasses())
        edges = {name: frozenset(self._leads_to(model)) for name, model in self.classes.items()}
        knots = enumerate(knot for knot in find_knots(edges) if is_loop(knot, edges))
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "_loops", {name: number for number, knot in knots for name in knot})

    def leads_back(self, start: str, name: str) -> bool:
        """Whether `start` leads to `name` and `name` leads back."""
        return self._loops.get(start, -1) == self._loops.get(name, -2)

    def reached(self, values: Iterable[Property]) -> frozenset[str]:
        """The classes that these lead to."""
        found: set[str] = set()
        waiting = [name for value in values for name in self._classes_in(value)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.edges[name])
        return frozenset(found)

    def subclasses(self, base: ModelProperty) -> tuple[ModelProperty, ...]:
        """The classes that a discriminator of `base` selects: they have it in their `allOf`, at any depth."""
        return self._heirs.get(str(base.class_info.name), ())

    def _leads_to(self, model: ModelProperty) -> Iterator[str]:
        for one in fields_of(model):
            yield from self._classes_in(one)
        if model.additional_properties is not None and not fields_of(model):
            yield from self._classes_in(model.additional_properties)

    def _classes_in(self, value: Property) -> Iterator[str]:
        match value:
            case ListProperty():
                yield from self._classes_in(cast("Property", value.inner_property))
            case UnionProperty():
                for one in value.inner_properties:
                    yield from self._classes_in(cast("Property", one))
            case ModelProperty():
                yield str(value.class_info.name)
                yield from (str(one.class_info.name) for one in self.subclasses(value))
            case _:
                pass

    def _find_subclasses(self) -> dict[str, tuple[ModelProperty, ...]]:
        """By the name of each class with a discriminator, those that inherit from it, in the document's order."""
        by_component = {component_of(model): model for model in self.classes.values()}
        written = schemas(self.document)
        parents = {
            name: {component(self.document, part) for part in schema.get("allOf", ())}
            for name, schema in written.items()
        }
        above: dict[str, set[str]] = {}
        for (name,) in find_knots({name: [one for one in known if one] for name, known in parents.items()}):
            own = {one for one in parents[name] if one}
            above[name] = own.union(*(above.get(one, set()) for one in own))
        subclasses: dict[str, tuple[ModelProperty, ...]] = {}
        for name in written:
            for base in above[name]:
                if "discriminator" in mapping(written.get(base)) and {base, name} <= by_component.keys():
                    key = str(by_component[base].class_info.name)
                    subclasses[key] = (*subclasses.get(key, ()), by_component[name])
        return subclasses


def fields_of(model: ModelProperty) -> list[Property]:
    """The properties of a model, the required ones first; a map has none."""
    return [*(model.required_properties or ()), *(model.optional_properties or ())]


def component_of(model: ModelProperty) -> str:
    """The name of the component that a class was made of."""
    return pointer_of(model).rpartition("/")[2]
