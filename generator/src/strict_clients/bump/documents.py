"""The differences between two documents, each rated by our rules and by Redocly's, with the reason."""

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import evolve, frozen

from strict_clients.bump import raised_changed
from strict_clients.bump.change import Change
from strict_clients.bump.differ import Finding
from strict_clients.bump.judgement import Judgement
from strict_clients.bump.naming import argument, method, named
from strict_clients.bump.raised_changed import RaisedChange
from strict_clients.bump.rating import Rating
from strict_clients.bump.renames import guess
from strict_clients.bump.rules import judge
from strict_clients.bump.tree import Comparison
from strict_clients.bump.uses import Uses
from strict_clients.check.places import mapping
from strict_clients.load import Document
from strict_clients.pointers import unescape

_LOOK = "a look at this place"


@frozen(kw_only=True)
class Difference:
    """One place at which two documents differ, and its rating."""

    pointers: tuple[str, ...]
    """The old and the new place."""
    name: str
    """Its name in callers' code, if it has one: `Boat.name`, `client.boats.list`."""
    item: str
    was: Any
    now: Any
    rating: Rating
    ours: Rating | None
    """The rating by our rules; None if only Redocly reports it."""
    redocly: Rating | None
    """Redocly's rating; None if only our rules report it."""
    why: str
    instead: str = ""
    """What callers write instead, if it breaks them."""


def compare(old: Document, new: Document, findings: Iterable[Finding]) -> tuple[Difference, ...]:
    """Every difference between two documents in comparison form, the most severe first."""
    changes = list(Comparison(old, new).changes())
    heard: dict[int, list[Finding]] = {}
    differences: list[Difference] = []
    for finding in findings:
        spoken_of = _spoken_of(finding, changes)
        for index in spoken_of:
            heard.setdefault(index, []).append(finding)
        is_told = spoken_of or all(_is_in_same_schema(pointer, old, new) for pointer in finding.pointers)
        if not is_told and (finding.message or finding.rating > Rating.PATCH):
            differences.append(_foreign(finding, old, new))
    uses, renamed = Uses.of(old, new), guess(changes)
    for index, change in enumerate(changes):
        judgement = judge(change, uses)
        if not judgement.told_elsewhere:
            found = _difference(change, judgement, heard.get(index, []), renamed.get(index, ""))
            differences.append(evolve(found, pointers=_places(change, old, new)))
    differences += map(_raised, raised_changed.compare(old, new))
    if not differences and old.digest != new.digest:
        differences.append(_difference_of_words(old, new))
    return tuple(sorted(differences, key=lambda one: -one.rating))


def _spoken_of(finding: Finding, changes: Sequence[Change]) -> list[int]:
    """The changes that Redocly means: those at the same place, else the nearest one around it, else those inside it."""
    places = [(index, pointer) for index, change in enumerate(changes) for pointer in change.pointers]
    same = [index for index, pointer in places if pointer in finding.pointers]
    same = same or [index for index, change in enumerate(changes) if change.place.pointer in finding.pointers]
    around = [
        (len(pointer), index) for index, pointer in places for one in finding.pointers if one.startswith(f"{pointer}/")
    ]
    inside = [
        index
        for index, pointer in places
        for one in finding.pointers
        if changes[index].is_whole and pointer.startswith(f"{one}/")
    ]
    return same or [index for length, index in around if length == max(around)[0]] or inside


def _difference(change: Change, judgement: Judgement, findings: list[Finding], renamed: str) -> Difference:
    redocly = max((finding.rating for finding in findings), default=None)
    rating, why = judgement.rating, judgement.why
    if redocly is not None and redocly > rating and not judgement.settled:
        said = " ".join(dict.fromkeys(finding.message for finding in findings if finding.rating is redocly))
        rating, why = redocly, f"{why}; Redocly: {said or redocly.word}"
    return Difference(
        pointers=change.pointers,
        name=_name(change),
        item=change.item,
        was=_shown(change, change.was, old=True),
        now=_shown(change, change.now, old=False),
        rating=rating,
        ours=judgement.rating,
        redocly=redocly,
        why=why,
        instead=renamed or judgement.instead or (_LOOK if rating is Rating.MAJOR else ""),
    )


def _name(change: Change) -> str:
    """The name of the changed thing in callers' code."""
    if change.kind == "schema":
        return named(change.place)
    if change.kind == "parameter":
        return argument(change.place)
    return method(change.place) if change.kind == "operation" else ""


def _shown(change: Change, value: Any, *, old: bool) -> Any:
    """The value itself; for an object that was added or removed, the object."""
    if change.key:
        return value
    place = change.old if old else change.new
    return None if place is None else place.node


def _places(change: Change, old: Document, new: Document) -> tuple[str, ...]:
    """The old and the new place of the change, in the files."""
    sides = ((old, change.old), (new, change.new))
    keys = () if change.is_whole else change.key.split("/")
    return tuple(dict.fromkeys(document.origin(place.at(*keys)) for document, place in sides if place is not None))


def _raised(change: RaisedChange) -> Difference:
    return Difference(
        pointers=change.pointers,
        name="",
        item=" where ".join(filter(None, (f"status {change.status}", change.condition))),
        was=change.was,
        now=change.now,
        rating=change.rating,
        ours=change.rating,
        redocly=None,
        why=change.why,
        instead=change.instead,
    )


def _foreign(finding: Finding, old: Document, new: Document) -> Difference:
    return Difference(
        pointers=tuple(dict.fromkeys(_located(pointer, new, old) for pointer in finding.pointers)),
        name="",
        item="",
        was=None,
        now=None,
        rating=finding.rating,
        ours=None,
        redocly=finding.rating,
        why=finding.message or "only Redocly's differ sees it; look at it",
        instead=_LOOK if finding.rating is Rating.MAJOR else "",
    )


def _is_in_same_schema(pointer: str, old: Document, new: Document) -> bool:
    """Whether a place is in an unchanged named schema: a changed reference is reported as its own difference."""
    schemas, name = "/components/schemas/", pointer.split("/")[3:4]
    sides = (mapping(mapping(one.raw.get("components")).get("schemas")) for one in (old, new))
    was, now = (side.get(unescape("".join(name))) for side in sides)
    return pointer.startswith(schemas) and was is not None and was == now


def _located(pointer: str, *documents: Document) -> str:
    """The place in the first file that has it."""
    for document in documents:
        try:
            document.at(pointer)
        except LookupError:
            continue
        return document.origin(pointer)
    return pointer


def _difference_of_words(old: Document, new: Document) -> Difference:
    return Difference(
        pointers=("",),
        name="",
        item="",
        was=old.digest,
        now=new.digest,
        rating=Rating.PATCH,
        ours=Rating.PATCH,
        redocly=None,
        why="written differently with the same meaning; the package contains the document",
    )
