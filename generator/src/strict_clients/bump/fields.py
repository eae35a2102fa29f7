"""The differences between the fields of two objects that are treated as the same one."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from strict_clients.bump.change import Change
from strict_clients.check.places import Place, mapping, sequence
from strict_clients.names import member_names

# Fields whose items have names: the items are compared one by one, in any order.
_SETS = frozenset({"enum", "required", "x-error", "x-views"})
_MAPPINGS = frozenset(
    {
        *("x-display-names", "x-pagination", "x-sdk", "x-error-body", "x-wait-hints", "x-emulator", "x-removed"),
        "x-token-credential",
    }
)
_IDENTITY = {"x-error": "class", "x-views": "name"}


def field_changes(old: Place, new: Place, *, skip: AbstractSet[str]) -> Iterator[Change]:
    """The changes of all fields except those of `skip`, whose objects are compared elsewhere."""
    for key in dict.fromkeys([*old.fields, *new.fields]):
        was, now = old.fields.get(key), new.fields.get(key)
        if was == now or key in skip:
            continue
        if key == "x-enum-varnames":
            renamed = list(_items(old, new, key, _member_names(old, new), _member_names(new, old)))
            yield from renamed or [Change(kind=old.kind, key=key, old=old, new=new, was=was, now=now)]
        elif key == "x-display-names":
            yield from _items(old, new, key, mapping(was), mapping(now))
        elif key in _SETS and isinstance(was or now, list):
            yield from _set(old, new, key)
        elif key in _MAPPINGS and isinstance(was, dict) and isinstance(now, dict):
            before, after = mapping(was), mapping(now)
            for inner in dict.fromkeys([*before, *after]):
                if before.get(inner) != after.get(inner):
                    yield Change(
                        kind=old.kind,
                        key=f"{key}/{inner}",
                        old=old,
                        new=new,
                        was=before.get(inner),
                        now=after.get(inner),
                    )
        else:
            yield Change(kind=old.kind, key=key, old=old, new=new, was=was, now=now)


def _set(old: Place, new: Place, key: str) -> Iterator[Change]:
    def by_name(place: Place) -> dict[str, Any]:
        identity = _IDENTITY.get(key)
        return {str(item[identity] if identity else item): item for item in sequence(place.fields.get(key))}

    before, after = by_name(old), by_name(new)
    for change in _items(old, new, key, before, after):
        if key in _IDENTITY and not change.added and not change.removed:
            for inner in dict.fromkeys([*change.was, *change.now]):
                if change.was.get(inner) != change.now.get(inner):
                    was, now = change.was.get(inner), change.now.get(inner)
                    yield Change(
                        kind=old.kind, key=f"{key}/{inner}", old=old, new=new, was=was, now=now, item=change.item
                    )
        else:
            yield change


def _items(old: Place, new: Place, key: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for item in dict.fromkeys([*before, *after]):
        if before.get(item) != after.get(item):
            yield Change(kind=old.kind, key=key, old=old, new=new, was=before.get(item), now=after.get(item), item=item)


def _member_names(place: Place, other: Place) -> dict[str, str]:
    """The Python names of the values that both enums have."""
    kept = sequence(other.fields.get("enum"))
    names = members(place)
    return {str(value): name for value, name in names.items() if value in kept}


def members(enum: Place) -> dict[Any, str]:
    """The members of an enum class by their values."""
    values = [value for value in sequence(enum.fields.get("enum")) if value is not None]
    return dict(member_names(values, sequence(enum.fields.get("x-enum-varnames"))))
