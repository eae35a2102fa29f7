"""The operations of a document with their references followed, as several rules need them."""

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from strict_clients.check.places import Place, follow, mapping, sequence, walk
from strict_clients.load import Document
from strict_clients.media import choose
from strict_clients.pointers import keys


@frozen
class Operation:
    """An operation: its path, its parameters (those of the path item too) and its responses by status."""

    document: Document
    place: Place
    path: str
    parameters: tuple[Place, ...]
    responses: dict[str, Place]

    @property
    def operation_id(self) -> str:
        """The operationId; empty where it has none."""
        return str(self.place.fields.get("operationId", ""))

    def names(self, location: str) -> set[str]:
        """The names of the parameters at a location: path, query or header."""
        return {parameter.fields["name"] for parameter in self.parameters if parameter.fields["in"] == location}

    def answer(self) -> Place | None:
        """The schema of the success body that is read, or None if no success has one."""
        for status, response in self.responses.items():
            media_type = choose(mapping(response.fields.get("content")), sent=False)
            if status.startswith("2") and media_type is not None:
                return response.child("schema", "content", media_type, "schema")
        return None


def path_operations(document: Document) -> Iterator[tuple[Place, Place]]:
    """The operations of all paths with their path items, in the document's order, without webhooks."""
    for place in walk(document, "operation"):
        item = place.owner
        if item is not None and item.owner is not None and item.owner.kind == "paths":
            yield item, place


def operations(document: Document) -> Iterator[Operation]:
    """The operations of all paths with their parameters and responses, in the document's order."""
    for item, place in path_operations(document):
        parameters: dict[tuple[Any, Any], Place] = {}
        for owner in (item, place):
            for index, node in enumerate(sequence(owner.fields.get("parameters"))):
                written = Place("parameter", owner.at("parameters", index), node, "parameters", owner)
                parameter = follow(document, written)
                parameters[parameter.fields["name"], parameter.fields["in"]] = parameter
        responses = {
            status: follow(document, place.child("response", "responses", status))
            for status in mapping(place.fields.get("responses"))
            if not status.startswith("x-")
        }
        yield Operation(document, place, item.name, tuple(parameters.values()), responses)


def described_headers(document: Document) -> dict[str, None]:
    """The response headers that operations describe, in lower case, without those for secrets and bodies."""
    names = {
        name.lower(): None
        for operation in operations(document)
        for response in operation.responses.values()
        for name in mapping(response.fields.get("headers"))
    }
    return {name: None for name in names if name not in {"set-cookie", "content-type"}}


def properties(document: Document, schema: Place) -> dict[str, Place]:
    """The properties of an object schema by name, those of its `allOf` included; a later one replaces an earlier."""
    place = follow(document, schema)
    found: dict[str, Place] = {}
    for index, member in enumerate(sequence(place.fields.get("allOf"))):
        found |= properties(document, Place("schema", place.at("allOf", index), member, "allOf", place))
    for name, node in mapping(place.fields.get("properties")).items():
        found[name] = Place("schema", place.at("properties", name), node, "properties", place)
    return found


def inside(document: Document, schema: Place, pointer: str) -> Place | None:
    """The schema at a JSON pointer inside a value of the schema, or None if there is none."""
    place = follow(document, schema)
    for name in keys(pointer):
        found = properties(document, place).get(name)
        if found is None:
            return None
        place = follow(document, found)
    return place
