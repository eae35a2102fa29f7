"""Reads error answers: which class an answer becomes, and how long the service asks to wait."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit

from ..errors import (
    APIStatusError,
    DecodeError,
    RedirectRefusedError,
    ServerError,
    UnexpectedStatusError,
)
from ..operation import Call, ErrorRule
from ..values.strict_json import JSON, Malformed, excerpt, loads, point, printable
from ..wire import HTTPRequest, HTTPResponse

if TYPE_CHECKING:
    from ..requests.bodies import Content

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,9})?"
_WORDS = rf"\s*({_NUMBER})\s*(second|minute|hour|day)s?\b"
_CLOCK = r"\s*(?:([0-9]{1,6})\.)?([0-9]{1,2}):([0-9]{2}):([0-9]{2})\b"
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
# A wait of more than 100 years is junk, and timedelta would overflow.
_LONGEST = 100 * 365 * 86400.0
_REDIRECTED = ErrorRule(RedirectRefusedError, "")
_FAILED = ErrorRule(ServerError, "the service failed, try again later")
_UNEXPECTED = ErrorRule(
    UnexpectedStatusError, "the document describes no error for this status, report it with the request id"
)


class WaitHeader(NamedTuple):
    """A header that says how long to wait."""

    name: str
    unit: Literal["seconds-or-date", "milliseconds"]


class WaitHints(NamedTuple):
    """Where the answers of an API say how long to wait."""

    headers: tuple[WaitHeader, ...] = ()
    phrases: tuple[str, ...] = ()
    """Texts of an error message that precede a duration."""

    def find(self, headers: Mapping[str, str], message: str | None, *, now: datetime) -> timedelta | None:
        """The longest wait that the answer asks for, or None; unreadable waits are skipped.

        `headers` has lower-case names. A date (RFC 9110, 10.2.3) counts from the answer's own Date header, so that a
        difference between two clocks does not change the wait; without a readable Date, it counts from `now`.
        """
        found = [_from_header(headers, header, now) for header in self.headers]
        found += [wait for phrase in self.phrases for wait in _from_text(message or "", phrase)]
        return max((wait for wait in found if wait is not None), default=None)


def _from_header(headers: Mapping[str, str], header: WaitHeader, now: datetime) -> timedelta | None:
    value = headers.get(header.name.lower())
    if value is None:
        return None
    if re.fullmatch(_NUMBER, value.strip(" \t"), re.ASCII):
        return _duration(float(value) / (1000 if header.unit == "milliseconds" else 1))
    if header.unit == "milliseconds" or (until := _moment(value)) is None:
        return None
    sent = _moment(headers.get("date", "")) or now
    return _duration(max(0.0, (until - sent).total_seconds()))


def _moment(value: str) -> datetime | None:
    """The moment of an HTTP date (RFC 9110, 5.6.7), aware; None if it cannot be read."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # takes 4 ms, and dates are rare

    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _from_text(message: str, phrase: str) -> Iterator[timedelta | None]:
    """Every wait in a message: one for each occurrence of the phrase before a duration."""
    for found in re.finditer(rf"(?i:{re.escape(phrase)})(?ai:{_WORDS}|{_CLOCK})", message):
        number, unit, *clock = found.groups()
        if unit is not None:
            yield _duration(float(number) * _SECONDS[unit.lower()])
        else:
            days, hours, minutes, seconds = (int(digits or 0) for digits in clock)
            yield _duration(((days * 24 + hours) * 60 + minutes) * 60.0 + seconds)


def _duration(seconds: float) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds <= _LONGEST else None


class ErrorBody(NamedTuple):
    """Where the parts of an API's error answers are."""

    code: tuple[str, ...] = ()
    message: tuple[str, ...] = ()
    code_headers: tuple[str, ...] = ()
    request_id_headers: tuple[str, ...] = ()
    waits: WaitHints = WaitHints()
    described: tuple[str, ...] = ()
    """The headers of answers that the document describes, in lower case."""


def read_failure(
    call: Call, request: HTTPRequest, response: HTTPResponse, shape: ErrorBody, now: datetime
) -> APIStatusError:
    """The error that an answer means; waits given as a date count from the answer's own Date, or from `now`."""
    status = response.status
    try:
        body = loads(response.content)
    except Malformed:
        body = None
    code = _first_text(body, shape.code) or response.first_header(shape.code_headers)
    message = _first_text(body, shape.message)
    request_id = response.first_header(shape.request_id_headers)
    wait = shape.waits.find(response.headers, message, now=now)
    rule = _classify(call, status, body, has_wait=wait is not None)
    summary = rule.summary
    if issubclass(rule.error, RedirectRefusedError):
        summary = f"redirect {_target(response)} refused, because the key must not go there; check the endpoint"
    came = excerpt(response.content) if response.fault is None else f"a body that cannot be read ({response.fault})"
    said = ": ".join(f"{part:.400}" for part in (code, message) if part) or f"no message, but {came}"
    text = f"{request.method} {request.url}: status {status}{named_id(request_id)}, {printable(said)}; {summary}"
    error = rule.error(
        text,
        status_code=status,
        code=code,
        message=message,
        request_id=request_id,
        wait=wait,
        headers=response.select_headers(shape.described),
    )
    if rule.body is not None and response.fault is None:
        _read_body(error, rule.body, response)
    return error


def _read_body(error: APIStatusError, content: Content, response: HTTPResponse) -> None:
    """Set `body`; if it does not follow the document, the text and the cause of the error say so instead."""
    try:
        vars(error)["body"] = content.decode(response, strict=False)
    except Malformed as refused:
        error.args = (f"{error} (the body does not follow the document: {printable(str(refused)):.300})",)
        error.__cause__ = DecodeError(
            str(refused), request_id=error.request_id, headers=error.headers, place=refused.place, raw=response.content
        )


def _classify(call: Call, status: int, body: JSON, *, has_wait: bool) -> ErrorRule:
    # A status beyond 599 is an error of the server (RFC 9110, 15).
    rules = call.operation.errors.get(str(status)) or call.operation.errors.get(f"{min(status // 100, 5)}XX")
    rules = rules or call.operation.errors.get("default", ())
    for rule in rules:
        if rule.applies({pointer: point(body, pointer) for pointer, _ in rule.when}, has_wait=has_wait):
            return rule
    if 300 <= status < 400:  # noqa: PLR2004  # the class of redirections, RFC 9110, 15.4
        return _REDIRECTED
    return _FAILED if status >= 500 else _UNEXPECTED  # noqa: PLR2004  # the class of server errors, RFC 9110, 15.6


def _first_text(body: JSON, pointers: tuple[str, ...]) -> str | None:
    found = (point(body, pointer) for pointer in pointers)
    return next((str(value) for value in found if isinstance(value, (str, int)) and value != ""), None)


def _target(response: HTTPResponse) -> str:
    try:
        target = response.headers.get("location")
        host = None if target is None else urlsplit(target).hostname
    except ValueError:
        return "to 'a malformed address'"
    return "without a target" if target is None else f"to {host or 'the same host'!r}"


def named_id(request_id: str | None) -> str:
    """The id of a request for an error message, after the status; empty if there is none."""
    return "" if request_id is None else f", request id {request_id!r:.80}"
