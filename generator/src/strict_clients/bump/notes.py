"""Texts for callers: a migration note for each break, and a draft for the changelog."""

import json
import re
from collections.abc import Iterator

from attrs import field, frozen

from strict_clients.bump.alike import ANY, gather
from strict_clients.bump.documents import Difference
from strict_clients.bump.likeness import GUESS
from strict_clients.bump.rating import Rating
from strict_clients.bump.removals import Removal
from strict_clients.bump.shapes import FieldMove
from strict_clients.bump.verdict import Verdict

_GONE = "not there"
_LONGEST = 120
"""Characters of a value of the document."""


@frozen(kw_only=True)
class Note:
    """One break: the old and the new state, and what to write instead."""

    title: str
    was: str
    now: str
    instead: str
    summed: bool = False
    """Whether this is several similar breaks; `was` then lists them."""
    moves: tuple[FieldMove, ...] = field(default=())
    """For a removed operation: where the fields of its answer are in the answer of its replacement."""


def notes(verdict: Verdict) -> tuple[Note, ...]:
    """A note for each break, removed operations first."""
    return (*_removals(verdict), *_documents(verdict), *_names(verdict), *_played(verdict))


def _removals(verdict: Verdict) -> Iterator[Note]:
    for removal in verdict.removals:
        guess = f" ({GUESS})" if removal.guessed else ""
        shown = verdict.signatures.get(removal.replacement_call or "", "")
        instead = f"{shown}{guess}" if shown else "nothing takes its place"
        stub = "raises OperationRemovedError before anything is sent, for one major version"
        yield Note(
            title=f"{removal.call} is removed",
            was=f"{verdict.signatures[removal.call]}, last in version {removal.last_version} of the API",
            now=stub if removal.accepted else _GONE,
            instead=instead,
            moves=verdict.moves.get(removal.operation, ()),
        )


def _documents(verdict: Verdict) -> Iterator[Note]:
    told = {removal.pointer for removal in verdict.removals}
    lines = {one.name.partition(".")[2]: one for one in verdict.names}
    breaks = [one for one in verdict.differences if one.rating is Rating.MAJOR and not told & set(one.pointers)]
    for alike, members in gather(breaks, name=lambda one: one.name, text=lambda one: one.why, key=_instead):
        one = members[0]
        if len(members) > 1:
            yield Note(title=alike.title, was=alike.listed, now=_GONE, instead=_instead(one), summed=True)
            continue
        line = lines.get(one.name)
        was, now = (_value(one, one.was), _value(one, one.now))
        if line is not None:
            was, now = line.was or was, line.now or _GONE
        yield Note(title=one.why, was=was, now=now, instead=one.instead)


def _instead(difference: Difference) -> str:
    """What to write instead of the broken code."""
    text = difference.instead.replace(difference.name, ANY) if difference.name else difference.instead
    return re.sub(r'"[^"]*"', f'"{ANY}"', text)


def _names(verdict: Verdict) -> Iterator[Note]:
    """Breaks that the document does not explain: those of the generator and its runtime."""
    explained = any(one.rating is Rating.MAJOR for one in verdict.differences)
    for one in (*verdict.own_names, *(() if explained else verdict.names)):
        if one.rating is Rating.MAJOR:
            instead = one.now or "nothing of this package; see the changelog for what takes its place"
            yield Note(title=f"{one.name} {one.why}", was=one.was, now=one.now or _GONE, instead=instead)


def _played(verdict: Verdict) -> Iterator[Note]:
    """Breaks that only a play shows."""
    for one in verdict.played.own:
        if one.rating is Rating.MAJOR:
            was, now = (_GONE if value is None else _short(json.dumps(value)) for value in (one.was, one.now))
            yield Note(title=one.title, was=was, now=now, instead=f"a look at this call ({one.case})")


def _value(difference: Difference, value: object) -> str:
    if value is None:
        return _GONE
    text = f"{difference.item}: {value}" if difference.item and str(value) != difference.item else str(value)
    return _short(text)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def fragment(verdict: Verdict) -> tuple[str, str]:
    """A draft for the changelog: the kind of change, and its text for users, one bullet each."""
    api = (
        [f"version {verdict.new_api} of the API, after {verdict.old_api}"] if verdict.new_api != verdict.old_api else []
    )
    if verdict.rating is Rating.MAJOR:
        gone = gather(
            verdict.removals,
            name=lambda one: one.call,
            text=lambda one: f"{one.call} is removed; instead: {_replacement(one)}",
            key=lambda one: one.accepted,
        )
        lines = [
            f"{note.title}{f' ({note.was})' if note.summed else ''}; instead: {note.instead}"
            for note in (*_documents(verdict), *_names(verdict), *_played(verdict))
        ]
        return "breaking", _listed([*api, *(line.sentence for line, _ in gone), *lines, *_added(verdict)])
    if verdict.rating is Rating.MINOR:
        return "feature", _listed([*api, *_added(verdict)])
    whys = [one.why for one in verdict.differences]
    return "misc", _listed([*whys, *(f"the {one.what} changed" for one in verdict.files)])


def _replacement(removal: Removal) -> str:
    if removal.replacement_call is None:
        return "nothing"
    return f"{removal.replacement_call} ({GUESS})" if removal.guessed else removal.replacement_call


def _added(verdict: Verdict) -> list[str]:
    own = [f"{one.name} {one.why}" for one in verdict.own_names if one.rating is Rating.MINOR]
    told = [one for one in verdict.differences if one.rating is Rating.MINOR and "/info/version" not in one.pointers]
    lines = gather(told, name=lambda one: one.name, text=lambda one: one.why, key=lambda one: one.rating)
    played = [one.title for one in verdict.played.own if one.rating is Rating.MINOR]
    return [*(line.sentence for line, _ in lines), *own, *played]


def _listed(lines: list[str]) -> str:
    """Each line once, as a sentence, unless it begins with code."""
    begun = [line[:1].upper() + line[1:] if line.split()[0].isalpha() else line for line in dict.fromkeys(lines)]
    return "".join(f"- {line}.\n" for line in begun)
