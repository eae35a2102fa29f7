"""Which answers raise a different class than before, and what callers write instead."""

from collections.abc import Iterator

from attrs import frozen

from strict_clients.bump.naming import method
from strict_clients.bump.raised import RESULT, Answer, Raised, by_operation
from strict_clients.bump.rating import Rating
from strict_clients.check.operations import Operation
from strict_clients.load import Document

_UNNAMED = {299: "any other 2xx", 399: "any other 3xx", 499: "any other 4xx", 599: "any other 5xx"}
_LISTED = 3
"""Operations that a line names; further ones are only counted."""


@frozen(kw_only=True)
class RaisedChange:
    """Answers with one status and condition that become another class."""

    pointers: tuple[str, ...]
    """Where the old and the new class are declared, in the files."""
    status: str
    condition: str
    was: str
    now: str
    calls: tuple[str, ...]
    rating: Rating

    @property
    def why(self) -> str:
        """The change in a sentence."""
        more = len(self.calls) - _LISTED
        named = [*self.calls[:_LISTED], *([f"{more} more"] if more > 0 else [])]
        where = f", where {self.condition}" if self.condition else ""
        outcome = [
            one if one == RESULT else f"a {one}" if one[0] not in "AEIOU" else f"an {one}"
            for one in (self.now, self.was)
        ]
        still = "" if self.rating is Rating.MAJOR else "; what callers catch still catches it"
        return f"status {self.status} of {', '.join(named)} is {outcome[0]}, and was {outcome[1]}{where}{still}"

    @property
    def instead(self) -> str:
        """What callers write instead, if it breaks them."""
        if self.rating is not Rating.MAJOR:
            return ""
        if self.was == RESULT:
            return f"except {self.now}, where the service still answers so"
        return f"except {self.now} where {self.was} was caught"


def compare(old: Document, new: Document) -> tuple[RaisedChange, ...]:
    """The changed answers of each operation in both documents, those that break callers first."""
    found: dict[tuple[tuple[str, ...], str, str, str, str, Rating], list[str]] = {}
    sides = Raised(old), Raised(new)
    after = by_operation(new)
    for name, before in by_operation(old).items():
        if name in after:
            for key in _of_operation(sides, (before, after[name])):
                found.setdefault(key, []).append(method(after[name].place))
    changes = [
        RaisedChange(
            pointers=places, status=status, condition=condition, was=was, now=now, calls=tuple(calls), rating=rating
        )
        for (places, status, condition, was, now, rating), calls in found.items()
    ]
    return tuple(sorted(changes, key=lambda one: -one.rating))


def _of_operation(
    sides: tuple[Raised, Raised], pair: tuple[Operation, Operation]
) -> Iterator[tuple[tuple[str, ...], str, str, str, str, Rating]]:
    """The changes of one operation; for each status and pair of classes, the simplest answer."""
    rules = [raised.rules(operation) for raised, operation in zip(sides, pair, strict=True)]
    told: set[tuple[int, str, str]] = set()
    answers = [one for raised, operation in zip(sides, pair, strict=True) for one in raised.answers(operation)]
    for answer in sorted(_over_all(answers), key=lambda one: len(one.values) + bool(one.hint)):
        was, now = (
            raised.error(known, operation, answer) for raised, known, operation in zip(sides, rules, pair, strict=True)
        )
        if was != now and (answer.status, was, now) not in told and not _is_another_success(pair, was, now):
            told.add((answer.status, was, now))
            places = (
                raised.document.origin(raised.place(operation, answer.status))
                for raised, operation in zip(sides, pair, strict=True)
            )
            shown = _UNNAMED.get(answer.status, str(answer.status))
            yield tuple(dict.fromkeys(places)), shown, answer.condition, was, now, _rate(sides[1], was, now)


def _over_all(answers: list[Answer]) -> list[Answer]:
    """The answers with every condition and every wait at every status: one document may lack a rule of the other."""
    conditions = dict.fromkeys((one.values, one.hint) for one in answers)
    return [Answer(status, *one) for status in sorted({one.status for one in answers}) for one in conditions]


def _is_another_success(pair: tuple[Operation, Operation], was: str, now: str) -> bool:
    """Whether a success only has another status: a new or a replaced success status does not break callers."""
    before, after = ({status for status in one.responses if status[0] == "2"} for one in pair)
    return RESULT in {was, now} and (now == RESULT or bool(after - before))


def _rate(new: Raised, was: str, now: str) -> Rating:
    if was == "UnexpectedStatusError" or (was != RESULT and new.is_caught(now, was)):
        return Rating.MINOR
    return Rating.MAJOR
