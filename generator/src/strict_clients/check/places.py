"""The objects of an OpenAPI document, each with its kind and its JSON pointer."""

from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from attrs import frozen

from strict_clients.load import Document
from strict_clients.pointers import escape, unescape

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# By kind of object: the fields that hold other objects, as (field, "one" or "list" or "map", kind). The field "" is
# the object itself, a map of its own.
_FIELDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "document": (
        ("info", "one", "info"),
        ("servers", "list", "server"),
        ("paths", "one", "paths"),
        ("webhooks", "map", "path item"),
        ("components", "one", "components"),
        ("tags", "list", "tag"),
    ),
    "components": (
        ("schemas", "map", "schema"),
        ("responses", "map", "response"),
        ("parameters", "map", "parameter"),
        ("examples", "map", "example"),
        ("requestBodies", "map", "request body"),
        ("headers", "map", "header"),
        ("securitySchemes", "map", "security scheme"),
        ("pathItems", "map", "path item"),
    ),
    "paths": (("", "map", "path item"),),
    "path item": (
        ("servers", "list", "server"),
        ("parameters", "list", "parameter"),
        *((method, "one", "operation") for method in METHODS),
    ),
    "operation": (
        ("servers", "list", "server"),
        ("parameters", "list", "parameter"),
        ("requestBody", "one", "request body"),
        ("responses", "one", "responses"),
    ),
    "responses": (("", "map", "response"),),
    "response": (("headers", "map", "header"), ("content", "map", "media type")),
    "request body": (("content", "map", "media type"),),
    "parameter": (("schema", "one", "schema"), ("content", "map", "media type"), ("examples", "map", "example")),
    "header": (("schema", "one", "schema"), ("content", "map", "media type"), ("examples", "map", "example")),
    "media type": (("schema", "one", "schema"), ("encoding", "map", "encoding"), ("examples", "map", "example")),
    "server": (("variables", "map", "server variable"),),
    "schema": (
        ("properties", "map", "schema"),
        ("items", "one", "schema"),
        ("additionalProperties", "one", "schema"),
        ("allOf", "list", "schema"),
        ("oneOf", "list", "schema"),
        ("anyOf", "list", "schema"),
    ),
}


def mapping(node: Any) -> dict[str, Any]:
    """The node if it is a mapping, else an empty one."""
    # A `cast` would be one more call, a million times for a long document.
    return node if isinstance(node, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def sequence(node: Any) -> list[Any]:
    """The node if it is a list, else an empty one."""
    return list(cast("Iterable[Any]", node)) if isinstance(node, list) else []


@frozen
class Place:
    """An object of the document: its kind ("schema"), its pointer, and the field of its owner that contains it."""

    kind: str
    pointer: str
    node: Any
    role: str = ""
    owner: "Place | None" = None

    @property
    def fields(self) -> dict[str, Any]:
        """The object's fields."""
        return mapping(self.node)

    @property
    def name(self) -> str:
        """The key or index of the object."""
        return unescape(self.pointer.rpartition("/")[2])

    def at(self, *keys: str | int) -> str:
        """The pointer of a place below this one."""
        return "/".join((self.pointer, *map(escape, keys)))

    def put(self, node: Any) -> None:
        """Put another object in this place of the document."""
        assert self.owner is not None  # noqa: S101  # the document itself has no place
        holder = self.owner.node if self.role == "" else self.owner.node[self.role]
        if self.pointer == self.owner.at(self.role):
            self.owner.node[self.role] = node
        elif isinstance(holder, list):
            holder[int(self.name)] = node
        else:
            holder[self.name] = node

    def child(self, kind: str, *keys: str) -> "Place":
        """The object of that kind below the keys."""
        node: Any = self.node
        for key in keys:
            node = mapping(node).get(key)
        return Place(kind, self.at(*keys), node, keys[0], self)


def children(place: Place, within: Collection[str] | None = None) -> Iterator[Place]:
    """The objects directly below, in the order of the specification, then of the document; `within` names kinds."""
    fields = place.fields
    for name, shape, kind in _FIELDS.get(place.kind, ()):
        if (name and name not in fields) or (within is not None and kind not in within):
            continue
        node = fields[name] if name else place.node
        pointer = f"{place.pointer}/{name}" if name else place.pointer
        if shape == "one":
            yield Place(kind, pointer, node, name, place)
        elif shape == "list":
            for index, item in enumerate(sequence(node)):
                yield Place(kind, f"{pointer}/{index}", item, name, place)
        else:
            for key, item in mapping(node).items():
                if name or not key.startswith("x-"):
                    yield Place(kind, f"{pointer}/{escape(key)}", item, name, place)


def walk(document: Document, *kinds: str) -> Iterator[Place]:
    """Every object of the document once, where it is written; only those of the given kinds, if any."""
    known: dict[str, list[Place]] = document.walked
    if known and len(kinds) == 1:
        yield from known.get(kinds[0], ())
        return
    if known:
        yield from (place for place in known[""] if not kinds or place.kind in kinds)
        return
    within = _leading_to(*kinds) if kinds else None
    waiting = [Place("document", "", document.raw)]
    while waiting:
        place = waiting.pop()
        if not kinds or place.kind in kinds:
            yield place
        waiting.extend(reversed([child for child in children(place, within) if isinstance(child.node, dict)]))


@cache
def _leading_to(*kinds: str) -> frozenset[str]:
    """These kinds, and all that have objects of them somewhere below."""
    found, more = frozenset[str](), frozenset(kinds)
    while more - found:
        found |= more
        more = frozenset(owner for owner, fields in _FIELDS.items() if found & {kind for *_, kind in fields})
    return found


@contextmanager
def walked_once(document: Document) -> Generator[None]:
    """Let `walk` go through the document a single time: it is not changed in the meantime."""
    places = list(walk(document))
    by_kind: dict[str, list[Place]] = {"": places}
    for place in places:
        by_kind.setdefault(place.kind, []).append(place)
    document.walked.update(by_kind)
    try:
        yield
    finally:
        document.walked.clear()


def follow(document: Document, place: Place) -> Place:
    """The object that a reference finally leads to, or the place itself if it is not a reference."""
    reference = place.fields.get("$ref")
    if not isinstance(reference, str):
        return place
    return follow(document, Place(place.kind, reference[1:], document.at(reference[1:]), place.role, place.owner))
