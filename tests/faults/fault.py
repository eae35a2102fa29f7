"""What a fault is, and what a client owes where it meets one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from .script import Script

Place: TypeAlias = Literal["answer", "port", "connection", "certificate", "name", "client"]
"""What misbehaves: an answer, a port that nobody listens on, a new connection, its certificate, the resolver; or the
client itself is used in an unusual way."""
Range: TypeAlias = tuple[int, int]
Where: TypeAlias = Literal["first", "middle"]

ATTEMPTS = 5
FEW = 2
"""Attempts, where the fault uses up all the time of each."""
BRIEF = 0.15
"""Seconds for each of these."""
ASKED_WAITS = 10
"""Waits that the server asked for, which are not counted as attempts."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a client owes."""

    requests: Range = (1, 1)
    """Requests for the page that the server may have seen."""
    attempts: Range | None = None
    """Attempts that the error or the page tells of; None for as many as requests."""
    error: str | None = None
    """The class of the error, or None where the page comes."""
    text: str = ""
    """A regular expression that the error's text matches."""
    hint: float | None = None
    """Seconds that the error says the service asks to wait."""
    wait: float | None = None
    """Seconds of the first wait."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: what misbehaves and how, what is owed if it happens once, and if it stays."""

    name: str
    group: str
    once: Outcome
    stays: Outcome
    script: Script | None = None
    place: Place = "answer"
    trick: str = ""
    pages: tuple[Where, ...] = ("first", "middle")
    attempt: float = 5.0
    """Seconds that the client allows one attempt."""
    connect: float = 5.0
    """Seconds that it allows connecting, within those of the attempt."""
    tries: int = ATTEMPTS
    """Attempts that it makes at most."""
    idle: bool = False
    """What is sent unasked arrives before the next request."""


def harmless(name: str, group: str, script: Script, *, at_most: int = 1, idle: bool = False) -> Fault:
    """A fault that no caller notices."""
    outcome = Outcome(requests=(1, at_most), attempts=(1, at_most))
    return Fault(name=name, group=group, script=script, once=outcome, stays=outcome, idle=idle)


def passing(name: str, group: str, script: Script, error: str, text: str = "") -> Fault:
    """A fault that is tried again, after the client's own wait."""
    return Fault(
        name=name,
        group=group,
        script=script,
        once=Outcome(requests=(2, 2), wait=0.25),
        stays=Outcome(requests=(ATTEMPTS, ATTEMPTS), error=error, text=text, wait=0.25),
    )


def late(name: str, script: Script) -> Fault:
    """A fault that uses up the time of every attempt."""
    return Fault(
        name=name,
        group="time",
        script=script,
        once=Outcome(requests=(2, 2), wait=0.25),
        stays=Outcome(requests=(FEW, FEW), error="AttemptTimeoutError", text=r"timeouts\.attempt", wait=0.25),
        attempt=BRIEF,
        tries=FEW,
    )


def final(name: str, group: str, script: Script, error: str, text: str = "", *, hint: float | None = None) -> Fault:
    """A fault that is raised at once."""
    outcome = Outcome(error=error, text=text, hint=hint)
    return Fault(name=name, group=group, script=script, once=outcome, stays=outcome)


def asked(name: str, script: Script, wait: float, *, requests: Range, error: str = "RateLimitedError") -> Fault:
    """An answer that says how long to wait; `requests` are those before the client gives up."""
    return Fault(
        name=name,
        group="waits",
        script=script,
        once=Outcome(requests=(2, 2), wait=wait),
        stays=Outcome(requests=requests, error=error, wait=wait),
    )


def contradicting(name: str, script: Script, text: str, *, pages: tuple[Where, ...] = ("first", "middle")) -> Fault:
    """A page that contradicts itself or the others: one fresh fetch, then the error."""
    return Fault(
        name=name,
        group="contents",
        script=script,
        once=Outcome(requests=(2, 2), attempts=(1, 2)),
        stays=Outcome(requests=(2, 2), error="PaginationError", text=text),
        pages=pages,
    )


def elsewhere(
    name: str, group: str, *, place: Place, trick: str = "", error: str, text: str, passes: bool, brief: bool = False
) -> Fault:
    """A fault before any request: the server sees only the one that gets through."""
    tries = FEW if brief else ATTEMPTS
    count = tries if passes else 1
    stays = Outcome(requests=(0, 0), attempts=(count, count), error=error, text=text)
    once = Outcome(requests=(1, 1), attempts=(2, 2)) if passes else stays
    return Fault(
        name=name,
        group=group,
        place=place,
        trick=trick,
        once=once,
        stays=stays,
        attempt=2 * BRIEF if brief else 5.0,
        connect=BRIEF if brief else 5.0,
        tries=tries,
    )


def of_client(name: str, error: str | None = None, text: str = "") -> Fault:
    """A use of the client that a test of its own plays."""
    outcome = Outcome(error=error, text=text)
    return Fault(name=name, group="client", place="client", once=outcome, stays=outcome)
