"""Where two values differ, as JSON or as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
NOTHING = "(nothing)"


@dataclass(frozen=True)
class Difference:
    """Something that is not as it has to be."""

    of: str
    expected: Any
    came: Any


def differences(of: str, wanted: Any, came: Any, at: str = "") -> Iterator[Difference]:
    """The places in which two values differ."""
    if isinstance(wanted, dict) and isinstance(came, dict):
        for key in dict.fromkeys([*wanted, *came]):
            if key in wanted and key in came:
                yield from differences(of, wanted[key], came[key], f"{at}/{key}")
            else:
                yield Difference(f"{of}{at}/{key}", wanted.get(key, NOTHING), came.get(key, NOTHING))
    elif isinstance(wanted, list) and isinstance(came, list) and len(wanted) == len(came):
        for index, (one, other) in enumerate(zip(wanted, came, strict=True)):
            yield from differences(of, one, other, f"{at}/{index}")
    elif not same(wanted, came):
        yield Difference(of + at, wanted, came)


def same(wanted: Any, came: Any) -> bool:
    """Whether two plain values are equal: numbers however they are written, and moments."""
    if isinstance(wanted, bool) or isinstance(came, bool):
        return wanted is came
    if isinstance(wanted, str) and isinstance(came, str) and _DATE_TIME.fullmatch(wanted):
        return wanted == came or (_DATE_TIME.fullmatch(came) is not None and _moment(wanted) == _moment(came))
    are_numbers = isinstance(wanted, int | float) and isinstance(came, int | float)
    return (type(wanted) is type(came) or are_numbers) and bool(wanted == came)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
