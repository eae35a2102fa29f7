"""An export as a reviewer meets it: sessions over three days, most of them plain, some that differ."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
from face_audit_tools import export_sessions

from .shelf import Shelf, answer

if TYPE_CHECKING:
    from pathlib import Path

_BEGIN = datetime(2024, 4, 1, 6, 0, tzinfo=UTC)
_AGENTS = (
    "VisionSDK-objective-c/0.15.1-alpha.0.1 (Darwin 22.6.0)",
    "VisionSDK-java/0.15.1 (Android 14)",
    "VisionSDK-js/0.15.1 (Mozilla/5.0)",
)


class _Faulty(Shelf):
    """A service that fails by the session, whatever comes first: one session for good, some of the others once."""

    def __init__(self, sessions: dict[str, list[bytes]], *, failing: str, faulty: set[str]) -> None:
        super().__init__(sessions)
        self._failing, self._faulty = failing, faulty

    def _answer(self, request: httpx.Request) -> httpx.Response:
        session = request.url.path.split("/")[-2]
        if session == self._failing and "start" in request.url.params:
            return answer(400)
        if session in self._faulty:
            self._faulty.discard(session)
            return answer(503)
        return super()._answer(request)


def export_sample(folder: Path, *, sessions: int, seed: int = 1) -> Path:
    """Export this many to a folder, and write what devices recorded beside it; gives that CSV file."""
    chance = random.Random(seed)
    made = dict(_session(chance) for _ in range(sessions))
    ids = list(made)
    shelf = _Faulty(made, failing=ids[sessions // 3], faulty={one for one in ids if chance.random() < 0.04})
    del shelf.sessions[ids[0]]

    async def work() -> None:
        async with shelf.async_client() as client:
            await export_sessions(client, ids, folder, concurrency=8)

    asyncio.run(work())
    return _record(folder.with_name("digests.csv"), made)


def _record(path: Path, made: dict[str, list[bytes]]) -> Path:
    lines = ["session_id,entry_id,digest"]
    for session, items in made.items():
        lines += [f"{session},{one['id']},{one['digest']}" for one in map(json.loads, items)]
    for number in (7, len(lines) // 2):
        lines[number] = lines[number][:-8] + "0BADC0DE"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _session(chance: random.Random) -> tuple[str, list[bytes]]:
    kind = chance.choices(["plain", "many", "spoof", "agents", "replay"], [93, 3, 2, 1, 1])[0]
    count = chance.choices([1, 2, 3, 4, 5], [60, 22, 10, 5, 3])[0] if kind == "plain" else chance.randint(6, 40)
    hour = chance.choices(range(72), [1 + 6 * (6 <= (one + 6) % 24 <= 20) for one in range(72)])[0]
    moment = _BEGIN + timedelta(hours=hour, seconds=chance.randint(0, 3599))
    session, agent = _uuid(chance), chance.choice(_AGENTS)
    items = list[dict[str, Any]]()
    for number in range(1, count + 1):
        moment += timedelta(seconds=4 + chance.random() * 40) if kind != "replay" else timedelta(seconds=0.4)
        other = kind == "agents" and number % 3 == 0
        items.append(_entry(chance, session, number, moment, _AGENTS[0] if other else agent, kind == "spoof"))
    if kind == "replay":
        items[-1]["digest"] = items[0]["digest"]
    return session, [json.dumps(one, separators=(",", ":")).encode() for one in reversed(items)]


def _entry(
    chance: random.Random, session: str, number: int, moment: datetime, agent: str, spoofed: bool
) -> dict[str, Any]:
    refused = chance.random() < 0.03
    decision = chance.choices(["realface", "spoofface", "uncertain"], [10, 80, 10] if spoofed else [94, 2, 4])[0]
    side = chance.randint(300, 900)
    target = {"faceRectangle": {"top": 61, "left": 62, "width": side, "height": side}, "fileName": "face-video.webp"}
    body: dict[str, Any] = {"livenessDecision": decision, "target": target, "modelVersionUsed": "2022-10-15-preview.04"}
    if refused:
        body = {"error": {"code": "InvalidRequest", "message": "The image is malformed."}}
    return {
        "id": number,
        "sessionId": session,
        "requestId": _uuid(chance),
        "receivedDateTime": moment.isoformat(timespec="microseconds"),
        "request": {
            "url": "/face/v1.1-preview.1/detectLiveness/singleModal",
            "method": "POST",
            "contentLength": chance.randint(120_000, 900_000),
            "contentType": f"multipart/form-data; boundary={chance.getrandbits(64):016x}",
            "userAgent": agent,
        },
        "response": {
            "body": body,
            "statusCode": chance.choice([400, 408]) if refused else 200,
            "latencyInMilliseconds": int(300 / (1.05 - chance.random())),
        },
        "digest": f"{chance.getrandbits(256):064X}",
    }


def _uuid(chance: random.Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
