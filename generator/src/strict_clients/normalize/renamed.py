"""Notes names that differ in Python because the name in the document is reserved or taken."""

from collections.abc import Callable, Mapping
from typing import Any

from strict_clients.check.operations import properties
from strict_clients.check.places import Place, sequence, walk
from strict_clients.engine import python_name
from strict_clients.load import Document
from strict_clients.names import field_names, group_names, member_names, method_name, method_names
from strict_clients.normalize.notes import Notes
from strict_clients.shown import operation_places
from strict_clients.statuses import status_classes, wanted_name


def note_names(document: Document, notes: Notes) -> None:
    """Note each group, method, argument, error, field and member that has a suffix."""

    def note(kind: str, names: Mapping[str, str], wanted: Callable[[str], str], node: object, *keys: str) -> None:
        for written, name in names.items():
            if name != wanted(written):
                notes.choose(f"name of {kind}", node, f"{written!r:.80} is called {name!r}", *keys)

    groups: dict[str, list[Mapping[str, Any]]] = {}
    for operation in operation_places(document):
        groups.setdefault(operation.raw["tags"][0], []).append(operation.raw)
        for (_, written), name in operation.names.items():
            note("an argument", {written: name}, python_name, operation.raw, "parameters")
    note("a group", group_names([*groups]), python_name, document.raw, "tags")
    for tag, members in groups.items():
        methods = method_names(members)
        for member in members:
            written = member["operationId"]
            wanted = method_name(written, tag)
            note("a method", {written: methods[written]}, {written: wanted}.__getitem__, member, "operationId")
    _note_errors(document, notes)
    for place in walk(document, "schema"):
        if place.role == "schemas" and "$ref" not in place.fields:
            note("a field", field_names([*properties(document, place)]), python_name, place.node, "properties")
            _note_members(place, notes)


def _note_errors(document: Document, notes: Notes) -> None:
    for status, name in status_classes(document).items():
        if name != (wanted := wanted_name(status)):
            message = f"the error for {status} is called {name!r}; {wanted!r} is taken"
            notes.choose("name of an error", document.raw, message, "paths")


def _note_members(place: Place, notes: Notes) -> None:
    values = [one for one in sequence(place.fields.get("enum")) if one is not None]
    given = sequence(place.fields.get("x-enum-varnames"))
    for number, (value, name) in enumerate(member_names(values, given).items()):
        alone = member_names([value], given[number : number + 1])[value]
        if name != alone and not name.startswith("VALUE_"):
            notes.choose("name of a member", place.node, f"{value!r:.80} is called {name!r}", "enum")
