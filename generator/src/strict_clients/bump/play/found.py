"""One difference between what both packages met, before it is known of which call."""

from __future__ import annotations

from typing import Any, NamedTuple

from strict_clients.bump.rating import Rating


class Found(NamedTuple):
    """What differs in one call."""

    place: str
    """The attribute (`Plant.size`), or the part of the request; empty for the call as a whole."""
    why: str
    rating: Rating
    was: Any = None
    now: Any = None
