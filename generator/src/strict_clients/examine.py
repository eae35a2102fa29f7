"""Examines a document: finds all reasons against generating a client, and what can be generated nevertheless."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from attrs import frozen

from strict_clients.breaches import Breach, GenerationRefused
from strict_clients.check import MEANING, SHAPE, Rule
from strict_clients.check.places import METHODS, mapping, walk, walked_once
from strict_clients.check.references import references
from strict_clients.engine import GeneratorData, endpoints, parse, pointer_of
from strict_clients.load import Document
from strict_clients.normalize import Notes, clean, complete
from strict_clients.pointers import keys
from strict_clients.shown import Shown, operation_places


@frozen
class LeftOut:
    """An operation that is not generated, and why; or a component that no operation uses, by its pointer."""

    method: str
    path: str
    reasons: tuple[Breach, ...]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}".strip()

    @property
    def reason(self) -> str:
        """All reasons in one line."""
        return "; ".join(map(str, self.reasons))


@frozen
class Examined:
    """A document from which a client can be generated."""

    document: Document
    shown: Shown
    parsed: GeneratorData
    """What the engine made of what it was shown."""
    notes: Notes
    left_out: tuple[LeftOut, ...]


def examine(document: Document, *, package: str | None = None, partial: bool = False) -> Examined:
    """Normalize a document, and accept it if a client can be generated from it.

    With `partial`, the operations that use an unsupported part are left out instead.

    Raises:
        GenerationRefused: with every reason. What uses a place with a reason is removed before the next rules
            run, because they rely on the earlier ones.
    """
    document, notes = clean(document)
    cut = _Cut(document)
    _hold(SHAPE, cut)
    complete(document, notes, package=package)
    _hold(MEANING, cut)
    parsed: list[tuple[Shown, GeneratorData]] = []

    def engine_reads(document: Document) -> Iterator[Breach]:
        shown = Shown(document)
        try:
            parsed.append((shown, parse(shown.raw(), shown.media_types)))
        except GenerationRefused as refused:
            yield from refused.breaches
            return
        found = {pointer_of(endpoint) for endpoint in endpoints(parsed[-1][1])}
        for place in operation_places(document):
            if place.pointer not in found:
                yield Breach(place.pointer, "the engine skipped it; remove what it does not support")

    _hold(((engine_reads,),), cut)
    if cut.reasons and not (partial and any(walk(document, "operation"))):
        raise GenerationRefused(cut.reasons)
    return Examined(document, *parsed[-1], notes, tuple(cut.left_out))


def _hold(stages: Iterable[tuple[Rule, ...]], cut: "_Cut") -> None:
    for stage in stages:
        while breaches := _breaches(stage, cut.document):
            cut.take_away(breaches)


def _breaches(stage: tuple[Rule, ...], document: Document) -> list[Breach]:
    with walked_once(document):
        return list(dict.fromkeys(chain.from_iterable(rule(document) for rule in stage)))


_SHARED = "/components/securitySchemes/"


class _Cut:
    """What was removed from a document, and why."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.reasons: list[Breach] = []
        self.left_out: list[LeftOut] = []

    def take_away(self, breaches: list[Breach]) -> None:
        """Remove the operations and components that use these places.

        Raises:
            GenerationRefused: with all reasons so far, if one concerns the whole document.
        """
        owners = {breach: _owner(breach.pointer) for breach in breaches}
        located = {breach: Breach(self.document.origin(breach.pointer), breach.message) for breach in breaches}
        self.reasons += [one for one in dict.fromkeys(located.values()) if one not in self.reasons]
        # What all operations share cannot be removed from one of them.
        if not all(owner and not owner.startswith(_SHARED) for owner in owners.values()):
            raise GenerationRefused(self.reasons)
        uses = _users(self.document)
        lost: dict[str, list[Breach]] = {}
        for breach, owner in owners.items():
            reached = _reaching(owner, uses)
            for user in reached:
                lost.setdefault(user, []).append(located[breach])
            if not any(user.startswith("/paths/") for user in reached):
                self.left_out.append(LeftOut("", f"#{owner}", (located[breach],)))
        if not [user for user, reasons in lost.items() if self._remove(user, reasons)]:
            raise GenerationRefused(self.reasons)

    def _remove(self, owner: str, reasons: list[Breach]) -> bool:
        """Remove a component, an operation or all operations of a path; return whether it existed."""
        section, name, *rest = keys(owner)
        if section == "components":
            return mapping(self.document.raw["components"].get(name)).pop(rest[0], None) is not None
        item = mapping(self.document.raw["paths"].get(name))
        methods = [method for method in (rest[:1] or METHODS) if item.pop(method, None) is not None]
        self.left_out += [LeftOut(method, name, tuple(dict.fromkeys(reasons))) for method in methods]
        if not any(method in item for method in METHODS):
            return self.document.raw["paths"].pop(name, None) is not None
        return bool(methods)


def _owner(pointer: str) -> str:
    """The component, the operation or the path that a place belongs to; empty for what concerns the document."""
    methods = "|".join(METHODS)
    found = re.match(rf"/components/[^/]*/[^/]*|/paths/[^/]*(/({methods})(?=/|$))?", pointer)
    return found[0] if found else ""


def _users(document: Document) -> dict[str, set[str]]:
    """By component and path, the components and operations that refer to it."""
    users: dict[str, set[str]] = {}
    for place in references(document):
        users.setdefault(_owner(str(place.fields["$ref"])[1:]), set()).add(_owner(place.pointer))
    for place in walk(document, "schema"):
        for target in mapping(mapping(place.fields.get("discriminator")).get("mapping")).values():
            pointer = str(target)[1:] if str(target).startswith("#") else f"/components/schemas/{target}"
            users.setdefault(pointer, set()).add(_owner(place.pointer))
    return users


def _reaching(owner: str, users: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [owner]
    while waiting:
        name = waiting.pop()
        if name and name not in found:
            found.add(name)
            waiting.extend(users.get(name, ()))
    return found
