"""Rules for schemas: classes, their fields, types, enums and defaults."""

from strict_clients.bump.change import Change
from strict_clients.bump.fields import members
from strict_clients.bump.form import HEIR_OF
from strict_clients.bump.judgement import Judgement, elsewhere, major, minor, patch
from strict_clients.bump.naming import member, named, shape
from strict_clients.bump.rules.shared import Rules, always
from strict_clients.bump.uses import ANSWER, ARGUMENT, Uses
from strict_clients.check.places import Place, mapping, sequence
from strict_clients.engine import python_name
from strict_clients.names import field_names

_TYPED_FORMATS = frozenset({"date-time", "date", "uuid", "binary", "byte"})
"""Formats with a Python type other than str or a number."""


def _schema(change: Change, uses: Uses) -> Judgement:
    role = change.place.role
    if role == "schemas":
        return _class(change)
    if role == "properties":
        return _field(change, uses)
    if change.added and role == "anyOf" and ANSWER not in uses.at(change.place):
        return minor(f"{named(change.place)} takes one more type")
    return major(f"{named(change.place)} is of another type ({role})", "a look at its type")


def _class(change: Change) -> Judgement:
    name = named(change.place)
    if change.added:
        return minor(f"the class {name} is new", settled=True)
    return major(f"the class {name} is gone", "nothing; what held it is gone too, or of another type")


def _field(change: Change, uses: Uses) -> Judgement:
    place, name = change.place, named(change.place)
    spelling = place.fields.get("x-spelling-of")
    if change.added:
        if spelling:
            return minor(f"{spelling} is read under the name {place.name} too")
        if place.name in sequence(_owner(place).fields.get("required")):
            return major(
                f"{name} is new and required: code that makes one has to give it",
                f"{_owner_name(place)}(..., {_own_name(place)}=...)",
            )
        before = (
            f'; where an answer had it, it was additional_properties["{place.name}"]' if uses.is_answered(place) else ""
        )
        return minor(f"{name} is new{before}", settled=True)
    if spelling:
        return major(f"{spelling} is no longer read under the name {place.name}", "nothing, if no answer spells it so")
    kept = f'additional_properties["{place.name}"], if the service still sends it'
    gone = kept if uses.is_answered(place) else f"{_owner_name(place)}(...) without it"
    return major(f"{name} is gone", gone)


def _owner(place: Place) -> Place:
    assert place.owner is not None  # noqa: S101  # a property has an owner
    return place.owner


def _owner_name(place: Place) -> str:
    return named(place).rpartition(".")[0]


def _own_name(place: Place) -> str:
    return named(place).rpartition(".")[2]


def _reference(change: Change, _uses: Uses) -> Judgement:
    was, now = (shape(side) if side else "" for side in (change.old, change.new))
    return major(f"{named(change.place)} is {now}, and was {was}", f"a look at {now}")


def _type(change: Change, uses: Uses) -> Judgement:
    name, (was, now) = named(change.place), (_types(change.was), _types(change.now))
    ways = uses.at(change.place)
    if was | {"null"} == now | {"null"}:
        if "null" in now:
            if ANSWER not in ways:
                return minor(f"{name} may be null", settled=True)
            return major(f"{name} may be null", f"a look whether {name} is None")
        return major(f"{name} is no longer null", f"{name} without None, never compared with None or UNSET")
    if was < now and ANSWER not in ways:
        return minor(f"{name} takes more types", settled=True)
    return major(f"{name} is {_listed(now)}, and was {_listed(was)}", f"a value of type {_listed(now)}")


def _types(value: object) -> set[str]:
    return set(map(str, sequence(value))) or {str(value or "anything")}


def _listed(types: set[str]) -> str:
    return " or ".join(sorted(types))


def _format(change: Change, _uses: Uses) -> Judgement:
    if {change.was, change.now} & _TYPED_FORMATS:
        return major(
            f"{named(change.place)} is of another type: format {change.now or 'none'}, and was {change.was or 'none'}",
            f"a value of {change.now or change.place.fields.get('type')}",
        )
    return patch("the Python type does not depend on it", settled=True)


def _required(change: Change, uses: Uses) -> Judgement:
    fields = mapping(change.place.fields.get("properties"))
    name = f"{named(change.place)}.{field_names([*fields]).get(change.item, change.item)}"
    if change.item not in fields or (change.old and change.item not in mapping(change.old.fields.get("properties"))):
        return elsewhere("told where the field came or went")
    if change.added:
        return major(
            f"{name} is required: code that makes one has to give it",
            f"{named(change.place)}(..., {name.rpartition('.')[2]}=...)",
        )
    if ANSWER in uses.at(change.place):
        return major(f"{name} may be missing: it is None then", f"a look whether {name} is None")
    return minor(f"{name} may be left out")


