"""The error answers of an operation: every documented one, those of every condition, and those of other statuses."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime
from itertools import combinations, zip_longest
from typing import Any, NamedTuple

from .answers import JSON_TYPE, Answer, Documented
from .package import NOW, Method, Package
from .values import Maker, Unmade

UNDOCUMENTED = (404, 409, 429, 500, 503)
"""Statuses that are always played, documented or not."""
_CODE, _MESSAGE, _REQUEST_ID = "SomeCode", "It failed.", "request-1"


class _Wait(NamedTuple):
    """A way to ask for a wait."""

    name: str = "no wait"
    header: tuple[str, str] = ("", "")
    message: str = _MESSAGE


_NO_WAIT = _Wait()


def failures(package: Package, documented: Documented, method: Method) -> Iterator[tuple[str, Answer]]:
    """All of them, each with its name."""
    operation, shape = method.operation, package.service.errors
    for status, rules in operation.errors.items():
        number = _number(status, operation.errors)
        for when in _conditions(rules):
            for wait in _waits(shape.waits):
                said = ", ".join([f"status {status}", *(f"{at} is {value!r}" for at, value in when), wait.name])
                yield said, _failure(documented, shape, number, rules=rules, when=when, wait=wait)
    for number in UNDOCUMENTED:
        yield f"status {number}", _failure(documented, shape, number)
    for code, message in zip_longest(shape.code[1:], shape.message[1:]):
        places = shape._replace(code=(code,) if code else (), message=(message,) if message else ())
        yield f"status 400 with {code or message}", _failure(documented, places, 400)
    for header in shape.code_headers:
        answer = _failure(documented, shape._replace(code=()), 400)
        yield f"status 400 with {header}", {**answer, "headers": {**answer["headers"], header: _CODE}}
    for example in documented.operations[operation.method, operation.path].errors:
        content = base64.b64encode(example.content).decode()
        headers = {"content-type": example.media_type or JSON_TYPE}
        answer = {"status": _number(example.status, operation.errors), "headers": headers, "base64": content}
        yield f"the documented status {example.status} {example.name}".rstrip(), answer


def _number(status: str, known: Mapping[str, Any]) -> int:
    """A status of a range, or one of those that `default` means, which no other response of the operation names."""
    if status.isdecimal():
        return int(status)
    hundred = 400 if status == "default" else int(status[0]) * 100
    return next(number for number in range(hundred + 30, hundred + 99) if str(number) not in known)


def _conditions(rules: Any) -> Iterator[tuple[tuple[str, Any], ...]]:
    """The conditions that may select a class: none, one place of the body, or two."""
    stated = dict.fromkeys((at, value) for rule in rules for at, values in rule.when for value in values)
    yield ()
    yield from ((one,) for one in stated)
    yield from (pair for pair in combinations(stated, 2) if pair[0][0] != pair[1][0])


def _waits(hints: Any) -> Iterator[_Wait]:
    yield _NO_WAIT
    for header in hints.headers:
        number = "1500" if header.unit == "milliseconds" else "30"
        yield _Wait(f"{header.name} {number}", (header.name, number))
        if header.unit != "milliseconds":
            yield _Wait(
                f"{header.name} as a date", (header.name, format_datetime(NOW + timedelta(seconds=50), usegmt=True))
            )
    for phrase in hints.phrases:
        yield _Wait(f"{phrase!r}", message=f"{_MESSAGE} {phrase} 40 seconds.")


def _failure(  # noqa: PLR0913  # a keyword for each part of an answer
    documented: Documented, shape: Any, status: int, *, rules: Any = (), when: Any = (), wait: _Wait = _NO_WAIT
) -> Answer:
    put, body = documented.json.put, _body(rules)
    for pointers, text in ((shape.code, _CODE), (shape.message, wait.message)):
        if pointers:
            body = put(body, pointers[0], text)
    for pointer, value in when:
        body = put(body, pointer, value)
    headers = dict.fromkeys(shape.request_id_headers[:1], _REQUEST_ID)
    return {"status": status, "json": body, "headers": headers | dict([wait.header] if wait.header[0] else [])}


def _body(rules: Any) -> Any:
    """A body as the document describes it for the attribute of an error class."""
    for type_ in filter(None, (getattr(rule.body, "type", None) for rule in rules)):
        with suppress(Unmade):
            return Maker(sent=False, full=True).make(type_, "error")
    return {}
