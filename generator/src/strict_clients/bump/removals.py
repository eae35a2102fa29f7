"""Operations that the new document no longer has, and their replacements."""

from attrs import frozen

from strict_clients.bump import likeness
from strict_clients.bump.form import without_names
from strict_clients.bump.naming import method
from strict_clients.check.operations import Operation, operations
from strict_clients.check.places import METHODS, mapping
from strict_clients.load import Document


@frozen(kw_only=True)
class Removal:
    """One operation that was removed since the last release."""

    operation: str
    """Its operationId."""
    call: str
    """How callers write it: `client.boats.list`."""
    pointer: str
    last_version: str
    """The last version of the API that is known to have it."""
    replacement: str | None
    """The operationId of its replacement, or None."""
    replacement_call: str | None
    guessed: bool
    """Whether the replacement is a guess: an operation that looks similar."""
    accepted: bool
    """Whether the document keeps it as a stub (`x-removed`)."""


def find(old: Document, new: Document) -> tuple[Removal, ...]:
    """The removed operations, in the order of the old document, without those that were already stubs."""
    after = {one.operation_id: one for one in operations(new)}
    places = {one.place.pointer for one in after.values()}
    gone: list[Removal] = []
    for one in operations(old):
        now = after.get(one.operation_id)
        renamed = now is None and one.place.pointer in places
        if "x-removed" in one.place.fields or renamed or (now and "x-removed" not in now.place.fields):
            continue
        gone.append(_removal(one, now, old, new))
    return tuple(gone)


def live(document: Document) -> dict[str, object]:
    """The raw document without stubs, and without fields that only the form has."""
    paths: dict[str, object] = {}
    for path, item in mapping(document.raw.get("paths")).items():
        kept = {key: without_names(value) for key, value in mapping(item).items() if "x-removed" not in mapping(value)}
        if kept.keys() & set(METHODS):
            paths[path] = kept
    return {**document.raw, "paths": paths}


def _removal(one: Operation, now: Operation | None, old: Document, new: Document) -> Removal:
    stub = mapping(now.place.fields if now else None)
    candidates = {other.operation_id: other for other in operations(new) if "x-removed" not in other.place.fields}
    named = [
        stub.get("x-replaced-by"),
        mapping(new.raw.get("x-replaced-by")).get(one.operation_id),
        one.place.fields.get("x-replaced-by"),
    ]
    said = next((str(name) for name in named if name in candidates), None)
    replacement = said or (None if now else likeness.guess(one, candidates.values()))
    return Removal(
        operation=one.operation_id,
        call=method(one.place),
        pointer=old.origin(one.place.pointer),
        last_version=str(mapping(stub.get("x-removed")).get("last-version") or old.raw["info"]["version"]),
        replacement=replacement,
        replacement_call=method(candidates[replacement].place) if replacement else None,
        guessed=replacement is not None and (said is None or bool(mapping(stub.get("x-removed")).get("guessed"))),
        accepted=now is not None,
    )
