"""A value made from its schema, for answers that the document has no example of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..values.strict_json import JSON
from .tree import elements, members, text
from .validation import Resolve, Schema, types

_TEXTS = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "byte": "AAAA",
}


def sample(schema: Schema, resolve: Resolve, *, above: int = 0) -> JSON:
    """The smallest value that the schema allows, as far as that can be told; patterns are not looked at.

    `above` counts the schemas around it: what holds itself ends with null.
    """
    schema = resolve(schema)
    told = [schema[name] for name in ("const", "default", "example") if name in schema]
    told += [*elements(schema.get("examples")), *elements(schema.get("enum"))]
    if told:
        return told[0]
    if above > 20:
        return None
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return sample(members(elements(schema[word])[0]), resolve, above=above + 1)
    if "allOf" in schema or "properties" in schema:
        return _object(schema, resolve, above)
    return _plain(schema, resolve, above)


def _object(schema: Schema, resolve: Resolve, above: int) -> JSON:
    known: dict[str, JSON] = {}
    needed: dict[str, None] = {}
    for part in _parts(schema, resolve):
        known |= members(part.get("properties"))
        needed |= dict.fromkeys(map(text, elements(part.get("required"))))
    return {name: sample(members(known.get(name)), resolve, above=above + 1) for name in needed}


def _parts(schema: Schema, resolve: Resolve) -> Iterator[Schema]:
    for part in elements(schema.get("allOf")):
        yield from _parts(resolve(part), resolve)
    yield schema


def _plain(schema: Schema, resolve: Resolve, above: int) -> JSON:
    kind = next(iter(types(schema)), "null")
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    if kind == "string":
        size = schema.get("minLength")
        return _TEXTS.get(text(schema.get("format"))) or "x" * (size if isinstance(size, int) else 1)
    if kind in {"integer", "number"}:
        number = least if isinstance(least, int | float) else 0
        return number + 1 if "exclusiveMinimum" in schema else number
    if kind == "array":
        size = schema.get("minItems")
        item = sample(members(schema.get("items")), resolve, above=above + 1) if size else None
        return [item] * (size if isinstance(size, int) else 0)
    others: Mapping[str, JSON] = {"boolean": False, "object": {}, "null": None}
    return others[kind]
