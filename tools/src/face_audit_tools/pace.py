"""Spaces the requests of all sessions evenly."""

from __future__ import annotations

import asyncio
from typing import Literal, TypeAlias

Tier: TypeAlias = Literal["F0", "S0"]
RATES: dict[Tier, float] = {"F0": 20 / 60, "S0": 10.0}
"""Calls per second that the service publishes for its tiers: 20 a minute, 10 a second."""


class Pace:
    """Lets through this many calls per second, one after the other."""

    def __init__(self, rate: float | None) -> None:
        """None lets everything through."""
        self.is_open: bool = rate is None
        """Whether nobody has to wait."""
        self._apart = 0.0 if rate is None else 1 / rate
        self._next = 0.0

    async def wait(self) -> None:
        """Return when it is the caller's turn."""
        if not self.is_open:
            present = asyncio.get_running_loop().time()
            turn = max(present, self._next)
            self._next = turn + self._apart
            await asyncio.sleep(turn - present)
