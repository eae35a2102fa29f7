"""One difference between the results of both packages, not yet assigned to a call."""

from __future__ import annotations

from typing import Any, NamedTuple

from strict_clients.bump.rating import Rating


class Found(NamedTuple):
    """A difference in one call."""

    place: str
    """The attribute (`Plant.size`), or the part of the request; empty for the whole call."""
    why: str
    rating: Rating
    was: Any = None
    now: Any = None
