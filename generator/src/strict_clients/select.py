"""Selects a part of a document: operations by path, tag and operationId, and the components that they use."""

import re
from collections.abc import Iterator
from copy import deepcopy
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from attrs import field, frozen

from strict_clients.breaches import Breach, GenerationRefused
from strict_clients.check.places import METHODS, mapping, sequence
from strict_clients.load import Document, sealed
from strict_clients.pointers import unescape

LONGEST_NAME = 200
"""The number of characters of a pattern that are compared with the names in the document."""

_PATTERN = re.compile(r"(?s)(?P<path>/.*)|tag:(?P<tag>.+)|operationId:(?P<operationId>.+)")
_METHODS = (*METHODS, "$ref")  # a path item that refers to another one counts as an operation
_COMPONENT = re.compile("#/components/([^/]+)/([^/]+)")


@frozen
class Selection:
    """The operations that match a pattern of `include`, or all if it is empty, without those that match `exclude`.

    A pattern is a path, or `tag:` or `operationId:` with a name. `*` matches any characters, but in a path only those
    of one segment; `**` matches across segments.
    """

    include: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    exclude: tuple[str, ...] = field(default=(), converter=tuple[str, ...])


@frozen
class _Operation:
    """An operation by its place, and the names that patterns may match, by their kind."""

    path: str
    method: str
    names: dict[str, list[str]] = field(eq=False)


def selected(document: Document, selection: Selection, *, path: Path) -> Document:
    """The part of the document, which was read from `path`; without patterns, the document itself.

    Raises: GenerationRefused with each pattern that matches nothing.
    """
    if selection == Selection():
        return document
    operations = list(_operations(document.raw))
    breaches: list[Breach] = []
    included = {one for pattern in selection.include for one in _matching(pattern, operations, breaches)}
    excluded = {one for pattern in selection.exclude for one in _matching(pattern, operations, breaches)}
    kept = (included or set(operations)) - excluded
    if not kept and not breaches:
        breaches.append(Breach("", "the patterns leave no operation; exclude less"))
    if breaches:
        raise GenerationRefused(breaches)
    return sealed(_part(document.raw, kept), path)


def _operations(raw: dict[str, Any]) -> Iterator[_Operation]:
    """The operations of the paths."""
    for path, item in mapping(raw.get("paths")).items():
        for method in _METHODS:
            if method in mapping(item) and not path.startswith("x-"):
                fields = mapping(item[method])
                identifiers = [str(fields["operationId"])] if "operationId" in fields else []
                tags = [str(tag) for tag in sequence(fields.get("tags"))]
                yield _Operation(path, method, {"path": [path], "tag": tags, "operationId": identifiers})


def _matching(pattern: str, operations: list[_Operation], breaches: list[Breach]) -> list[_Operation]:
    """The operations that match the pattern; none is a breach."""
    parsed = _PATTERN.fullmatch(pattern)
    kind = parsed.lastgroup if parsed else None
    if parsed is None or kind is None:
        message = "is not a pattern; write a path such as /things/*, tag:NAME or operationId:NAME"
        breaches.append(Breach("", f"{pattern!r:.300} {message}"))
        return []
    star = "[^/]*" if kind == "path" else ".*"
    pieces = re.split(r"(\*+)", parsed[kind])
    parts = [{"": "", "*": star}.get(piece, ".*" if piece[:1] == "*" else re.escape(piece)) for piece in pieces]
    expression = re.compile("".join(parts), re.DOTALL)
    found = [one for one in operations if any(expression.fullmatch(name) for name in one.names[kind])]
    if not found:
        names = dict.fromkeys(name for one in operations for name in one.names[kind])
        near = " or ".join(map(repr, get_close_matches(parsed[kind][:LONGEST_NAME], names, cutoff=0.3)))
        breaches.append(Breach("", f"{pattern!r:.300} matches no operation; {_advice(near)}"))
    return found


def _advice(near: str) -> str:
    return f"did you mean {near}?" if near else "correct it or leave it out"


def _part(whole: dict[str, Any], kept: set[_Operation]) -> dict[str, Any]:
    """A copy of the document with only these operations and the components that they use."""
    raw = deepcopy(whole)
    for one in set(_operations(whole)) - kept:
        del raw["paths"][one.path][one.method]
    for path, item in list(mapping(raw.get("paths")).items()):
        if isinstance(item, dict) and not path.startswith("x-") and not any(method in item for method in _METHODS):
            del raw["paths"][path]
    if isinstance(raw.get("tags"), list):
        used = {tag for one in kept for tag in one.names["tag"]}
        raw["tags"] = [tag for tag in raw["tags"] if str(mapping(tag).get("name")) in used]
    components = mapping(raw.get("components"))
    reached = _reached(raw)
    for section, named in list(components.items()):
        if isinstance(named, dict) and not section.startswith("x-"):
            left = {name: value for name, value in mapping(named).items() if (section, name) in reached}
            if left:
                components[section] = left
            else:
                del components[section]
    for key in ("tags", "components"):
        if not raw.get(key, True):
            del raw[key]
    return raw


def _reached(raw: dict[str, Any]) -> set[tuple[str, str]]:
    """The section and the name of each component that the rest of the document refers to, directly or not."""
    components = {section: mapping(named) for section, named in mapping(raw.get("components")).items()}
    derived: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for name, schema in components.get("schemas", {}).items():
        for base in _references(sequence(mapping(schema).get("allOf"))):
            derived.setdefault(base, []).append(("schemas", name))
    reached: set[tuple[str, str]] = set()
    outside = {key: value for key, value in raw.items() if key != "components" and not key.startswith("x-")}
    waiting = list(_references(outside))
    while waiting:
        component = section, name = waiting.pop()
        if component in reached or name not in components.get(section, {}):
            continue
        reached.add(component)
        waiting.extend(_references(components[section][name]))
        if "discriminator" in mapping(components[section][name]):
            waiting.extend(derived.get(component, []))  # subclasses are found through it, not by a reference
    return reached


def _references(node: Any) -> Iterator[tuple[str, str]]:
    """The section and the name of each component that the node refers to."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        waiting.extend(mapping(node).values())
        waiting.extend(sequence(node))
        names = mapping(mapping(mapping(node).get("discriminator")).get("mapping")).values()
        yield from (("schemas", name) for name in names if isinstance(name, str))  # instead of a reference
        for reference in (mapping(node).get("$ref"), *names):
            if component := _COMPONENT.match(str(reference)):
                yield component[1], unescape(component[2])
        for requirement in sequence(mapping(node).get("security")):
            yield from (("securitySchemes", name) for name in mapping(requirement))
