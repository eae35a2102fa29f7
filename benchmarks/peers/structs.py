"""The floors of a typed call: a raw socket or aiohttp, and msgspec Structs that lose what they do not know."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
import msgspec
from face_audit import API_VERSION

from benchmarks.pages import KEY, Facts, microseconds

_PATH = f"/face/v{API_VERSION}/detectLiveness/singleModal/sessions/{{session}}/audit?top={{top}}"
_PIECE = 256 * 1024


class _Request(msgspec.Struct, rename="camel"):
    url: str | None = None
    method: str | None = None
    content_length: int | None = None
    content_type: str | None = None
    user_agent: str | None = None


class _Response(msgspec.Struct, rename="camel"):
    body: Any = None
    status_code: int | None = None
    latency_in_milliseconds: int | None = None


class _Entry(msgspec.Struct, rename="camel"):
    id: int | str
    session_id: str | None = None
    request_id: str | None = None
    client_request_id: str | None = None
    received_date_time: datetime | None = None
    request: _Request | None = None
    response: _Response | None = None
    digest: str | None = None


decode = msgspec.json.Decoder(list[_Entry]).decode


def open_sync(url: str) -> Callable[[str, int, int | None], list[_Entry]]:
    """Over one socket that is read until the announced length is there."""
    split = urlsplit(url)
    connected = socket.create_connection((split.hostname, split.port))
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    rest = f"HTTP/1.1\r\nHost: {split.netloc}\r\nAccept: application/json\r\nOcp-Apim-Subscription-Key: {KEY}\r\n\r\n"

    def fetch(session: str, top: int, start: int | None = None) -> list[_Entry]:
        connected.sendall(f"GET {_target(session, top, start)} {rest}".encode("ascii"))
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += connected.recv(_PIECE)
        place = received.index(b"Content-Length: ") + 16
        missing = end + 4 + int(received[place : received.index(b"\r", place)]) - len(received)
        while missing > 0:
            piece = connected.recv(_PIECE)
            received += piece
            missing -= len(piece)
        return decode(memoryview(received)[end + 4 :])

    return fetch


async def open_async(url: str) -> Callable[[str, int, int | None], Awaitable[list[_Entry]]]:
    """Over aiohttp, used as its makers show."""
    client = aiohttp.ClientSession(headers={"Accept": "application/json", "Ocp-Apim-Subscription-Key": KEY})

    async def fetch(session: str, top: int, start: int | None = None) -> list[_Entry]:
        async with client.get(url + _target(session, top, start)) as response:
            return decode(await response.read())

    return fetch


def decision(entry: _Entry) -> str:
    """The decision in its open value."""
    return str(cast("Any", entry.response).body["livenessDecision"])


def facts(entry: _Entry) -> Facts:
    """What is in an entry."""
    assert entry.received_date_time is not None
    assert entry.response is not None
    status = entry.response.status_code
    return str(entry.id), str(entry.digest), microseconds(entry.received_date_time), int(status or 0), decision(entry)


def _target(session: str, top: int, start: int | None) -> str:
    path = _PATH.format(session=session, top=top)
    return path if start is None else f"{path}&start={start}"
