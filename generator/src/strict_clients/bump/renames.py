"""Guesses the new name of something that was removed: the only new thing of its kind and type in the same place."""

import json
from collections.abc import Sequence
from difflib import SequenceMatcher

from strict_clients.bump.change import Change
from strict_clients.bump.naming import argument, named, shape
from strict_clients.check.places import Place, mapping
from strict_clients.load import Document

_NEARLY = 0.6


def guess(changes: Sequence[Change]) -> dict[int, str]:
    """By the index of a change, what callers may write instead of what it removed."""
    found: dict[int, str] = {}
    for index, change in enumerate(changes):
        if change.key or change.old is None or change.kind not in {"schema", "parameter"}:
            continue
        twins = [other.new for other in changes if not other.key and other.new and _alike(change.old, other.new)]
        rivals = [other for other in changes if not other.key and other.old and _alike(other.old, change.old)]
        if len(twins) == 1 and len(rivals) == 1:
            name = argument(twins[0]) if change.kind == "parameter" else named(twins[0])
            found[index] = f"{name}, which may be the same under another name (a guess: it is of the same type)"
    return found


def _alike(one: Place, other: Place) -> bool:
    """Whether both have the same kind, place and type, and the same description or nearly the same name."""
    if (one.kind, _around(one), _type(one)) != (other.kind, _around(other), _type(other)):
        return False
    said = [place.fields.get("description") for place in (one, other)]
    return said[0] == said[1] or SequenceMatcher(None, one.name, other.name).ratio() >= _NEARLY


def _around(place: Place) -> str:
    return place.pointer.rpartition("/")[0]


def _type(place: Place) -> str:
    if place.role == "schemas":
        return " ".join(sorted(place.fields.get("properties", place.fields.get("enum", [shape(place)]))))
    return shape(place.child("schema", "schema") if place.kind == "parameter" else place)


def renamed_classes(old: Document, new: Document) -> dict[str, str]:
    """The removed classes, each with the only new class that has the same content."""
    sides = [mapping(mapping(one.raw.get("components")).get("schemas")) for one in (old, new)]
    gone, came = (
        {name: json.dumps(side[name], sort_keys=True) for name in side if name not in other}
        for side, other in (sides, reversed(sides))
    )
    found: dict[str, str] = {}
    for name, content in gone.items():
        twins = [one for one in came if came[one] == content]
        if len(twins) == 1 and [*gone.values()].count(content) == 1:
            found[name] = twins[0]
    return found
