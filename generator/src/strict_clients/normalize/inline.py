"""Moves schemas that become classes to components, and gives every class a name."""

import json
import re
from typing import Any

from strict_clients.check.operations import properties
from strict_clients.check.places import Place, mapping, walk
from strict_clients.engine import class_name, snake_case
from strict_clients.load import Document
from strict_clients.names import LONGEST_NAME, RESERVED_CLASSES
from strict_clients.normalize.notes import Notes

_TITLE = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,60}")
_WORDS = {"items": "Item", "additionalProperties": "Value"}


class ClassNames:
    """The unique names of classes, and of the modules that contain them."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = {snake_case(name) for name in taken} | {name.lower() for name in taken}

    def take(self, name: str) -> str:
        """The name, with a suffix if it is taken."""
        free, number = str(class_name(name))[:LONGEST_NAME], 2
        if free in RESERVED_CLASSES:
            free = f"{free}Model"
        stem = free
        while {snake_case(free), free.lower()} & self._taken:
            free, number = f"{stem}{number}", number + 1
        self._taken |= {snake_case(free), free.lower()}
        return free

    def has(self, name: str) -> bool:
        """Whether this name is taken."""
        return bool({snake_case(class_name(name)), class_name(name).lower()} & self._taken)


def name_classes(document: Document, notes: Notes, taken: set[str]) -> None:
    """Set the title of a component whose name would clash as a class; move inline classes to components."""
    names = ClassNames(taken)
    components: dict[str, Any] = mapping(document.raw.setdefault("components", {}).setdefault("schemas", {}))
    for name, schema in components.items():
        if "$ref" in mapping(schema):
            continue
        titled = str(mapping(schema).get("title", name))
        wanted = str(class_name(titled if snake_case(titled) else name))
        chosen = names.take(wanted if snake_case(wanted) else "Schema")
        if chosen != wanted or not snake_case(titled):
            notes.choose("name of a class", schema, f"the class is called {chosen!r}; {wanted!r} is taken")
            schema["title"] = chosen
    seen: dict[str, str] = {}
    for place in [one for one in walk(document, "schema") if _is_inline_class(document, one)]:
        written = json.dumps(place.node, sort_keys=True)
        if written not in seen:
            name = _component_name(names.take(_name(place, names)), components)
            components[name], seen[written] = place.node, f"#/components/schemas/{name}"
            place.node.pop("title", None)
            notes.choose("name of an inline class", place.node, f"the class is called {name!r}, after its place")
        place.put({"$ref": seen[written]})


def _is_class(document: Document, schema: Any) -> bool:
    fields = mapping(schema)
    return "enum" in fields or bool(properties(document, Place("schema", "", fields)))


def _is_inline_class(document: Document, place: Place) -> bool:
    if place.role in {"schemas", "allOf"} or "$ref" in place.fields:
        return False
    if len(place.fields.get("allOf", ())) == 1 and "properties" not in place.fields:
        return False
    return _is_class(document, place.fields)


def _component_name(name: str, components: dict[str, Any]) -> str:
    while name in components:
        name = f"{name}_"
    return name


def _name(place: Place, names: ClassNames) -> str:
    """The name of an inline class: its title if that is a free name, otherwise its place."""
    title = place.fields.get("title")
    if isinstance(title, str) and _TITLE.fullmatch(title) and not names.has(title):
        return title
    words: list[str] = []
    inner: Place | None = place
    while inner is not None and inner.kind == "schema" and inner.role != "schemas":
        if inner.role == "properties":
            words.append(inner.name)
        elif inner.role in {"oneOf", "anyOf"}:
            words.append(f"Type{inner.name}")
        elif inner.role in _WORDS:
            words.append(_WORDS[inner.role])
        inner = inner.owner
    words += [] if inner is None else _owner_words(inner)
    return "".join(class_name(word) for word in reversed(words) if snake_case(word)) or "Schema"


def _owner_words(place: Place) -> list[str]:
    """The words after which the schemas in this object are named, the nearest first."""
    words: list[str] = []
    inner: Place | None = place
    while inner is not None:
        if inner.kind == "schema":  # a component
            return [*words, str(inner.fields.get("title", inner.name))]
        if inner.kind == "parameter":
            words.append(str(inner.fields.get("name", "")))
        elif inner.kind == "request body":
            words.append("Body")
        elif inner.kind == "response":
            words.append("Response" if inner.role == "responses" else f"Response{inner.name}")
        elif inner.kind == "operation":
            return [*words, inner.fields["operationId"]]
        if inner.owner is not None and inner.owner.kind == "components":
            return [*words, inner.name]
        inner = inner.owner
    return words  # pragma: no cover  # every schema is in an operation or a component
