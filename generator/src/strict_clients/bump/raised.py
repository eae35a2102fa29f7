"""Which class each answer raises, by operation, status, conditions on the body and the wait in the answer.

The table follows the runtime's `responses/status_errors.py`, with the rules that the model derives from a document.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from attrs import field, frozen

from strict_clients.check.operations import Operation, operations
from strict_clients.check.places import mapping, sequence
from strict_clients.load import Document
from strict_clients.statuses import (
    DEFAULT,
    DEFAULT_OF_SERVER,
    base_of,
    find_plain_errors,
    ruled_classes,
    status_classes,
)

RESULT = "a result"
"""What a success gives instead of an error."""
_RUNTIME = {
    "ServerError": ("APIStatusError",),
    "UnexpectedStatusError": ("APIStatusError",),
    "RedirectRefusedError": ("UnexpectedStatusError",),
}
_UNNAMED = (299, 399, 499, 599)
"""Statuses that documents rarely name; each represents those of a range without their own response."""
_FIRST_REDIRECT, _FIRST_ERROR, _FIRST_FAILURE = 300, 400, 500


@frozen
class Answer:
    """The parts of an answer that decide its class."""

    status: int
    values: tuple[tuple[str, Any], ...] = ()
    """JSON pointers into its body, with the values there."""
    hint: str = ""
    """The header with a wait (`Retry-After: `), or the text before one in its message."""

    @property
    def condition(self) -> str:
        """What it has to contain, in words; empty if only its status matters."""
        parts = [f"{pointer} is {value!r}" for pointer, value in self.values]
        parts += [f"a wait follows {self.hint!r}"] if self.hint else []
        return " and ".join(parts)


@frozen
class _Rule:
    """One entry of the list of a status."""

    error: str
    when: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    has_wait: bool = False

    def applies(self, answer: Answer, *, waits: bool) -> bool:
        if not self.when and not self.has_wait:
            return True
        found = dict(answer.values)
        return (self.has_wait and waits) or any(found.get(pointer) in values for pointer, values in self.when)


@frozen
class Raised:
    """The classes of one document."""

    document: Document
    bases: Mapping[str, tuple[str, ...]] = field(init=False)
    """The bases of each class."""
    _plain: Mapping[str, str] = field(init=False)
    _hints: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        plain = status_classes(self.document)
        bases: dict[str, tuple[str, ...]] = {name: (base_of(key),) for key, name in plain.items()}
        if DEFAULT_OF_SERVER in plain:
            bases[plain[DEFAULT_OF_SERVER]] = (plain[DEFAULT], "ServerError")
        ruled = ruled_classes(self.document)
        bases |= {name: (base_of(*statuses),) for name, (statuses, _) in ruled.items()}
        waits = mapping(self.document.raw.get("x-wait-hints"))
        headers = [f"{one['name']}: " for one in sequence(waits.get("headers"))]
        object.__setattr__(self, "bases", _RUNTIME | bases)
        object.__setattr__(self, "_plain", plain)
        object.__setattr__(self, "_hints", (*headers, *sequence(waits.get("phrases"))))

    def rules(self, operation: Operation) -> dict[str, tuple[_Rule, ...]]:
        """The rules of an operation by status, range or `default`."""
        found: dict[str, tuple[_Rule, ...]] = {}
        for status, response in operation.responses.items():
            if "x-error" in response.fields:
                found[status] = tuple(_rule(entry) for entry in response.fields["x-error"])
        fields = {status: response.fields for status, response in operation.responses.items()}
        return found | {status: (_Rule(self._plain[key]),) for status, key in find_plain_errors(fields).items()}

    def answers(self, operation: Operation) -> Iterator[Answer]:
        """Answers that may each be of a different class."""
        rules = self.rules(operation)
        named = {int(status) for status in operation.responses if status.isdigit()}
        for status in sorted({*named, *_UNNAMED}):
            entries = [entry for one in _keys(status) for entry in rules.get(one, ())]
            atoms = {(pointer, value) for entry in entries for pointer, values in entry.when for value in values}
            singles = sorted(atoms, key=repr)
            pairs = [pair for pair in combinations(singles, 2) if pair[0][0] != pair[1][0]]
            hints = ["", *(self._hints if any(entry.has_wait for entry in entries) else ())]
            for values in ((), *((one,) for one in singles), *pairs):
                yield from (Answer(status, values, hint) for hint in hints)

    def error(self, rules: Mapping[str, tuple[_Rule, ...]], operation: Operation, answer: Answer) -> str:
        """The class of an answer, or `RESULT`."""
        status = answer.status
        if {str(status), f"{status // 100}XX"} & operation.responses.keys() and status < _FIRST_REDIRECT:
            return RESULT
        waits = bool(answer.hint) and self._finds(answer.hint)
        applied = next((rules[one] for one in _keys(status) if one in rules), ())
        for rule in applied:
            if rule.applies(answer, waits=waits):
                return rule.error
        if _FIRST_REDIRECT <= status < _FIRST_ERROR:
            return "RedirectRefusedError"
        return "ServerError" if status >= _FIRST_FAILURE else "UnexpectedStatusError"

    def _finds(self, hint: str) -> bool:
        is_header = hint.endswith(": ")
        known = [one for one in self._hints if one.endswith(": ") == is_header]
        if is_header:
            return hint.lower() in map(str.lower, known)
        return any(re.search(rf"{re.escape(one)}\Z", hint, re.IGNORECASE) for one in known)

    def is_caught(self, error: str, by: str) -> bool:
        """Whether `except by` catches the error."""
        return error == by or any(self.is_caught(base, by) for base in self.bases.get(error, ()))

    def place(self, operation: Operation, status: int) -> str:
        """Where the classes of a status are declared: at its response, that of its range or `default`, or nowhere."""
        found = next((operation.responses[one] for one in _keys(status) if one in operation.responses), None)
        return operation.place.at("responses") if found is None else found.pointer


def by_operation(document: Document) -> dict[str, Operation]:
    """The operations that the API has, by operationId."""
    return {one.operation_id: one for one in operations(document) if "x-removed" not in one.place.fields}


def _keys(status: int) -> tuple[str, str, str]:
    return str(status), f"{status // 100}XX", "default"


def _rule(entry: Mapping[str, Any]) -> _Rule:
    when = tuple((pointer, tuple(values)) for pointer, values in entry.get("when", {}).items())
    return _Rule(entry["class"], when, has_wait=bool(entry.get("has-wait")))
