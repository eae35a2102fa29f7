"""Every place at which two documents differ: operations are matched by operationId, the rest by name or key."""

import json
import re
from collections.abc import Callable, Iterator, Mapping

from attrs import evolve, field, frozen

from strict_clients.bump.change import Change
from strict_clients.bump.fields import field_changes
from strict_clients.bump.form import ARGUMENTS, CALL
from strict_clients.bump.naming import argument, method
from strict_clients.bump.renames import renamed_classes
from strict_clients.check.operations import inside, operations
from strict_clients.check.places import METHODS, Place, children, follow, sequence
from strict_clients.load import Document

Name = Callable[[Place], str]
Pair = tuple[Place | None, Place | None]


@frozen
class Comparison:
    """Two documents, the older one first."""

    old: Document
    new: Document
    renamed: Mapping[str, str] = field(init=False)
    """By the name of a removed class, the new class that is the same except for its name."""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "renamed", renamed_classes(self.old, self.new))

    def changes(self) -> Iterator[Change]:
        """Every change: of the document and its components, then of each operation."""
        sides = [Place("document", "", document.raw) for document in (self.old, self.new)]
        pairs = list(matched(*map(_operations, sides), names=(_operation_id, _where)))
        yield from self._same(*sides)
        was, now = (side.fields.get("security", []) for side in sides)
        if was != now and any(old and new and not _own_security(old, new) for old, new in pairs):
            yield Change(kind="document", key="security", old=sides[0], new=sides[1], was=was, now=now)
        items = [list(children(side.child("paths", "paths"))) for side in sides]
        for old, new in matched(*items, names=(_key,)):
            if old is not None and new is not None:
                yield from field_changes(old, new, skip={"parameters", "servers", *METHODS})
        holders = {_where(old): old for old, _ in pairs if old}
        for old, new in pairs:
            for change in self._operation(old, new):
                holder = holders.get(_where(new)) if change.key in {"path", "method"} and new else None
                yield change if holder is None else evolve(change, item=method(holder))

    def _operation(self, old: Place | None, new: Place | None) -> Iterator[Change]:
        if old is None or new is None:
            yield Change(kind="operation", key="", old=old, new=new)
            return
        if "x-removed" in new.fields and "x-removed" not in old.fields:
            # Callers cannot see other changes of it: the method only raises.
            now = new.fields["x-removed"]
            yield Change(kind="operation", key="x-removed", old=old, new=new, now=now)
            return
        if _shape(_path(old)) != _shape(_path(new)):
            yield Change(kind="operation", key="path", old=old, new=new, was=_path(old), now=_path(new))
        if old.name != new.name:
            yield Change(kind="operation", key="method", old=old, new=new, was=old.name, now=new.name)
        for change in self._same(old, new):
            is_other = change.key == "x-pagination/items" and self._is_another_list(old, new)
            yield evolve(change, item="another list") if is_other else change
        was, now = (side.fields.get("security", _root(side).fields.get("security", [])) for side in (old, new))
        if was != now and _own_security(old, new):
            yield Change(kind="operation", key="security", old=old, new=new, was=was, now=now)
        sides = ((self.old, old), (self.new, new))
        parameters = [list(self._parameters(*side)) for side in sides]
        called = {
            id(one): argument(self._read(document, one))
            for (document, _), found in zip(sides, parameters, strict=True)
            for one in found
        }
        for pair in matched(*parameters, names=(_location_and_name, _name_alone, lambda one: called[id(one)])):
            yield from self._pair(*pair)

    def _parameters(self, document: Document, operation: Place) -> Iterator[Place]:
        """The operation's parameters and those of its path item, each with its location and name for its role."""
        found: dict[str, Place] = {}
        for owner in (operation.owner, operation):
            for index, node in enumerate(sequence(owner.fields.get("parameters") if owner else None)):
                pointer = owner.at("parameters", index) if owner else ""
                place = Place("parameter", pointer, node, "parameters", operation)
                fields = follow(document, place).fields
                where, name = str(fields.get("in")), str(fields.get("name"))
                role = f"{where} {name.lower() if where == 'header' else name}"
                found[role] = evolve(place, role=role)
        yield from found.values()

    def _is_another_list(self, old: Place, new: Place) -> bool:
        """Whether a list that one version pages also exists in the other version, which does not page it."""
        was, now = (side.fields["x-pagination"]["items"] for side in (old, new))
        return self._has_list(self.new, new, was) or self._has_list(self.old, old, now)

    def _has_list(self, document: Document, operation: Place, pointer: str) -> bool:
        one = next(one for one in operations(document) if one.place.pointer == operation.pointer)
        answer = one.answer()
        found = None if answer is None else inside(document, answer, pointer)
        return found is not None and found.fields.get("type") == "array"

    def _same(self, old: Place, new: Place) -> Iterator[Change]:
        """The differences between two objects that are treated as the same one, and below them."""
        sides = [[child for child in children(place) if _is_compared(place, child)] for place in (old, new)]
        roles = dict.fromkeys(child.role for side in sides for child in side)
        if old.kind != "responses":
            yield from field_changes(old, new, skip={*roles, "paths", *_APART.get(old.kind, ())})
        for role in roles:
            of_role = [[child for child in side if child.role == role] for side in sides]
            names = _names(role, [*of_role[0], *of_role[1]])
            for pair in matched(*of_role, names=(*names, self._renamed_key) if role == "schemas" else names):
                yield from self._pair(*pair)

    def _pair(self, old: Place | None, new: Place | None) -> Iterator[Change]:
        if old is None or new is None:
            was, now = (side and self._read(document, side) for document, side in ((self.old, old), (self.new, new)))
            yield Change(kind=(old or new or _NOWHERE).kind, key="", old=was, new=now)
            return
        if (old.kind in {"response", "media type"} or old.role == "schemas") and old.name != new.name:
            yield Change(kind=old.kind, key="key", old=old, new=new, was=old.name, now=new.name)
        was, now = old.fields.get("$ref"), new.fields.get("$ref")
        if was is not None and self._renamed_reference(was) == now:
            # The object itself is compared where it is written; here, only the fields next to the reference.
            yield from field_changes(old, new, skip={"$ref"})
            return
        targets = follow(self.old, old), follow(self.new, new)
        if old.kind == "schema" and was != now and any(map(_is_class, targets)):
            yield Change(kind="schema", key="$ref", old=old, new=new, was=was, now=now)
            return
        yield from self._same(*targets)

    def _renamed_reference(self, reference: str) -> str:
        owner, _, name = reference.rpartition("/")
        return f"{owner}/{self.renamed.get(name, name)}" if owner == "#/components/schemas" else reference

    def _renamed_key(self, place: Place) -> str:
        return self.renamed.get(place.name, place.name)

    def _read(self, document: Document, place: Place) -> Place:
        """The target of a reference, at the place of the reference; a schema is identified by its reference."""
        if place.kind == "schema":
            return place
        return evolve(place, node=follow(document, place).node)


