"""Every place at which two documents differ: operations are matched by operationId, the rest by name or key."""

import json
from collections.abc import Callable, Iterator

from attrs import evolve, frozen

from strict_clients.bump.change import Change
from strict_clients.bump.fields import field_changes
from strict_clients.check.places import METHODS, Place, children, follow, sequence
from strict_clients.load import Document

Name = Callable[[Place], str]
Pair = tuple[Place | None, Place | None]


@frozen
class Comparison:
    """Two documents, the older one first."""

    old: Document
    new: Document

    def changes(self) -> Iterator[Change]:
        """Every change: of the document and its components, then of each operation."""
        sides = [Place("document", "", document.raw) for document in (self.old, self.new)]
        yield from self._same(*sides)
        items = [list(children(side.child("paths", "paths"))) for side in sides]
        for old, new in matched(*items, names=(_key,)):
            if old is not None and new is not None:
                yield from field_changes(old, new, skip={"parameters", "servers", *METHODS})
        for old, new in matched(*map(_operations, sides), names=(_operation_id, _pointer)):
            yield from self._operation(old, new)

    def _operation(self, old: Place | None, new: Place | None) -> Iterator[Change]:
        if old is None or new is None:
            yield Change(kind="operation", key="", old=old, new=new)
            return
        if "x-removed" in new.fields and "x-removed" not in old.fields:
            # What else changed of it, no caller can see: the method only raises.
            now = new.fields["x-removed"]
            yield Change(kind="operation", key="x-removed", old=old, new=new, now=now)
            return
        moved: tuple[tuple[str, str, str], ...] = (("path", _path(old), _path(new)), ("method", old.name, new.name))
        for key, before, after in moved:
            if before != after:
                yield Change(kind="operation", key=key, old=old, new=new, was=before, now=after)
        yield from self._same(old, new)
        if old.fields.get("security") != new.fields.get("security"):
            was, now = (side.fields.get("security", _root(side).fields.get("security")) for side in (old, new))
            yield Change(kind="operation", key="security", old=old, new=new, was=was, now=now)
        parameters = [list(self._parameters(*side)) for side in ((self.old, old), (self.new, new))]
        for pair in matched(*parameters, names=(_location_and_name, _name_alone)):
            yield from self._pair(*pair)

    def _parameters(self, document: Document, operation: Place) -> Iterator[Place]:
        """The operation's parameters and those of its path item, each with its location and name for its role."""
        found: dict[str, Place] = {}
        for owner in (operation.owner, operation):
            for index, node in enumerate(sequence(owner.fields.get("parameters") if owner else None)):
                pointer = owner.at("parameters", index) if owner else ""
                place = Place("parameter", pointer, node, "parameters", operation)
                fields = follow(document, place).fields
                role = f"{fields.get('in')} {fields.get('name')}"
                found[role] = evolve(place, role=role)
        yield from found.values()

    def _same(self, old: Place, new: Place) -> Iterator[Change]:
        """What differs between two objects that are taken for the same one, and below them."""
        sides = [[child for child in children(place) if _is_compared(place, child)] for place in (old, new)]
        roles = dict.fromkeys(child.role for side in sides for child in side)
        if old.kind != "responses":
            yield from field_changes(old, new, skip={*roles, "paths", *_APART.get(old.kind, ())})
        for role in roles:
            of_role = [[child for child in side if child.role == role] for side in sides]
            for pair in matched(*of_role, names=_names(role, [*of_role[0], *of_role[1]])):
                yield from self._pair(*pair)

    def _pair(self, old: Place | None, new: Place | None) -> Iterator[Change]:
        if old is None or new is None:
            yield Change(kind=(old or new or _NOWHERE).kind, key="", old=old, new=new)
            return
        if old.kind in {"response", "media type"} and old.name != new.name:
            yield Change(kind=old.kind, key="key", old=old, new=new, was=old.name, now=new.name)
        was, now = old.fields.get("$ref"), new.fields.get("$ref")
        if was is not None and was == now:
            # The object is compared where it is written; here it is only what stands beside the reference.
            yield from field_changes(old, new, skip={"$ref"})
            return
        targets = follow(self.old, old), follow(self.new, new)
        if old.kind == "schema" and was != now and any(map(_is_class, targets)):
            yield Change(kind="schema", key="$ref", old=old, new=new, was=was, now=now)
            return
        yield from self._same(*targets)


def matched(old: list[Place], new: list[Place], *, names: tuple[Name, ...]) -> Iterator[Pair]:
    """Those of one name, by the first of `names` that finds a twin; then those that came or went alone."""
    for name in names:
        twins = {name(place): place for place in new if name(place)}
        for place in list(old):
            twin = twins.pop(name(place), None)
            if twin is not None:
                yield place, twin
                old, new = _without(old, place), _without(new, twin)
    yield from ((place, None) for place in old)
    yield from ((None, place) for place in new)


def _without(places: list[Place], gone: Place) -> list[Place]:
    return [place for place in places if place is not gone]


def _operations(document: Place) -> list[Place]:
    items = children(document.child("paths", "paths"))
    return [item.child("operation", method) for item in items for method in METHODS if method in item.fields]


def _is_compared(owner: Place, child: Place) -> bool:
    """Whether a child is an object that is compared as part of its owner."""
    apart = child.kind == "paths" or (owner.kind == "operation" and child.kind == "parameter")
    return isinstance(child.node, dict) and not apart


def _is_class(schema: Place) -> bool:
    """Whether a class is made of it."""
    return "enum" in schema.fields or bool({"properties", "allOf"} & schema.fields.keys())


def _names(role: str, places: list[Place]) -> tuple[Name, ...]:
    return (_content, _key) if role in _ALTERNATIVES else _NAMES.get(places[0].kind, (_key,))


def _content(place: Place) -> str:
    return json.dumps(place.node, sort_keys=True)


def _key(place: Place) -> str:
    return place.name or "''"


def _pointer(place: Place) -> str:
    return place.pointer


def _path(operation: Place) -> str:
    return operation.owner.name if operation.owner is not None else ""


def _root(place: Place) -> Place:
    return place if place.owner is None else _root(place.owner)


def _operation_id(operation: Place) -> str:
    return str(operation.fields.get("operationId", ""))


def _location_and_name(parameter: Place) -> str:
    return parameter.role


def _name_alone(parameter: Place) -> str:
    return parameter.role.partition(" ")[2]


def _success(response: Place) -> str:
    return "success" if response.name.startswith("2") else ""


def _any(_: Place) -> str:
    return "any"


def _title(tag: Place) -> str:
    return str(tag.fields.get("name"))


_APART = {"operation": ("parameters", "security")}
_NOWHERE = Place("", "", None)
_ALTERNATIVES = frozenset({"allOf", "anyOf", "oneOf"})
_NAMES: dict[str, tuple[Name, ...]] = {
    "tag": (_title,),
    "response": (_key, _success),
    "media type": (_key, _any),
}
