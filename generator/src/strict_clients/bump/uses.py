"""Where the values of a schema are used: in requests, in answers, or both."""

from collections.abc import Iterator
from typing import Any

from attrs import field, frozen

from strict_clients.check.operations import described_headers, operations
from strict_clients.check.places import Place, mapping, sequence
from strict_clients.engine import class_name
from strict_clients.load import Document

ARGUMENT, ANSWER = "argument", "answer"
_SCHEMAS = "#/components/schemas/"


@frozen
class Uses:
    """The uses of every schema of both documents; an unused schema counts as part of an answer."""

    found: dict[str, set[str]] = field(factory=dict[str, set[str]])
    described: frozenset[str] = frozenset()
    """The response headers that callers see in all of the documents, in lower case."""

    @classmethod
    def of(cls, *documents: Document) -> "Uses":
        """The uses in all of these documents."""
        seen = [{*described_headers(document)} for document in documents]
        uses = cls(described=frozenset(name for name in seen[0] if all(name in one for one in seen)))
        for document in documents:
            for operation in operations(document):
                asked = [operation.place.fields.get("requestBody"), *(one.node for one in operation.parameters)]
                answered = [response.node for response in operation.responses.values()]
                for way, nodes in ((ARGUMENT, asked), (ANSWER, answered)):
                    for node in nodes:
                        uses._note(document, node, way)
        return uses

    def made_by_callers(self) -> frozenset[str]:
        """The classes that are only sent: callers construct them, and hardly read them."""
        return frozenset(
            class_name(reference.rpartition("/")[2]) for reference, ways in self.found.items() if ways == {ARGUMENT}
        )

    def _note(self, document: Document, node: Any, way: str) -> None:
        waiting = [node]
        while waiting:
            for reference in _references(waiting.pop()):
                ways = self.found.setdefault(reference, set())
                if way not in ways:
                    ways.add(way)
                    waiting.append(document.at(reference.removeprefix("#")))

    def is_answered(self, place: Place) -> bool:
        """Whether answers contain the class of a place, as far as operations use it."""
        steps = place.pointer.split("/")
        return ANSWER in self.found.get(_SCHEMAS + steps[3] if steps[1:3] == ["components", "schemas"] else "", ())

    def at(self, place: Place) -> frozenset[str]:
        """The uses of the values at a place."""
        steps = place.pointer.split("/")
        if steps[1:3] == ["components", "schemas"]:
            return frozenset(self.found.get(_SCHEMAS + steps[3], ())) or frozenset({ANSWER})
        above: Place | None = place
        while above is not None:
            if above.kind in {"parameter", "request body"}:
                return frozenset({ARGUMENT})
            above = above.owner
        return frozenset({ANSWER})


def _references(node: Any) -> Iterator[str]:
    waiting = [node]
    while waiting:
        current = waiting.pop()
        fields = mapping(current)
        if isinstance(fields.get("$ref"), str):
            yield fields["$ref"]
        waiting += [*fields.values(), *sequence(current)]
