"""The vendor's package."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, List  # noqa: UP035  # the spelling that it understands

from azure.ai.vision.face import FaceSessionClient
from azure.ai.vision.face._model_base import _deserialize
from azure.ai.vision.face.aio import FaceSessionClient as AsyncFaceSessionClient
from azure.ai.vision.face.models import LivenessSessionAuditEntry
from azure.core.credentials import AzureKeyCredential

from benchmarks.pages import KEY, Facts, microseconds

_ENTRIES = List[LivenessSessionAuditEntry]  # noqa: UP006


def decode(content: bytes) -> list[LivenessSessionAuditEntry]:
    """What its operation does with the bytes of an answer."""
    return _deserialize(_ENTRIES, json.loads(content.decode("utf-8-sig")))


def open_sync(url: str) -> Callable[[str, int, int | None], list[Any]]:
    """Its sync operation."""
    client = FaceSessionClient(endpoint=url, credential=AzureKeyCredential(KEY))

    def fetch(session: str, top: int, start: int | None = None) -> list[Any]:
        cursor = None if start is None else str(start)
        return client.get_liveness_session_audit_entries(session, start=cursor, top=top)

    return fetch


async def open_async(url: str) -> Callable[[str, int, int | None], Awaitable[list[Any]]]:
    """Its async operation."""
    client = AsyncFaceSessionClient(endpoint=url, credential=AzureKeyCredential(KEY))

    async def fetch(session: str, top: int, start: int | None = None) -> list[Any]:
        cursor = None if start is None else str(start)
        return await client.get_liveness_session_audit_entries(session, start=cursor, top=top)

    return fetch


def decision(entry: Any) -> str:
    """The decision in its open value."""
    return str(entry.response.body["livenessDecision"])


def facts(entry: LivenessSessionAuditEntry) -> Facts:
    """What is in an entry."""
    return (
        str(entry.id),
        entry.digest,
        microseconds(entry.received_date_time),
        entry.response.status_code,
        decision(entry),
    )
