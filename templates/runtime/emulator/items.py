"""Items made from the example of the document: as many as wanted, all alike, all different."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ..values.strict_json import JSON
from .tree import elements, find, put
from .validation import DATE_TIME, UUID

_DIGEST = re.compile(r"[0-9a-fA-F]{64}")


def make_items(
    example: JSON, *, collection: str, count: int, id_at: str | None, same_at: Sequence[str]
) -> Iterator[Mapping[str, JSON]]:
    """`count` different copies of `example`, oldest first, the same ones on every run.

    The place `id_at` counts from 1 in the example's own type; the places `same_at`, where the example has them, hold
    the collection's name. UUIDs, digests and times elsewhere differ from copy to copy.
    """
    same = [pointer for pointer in same_at if find(example, pointer) is not None]
    for number in range(1, count + 1):
        item = _varied(example, collection=collection, number=number, place="")
        if id_at is not None:
            item = put(item, id_at, str(number) if isinstance(find(example, id_at), str) else number)
        for pointer in same:
            item = put(item, pointer, collection)
        if isinstance(item, Mapping):
            yield item


def _varied(value: JSON, *, collection: str, number: int, place: str) -> JSON:
    if isinstance(value, str):
        return _varied_text(value, seed=f"{collection}/{number}{place}", seconds=number)
    if isinstance(value, Mapping):
        return {
            name: _varied(member, collection=collection, number=number, place=f"{place}/{name}")
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [
            _varied(element, collection=collection, number=number, place=f"{place}/{index}")
            for index, element in enumerate(elements(value))
        ]
    return value


def _varied_text(value: str, *, seed: str, seconds: int) -> str:
    if UUID.fullmatch(value):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, seed))
    if _DIGEST.fullmatch(value):
        return hashlib.sha256(seed.encode()).hexdigest().upper()
    found = DATE_TIME.fullmatch(value)
    return value if found is None else _later(found, seconds) or value


def _later(found: re.Match[str], seconds: int) -> str | None:
    """The same time `seconds` later, in the very format of the original, or None where there is no such time."""
    base, fraction, offset = found.groups(default="")
    try:
        moved = datetime.fromisoformat(base.upper()) + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return moved.isoformat(sep=base[10], timespec="seconds") + fraction + offset
