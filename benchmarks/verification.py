"""Before anything is timed: every peer finds the same entries in the same bytes."""

from __future__ import annotations

from typing import Any

from .pages import Facts, facts, numbers, session
from .processes import Peer

SESSIONS = ((session(5), 5), (session(1000), 1000), (session(1000, unknown=True), 1000))
"""With the number of entries that is asked for."""


def verify(peer: Peer, url: str) -> None:
    """Compare all entries of each page with what was written into it.

    Raises:
        SystemExit: the peer finds something else.
    """
    for name, top in SESSIONS:
        wanted = facts(numbers(name, top=top))
        ways: dict[str, Any] = peer.ask("facts", url=url, session=name, top=top)
        for way, found in ways.items():
            complaint = compare([tuple(one) for one in found], wanted)
            if complaint is not None:
                raise SystemExit(f"{peer.name}, {way}, page of {top}: {complaint}; nothing was timed")


def compare(found: list[Any], wanted: list[Facts]) -> str | None:
    """What differs, if anything does. The seventh digit of a time may be rounded or cut off."""
    if len(found) != len(wanted):
        return f"{len(found)} entries in place of {len(wanted)}"
    for one, other in zip(found, wanted, strict=True):
        if (*one[:2], *one[3:]) != (*other[:2], *other[3:]) or abs(one[2] - other[2]) > 1:
            return f"an entry with {one} in place of {other}"
    return None
