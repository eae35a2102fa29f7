"""Pages of 1000 entries in every shape that the document accepts, beside the one that was recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from face_audit import FaceAuditClient
from face_audit.testing import Emulator

from .pages import KEY, MOST, body, session

Entry: TypeAlias = dict[str, Any]

CANONICAL = "canonical"
EMULATED = "the emulator's pages"


@cache
def shaped(shape: str) -> bytes:
    """A page in this shape."""
    if shape == EMULATED:
        return _emulated()
    change = _CHANGES[shape]
    entries: list[Entry] = json.loads(body(session(MOST)))
    for at, entry in enumerate(entries):
        change(at, entry)
    return json.dumps(entries).encode()


def _emulated() -> bytes:
    emulator = Emulator(key=KEY)
    emulator.add(session(MOST), count=MOST)
    with (
        emulator.http_client() as http_client,
        FaceAuditClient(KEY, endpoint="https://emulator.example", http_client=http_client) as client,
    ):
        return client.audit_entries.list_page(session(MOST), top=MOST).raw


def _keep(_: int, entry: Entry) -> None:
    """As it was recorded."""


def _write_as_example(_: int, entry: Entry) -> None:
    entry["id"] = str(entry["id"])
    _rename(entry, "receivedDateTime", "dateReceived")
    _rename(entry["response"], "latencyInMilliseconds", "latencyInMS")


def _write_as_table(at: int, entry: Entry) -> None:
    """With what the table says of the request's content under `result`, beside `request`."""
    entry["result"] = {name: entry["request"].pop(name) for name in ("contentType", "userAgent")}
    _write_as_text(at, entry)


def _write_as_text(_: int, entry: Entry) -> None:
    entry["id"] = str(entry["id"])
    for name in ("statusCode", "latencyInMilliseconds"):
        entry["response"][name] = str(entry["response"][name])


def _rename_in(places: Callable[[int], bool]) -> Callable[[int, Entry], None]:
    def change(at: int, entry: Entry) -> None:
        if places(at):
            _rename(entry["response"], "latencyInMilliseconds", "latencyInMS")

    return change


def _move(_: int, entry: Entry) -> None:
    _rename(entry, "request", "result")


def _break(at: int, entry: Entry) -> None:
    """Break one entry of twenty, each time another of its fields."""
    number, left = divmod(at, 20)
    if not left:
        where, name, wrong = _WRONG[number % len(_WRONG)]
        (entry[where] if where else entry)[name] = wrong


def _rename(holder: Entry, name: str, other: str) -> None:
    holder[other] = holder.pop(name)


_WRONG: tuple[tuple[str, str, Any], ...] = (
    ("", "digest", 5),
    ("", "receivedDateTime", "yesterday"),
    ("request", "contentLength", "long"),
    ("response", "statusCode", "two hundred"),
    ("", "response", []),
)
_CHANGES: Mapping[str, Callable[[int, Entry], None]] = {
    CANONICAL: _keep,
    "the seed's example": _write_as_example,
    "the seed's table": _write_as_table,
    "another spelling in one": _rename_in(lambda at: at == MOST // 2),
    "another spelling in half": _rename_in(lambda at: at % 2 == 0),
    "numbers as text": _write_as_text,
    "under `result`": _move,
    "5 % malformed": _break,
}
SHAPES = (*_CHANGES, EMULATED)
