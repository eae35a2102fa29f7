"""What differs where a caller's own HTTP client sends the requests, and the cells that show it.

Every difference is declared here, with its reason. The tests fail where another one appears, and where one is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from .catalogue import CATALOGUE
from .harness import complaints, play, result_of
from .life import complaints_of_use
from .ours import CALLERS, HTTP, KINDS, Kind

if TYPE_CHECKING:
    from .fault import Fault, Outcome, Where
    from .harness import Report

HELD = 0.6
"""Seconds after which a call is ended that has no end of its own; its attempts may take 0.3 s together."""
PATIENT = 10.0
WIRE = ("connections", "bodies", "kept connections")
"""Groups that are played within a listing as well, where the connection was used before."""
WHOLE = ("passing statuses", "final statuses", "waits", "contents")
"""Groups of whole answers, which are read alike whatever received them: the first fault of each is played."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a caller's HTTP client does instead of what the catalogue asks for."""

    fault: str
    """Group and name."""
    reason: str
    once: str | None = None
    """What comes of it if the fault happens once; None if nothing differs."""
    stays: str
    """What comes of it if the fault stays."""
    within: str | None = None
    """The same within a listing; None if it is as on the first page."""
    kinds: tuple[Kind, ...] = KINDS
    http: tuple[HTTP, ...] = CALLERS


_DRIP = "httpx has a limit for each read, and each byte begins a new one; asyncio cancels the whole call"
_NAMES = "httpx asks the system's resolver and waits for it; asyncio does that in a thread"
_STRAY = (
    "httpcore keeps what came after an answer and takes it for the next one; from then on each answer is the one before"
)

DIFFERENCES: tuple[Difference, ...] = (
    Difference(fault="time: a head, byte by byte", kinds=("sync",), once="no end", stays="no end", reason=_DRIP),
    Difference(fault="time: 1xx heads without end", kinds=("sync",), once="no end", stays="no end", reason=_DRIP),
    Difference(fault="names: resolver that hangs", kinds=("sync",), once="no end", stays="no end", reason=_NAMES),
    Difference(
        fault="kept connections: an unasked page of another session, with the answer",
        stays="all entries; another listing: 0 of 7 entries, no error",
        reason=_STRAY,
    ),
    Difference(
        fault="kept connections: an unasked empty page, with the answer",
        stays="3 of 7 entries, no error; another listing: 4 of 7 entries, no error",
        within="6 of 7 entries, no error; another listing: 1 of 7 entries, no error",
        reason=_STRAY,
    ),
    Difference(
        fault="kept connections: an unasked empty page, cut, with the answer",
        stays="3 of 7 entries, DecodeError",
        within="6 of 7 entries, DecodeError",
        reason=_STRAY,
    ),
    Difference(
        fault="kept connections: the answer twice",
        stays="all entries; another listing: 0 of 7 entries, no error",
        reason=_STRAY,
    ),
    Difference(
        fault="client: forked with a warm client",
        kinds=("sync",),
        stays="a child got ConfigurationError",
        reason=(
            "a pool that a fork has copied mixes the answers of both processes, and only its owner can make a new one"
        ),
    ),
    Difference(
        fault="client: closed during a call",
        stays="the call went on to the limit of its attempt",
        reason="the connections are the caller's, who may use them for something else, so they are not cut",
    ),
    Difference(
        fault="client: 256 calls at once",
        kinds=("async",),
        http=("httpx",),
        stays="calls are out of time",
        reason=(
            "the pool of httpcore 1 looks at all connections and all waiting calls for each call; httpcore2 does not"
        ),
    ),
    Difference(
        fault="client: a key in the answer, and every log on",
        http=("httpx",),
        stays="the log of httpcore shows the key",
        reason="httpcore logs the headers of answers at the level DEBUG",
    ),
    Difference(
        fault="client: a key in the answer, and every log on",
        http=("httpx2",),
        stays="the log of httpcore2 shows the key",
        reason="httpcore2 logs the headers of answers at the level DEBUG",
    ),
)


class Cell(NamedTuple):
    """One fault, as one client meets it."""

    fault: Fault
    http: HTTP
    kind: Kind
    where: Where
    times: float

    @property
    def name(self) -> str:
        """Its name among the tests."""
        return f"{self.fault.name}-{self.kind}-{self.where}-{'once' if self.times == 1 else 'stays'}"

    @property
    def owed(self) -> Outcome:
        """What the catalogue asks for."""
        return self.fault.once if self.times == 1 else self.fault.stays

    @property
    def declared(self) -> str | None:
        """What happens in its place, if that is declared."""
        found = difference(self.fault, self.http, self.kind)
        if found is None or self.times == 1:
            return None if found is None else found.once
        return found.stays if self.where == "first" or found.within is None else found.within

    def play(self) -> Report:
        """Show the fault to the client; again, at most four times, if a declared difference has not come about."""
        # On a busy machine the client may ask so late that the answer before is there, which httpcore notices.
        for _ in range(4):
            report = self._play()
            if self.declared is None or result_of(report) == self.declared:
                return report
        return self._play()

    def _play(self) -> Report:
        patience = HELD if self.declared == "no end" else PATIENT
        return play(self.fault, self.kind, self.where, times=self.times, http=self.http, patience=patience)


def difference(fault: Fault, http: HTTP, kind: Kind) -> Difference | None:
    """The declared one of a fault."""
    name = f"{fault.group}: {fault.name}"
    return next((one for one in DIFFERENCES if one.fault == name and http in one.http and kind in one.kinds), None)


def cells(http: HTTP) -> list[Cell]:
    """All of a library, but for the uses of a client; `nox -s faults` plays those of whole answers as well."""
    first = {group: next(fault for fault in CATALOGUE if fault.group == group) for group in WHOLE}
    return [
        Cell(fault, http, kind, where, times)
        for fault in CATALOGUE
        if fault.place != "client" and first.get(fault.group, fault) is fault
        for where in (fault.pages if fault.group in WIRE else fault.pages[:1])
        for kind in KINDS
        for times in ([inf] if fault.once == fault.stays else [1, inf])
    ]


def result_of_use(fault: Fault, http: HTTP, kind: Kind) -> str:
    """What comes of using a client in this way."""
    return "; ".join(dict.fromkeys(complaints_of_use(fault, kind, http)))


def falls_short(cell: Cell, report: Report) -> list[str]:
    """In what the cell is neither what the catalogue asks for, nor what is declared in its place."""
    found = complaints(report, cell.owed)
    if cell.declared is None:
        return found
    if not found:
        return ["it holds: the declared difference is none any more"]
    result = result_of(report)
    return [] if result == cell.declared else [f"{cell.declared!r} is declared, came {result!r}"]
