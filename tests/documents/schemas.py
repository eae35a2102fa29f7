"""One plain schema out of what a document writes: references followed, allOf merged, members of unions chosen."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

from .document import LONGEST_CHAIN, Document, Node

Place: TypeAlias = Literal["json", "form", "multipart", "path", "query", "header", "cookie"]
Way: TypeAlias = Literal["sent", "answered"]
Above: TypeAlias = tuple[str, ...]
"""The references that lead to a place, outermost first."""
Choice: TypeAlias = Callable[[Above], Iterator[tuple[Node, Above]]]
"""The schemas that one part of a compound can be, each with the references that lead there."""


class TooDeep(Exception):  # noqa: N818  # no error: other values are tried
    """A schema leads into itself without end, or deeper than values are made."""


@dataclass(frozen=True)
class Recipe:
    """How values are made."""

    document: Document
    seed: str
    place: Place
    way: Way
    sparse: bool
    """Whether what may be left out is left out, and what may be null is null."""
    variant: int = 0
    with_foreign: bool = False
    """Whether fields of the other way are made too."""

    def choose(self, at: str, below: int) -> int:
        """A number below `below` for this place, another one in each variant."""
        return (zlib.crc32(f"{self.seed}{at}".encode()) + self.variant) % below


def flatten(recipe: Recipe, schema: Any, at: str = "", above: Above = ()) -> Node:
    """One schema without references and compounds: of each union, the member that is tried first."""
    return next(ways(recipe, schema, at, above))[0]


def ways(recipe: Recipe, schema: Any, at: str, above: Above) -> Iterator[tuple[Node, Above]]:
    """The same for each choice of members, with the references that led there; with `nullable`, null is a value too.

    Raises:
        TooDeep: a reference leads to itself.
    """
    flat: Node = dict(schema) if isinstance(schema, dict) else {}
    if "$ref" in flat:
        reference = str(flat.pop("$ref"))
        if above.count(reference) > 1:
            raise TooDeep(reference)
        if subclasses := _subclasses(recipe.document, reference, above):
            yield from _members(recipe, subclasses[0], subclasses[1], at, (*above, reference))
            return
        beside = flat if recipe.document.says_null_in_types else {}
        for target, deeper in ways(recipe, recipe.document.at(reference), at, (*above, reference)):
            for own, deepest in ways(recipe, beside, at, deeper) if beside else [({}, deeper)]:
                yield _merge(target, own), deepest
        return
    parts = flat.pop("allOf", None) or ()
    unions = {keyword: flat.pop(keyword) for keyword in ("oneOf", "anyOf") if flat.get(keyword)}
    has_null = any(_is_null(one) for members in unions.values() for one in members)
    if flat.get("nullable") is True and "type" in flat:
        flat = _or_null(flat)
    choices = [partial(ways, recipe, part, at) for part in parts]
    for members in unions.values():
        full = [one for one in members if not _is_null(one)]
        if full:
            choices.append(partial(_members, recipe, full, flat.get("discriminator"), at))
    for joined, deeper in _join(choices, flat, above):
        yield _or_null(joined) if has_null else joined, deeper


def _join(choices: Sequence[Choice], flat: Node, above: Above) -> Iterator[tuple[Node, Above]]:
    """Each combination of the choices, merged with what is beside them."""
    if not choices:
        yield flat, above
        return
    for inner, deeper in choices[0](above):
        yield from _join(choices[1:], _merge(inner, flat), deeper)


def _members(
    recipe: Recipe, members: Sequence[Any], discriminator: Any, at: str, above: Above
) -> Iterator[tuple[Node, Above]]:
    """The members of a union, from the one on that this place takes."""
    start, failed = recipe.choose(at, len(members)), TooDeep(at)
    found = False
    for index in range(len(members)):
        member = members[(start + index) % len(members)]
        try:
            for inner, deeper in ways(recipe, member, at, above):
                found = True
                if isinstance(discriminator, dict) and "$ref" in member:
                    name = str(discriminator["propertyName"])
                    tag = {"const": _tag(recipe.document, discriminator, str(member["$ref"]))}
                    yield _merge(inner, {"properties": {name: tag}, "required": [name]}), deeper
                else:
                    yield inner, deeper
        except TooDeep as error:
            failed = error
    if not found:
        raise failed


def _subclasses(document: Document, reference: str, above: Above) -> tuple[list[Node], Node] | None:
    """The schemas that the discriminator of a base class chooses from, unless one of them leads to their base."""
    base: Any = document.at(reference)
    discriminator = base.get("discriminator") if isinstance(base, dict) else None
    if not isinstance(discriminator, dict) or base.keys() & {"oneOf", "anyOf"} or not discriminator.get("mapping"):
        return None
    targets = [_target(one) for one in discriminator["mapping"].values()]
    if (above and above[-1] in targets) or reference in targets:
        return None
    return [{"$ref": one} for one in dict.fromkeys(targets)], discriminator


def _target(written: str) -> str:
    """The reference that a discriminator names, in full or by the name of a component."""
    return written if "/" in written else f"#/components/schemas/{written}"


def _tag(document: Document, discriminator: Node, reference: str) -> str:
    for tag, target in discriminator.get("mapping", {}).items():
        if document.at(_target(target)) is document.at(reference):
            return str(tag)
    return reference.rpartition("/")[2]


def _is_null(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    says_only_null = schema.get("nullable") is True and not schema.keys() - {"nullable", "description"}
    return says_only_null or schema.get("type") == "null" or None in (schema.get("const", 0), *_single(schema, "enum"))


def _single(schema: Node, key: str) -> list[Any]:
    values = schema.get(key)
    return values if isinstance(values, list) and len(values) == 1 else []


def _merge(first: Node, second: Node) -> Node:
    """Both schemas at once; of what contradicts, the second."""
    merged = first | second
    if "properties" in first and "properties" in second:
        both = dict(first["properties"])
        for name, schema in second["properties"].items():
            both[name] = {"allOf": [both[name], schema]} if name in both else schema
        merged["properties"] = both
    for key in ("required", "enum"):
        if isinstance(first.get(key), list) and isinstance(second.get(key), list):
            joined = [*first[key], *second[key]]
            shared = [one for one in first[key] if one in second[key]]
            merged[key] = list(dict.fromkeys(joined)) if key == "required" else shared or second[key]
    if not (_allows_null(first) and _allows_null(second)):
        merged.pop("nullable", None)
    if "type" in first and "type" in second:
        shared = [one for one in listed(first["type"]) if one in listed(second["type"])]
        merged["type"] = shared or second["type"]
    return merged


def _or_null(flat: Node) -> Node:
    """The same schema, or null."""
    if "type" in flat:
        return {**flat, "type": [*listed(flat["type"]), "null"]}
    return {**flat, "nullable": True}


def _allows_null(flat: Node) -> bool:
    says_types = flat.keys() & {"type", "enum", "const", "properties", "items", "additionalProperties"}
    return not says_types or "null" in listed(flat.get("type")) or flat.get("nullable") is True


def listed(value: Any) -> list[Any]:
    """The value itself where it is a list, or a list of it."""
    return value if isinstance(value, list) else [value]


def is_marked(document: Document, schema: Any, mark: str) -> bool:
    """Whether a property is marked as readOnly or writeOnly: itself, or what it refers to."""
    seen = 0
    while isinstance(schema, dict) and seen < LONGEST_CHAIN:
        if schema.get(mark) is True:
            return True
        if any(is_marked(document, one, mark) for one in schema.get("allOf") or ()):
            return True
        if "$ref" not in schema:
            return False
        schema, seen = document.at(str(schema["$ref"])), seen + 1
    return False


def is_file(flat: Node) -> bool:
    """Whether a schema is one of bytes, outside of JSON."""
    return "contentEncoding" not in flat and (flat.get("format") == "binary" or "contentMediaType" in flat)
