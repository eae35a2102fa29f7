"""Wrong arguments of an operation, by its document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..documents.schemas import Recipe, flatten

if TYPE_CHECKING:
    from ..documents.document import Node
    from .documented import Case


def refused(case: Case) -> Iterator[tuple[str, Any]]:
    """For each argument, values that it cannot have: of no type of JSON, or beyond its limits."""
    names = {(one.location, one.wire): one.name for one in case.single.operation.parameters}
    recipe = Recipe(case.operation.document, "", "json", "sent", sparse=False)
    for parameter in case.operation.parameters:
        name, flat = names[parameter["in"], parameter["name"]], flatten(recipe, parameter.get("schema", {}))
        yield name, object()
        # An empty cursor is the beginning of a list.
        is_cursor = parameter["name"] == (case.paging or {}).get("cursor")
        yield from ((name, value) for value in _beyond(flat) if not (is_cursor and value == ""))
        if parameter.get("required"):
            yield name, None
    if case.operation.body:
        yield "body", object()


def _beyond(flat: Node) -> Iterator[Any]:
    if isinstance(flat.get("maximum"), int):
        yield flat["maximum"] + 1
    if isinstance(flat.get("minimum"), int):
        yield flat["minimum"] - 1
    if flat.get("type") == "string" and "maxLength" in flat:
        yield "x" * (flat["maxLength"] + 1)
    if flat.get("type") == "string" and flat.get("minLength"):
        yield "x" * (flat["minLength"] - 1)