def _enum(change: Change, uses: Uses) -> Judgement:
    if change.added and change.old and "enum" in change.old.fields:
        name = member(change.place, _member_name(change.new, change.item))
        return minor(f"{name} is new; answers keep values that are not listed", settled=True)
    if not (change.old and change.new and "enum" in change.old.fields and "enum" in change.new.fields):
        return major(f"{named(change.place)} became an enum, or is none any more", "a look at its type")
    owner = change.place
    more = ", and is refused as an argument" if ARGUMENT in uses.at(owner) else ""
    name = member(owner, _member_name(change.old, change.item))
    return major(f"{name} is gone{more}", f"the text {change.item!r} where it still comes")


def _member_name(enum: Place | None, value: str) -> str:
    """The Python name of a value."""
    names = {str(one): name for one, name in members(enum).items()} if enum else {}
    return names.get(value, "None")


def _varname(change: Change, _uses: Uses) -> Judgement:
    owner = change.place
    if not change.item:
        return elsewhere("told where the value came or went, if a member has another name")
    return major(f"{member(owner, change.was)} has another name", member(owner, change.now))


def _default(change: Change, uses: Uses) -> Judgement:
    if ARGUMENT not in uses.at(change.place):
        return patch("no client fills it in")
    name = named(change.place)
    if change.added:
        return minor(f"{name}: the service says what it takes where nothing is given")
    return major(
        f"{name}: where nothing is given, the service takes {change.now!r} and not {change.was!r}",
        f"{change.was!r} given explicitly, to keep the old behavior",
    )


def _another_name(change: Change, _uses: Uses) -> Judgement:
    return major(f"the class {change.was} has another name", f"{change.now} for {change.was}")


def _view(change: Change, _uses: Uses) -> Judgement:
    name = f"{_owner_name(change.place)}.{change.item}"
    if change.added:
        return minor(f"{name} is new")
    return major(f"{name} is gone", f"{named(change.place)} itself")


def _view_changed(change: Change, _uses: Uses) -> Judgement:
    return major(f"{_owner_name(change.place)}.{change.item} reads another shape", "a look at its class")


def _spelling(change: Change, _uses: Uses) -> Judgement:
    name, owner = named(change.place), _owner_name(change.place)
    if change.removed:
        was = f"{owner}.{python_name(str(change.was))}"
        return major(f"{name} is a separate field, and not read into {was}", f"{name} where the service spells it so")
    return major(f"{name} is no longer a separate field", f"{owner}.{python_name(str(change.now))}")


def _other_type(change: Change, _uses: Uses) -> Judgement:
    return major(f"{named(change.place)} is of another type ({change.key})", "a look at its type")


def _one_way(change: Change, uses: Uses) -> Judgement:
    """For read-only and write-only fields: whether a field that was sent is no longer sent."""
    name, ways = named(change.place), uses.at(change.place)
    if (ARGUMENT if change.key == "readOnly" else ANSWER) not in ways:
        return patch("values of this class never go that way, so no code sees it", settled=True)
    if change.key == "readOnly" and change.now:
        return major(f"{name} is no longer sent", "the call without it; only answers have it")
    if change.key == "readOnly":
        return minor(f"{name} is sent where it is given")
    return minor(f"{name} {'may be missing' if change.now else 'is there'} in answers")


SCHEMAS: Rules = {
    **{("schema", key): _other_type for key in ("const", "contentEncoding", "discriminator")},
    ("schema", ""): _schema,
    ("schema", "$ref"): _reference,
    ("schema", "type"): _type,
    ("schema", "format"): _format,
    ("schema", "required"): _required,
    ("schema", "enum"): _enum,
    ("schema", "x-enum-varnames"): _varname,
    ("schema", "default"): _default,
    ("schema", "key"): _another_name,
    ("schema", "additionalProperties"): always(
        patch("whether there are fields that nobody listed; models keep them anyway", settled=True)
    ),
    ("schema", HEIR_OF): always(minor("which classes a discriminator chooses; the types of those fields say more")),
    ("schema", "x-views"): _view,
    **{("schema", f"x-views/{key}"): _view_changed for key in ("schema", "when-has")},
    ("schema", "x-spelling-of"): _spelling,
    ("schema", "x-read-as"): always(major("the value is of another type", "a value of the new type")),
    ("schema", "x-sensitive"): always(minor("whether `repr`, and so logs, show the value")),
    **{("schema", key): _one_way for key in ("readOnly", "writeOnly")},
}
