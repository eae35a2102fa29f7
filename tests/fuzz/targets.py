"""The targets of fuzzing: each takes any bytes, and raises if the package breaks a promise.

Errors of the package's tree are expected, and caught; any other error is a finding.
"""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from face_audit import APIStatusError, AuditEntry, DecodeError, InvalidArgumentError, MalformedItem, PaginationError
from face_audit._runtime.pagination.position import Progress
from face_audit._runtime.responses.pages import read_success
from face_audit._runtime.responses.status_errors import read_failure
from face_audit._runtime.values.strict_json import Malformed, loads
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from face_audit.client.service import SERVICE
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST

from tests.client.reference import CHUNKS, FIELDS, INTERIM, STATUS_LINES, cut, read, read_by_h11, reasons

from .draws import Draws, write
from .gzips import body
from .seeds import CHECKPOINT, DRAWN, EXAMPLE, SESSION, TABLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from face_audit._runtime.operation import Call

NOON = datetime(2024, 4, 1, 12, 0, 0, tzinfo=UTC)
CALL = AUDIT_ENTRIES_LIST.call({"session_id": SESSION})
KEEPING = AUDIT_ENTRIES_LIST.call({"session_id": SESSION}, on_invalid="keep")
REQUEST = HTTPRequest(method="GET", url="http://localhost/audit", headers={})
_NAMES = (*TABLE, "latencyInMS", "latencyInMilliseconds", "statusCode", "body", "result")
_MEDIA = ("application/json", "application/problem+json; charset=utf-8", "text/html", "", " APPLICATION/JSON ;x")
# Beyond this depth, the standard library's own recursion limit applies, at other places than the package's.
_DEEP = 800
_STATUSES = (*range(300, 309), *range(400, 432), *range(500, 512), 299, 520, 599, 600, 999, 100)


def success(data: bytes) -> None:
    """A success becomes its entries, each written back unchanged, or a DecodeError."""
    headers = {}
    if data[:1] == DRAWN:
        draws = Draws(data[1:])
        entries = [draws.object(draws.pick((EXAMPLE, TABLE)), _NAMES) for _ in range(draws.below(3))]
        if draws.often():
            headers["content-type"] = draws.pick(_MEDIA)
        content = draws.spoil(write(entries if draws.often() else draws.value()))
    else:
        content = data[1:]
    answer = HTTPResponse(status=200, headers=headers, content=content)
    entries, kept = _read(CALL, answer), _read(KEEPING, answer)
    if content.count(b"[") + content.count(b"{") > _DEEP:
        return
    value = _load(content)
    if value is None and kept is not None:
        _require(entries is None, "half of a surrogate pair was accepted")
        value = loads(content, halves=True)
    for entry, came in zip(entries or (), value, strict=True) if entries is not None else ():
        _read_entry(entry, came)
    if kept is None:
        _require(entries is None, "a page was refused for items that it should keep")
        return
    for entry, came in zip(kept, value, strict=True):
        if isinstance(entry, MalformedItem):
            _require(repr(json.loads(entry.raw)) == repr(came), "an item was changed when it was kept")
    with contextlib.suppress(DecodeError):  # of a field that is read late
        _require(entries is None or entries == kept, "items differ if malformed ones are kept")


def _read(call: Call, answer: HTTPResponse) -> tuple[Any, ...] | None:
    try:
        items: tuple[Any, ...] = read_success(call, REQUEST, answer, SERVICE.errors).page.items
    except DecodeError as error:
        _require(str(error).isprintable(), "the text of an error forges a line")
        return None
    return items


def _load(content: bytes) -> Any:
    try:
        value = loads(content)
    except Malformed as error:
        _require(not _is_strict_json(content), f"JSON was refused: {error}")
        return None
    # By repr, because 1, 1.0 and True are equal.
    _require(repr(value) == repr(json.loads(content.decode("utf-8-sig"))), "JSON was read differently")
    try:
        strict = loads(content, strict=True)
    except Malformed:
        _require(_repeats_a_key(content), "JSON without a repeated key was refused")
    else:
        _require(repr(value) == repr(strict) and not _repeats_a_key(content), "a repeated key was not refused")
    return value


def _repeats_a_key(content: bytes) -> bool:
    repeated = list[bool]()
    json.loads(content, object_pairs_hook=lambda pairs: repeated.append(len(dict(pairs)) < len(pairs)))
    return any(repeated)


