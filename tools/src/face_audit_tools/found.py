"""What an answer holds for an export: entries, their ids, and what of it was refused."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

from attrs import field, frozen
from face_audit import AuditEntry, DecodeError, Page, PaginationError

from .chain import id_of
from .gaps import as_number
from .quarantine import FOREIGN, Refused, cut_page
from .record import Direction, PageRecord, direction_of, now

Refusal: TypeAlias = DecodeError | PaginationError
"""What the SDK raises for an answer that cannot be accepted unchanged."""


@frozen(kw_only=True)
class Found:
    """An answer."""

    raw: Sequence[bytes] = field(repr=False)
    ids: Sequence[str | None]
    attempts: int
    request_id: str | None
    cursor: str | None
    """Where to go on after it; None where it is empty, which is the end."""
    refused: Sequence[Refused] = ()

    @property
    def is_end(self) -> bool:
        """Whether it says that there is nothing more."""
        return self.cursor is None

    def record(self, entries: int) -> PageRecord:
        """What is written about it, once this many of its entries are."""
        return PageRecord(attempts=self.attempts, entries=entries, received=now(), request_id=self.request_id)


def found_in(page: Page[Any]) -> Found:
    """What a page holds."""
    raw = page.raw_items()
    ids = [one.id if isinstance(one, AuditEntry) else id_of(text) for one, text in zip(page.items, raw, strict=True)]
    return Found(
        raw=raw,
        ids=ids,
        attempts=len(page.attempts),
        request_id=page.request_id,
        cursor=ids[-1] if ids else None,
    )


def salvaged(error: Refusal, session_id: str, *, after: str | None) -> Found | None:
    """What of a refused page is right, and what was refused; None where nothing tells one from the other."""
    cut = None if error.raw is None else cut_page(error.raw, session_id)
    if cut is None:
        return None
    right = [at for at, complaint in enumerate(cut.complaints) if complaint is None]
    own = [cut.ids[at] for at, one in enumerate(cut.complaints) if one != FOREIGN and cut.ids[at] is not None]
    if len(cut.texts) == 1 and direction_of(after, cut.ids[0]) is not None:
        own = cut.ids  # alone at its place, it is passed over; of several, nobody knows what question they answer
    if not own or len(right) == len(cut.texts) or not _in_order([*([] if after is None else [after]), *own]):
        return None
    request_id = request_id_of(error)
    refused = [
        Refused(content=text, reason=complaint, after=after, request_id=request_id, is_entry=True)
        for text, complaint in zip(cut.texts, cut.complaints, strict=True)
        if complaint is not None
    ]
    onward = direction_of(own[0] if after is None else after, own[-1])
    return Found(
        raw=[cut.texts[at] for at in right],
        ids=[cut.ids[at] for at in right],
        attempts=len(error.attempts),
        request_id=request_id,
        cursor=_behind(cut.ids[cut.ids.index(own[-1]) :], onward),
        refused=refused,
    )


def _behind(tail: Sequence[str | None], onward: Direction | None) -> str | None:
    """Where to go on: after the last id of the session, or after ids of others that count on from it."""
    counts_on = {direction_of(one, other) for one, other in pairwise(tail)} == {onward}
    return tail[-1] if counts_on and not missing_between(tail[0], tail[1:]) else tail[0]


def whole(error: Refusal, *, after: str | None) -> Refused:
    """An answer that was refused as a whole."""
    return Refused(
        content=error.raw or b"", reason=str(error), after=after, request_id=request_id_of(error), is_entry=False
    )


def request_id_of(error: Refusal) -> str | None:
    """The service's id of the request that brought it."""
    return error.request_id if isinstance(error, DecodeError) else next(reversed(error.request_ids), None)


def missing_between(cursor: str | None, ids: Sequence[str | None]) -> int:
    """How many ids of digits a page skips, after the cursor and within it; 0 where it has others."""
    numbers = [as_number(one) for one in ([] if cursor is None else [cursor])] + [as_number(one) for one in ids]
    if len(numbers) < 2 or any(one is None for one in numbers):  # noqa: PLR2004  # two make a distance
        return 0
    first, last = numbers[0] or 0, numbers[-1] or 0
    return abs(first - last) + 1 - len(numbers)


def _in_order(ids: Sequence[str | None]) -> bool:
    turns = {direction_of(one, other) for one, other in pairwise(ids)}
    return len(set(ids)) == len(ids) and len(turns - {None}) <= 1
