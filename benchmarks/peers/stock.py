"""What openapi-python-client makes of the same document; it is in a folder on the path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx
from stock_client.api.audit_entries import audit_entries_list
from stock_client.client import AuthenticatedClient

from benchmarks.pages import KEY, Facts, microseconds

_HEADER = "Ocp-Apim-Subscription-Key"


def _client(url: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=url, token=KEY, prefix="", auth_header_name=_HEADER)


def decode(content: bytes) -> Sequence[Any]:
    """What it does with the bytes of an answer."""
    response = httpx.Response(200, content=content)
    return audit_entries_list._parse_response(client=_NOWHERE, response=response)


_NOWHERE = _client("http://127.0.0.1")


def open_sync(url: str) -> Callable[[str, int, int | None], Sequence[Any]]:
    """Its sync call."""
    client = _client(url)

    def fetch(session: str, top: int, start: int | None = None) -> Sequence[Any]:
        cursor = {} if start is None else {"start": str(start)}
        return audit_entries_list.sync(session, client=client, top=top, **cursor)

    return fetch


async def open_async(url: str) -> Callable[[str, int, int | None], Awaitable[Sequence[Any]]]:
    """Its async call."""
    client = _client(url)

    async def fetch(session: str, top: int, start: int | None = None) -> Sequence[Any]:
        cursor = {} if start is None else {"start": str(start)}
        return await audit_entries_list.asyncio(session, client=client, top=top, **cursor)

    return fetch


def decision(entry: Any) -> str:
    """The decision in its open value."""
    return str(entry.response.body["livenessDecision"])


def facts(entry: Any) -> Facts:
    """What is in an entry."""
    return (
        str(entry.id),
        entry.digest,
        microseconds(entry.received_date_time),
        entry.response.status_code,
        decision(entry),
    )
