"""The fields of an operation's answer, and where another operation's answer has fields of the same name."""

from collections.abc import Iterator

from attrs import frozen

from strict_clients.check.operations import Operation, operations, properties
from strict_clients.check.places import Place, follow, mapping
from strict_clients.engine import python_name
from strict_clients.load import Document
from strict_clients.pointers import keys

_DEEPEST = 6
"""Levels of fields; schemas may be recursive."""


@frozen(kw_only=True)
class FieldMove:
    """One field of an answer, and the place of the field of that name in the other answer, or None."""

    was: str
    now: str | None


def moves(old: Document, removed: str, new: Document, replacement: str) -> tuple[FieldMove, ...]:
    """Where the fields of a removed operation's answer are in the answer of its replacement."""
    before, after = list(_fields(old, removed)), list(_fields(new, replacement))
    by_name: dict[str, str] = {}
    for path in sorted(after, key=lambda path: path.count(".")):
        by_name.setdefault(_last(path), path)
    return tuple(FieldMove(was=path, now=by_name.get(_last(path))) for path in before)


def _last(path: str) -> str:
    return path.rpartition(".")[2].removesuffix("[]")


def _fields(document: Document, operation_id: str) -> Iterator[str]:
    operation = next(one for one in operations(document) if one.operation_id == operation_id)
    answer = operation.answer()
    if answer is not None:
        items = str(mapping(operation.place.fields.get("x-pagination")).get("items", ""))
        yield from _below(document, _item(document, answer, items) if _is_paged(operation) else answer, "", _DEEPEST)


def _is_paged(operation: Operation) -> bool:
    return "x-pagination" in operation.place.fields


def _item(document: Document, answer: Place, pointer: str) -> Place:
    place = follow(document, answer)
    for name in keys(pointer):
        place = follow(document, properties(document, place)[name])
    return place.child("schema", "items")


def _below(document: Document, schema: Place, path: str, levels: int) -> Iterator[str]:
    place = follow(document, schema)
    if place.fields.get("type") == "array":
        yield from _below(document, place.child("schema", "items"), f"{path}[]", levels)
        return
    for name, child in properties(document, place).items() if levels else ():
        if "x-spelling-of" not in child.fields:
            inner = f"{path}.{python_name(name)}".lstrip(".")
            below = list(_below(document, child, inner, levels - 1))
            yield from below or [inner]
