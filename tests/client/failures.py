"""The errors that the document names for an operation: answers of each class, and the waits that they ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from face_audit._runtime.emulator.schemas import find, put

from ..documents.schemas import Recipe
from ..documents.server import Answer
from ..documents.values import make
from .documented import DOCUMENT

if TYPE_CHECKING:
    from ..documents.document import Node
    from .documented import Case

_WAIT = 7
_HINTS: Node = DOCUMENT.raw.get("x-wait-hints", {})


@dataclass(frozen=True)
class Failure:
    """One answer, and the error that it has to be."""

    answer: Answer
    body: Any
    error: str | None
    """The name of its class; None where the generator chose one."""
    attributes: Mapping[str, Any]
    example: str | None
    """The name of the documented example that it is."""


def failures(case: Case) -> Iterator[Failure]:
    """Every documented example of an error, and an answer for each condition of every class."""
    responses = {name.upper(): DOCUMENT.follow(one) for name, one in case.operation.fields["responses"].items()}
    has_success = any(name.startswith("2") for name in responses)
    for name, response in responses.items():
        if name[0] not in ("45D" if has_success else "45"):
            continue
        rules = _rules(name, responses)
        for status in _statuses(name, responses):
            for example, body in _examples(response):
                yield _failure(status, rules, body, example=example)
            for body, headers in _conditions(rules):
                yield _failure(status, rules, body, headers=headers)
            yield _failure(status, rules, {} if rules else _made_up(name, response))


def _statuses(name: str, responses: Mapping[str, Node]) -> list[int]:
    """The status itself, or of a range the first that has no other response; of `default`, of both ranges."""
    if name.isdigit():
        return [int(name)]
    others = responses.keys() - {name}
    ranges = [4, 5] if name == "DEFAULT" else [int(name[0])]
    left = [[one for one in range(first * 100, first * 100 + 100) if str(one) not in others] for first in ranges]
    return [statuses[0] for first, statuses in zip(ranges, left, strict=True) if f"{first}XX" not in others]


def _conditions(rules: list[Node]) -> Iterator[tuple[Any, Mapping[str, str]]]:
    """For each condition of each class, a body and headers that meet it."""
    for rule in rules:
        for pointer, values in rule.get("when", {}).items():
            yield from ((put({}, pointer, value), {}) for value in values)
        if rule.get("has-wait") or rule.get("wait-attribute"):
            yield from (({}, headers) for headers in _wait_headers())


def _made_up(name: str, response: Node) -> Any:
    for media_type, content in response.get("content", {}).items():
        if "json" in media_type:
            return make(Recipe(DOCUMENT, name, "json", "answered", sparse=False), content.get("schema", {}))
    return None


def _rules(name: str, responses: Mapping[str, Node]) -> list[Node]:
    """The rules of a status: its own, or else those of its range, or of all."""
    for one in dict.fromkeys([name, f"{name[0]}XX", "DEFAULT"]):
        if found := responses.get(one, {}).get("x-error"):
            return list(found)
    return []


def _examples(response: Node) -> Iterator[tuple[str, Any]]:
    for media_type, content in response.get("content", {}).items():
        if "json" in media_type:
            for name, one in content.get("examples", {}).items():
                yield name, DOCUMENT.follow(one)["value"]


def _wait_headers() -> Iterator[dict[str, str]]:
    for header in _HINTS.get("headers", ()):
        yield {header["name"]: str(_WAIT * 1000 if header["unit"] == "milliseconds" else _WAIT)}


def _failure(
    status: int, rules: list[Node], body: Any, *, headers: Mapping[str, str] | None = None, example: str | None = None
) -> Failure:
    wait = timedelta(seconds=_WAIT) if headers else _wait_in(body)
    rule: Node = next((one for one in rules if _applies(one, body, has_wait=wait is not None)), {})
    attributes: dict[str, Any] = {"status_code": status, "wait": wait}
    if "wait-attribute" in rule:
        attributes[rule["wait-attribute"]] = wait.total_seconds() if wait and rule["wait-type"] == "seconds" else wait
    answer = Answer(status, "application/json", json.dumps(body).encode(), headers or {})
    return Failure(answer, body, rule.get("class"), attributes, example)


def _applies(rule: Node, body: Any, *, has_wait: bool) -> bool:
    conditions = rule.get("when", {})
    is_last = not conditions and not rule.get("has-wait")
    found = any(find(body, pointer) in values for pointer, values in conditions.items())
    return is_last or found or (has_wait and rule.get("has-wait", False))


def _wait_in(body: Any) -> timedelta | None:
    """The wait that an example's message asks for in words."""
    pointers = DOCUMENT.raw.get("x-error-body", {}).get("message", ())
    message = next((str(text) for text in (find(body, one) for one in pointers) if text), "")
    for phrase in _HINTS.get("phrases", ()):
        if found := re.search(rf"{re.escape(phrase)} ([\d.]+) (second|minute|hour|day)s?", message):
            return timedelta(**{f"{found[2]}s": float(found[1])})
    return None
