"""Checks that a listing stays the same while it is read: compares a second pass with the first, without I/O."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Generator
from contextlib import suppress
from hashlib import blake2b
from operator import itemgetter
from typing import Any

from ..errors import PaginationError
from ..operation import Call
from ..responses.pages import Listing
from ..values.strict_json import Malformed, loads
from .position import Progress

_ADVICE = "the listing changed while it was read; list it again from its start, and report it if that persists"


class Record:
    """The items that a pass over a listing returned: 8 bytes for each, however large it is."""

    def __init__(self) -> None:
        self.largest = 0
        """Items of the largest page."""
        self._hashes = array("Q")
        self._requests: list[tuple[int, str | None]] = []
        self._last: str | None = None

    def add(self, listing: Listing[Any], since: int, until: int) -> None:
        """Record these items of a page, before the caller can change one."""
        self.largest = max(self.largest, len(listing.page.items))
        if not self._requests or self._requests[-1][1] != listing.page.request_id:
            self._requests.append((len(self._hashes), listing.page.request_id))
        for at in range(since, until):
            self._hashes.append(_digest(listing, at))
            self._last = _id(listing, at)

    def cut(self, listing: Listing[Any], until: int) -> None:
        """Forget the items of the last page from index `until` on: they were not returned, and will be read again."""
        del self._hashes[len(self._hashes) - len(listing.page.items) + until :]
        self._last = _id(listing, until - 1)

    def compare(self, second: Progress) -> Generator[Call, Listing[Any], None]:
        """Run a second pass; yields calls and receives their results.

        Raises:
            PaginationError: an item differs from that of the first pass, or there are more or fewer items.
        """
        count, last, shown = 0, None, list[Listing[Any]]()
        while not second.finished:
            listing = yield from second.fetch()
            since, shown = second.trail.skip, [listing]
            for at in range(since, len(listing.page.items)):
                last = _id(listing, at)
                if count == len(self._hashes):
                    said = f"entry {count + 1}{_named(last)} came in the second pass only"
                    raise self._error(second, f"{said}, the first ended before it", count, listing)
                if _digest(listing, at) != self._hashes[count]:
                    said = f"entry {count + 1}{_named(last)} is not the same in the second pass"
                    raise self._error(second, f"{said}: changed, missing or additional", count, listing)
                count += 1
            second.hand_over(listing, since, len(listing.page.items))
        if count < len(self._hashes):
            said = f"entry {count + 1} is missing in the second pass, which ended after {count} entries{_named(last)}"
            text = f"{said}; the first had {len(self._hashes)}{_named(self._last)}"
            raise self._error(second, text, count, *shown)

    def _error(self, second: Progress, text: str, count: int, *listings: Listing[Any]) -> PaginationError:
        at = bisect_right(self._requests, count, key=itemgetter(0))
        requests = [request for _, request in self._requests[max(0, at - 1) : at]]
        requests += [listing.page.request_id for listing in listings]
        named = tuple(request for request in requests if request is not None)
        shown = f" (requests {', '.join(f'{request!r:.80}' for request in named)})" if named else ""
        error = PaginationError(f"{second.name}: {text}{shown}; {_ADVICE}", request_ids=named)
        error.attempts = tuple(attempt for listing in listings for attempt in listing.page.attempts)
        return error


def _id(listing: Listing[Any], at: int) -> str | None:
    return listing.ids[at] if listing.ids else None


def _named(last: str | None) -> str:
    return "" if last is None else f" (id {last!r:.80})"


def _digest(listing: Listing[Any], at: int) -> int:
    # The order of an object's keys has no meaning (RFC 8259, 1), so it may differ between answers.
    text = listing.texts[at]
    with suppress(Malformed):  # in a field that is decoded only when it is read
        text = json.dumps(loads(text), sort_keys=True).encode("utf-8")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")
