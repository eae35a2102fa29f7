"""Comparisons for callers: digests, and recorded requests with listed ones."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, cast
from uuid import UUID

from attrs import frozen

from .errors import InvalidArgumentError

__all__ = ["Reconciliation", "digests_match", "reconcile"]

_HEXADECIMAL = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)


def digests_match(reported: str | None, recorded: str | None) -> bool:
    """Whether both are the same hexadecimal digest, in upper or lower case; compared in constant time.

    Anything else equals nothing, not even itself: None, an empty text, blanks, an odd number of digits, or other than
    the ASCII digits 0 to 9 and the letters A to F.
    """
    if not isinstance(reported, str) or not isinstance(recorded, str):
        return False
    if not _HEXADECIMAL.fullmatch(reported) or not _HEXADECIMAL.fullmatch(recorded):
        return False
    return hmac.compare_digest(reported.lower(), recorded.lower())


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


@frozen(kw_only=True)
class Reconciliation:
    """The expected ids compared with the listed ones, each id once, in order of first appearance."""

    matched: tuple[str, ...]
    """Expected and listed, in the order and the spelling of what was expected."""
    missing: tuple[str, ...]
    """Expected and not listed, in the order of what was expected."""
    unexpected: tuple[str, ...]
    """Listed and not expected, in the order of the list."""
    repeated: tuple[str, ...]
    """Listed more than once, expected or not, in the order of the list."""
    unnamed: int
    """How many were listed without an id, or with an empty one."""

    @property
    def complete(self) -> bool:
        """Whether every expected id is listed, no listed id is repeated, and no entry lacks its id.

        Unexpected ids do not matter: a caller that recorded only its own requests finds those of others in the list.
        """
        return not self.missing and not self.repeated and not self.unnamed


def reconcile(
    expected: Iterable[str | UUID | tuple[str | UUID | None, ...]],
    listed: Iterable[str | UUID | tuple[str | UUID | None, ...] | None],
) -> Reconciliation:
    """Compare the ids of the requests that you recorded with those of the entries that a service listed.

    Ids are compared character by character, but UUIDs (RFC 9562) without regard to case. An id that you recorded twice,
    as after a retry, is expected once. For a list of entries, give one id for each entry, None included.

    Something with several ids is a tuple of them, with None for one that is unknown: `(entry.request_id,
    entry.client_request_id)`. It is matched by any of them, and named and counted in the result by the first.

    Raises:
        InvalidArgumentError: an argument is not a collection of ids, or an expected id is empty.
    """
    wanted, found, repeated, unnamed = dict[str, _Named](), dict[str, _Named](), set[str](), 0
    for one in _all_named("expected", expected):
        if not one.keys:
            raise InvalidArgumentError("expected: holds an empty id; give the ids of the requests that were recorded")
        wanted.setdefault(one.keys[0], one)
    for one in _all_named("listed", listed):
        if not one.keys:
            unnamed += 1
        elif one.keys[0] in found:
            repeated.add(one.keys[0])
        else:
            found[one.keys[0]] = one
    all_wanted = {key for one in wanted.values() for key in one.keys}
    all_found = {key for one in found.values() for key in one.keys}
    return Reconciliation(
        matched=tuple(one.text for one in wanted.values() if not all_found.isdisjoint(one.keys)),
        missing=tuple(one.text for one in wanted.values() if all_found.isdisjoint(one.keys)),
        unexpected=tuple(one.text for one in found.values() if all_wanted.isdisjoint(one.keys)),
        repeated=tuple(one.text for key, one in found.items() if key in repeated),
        unnamed=unnamed,
    )


class _Named(NamedTuple):
    """The ids of one request: the first as it was given, and all of them as they are compared."""

    text: str
    keys: tuple[str, ...]


def _all_named(name: str, ids: Iterable[str | UUID | tuple[str | UUID | None, ...] | None]) -> Iterator[_Named]:
    # A text is a collection of its characters, which is never what the caller means.
    if isinstance(ids, (str, bytes)) or not isinstance(cast("object", ids), Iterable):
        raise InvalidArgumentError(f"{name}: is {type(ids).__name__}; give a list of ids")
    for given in ids:
        texts = list[str]()
        for one in given if isinstance(given, tuple) else (given,):
            if one is not None and not isinstance(cast("object", one), (str, UUID)):
                raise InvalidArgumentError(f"{name}: holds {one!r:.80}; give ids as text")
            texts += [str(one)] if one else []
        yield _Named(texts[0] if texts else "", tuple(_key(text) for text in texts))


def _key(one: str) -> str:
    return one.lower() if _UUID.fullmatch(one) else one
