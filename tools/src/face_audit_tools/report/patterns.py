"""What in a session is a reason to look at it: each pattern with its definition and its threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import frozen

from .tally import SessionTally, Thresholds

_SPOOF = "spoofface"


@frozen(kw_only=True)
class Pattern:
    """One of them."""

    name: str
    definition: str
    find: Callable[[SessionTally], int]
    """How often a session shows it; 0 where it does not."""


@frozen
class Found:
    """A pattern that a session shows."""

    name: str
    count: int


def patterns(thresholds: Thresholds) -> tuple[Pattern, ...]:
    """All patterns, with these thresholds."""
    return (
        Pattern(
            name="many attempts",
            definition=f"{thresholds.attempts:,} attempts or more in one session",
            find=lambda one: _from(thresholds.attempts, one.attempts),
        ),
        Pattern(
            name="many spoof decisions",
            definition=f"{thresholds.spoofs:,} decisions or more for {_SPOOF} in one session",
            find=lambda one: _from(thresholds.spoofs, one.decisions[_SPOOF]),
        ),
        Pattern(
            name="quick repeats",
            definition=f"an attempt received less than {thresholds.apart:g} s from the one listed before it",
            find=lambda one: one.quick,
        ),
        Pattern(
            name="repeated digest",
            definition="an attempt with the digest of an earlier attempt of the session: the same content again",
            find=lambda one: one.repeated,
        ),
        Pattern(
            name="changed user agent",
            definition="attempts from two user agents or more in one session",
            find=lambda one: _from(2, len(one.agents)),
        ),
        Pattern(
            name="changed content type",
            definition="attempts of two media types or more in one session; parameters such as boundaries aside",
            find=lambda one: _from(2, len(one.kinds)),
        ),
    )


def found_in(session: SessionTally, known: tuple[Pattern, ...]) -> list[Found]:
    """What a session shows."""
    return list(_found(session, known))


def _found(session: SessionTally, known: tuple[Pattern, ...]) -> Iterator[Found]:
    for one in known:
        count = one.find(session)
        if count:
            yield Found(one.name, count)


def _from(threshold: int, count: int) -> int:
    return count if count >= threshold else 0
