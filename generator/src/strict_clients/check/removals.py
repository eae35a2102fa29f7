"""Rules of operations that are gone: what replaces them is there, and said where it has a meaning."""

from collections.abc import Iterator

from strict_clients.breaches import Breach
from strict_clients.check.operations import Operation, operations
from strict_clients.check.places import mapping
from strict_clients.load import Document


def replacements_are_operations(document: Document) -> Iterator[Breach]:
    """What takes the place of an operation is another one that the API has."""
    found = list(operations(document))
    live = {one.operation_id for one in found if "x-removed" not in one.place.fields}
    for name, pointer, replacement in _replacements(document, found):
        if not isinstance(replacement, str):
            yield Breach(pointer, "an operation has one replacement; name its operationId")
        elif replacement not in live - {name}:
            yield Breach(
                pointer, f"{replacement!r} is no other operation that the API has; name one by its operationId"
            )


def _replacements(document: Document, found: list[Operation]) -> Iterator[tuple[str, str, object]]:
    """Of each statement: the operation, where it is said, and what is said."""
    for one in found:
        if "x-replaced-by" in one.place.fields:
            yield one.operation_id, one.place.at("x-replaced-by"), one.place.fields["x-replaced-by"]
    for name, replacement in mapping(document.raw.get("x-replaced-by")).items():
        yield name, f"/x-replaced-by/{name}", replacement


def replaced_operations_are_gone(document: Document) -> Iterator[Breach]:
    """The root speaks of operations that the document does not have: by their names, each with its replacement."""
    stated = document.raw.get("x-replaced-by", {})
    if not isinstance(stated, dict):
        yield Breach("/x-replaced-by", "is no mapping here; write each operation that is gone with its replacement")
    names = {one.operation_id: one.place for one in operations(document)}
    for name in mapping(stated):
        if name in names:
            yield Breach(f"/x-replaced-by/{name}", f"the document has this operation; move it to {names[name].pointer}")
