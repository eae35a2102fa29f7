"""The package that is generated here."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import cache
from inspect import signature
from typing import Any, Literal, cast

from face_audit import AsyncFaceAuditClient, AuditEntry, FaceAuditClient, MalformedItem
from face_audit._runtime.operation import Call
from face_audit._runtime.pagination.position import verified_page
from face_audit._runtime.responses.pages import Listing, read_success
from face_audit._runtime.responses.status_errors import ErrorBody, WaitHints
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST
from face_audit.resources.audit_entries.sync import AuditEntries

from benchmarks.pages import KEY, Facts, microseconds

PREFETCH = "prefetch" in signature(AuditEntries.list).parameters
"""Whether the pager can ask for a page before the one at hand was read."""
_REQUEST = HTTPRequest(method="GET", url="http://127.0.0.1/", headers={})
_HEADERS = {"content-type": "application/json; charset=utf-8", "apim-request-id": "3f08db40"}
_LONGEST_START = 100
"""Bytes that hold the name and the value of a session's id."""
_SHAPE = ErrorBody(
    code=(),
    message=(),
    code_headers=(),
    request_id_headers=("apim-request-id",),
    waits=WaitHints(headers=(), phrases=()),
)


def list_body(content: bytes) -> Listing[AuditEntry]:
    """What the client does with the bytes of an answer, and what the pager verifies."""
    response = HTTPResponse(status=200, headers=_HEADERS, content=content)
    return read_success(_call(_session_of(content)), _REQUEST, response, _SHAPE)


def _session_of(content: bytes) -> bytes:
    # Only its start is cut: a copy of the page would be timed as ours.
    at = content.index(b'"sessionId"')
    return content[at : at + _LONGEST_START].split(b'"', 4)[3]


@cache
def _call(session: bytes, on_invalid: Literal["raise", "keep"] = "raise") -> Call:
    arguments = {"session_id": session.decode("ascii"), "start": None, "top": None}
    return AUDIT_ENTRIES_LIST.call(arguments, on_invalid=on_invalid)


def decode(content: bytes) -> Sequence[AuditEntry]:
    """What the client does with the bytes of an answer."""
    return list_body(content).page.items


def decode_any(content: bytes) -> Sequence[AuditEntry | MalformedItem]:
    """What the client does with the bytes of an answer in any shape."""
    response = HTTPResponse(status=200, headers=_HEADERS, content=content)
    listing: Listing[AuditEntry | MalformedItem] = read_success(
        _call(_session_of(content), on_invalid="keep"), _REQUEST, response, _SHAPE
    )
    return listing.page.items


def decision_of_any(entry: AuditEntry | MalformedItem) -> str | None:
    """The decision, where there is one."""
    response = entry.response if isinstance(entry, AuditEntry) else None
    found = cast("Any", response and response.body)
    return found.get("livenessDecision") if isinstance(found, dict) else None


def check(content: bytes) -> Callable[[], object]:
    """What the pager does with a page that is decoded."""
    call, listing = _call(_session_of(content)), list_body(content)
    return lambda: verified_page(call, listing)


def is_exact(content: bytes) -> bool:
    """Whether the entries hold all that came, unknown fields included."""
    return [entry.to_dict() for entry in decode(content)] == json.loads(content)


def open_sync(url: str) -> Callable[[str, int, int | None], Sequence[AuditEntry]]:
    """The sync client."""
    client = FaceAuditClient(KEY, endpoint=url)

    def fetch(session: str, top: int, start: int | None = None) -> Sequence[AuditEntry]:
        cursor = None if start is None else str(start)
        return client.audit_entries.list_page(session, start=cursor, top=top).items

    return fetch


def make_async(url: str) -> AsyncFaceAuditClient:
    """The async client as it is."""
    return AsyncFaceAuditClient(KEY, endpoint=url)


async def open_async(url: str) -> Callable[[str, int, int | None], Awaitable[Sequence[AuditEntry]]]:
    """The async client as it is."""
    client = make_async(url)

    async def fetch(session: str, top: int, start: int | None = None) -> Sequence[AuditEntry]:
        cursor = None if start is None else str(start)
        page = await client.audit_entries.list_page(session, start=cursor, top=top)
        return page.items

    return fetch


@cache
def page_sync(url: str) -> Callable[..., Iterator[AuditEntry]]:
    """The pager of a sync client."""
    client = FaceAuditClient(KEY, endpoint=url)
    return client.audit_entries.list


@cache
def page_async(url: str) -> Callable[..., AsyncIterator[AuditEntry]]:
    """The pager of an async client."""
    return make_async(url).audit_entries.list


def decision(entry: AuditEntry) -> str:
    """The decision in its open value."""
    return str(cast("Any", entry.response).body["livenessDecision"])


def facts(entry: AuditEntry) -> Facts:
    """What is in an entry."""
    assert entry.received_date_time is not None
    assert entry.response is not None
    status = entry.response.status_code
    return entry.id, str(entry.digest), microseconds(entry.received_date_time), int(status or 0), decision(entry)
