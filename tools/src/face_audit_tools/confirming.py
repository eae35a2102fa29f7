"""Asks twice where the order of the ids shows no gap.

Between the pages of one run, ids that only rise or only fall show a page that was answered before. In two places they
show nothing: the first page of a run, in whose place one of a run that was killed may have come, and the end, which may
be none. A page from further on in the list, in the middle of a run, is not noticed.
"""

from __future__ import annotations

from typing import Any

from face_audit import Page

from .chain import id_of
from .errors import UnsureError
from .writer import Writer


def needs_confirmation(writer: Writer, page: Page[Any]) -> bool:
    """Whether the service has to be asked for a page once more before it is written."""
    return not writer.pages or not page.items


def confirm(writer: Writer, page: Page[Any], again: Page[Any]) -> None:
    """Compare the first entry of a page with that of the answer to the same question, asked once more.

    Raises:
        UnsureError: it is another one.
    """
    first, second = (next(map(id_of, one.raw_items()[:1]), None) for one in (page, again))
    if first != second:
        record = writer.record
        where = f"behind the entry {record.last_id!r:.80}" if record.count else "at the beginning"
        text = (
            f"{record.listing.session_id}: {where} the service has {_named(first)}, and, asked again, {_named(second)}"
        )
        raise UnsureError(f"{text}; export the session again")


def _named(found: str | None) -> str:
    return "nothing" if found is None else f"the entry {found!r:.80}"
