"""What the page says of one session and of all, counted entry by entry; its memory does not grow with the entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import Factory, define, frozen
from face_audit import AuditEntry, DecodeError, LivenessDecision

from ..reading import Entry
from .timeline import Timeline, in_utc

ANOTHER, NONE = "another value", "no decision"
DECISIONS = {
    LivenessDecision.REAL_FACE.value: "real",
    LivenessDecision.SPOOF_FACE.value: "spoof",
    LivenessDecision.UNCERTAIN.value: "uncertain",
    ANOTHER: "another",
    NONE: "none",
}
"""What an entry is counted under, and its class in the page's style: decisions that are known, all others, and none."""
LONGEST_LATENCY = 60_000
"""Milliseconds; longer ones are counted together."""
_ERRORS = 400
"""Statuses from here on."""
_LARGEST = 999
"""Statuses have three digits."""
OTHERS = "others"
_MOST_NAMES = 100
"""Distinct values that are told apart; all further ones count as one."""


@frozen(kw_only=True)
class Thresholds:
    """From where on something in a session is a pattern to look at."""

    attempts: int = 10
    """The number in one session."""
    spoofs: int = 3
    """Decisions for `spoofface` in one session."""
    apart: float = 1.0
    """Seconds between two attempts: less is a quick repeat."""


@define(kw_only=True)
class SessionTally:
    """One session."""

    session_id: str
    outcome: str = "damaged"
    error: str | None = None
    """Why it is not complete."""
    asked: str = ""
    """As of when its entries are here."""
    gone: bool = False
    """Whether the service did not have it any more when it was asked again."""
    refused: int = 0
    """Answers and entries that are kept in quarantine."""
    attempts: int = 0
    """Its entries: each is one request to judge a face."""
    retries: int = 0
    """Requests for its pages that the export had to send again."""
    malformed: int = 0
    errors: int = 0
    """Attempts that were answered by a status from 400 on."""
    decisions: Counter[str] = Factory(Counter[str])
    first: datetime | None = None
    last: datetime | None = None
    quick: int = 0
    repeated: int = 0
    """Attempts whose digest an earlier one of the session had."""
    agents: set[int] = Factory(set[int])
    """Hashes of the user agents."""
    kinds: set[str] = Factory(set[str])
    """Media types of the requests, without their parameters."""
    _digests: set[int] = Factory(set[int])
    _before: datetime | None = None

    def add(self, entry: AuditEntry, decision: str, thresholds: Thresholds) -> None:
        """Count an entry."""
        self.decisions[decision] += 1
        if entry.received_date_time is not None:
            self._time(in_utc(entry.received_date_time), timedelta(seconds=thresholds.apart))
        if entry.request is not None:
            if entry.request.user_agent is not None and len(self.agents) < _MOST_NAMES:
                self.agents.add(hash(entry.request.user_agent))
            if entry.request.content_type is not None and len(self.kinds) < _MOST_NAMES:
                # A boundary, which is a parameter, differs each time.
                self.kinds.add(entry.request.content_type.partition(";")[0].strip().casefold()[:80])
        if entry.digest is not None:
            known = len(self._digests)
            self._digests.add(hash(entry.digest.casefold()))
            self.repeated += len(self._digests) == known
        status = None if entry.response is None else entry.response.status_code
        self.errors += status is not None and status >= _ERRORS

    def end(self) -> None:
        """Let go of what only counting needs."""
        self._digests.clear()

    def _time(self, moment: datetime, apart: timedelta) -> None:
        self.quick += self._before is not None and abs(moment - self._before) < apart
        self._before = moment
        self.first = moment if self.first is None else min(self.first, moment)
        self.last = moment if self.last is None else max(self.last, moment)


@define
class Tally:
    """All sessions."""

    thresholds: Thresholds
    sessions: list[SessionTally] = Factory(list[SessionTally])
    decisions: Counter[str] = Factory(Counter[str])
    statuses: Counter[str] = Factory(Counter[str])
    latencies: Counter[int] = Factory(Counter[int])
    """Milliseconds."""
    models: Counter[str] = Factory(Counter[str])
    """Versions of the model that decided."""
    timeline: Timeline = Factory(Timeline)

    def add(self, session: SessionTally, entry: Entry) -> None:
        """Count an entry of a session."""
        session.attempts += 1
        try:
            read = entry.read()
        except DecodeError:
            session.malformed += 1
            return
        decision, version = _result(read)
        session.add(read, decision, self.thresholds)
        self.decisions[decision] += 1
        if version is not None:
            count(self.models, version[:80])
        if read.received_date_time is not None:
            self.timeline.add(read.received_date_time, decision)
        if read.response is not None:
            status, latency = read.response.status_code, read.response.latency_in_milliseconds
            if status is not None:
                count(self.statuses, str(status) if 0 <= status <= _LARGEST else OTHERS)
            if latency is not None:
                self.latencies[min(max(latency, 0), LONGEST_LATENCY)] += 1


def count(names: Counter[str], name: str) -> None:
    """Count a name; where there are too many, together with others."""
    names[name if name in names or len(names) < _MOST_NAMES else OTHERS] += 1


def _result(entry: AuditEntry) -> tuple[str, str | None]:
    """The decision and the version of the model; nothing else of the body is looked at, malformed or not."""
    body = None if entry.response is None else entry.response.body
    if not isinstance(body, Mapping) or body.get("livenessDecision") is None:
        return NONE, None
    decision, version = body["livenessDecision"], body.get("modelVersionUsed")
    known = isinstance(decision, str) and decision in DECISIONS and decision not in (ANOTHER, NONE)
    return str(decision) if known else ANOTHER, version if isinstance(version, str) else None