def matched(old: list[Place], new: list[Place], *, names: tuple[Name, ...]) -> Iterator[Pair]:
    """Pairs with the same name, by the first of `names` that finds one; then those without a counterpart."""
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
    """Whether it becomes a class."""
    return "enum" in schema.fields or bool({"properties", "allOf"} & schema.fields.keys())


def _names(role: str, places: list[Place]) -> tuple[Name, ...]:
    return (_content, _key) if role in _ALTERNATIVES else _NAMES.get(places[0].kind, (_key,))


def _content(place: Place) -> str:
    return json.dumps(place.node, sort_keys=True)


def _key(place: Place) -> str:
    return place.name or "''"


def _own_security(old: Place, new: Place) -> bool:
    """Whether one of both versions of an operation has its own security requirements."""
    return "security" in old.fields.keys() | new.fields.keys()


def _where(operation: Place) -> str:
    """Its method and path, without the names of path parameters."""
    return f"{operation.name} {_shape(_path(operation))}"


def _path(operation: Place) -> str:
    return operation.owner.name if operation.owner is not None else ""


def _shape(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", path)


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


_APART = {"operation": ("parameters", "security", CALL, ARGUMENTS), "document": ("security",)}
_NOWHERE = Place("", "", None)
_ALTERNATIVES = frozenset({"allOf", "anyOf", "oneOf"})
_NAMES: dict[str, tuple[Name, ...]] = {
    "tag": (_title,),
    "response": (_key, _success),
    "media type": (_key, _any),
}
