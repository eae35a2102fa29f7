"""One attempt under way: when it has to be over, and how far it got."""

from __future__ import annotations

import time
from typing import Literal

from attrs import define


@define
class Watch:
    """The time that something may take."""

    until: float
    """On the monotonic clock."""
    stage: Literal["waiting", "connecting", "sent"] = "waiting"

    def left(self) -> float:
        """Seconds.

        Raises:
            TimeoutError: none is left.
        """
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds
