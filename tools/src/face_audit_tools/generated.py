"""An emulator of the service with generated sessions, with faults and throttling on request."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from attrs import evolve, frozen
from face_audit.testing import FAULTS, Emulator

KEY = "emulator-key"
"""The key that the emulator accepts; no secret."""

_HELD = 16
"""Sessions whose entries are in memory at once: a long one takes ten megabytes."""
_BEGINNING = datetime(2024, 4, 1, 8, 0, 0, tzinfo=UTC)
_WAIT = re.compile(rb"[0-9]+ seconds")
_AGENTS = (
    "VisionSDK-objective-c/0.15.1-alpha.0.1 (Darwin Darwin 22.6.0)",
    "VisionSDK-java/0.15.1 (Android 14)",
    "VisionSDK-js/0.15.1 (Mozilla/5.0)",
)
_DECISIONS = (*["realface"] * 18, "spoofface", "uncertain")
_REFUSED = 0.04
"""Of the entries: requests that the service refused."""
_REFUSALS = ((400, "InvalidRequest", "The image is malformed."), (408, "Timeout", "The request took too long."))


@frozen(kw_only=True)
class Session:
    """A session, and how many entries it has; its entries follow from that and the seed."""

    session_id: str
    count: int
    number: int
    seed: int

    def entries(self) -> Iterator[dict[str, Any]]:
        """The entries, oldest first; the same ones every time."""
        chance = random.Random(f"{self.seed}/{self.session_id}")  # noqa: S311  # nothing here is a secret
        moment = _BEGINNING + timedelta(minutes=self.number)
        agent = chance.choice(_AGENTS)
        for number in range(1, self.count + 1):
            moment += timedelta(seconds=1, microseconds=int(chance.random() * 19_000_000))
            yield _entry(self.session_id, number, moment, agent, chance)


def generate(*, sessions: int, smallest: int, largest: int, seed: int) -> list[Session]:
    """The number of sessions, and the least and most entries of each."""
    chance = random.Random(seed)  # noqa: S311  # as above
    return [
        Session(session_id=_uuid(chance), count=chance.randint(smallest, largest), number=number, seed=seed)
        for number in range(sessions)
    ]


class GeneratedEmulator(Emulator):
    """An emulator that generates the entries of a session when they are asked for."""

    def __init__(  # noqa: PLR0913  # one keyword for each thing that it can be told
        self,
        sessions: list[Session],
        *,
        faults: float = 0.0,
        limit: float | None = None,
        ascending: bool | None = None,
        seed: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Serve these sessions.

        Args:
            sessions: which ones.
            faults: the share of requests that meet a fault of `face_audit.testing.FAULTS`.
            limit: calls per second; what comes beyond that is answered by a 429 that says how long to wait.
            ascending: whether the oldest entry comes first; as the API does it, without it.
            seed: of the faults.
            clock: seconds; a test sets it.
        """
        super().__init__(key=KEY, ascending=ascending, clock=clock)
        self._sessions = {one.session_id: one for one in sessions}
        self._faults, self._limit, self._clock_of_calls = faults, limit, clock
        self._allowed, self._since = limit or 0.0, clock()
        self._chance = random.Random(seed)  # noqa: S311  # as above
        self._generated = OrderedDict[str, None]()
        self._turn = threading.Lock()

    def answer(self, request: Any) -> Any:
        """The answer to one request; see the base class."""
        with self._turn:
            self._hold(str(urlsplit(str(request.url)).path))
            wait = self._wait()
            if wait is not None:
                self.fail(status=429)
                answer = super().answer(request)
                return evolve(answer, content=_WAIT.sub(b"%.1f seconds" % wait, answer.content))
            if self._chance.random() < self._faults:
                self.fail(fault=self._chance.choice(FAULTS))
            return super().answer(request)

    def _hold(self, path: str) -> None:
        """Have the session that a path names in memory, and not too many others."""
        found = next((part for part in path.split("/") if part in self._sessions), None)
        if found is None:
            return
        if found not in self._generated:
            self.add(found, items=list(self._sessions[found].entries()))
        self._generated[found] = None
        self._generated.move_to_end(found)
        while len(self._generated) > _HELD:
            self.expire(self._generated.popitem(last=False)[0])

    def _wait(self) -> float | None:
        """Seconds that a call which comes now has to wait, or None where it is within the limit."""
        if self._limit is None:
            return None
        present = self._clock_of_calls()
        # What a second allows may come at once.
        self._allowed = min(max(self._limit, 1.0), self._allowed + (present - self._since) * self._limit)
        self._since = present
        if self._allowed < 1:
            return max(0.1, (1 - self._allowed) / self._limit)
        self._allowed -= 1
        return None


def _entry(session_id: str, number: int, moment: datetime, agent: str, chance: random.Random) -> dict[str, Any]:
    return {
        "id": number,
        "sessionId": session_id,
        "requestId": _uuid(chance),
        "clientRequestId": _uuid(chance),
        "receivedDateTime": f"{moment.isoformat(timespec='microseconds')[:-6]}{number % 10}+00:00",
        "request": {
            "url": "/face/v1.1-preview.1/detectLiveness/singleModal",
            "method": "POST",
            "contentLength": 120_000 + int(chance.random() * 780_000),
            "contentType": f"multipart/form-data; boundary={'-' * 26}{chance.getrandbits(64):024d}",
            "userAgent": agent,
        },
        "response": _response(chance),
        "digest": f"{chance.getrandbits(256):064X}",
    }


def _response(chance: random.Random) -> dict[str, Any]:
    latency = int(300 / (1.05 - chance.random()))
    if chance.random() < _REFUSED:
        status, code, message = chance.choice(_REFUSALS)
        body: dict[str, Any] = {"error": {"code": code, "message": message}}
        return {"body": body, "statusCode": status, "latencyInMilliseconds": latency}
    side, left = 400 + int(chance.random() * 600), int(chance.random() * 400)
    body = {
        "livenessDecision": _DECISIONS[int(chance.random() * len(_DECISIONS))],
        "target": {
            "faceRectangle": {
                "top": 2 * left,
                "left": left,
                "width": side,
                "height": side + side // 8,
            },
            "fileName": "video.webp",
            "timeOffsetWithinFile": 0,
            "imageType": "Color",
        },
        "modelVersionUsed": "2022-10-15-preview.04",
    }
    return {"body": body, "statusCode": 200, "latencyInMilliseconds": latency}


def _uuid(chance: random.Random) -> str:
    # As `uuid.UUID` writes it, in a third of the time.
    digits = f"{chance.getrandbits(128):032x}"
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[int(digits[16], 16) % 4]}{digits[17:20]}-{digits[20:]}"
    )
