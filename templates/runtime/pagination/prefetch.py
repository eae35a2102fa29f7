"""Which page to prefetch: the call that follows a page, guessed from its bytes or known once they are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from ..errors import InvalidArgumentError
from ..values.strict_json import point
from .page_checks import page_limit

if TYPE_CHECKING:
    from ..operation import Call, Pagination
    from ..responses.pages import Listing
    from ..values.strict_json import JSON

# Seconds that a request has to get out before a page is decoded, which holds up all other threads and tasks.
HEAD_START = 0.001
# A last item that is longer, or holds more objects, is left to the decoder: what is read here is read twice.
_LONGEST = 16 * 1024
_MOST_OBJECTS = 32


def guess_cursor(call: Call, body: bytes) -> str | None:
    """Where the page after the one with this body begins, by the id of its last item; None where that is not plain.

    It is a guess: the rest of the page is not read.
    """
    pagination = cast("Pagination", call.operation.pagination)
    if pagination.style != "item" or pagination.items != "":
        return None
    found = point(_last_object(body), pagination.cursor_at)
    if isinstance(found, bool) or not isinstance(found, (str, int)) or found == "":
        return None
    return str(found)


def find_cursor(call: Call, listing: Listing[Any], *, trust_short_page: bool) -> str | None:
    """Where the page after this one begins; None where it is the last one."""
    pagination = cast("Pagination", call.operation.pagination)
    length = len(listing.page.items)
    if pagination.style == "token":
        return listing.token
    if length == 0 or (trust_short_page and length < (page_limit(call) or 0)):
        return None
    return listing.ids[-1]


def serves(sent: Call, wanted: Call) -> bool:
    """Whether the answer to one call may be taken for another's: the same call, or the same over a fresh connection."""
    return sent in (wanted, wanted._replace(fresh=True))


def follow(call: Call, cursor: str | None, made: Call | None) -> Call | None:
    """The call for the page that begins there: `made`, if it is that one. None where there is none."""
    name = cast("Pagination", call.operation.pagination).cursor
    if cursor is None:
        return None
    if made is not None and made.arguments[name] == cursor:
        return made
    try:
        return call.replace_argument(name, cursor)
    except InvalidArgumentError:
        return None  # the pager says so when it gets there


def _last_object(body: bytes) -> JSON:
    """The object that ends an array, found from its end; None where there is none within reach."""
    text = body[-_LONGEST:].decode("utf-8", "ignore").rstrip(" \t\n\r")
    start = end = len(text) - 1
    if not text.endswith("]"):
        return None
    for _ in range(_MOST_OBJECTS):
        start = text.rfind("{", 0, start)
        if start < 0:
            return None
        try:
            # What begins at a brace and ends where the array does, without a rest, is all of its last item.
            value: JSON = json.loads(text[start:end])
        except (ValueError, RecursionError):
            continue
        return value
    return None
