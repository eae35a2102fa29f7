"""Writes a document in the one way that the rules and the model know: people say the same in many ways.

The meaning for a client stays. Where one of several readings is taken, or something that means nothing to a client is
passed over, a note says so.
"""

from collections.abc import Callable

from attrs import evolve

from generator.check.places import mapping, walk
from generator.load import Document
from generator.normalize.clients import leave_security_to_callers, name_package, place_service
from generator.normalize.foreign import take_out_foreign
from generator.normalize.inline import name_classes
from generator.normalize.notes import Note, Notes
from generator.normalize.operations import (
    complete_answers,
    complete_parameters,
    name_operations,
    write_paths_out,
)
from generator.normalize.schemas import add_required, complete_schemas
from generator.normalize.upgrade import upgrade

__all__ = ["Note", "Notes", "normalize"]


def normalize(document: Document, *, package: str | None = None) -> tuple[Document, Notes]:
    """The same document, written our way, and what was chosen and passed over; what is wrong stays as it is."""
    written = upgrade(document)
    notes = Notes({id(place.node): place.pointer for place in walk(written)})
    steps: tuple[Callable[[Document, Notes], None], ...] = (
        take_out_foreign,
        complete_schemas,
        add_required,
        place_service,
        leave_security_to_callers,
        name_operations,
        complete_parameters,
        complete_answers,
    )
    write_paths_out(written)
    for step in steps:
        step(written, notes)
    name_package(written, notes, package)
    sdk = mapping(mapping(written.raw.get("info")).get("x-sdk"))
    name_classes(written, notes, {str(sdk.get("client")), f"Async{sdk.get('client')}", str(sdk.get("error"))})
    return evolve(written, origins=notes.origins), notes
