"""Guesses which operation replaces a removed one; makes no guess that could do harm."""

from collections.abc import Iterable, Iterator

from strict_clients.check.operations import Operation, properties
from strict_clients.check.places import follow, mapping
from strict_clients.media import choose, kind
from strict_clients.pointers import keys

GUESS = "a guess: it looks similar; make sure that it does the same"
"""The warning that accompanies every guess."""
_LEAST = 0.5
"""The share of names that two operations must have in common, for parameters, body and answer each."""


def guess(removed: Operation, candidates: Iterable[Operation]) -> str | None:
    """The operationId of the most similar operation; None if none is similar, or two are equally similar."""
    found = sorted(((_likeness(removed, one), one.operation_id) for one in candidates), reverse=True)
    best = [name for score, name in found if score and score == found[0][0]]
    return best[0] if len(best) == 1 else None


def _likeness(removed: Operation, other: Operation) -> float:
    """The share of common names, from 0 to 1; 0 if calling the other one may do something else."""
    if removed.place.name != other.place.name or _result(removed) != _result(other):
        return 0
    needed = {str(one.fields["name"]) for one in other.parameters if one.fields.get("required")}
    if not needed <= {str(one.fields["name"]) for one in removed.parameters}:
        return 0
    shares = [_share(set(names(removed)), set(names(other))) for names in (_parameters, _sent, _answered)]
    told = [share for share in shares if share is not None]
    return sum(told) / len(told) if told and min(told) >= _LEAST else 0


def _share(one: set[str], other: set[str]) -> float | None:
    """The share of all names that both have; None if neither has any."""
    return len(one & other) / len(one | other) if one | other else None


def _result(operation: Operation) -> str:
    """What a call returns: `page`, `array`, `object`, another type, another content, or `none`."""
    answer = operation.answer()
    if answer is None:
        return "none"
    how = kind(keys(answer.pointer)[-2])
    if how != "json":
        return str(how)
    if "x-pagination" in operation.place.fields:
        return "page"
    return str(follow(operation.document, answer).fields.get("type"))


def _parameters(operation: Operation) -> Iterator[str]:
    yield from (str(one.fields["name"]) for one in operation.parameters)


def _sent(operation: Operation) -> Iterator[str]:
    """The fields of its body."""
    body = follow(operation.document, operation.place.child("request body", "requestBody"))
    name = choose(mapping(body.fields.get("content")), sent=True)
    if name is not None:
        yield from properties(operation.document, body.child("schema", "content", name, "schema"))


def _answered(operation: Operation) -> Iterator[str]:
    """The fields of its answer, or of the items of it."""
    answer = operation.answer()
    if answer is not None:
        target = follow(operation.document, answer)
        while target.fields.get("type") == "array":
            target = follow(operation.document, target.child("schema", "items"))
        yield from properties(operation.document, target)
