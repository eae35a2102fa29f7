"""All differences between two packages that played the same calls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from strict_clients.bump.play.found import Found
from strict_clients.bump.play.requests import compare_requests
from strict_clients.bump.play.results import compare_outcomes
from strict_clients.bump.play.shown import KIND
from strict_clients.bump.rating import Rating
from strict_clients.pointers import escape

Line = Mapping[str, Any]


@frozen(kw_only=True)
class Finding:
    """One difference that a caller or the service notices."""

    calls: tuple[str, ...]
    """How callers write those that have it: `client.plants.list`."""
    pointers: tuple[str, ...]
    """Their operations in the old document, and in the new one."""
    place: str
    """The attribute (`Plant.size`), or the part of the request; empty for the whole call."""
    case: str
    """With which arguments or answer it was found first."""
    rating: Rating
    why: str
    was: Any
    now: Any
    named: str = ""
    """Why another view gives the same place this rating or a higher one; empty if none does."""

    @property
    def title(self) -> str:
        """What differs, in a sentence."""
        first, *others = self.calls
        if not self.place:
            return f"{first} {self.why}"
        more = f" and {len(others)} more" if others else ""
        return f"{self.place} {self.why}, in {first}{more}"


@frozen(kw_only=True)
class Played:
    """The result of a play."""

    findings: tuple[Finding, ...] = ()
    """The most severe first."""
    operations: int = 0
    """The number of calls that were played."""
    calls: int = 0
    unplayed: Mapping[str, str] = {}
    """By call, why no values can be generated for it."""

    @property
    def rating(self) -> Rating:
        """The largest of all findings."""
        return max((one.rating for one in self.findings), default=Rating.NOTHING)

    @property
    def own(self) -> tuple[Finding, ...]:
        """The findings that no other view names."""
        return tuple(one for one in self.findings if not one.named)


def compare(plan: Mapping[str, Any], old: Sequence[Line], new: Sequence[Line]) -> Played:
    """The differences between the lines of two players of this plan."""
    calls: Sequence[Mapping[str, Any]] = plan["calls"]
    paths = _Paths(plan["operations"], new[-1]["operations"])
    found: dict[tuple[str, str], Finding] = {}
    for call, was, now in zip(calls, old, new, strict=False):
        for one in (*_differences(was, now), *paths.taken(call["call"])):
            _add(found, call["call"], call["case"], one, paths)
    for name, one in _emulated(old[len(calls) :], new[len(calls) :]):
        _add(found, name, "the emulator of its own document", one, paths)
    return Played(
        findings=tuple(sorted(found.values(), key=lambda one: -one.rating)),
        operations=len({tuple(plan["operations"][call["call"]]) for call in calls}),
        calls=len(calls),
        unplayed=plan["unplayed"],
    )


def _differences(old: Line, new: Line) -> Iterator[Found]:
    if old["requests"] and not new["requests"]:
        error = new["error"]
        yield Found("", f"raises {error[KIND]} before anything is sent", Rating.MAJOR, None, error["text"])
    else:
        yield from compare_requests(old["requests"], new["requests"])
        yield from compare_outcomes(old, new)


def _add(found: dict[tuple[str, str], Finding], call: str, case: str, one: Found, paths: _Paths) -> None:
    """Record a difference: once for its place, even if many calls have it, or once for a whole call."""
    name, pointers = paths.shown(call), paths.pointers(call)
    key = (one.place or name, one.why)
    known = found.get(key)
    if known is None:
        found[key] = Finding(
            calls=(name,),
            pointers=pointers,
            place=one.place,
            case=case,
            rating=one.rating,
            why=one.why,
            was=one.was,
            now=one.now,
        )
    elif name not in known.calls:
        merged = tuple(dict.fromkeys([*known.pointers, *pointers]))
        found[key] = evolve(known, calls=(*known.calls, name), pointers=merged)


class _Paths:
    """The operations that the calls of both packages lead to."""

    def __init__(self, old: Mapping[str, list[str]], new: Mapping[str, list[str]]) -> None:
        self._sides = (old, new)
        self._old, self._new = ({call: _operation(one) for call, one in side.items()} for side in self._sides)

    def shown(self, call: str) -> str:
        """A call without the suffix for single pages."""
        pager, side = call.removesuffix("_page"), self._old if call in self._old else self._new
        return pager if side.get(pager) == side[call] else call

    def pointers(self, call: str) -> tuple[str, ...]:
        """Where its operation is in both documents."""
        found = (side[call] for side in self._sides if call in side)
        return tuple(dict.fromkeys(f"/paths/{escape(path)}/{verb.lower()}" for verb, path in found))

    def taken(self, call: str) -> Iterator[Found]:
        """The finding that a call leads to what another one led to."""
        was, now = self._old[call], self._new.get(call)
        other = next((self.shown(one) for one, operation in self._old.items() if operation == now), None)
        if other is not None and was != now:
            yield Found("path", f"does what {other} did", Rating.MAJOR, was, now)


def _operation(one: Sequence[str]) -> str:
    """Verb and path, without the names of parameters."""
    verb, path = one
    return f"{verb} {re.sub(r'{[^}]*}', '{}', path)}"


def _emulated(old: Sequence[Line], new: Sequence[Line]) -> Iterator[tuple[str, Found]]:
    """The calls that fail with the emulator of their own document, and did not before."""
    before = {one["emulated"]: one["error"] for one in old if "emulated" in one}
    for one in new:
        error = one.get("error")
        if error is not None and before.get(one["emulated"]) is None:
            why = f"raises {error[KIND]} with the emulator of the new document"
            yield one["emulated"], Found("", why, Rating.MINOR, None, error["text"])
