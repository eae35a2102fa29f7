"""Normalizes a document to the notation that the rules and the model read.

The meaning for a client stays. If one of several readings is chosen, or something that has no meaning for a client is
passed over, a note says so. What is wrong stays as it is, and the rules report it.
"""

from collections.abc import Callable

from attrs import evolve

from strict_clients.check.places import mapping, walk
from strict_clients.load import Document
from strict_clients.normalize.clients import leave_security_to_callers, name_package, place_service
from strict_clients.normalize.foreign import drop_slips, take_out_foreign
from strict_clients.normalize.inline import name_classes
from strict_clients.normalize.notes import Note, Notes
from strict_clients.normalize.operations import (
    complete_answers,
    complete_parameters,
    name_operations,
    read_files,
    write_paths_out,
)
from strict_clients.normalize.renamed import note_names
from strict_clients.normalize.schemas import (
    add_required,
    complete_schemas,
    cut_loops,
    drop_defaults,
    translate_patterns,
)
from strict_clients.normalize.upgrade import upgrade

__all__ = ["Note", "Notes", "clean", "complete"]

_COMPLETED: tuple[Callable[[Document, Notes], None], ...] = (
    complete_schemas,
    add_required,
    cut_loops,
    drop_defaults,
    translate_patterns,
    place_service,
    leave_security_to_callers,
    name_operations,
    complete_parameters,
    complete_answers,
    read_files,
)


def clean(document: Document) -> tuple[Document, Notes]:
    """A copy of the document in OpenAPI 3.1, without what has no meaning for a client."""
    upgraded = upgrade(document)
    write_paths_out(upgraded)
    # The places keep references to the objects, so that no new object gets the identity of a removed one.
    notes = Notes({id(place.node): place for place in walk(upgraded)})
    upgraded = evolve(upgraded, origins=notes.origins)
    take_out_foreign(upgraded, notes)
    drop_slips(upgraded, notes)
    return upgraded, notes


def complete(document: Document, notes: Notes, *, package: str | None = None) -> None:
    """Complete a clean document in place: fill in what it leaves implicit, including names."""
    for step in _COMPLETED:
        step(document, notes)
    name_package(document, notes, package)
    sdk = mapping(document.raw["info"]["x-sdk"])
    name_classes(document, notes, {str(sdk.get("client")), f"Async{sdk.get('client')}", str(sdk.get("error"))})
    note_names(document, notes)