def _is_strict_json(content: bytes) -> bool:
    try:
        json.dumps(json.loads(content.decode("utf-8-sig")), ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        return False
    return True


def _read_entry(entry: AuditEntry, came: Any) -> None:
    _require(repr(entry.to_dict()) == repr(came), "an entry is not written back unchanged")
    repr(entry)
    try:
        again = AuditEntry.from_dict(came)
    except DecodeError as error:
        # An entry of a page keeps its text, however deep it is; a value that is made of it has a bound.
        _require("is nested too deeply" in str(error), "an entry is refused if it is read again")
        return
    _require(again == entry, "an entry differs from the same entry, read again")
    with contextlib.suppress(DecodeError):
        _ = entry.response and entry.response.liveness_result


def failure(data: bytes) -> None:
    """Any other answer becomes an error of the tree, whose text cannot forge a line of a log."""
    draws = Draws(data[1:])
    status, headers = 429, dict[str, str]()
    if data[:1] == DRAWN:
        status = draws.pick(_STATUSES)
        names = ("retry-after", "retry-after-ms", "location", "x-ms-error-code", "apim-request-id", "x-ms-request-id")
        headers = {draws.pick(names): draws.text(60) for _ in range(draws.below(4))}
        typical = {"error": {"code": "429", "message": _message(draws), "statusCode": 403}}
        content = draws.spoil(write(draws.object(typical, ("code", "message", "statusCode"))))
    else:
        content = data[1:]
    answer = HTTPResponse(status=status, headers=headers, content=content)
    error = read_failure(CALL, REQUEST, answer, SERVICE.errors, NOON)
    _require(isinstance(error, APIStatusError) and error.status_code == status, "the error is of another answer")
    _require(str(error).isprintable(), "the text of an error forges a line")
    _require(len(str(error)) < 8000, "the text of an error holds a whole body")
    _check_wait(error.wait)


def waits(data: bytes) -> None:
    """A wait hint is a finite time that is not negative, or it is ignored."""
    if data[:1] == DRAWN:
        draws = Draws(data[1:])
        names = ("retry-after", "retry-after-ms", "x-ms-retry-after-ms", "date")
        headers = {name: draws.text(40) if draws.often() else _date(draws) for name in names if draws.below(2)}
        _check_wait(SERVICE.errors.waits.find(headers, _message(draws), now=NOON))
    else:
        header, message = data[1:].decode("latin-1"), data[1:].decode("utf-8", "replace")
        headers = dict.fromkeys(("retry-after", "retry-after-ms", "date"), header)
        _check_wait(SERVICE.errors.waits.find(headers, message, now=NOON))


def _message(draws: Draws) -> str:
    phrase = draws.pick(("Try again in", "replenished in", "TRY AGAIN IN", "retry in", ""))
    amount = draws.pick(("26", "2.12", "07:01:20", "999999.99:99:99", "999999999999", "0", "\u0662", ""))
    unit = draws.pick(("seconds", "days", "hour", "minutes", "\u0130", ""))
    return f"{draws.text(12)}{phrase} {amount} {unit}{draws.text(20)}"


def _date(draws: Draws) -> str:
    zone = draws.pick(("GMT", "+0000", "-2359", "+9999", "-0000", "EST", "", "+-100", "99999999999"))
    day, year = draws.pick(("01", "31", "0", "99", "")), draws.pick(("2024", "24", "0000", "9999", "10000", "-1"))
    clock = draws.pick(("12:00:30", "24:00:00", "12.00.30", "1:2:3:4", "::", "23:59:60"))
    weekday, month = draws.pick(("Mon, ", "Monday, ", "Mon ", "")), draws.pick(("Apr", "Feb", "13", "x"))
    return f"{weekday}{day} {month} {year} {clock} {zone}"


def _check_wait(wait: timedelta | None) -> None:
    _require(wait is None or 0 <= wait.total_seconds() < float("inf"), "a wait is negative or endless")


def checkpoint(data: bytes) -> None:
    """A checkpoint is refused, or the listing resumes there and requests the items after it."""
    content = data[1:]
    if data[:1] == DRAWN:
        draws = Draws(data[1:])
        content = draws.spoil(write(draws.object(CHECKPOINT)))
    try:
        given = loads(content)
    except Malformed:
        return
    progress = Progress(
        AUDIT_ENTRIES_LIST.call({"session_id": SESSION, "start": None, "top": 1000}),
        place={"endpoint": "http://localhost", "prefix": CHECKPOINT["prefix"]},
    )
    try:
        progress.resume(given)
    except InvalidArgumentError:
        return
    kept = progress.checkpoint_at(progress.trail)
    still = {name: value for name, value in kept.items() if value is not None and name != "endpoint"}
    _require(all(given[name] == value for name, value in still.items()), "it resumes elsewhere")
    progress.resume(json.loads(json.dumps(kept)))
    _require(progress.checkpoint_at(progress.trail) == kept, "a second client changes a checkpoint")
    try:
        call = next(progress.fetch())
    except PaginationError:
        return
    asked = parse_qs(urlsplit(call.target).query, keep_blank_values=True).get("start", [None])
    _require(asked == [kept["cursor"]], "it requests something else")


def _require(claim: bool, otherwise: str) -> None:
    # Not an assert, which `python -O` would remove.
    if not claim:
        raise RuntimeError(otherwise)


def talk(data: bytes) -> None:
    """An answer on the wire is read as h11 reads it, in whatever pieces it comes, or refused, for a reason."""
    method, size, content = "GET", 1 + len(data), data[1:]
    if data[:1] == DRAWN:
        draws = Draws(data[1:])
        method, size = draws.pick(("GET", "GET", "POST", "HEAD", "CONNECT")), 1 + draws.below(40)
        lines = [draws.pick(STATUS_LINES), *(draws.pick(FIELDS) for _ in range(draws.below(5)))]
        chunks = [draws.pick(CHUNKS) for _ in range(draws.below(4))]
        content = (
            draws.spoil(draws.pick(INTERIM) + b"\r\n".join([*lines, b"", b"".join([b"", *chunks])])) + draws.rest()
        )
    ours = read(cut(content, range(0, len(content), size)), method)
    _require(ours == read([content] if content else [], method), "an answer depends on how it is cut")
    _require(
        ours == read_by_h11(content, method) or (ours is None and bool(reasons(content))),
        "an answer is read as h11 does not read it",
    )


TARGETS: dict[str, Callable[[bytes], None]] = {
    "success": success,
    "failure": failure,
    "waits": waits,
    "body": body,
    "checkpoint": checkpoint,
    "talk": talk,
}
