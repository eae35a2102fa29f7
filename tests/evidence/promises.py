"""What the experiments hold the tool to."""

from __future__ import annotations


class BrokenPromiseError(Exception):
    """The tool has not done what it promises."""


def keep(told: bool, what: str) -> None:
    """Go on where the claim holds.

    Raises:
        BrokenPromiseError: it does not; `what` says how.
    """
    if not told:
        raise BrokenPromiseError(what)
