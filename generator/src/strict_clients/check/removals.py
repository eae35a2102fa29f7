"""Rules for removed operations: their replacements exist, and are named where that has a meaning."""

from collections.abc import Iterator

from strict_clients.breaches import Breach
from strict_clients.check.operations import Operation, operations
from strict_clients.check.places import mapping
from strict_clients.load import Document


def replacements_are_operations(document: Document) -> Iterator[Breach]:
    """The replacement of an operation is another operation of the API."""
    found = list(operations(document))
    live = {one.operation_id for one in found if "x-removed" not in one.place.fields}
    for name, pointer, replacement in _replacements(document, found):
        if not isinstance(replacement, str):
            yield Breach(pointer, "an operation has one replacement; name its operationId")
        elif replacement not in live - {name}:
            yield Breach(pointer, f"{replacement!r} is not another operation of the API; name one by its operationId")


def _replacements(document: Document, found: list[Operation]) -> Iterator[tuple[str, str, object]]:
    """Each replacement: the operation, the pointer, and the value."""
    for one in found:
        if "x-replaced-by" in one.place.fields:
            yield one.operation_id, one.place.at("x-replaced-by"), one.place.fields["x-replaced-by"]
    for name, replacement in mapping(document.raw.get("x-replaced-by")).items():
        yield name, f"/x-replaced-by/{name}", replacement


def replaced_operations_are_gone(document: Document) -> Iterator[Breach]:
    """The root maps only operations that the document does not have to their replacements."""
    stated = document.raw.get("x-replaced-by", {})
    if not isinstance(stated, dict):
        yield Breach("/x-replaced-by", "is not a mapping here; map each removed operation to its replacement")
    names = {one.operation_id: one.place for one in operations(document)}
    for name in mapping(stated):
        if name in names:
            yield Breach(f"/x-replaced-by/{name}", f"the document has this operation; move it to {names[name].pointer}")
