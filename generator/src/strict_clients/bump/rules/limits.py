"""Rules for limits: a tighter limit breaks callers that send values; a looser one accepts more answers."""

import math
from collections.abc import Mapping
from typing import Any

from strict_clients.bump.change import Change
from strict_clients.bump.judgement import Judgement, elsewhere, major, minor
from strict_clients.bump.naming import named
from strict_clients.bump.rules.shared import Rules
from strict_clients.bump.uses import ARGUMENT, Uses

_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_INCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def _limit(change: Change, uses: Uses) -> Judgement:
    sides = [side.fields if side else {} for side in (change.old, change.new)]
    inclusive = _INCLUSIVE.get(change.key, change.key)
    if inclusive != change.key and sides[0].get(inclusive) != sides[1].get(inclusive):
        return elsewhere(f"told with {inclusive}, which changes too")
    was, now = (_bound(side, inclusive) for side in sides)
    return _judge(change, uses, tighter=now > was)


def _bound(fields: Mapping[str, Any], key: str) -> tuple[float, bool]:
    """The bound, and whether it is exclusive; a larger result is a tighter limit."""
    direction = -1 if key in _MOST else 1
    strict = next((one for one in _INCLUSIVE if _INCLUSIVE[one] == key), "")
    found = [(direction * fields[one], one == strict) for one in (key, strict) if one in fields]
    return max(found, default=(-math.inf, False))


def _pattern(change: Change, uses: Uses) -> Judgement:
    # Whether one pattern accepts everything that another does is not analyzed: a different one counts as tighter.
    return _judge(change, uses, tighter=change.now is not None)


def _judge(change: Change, uses: Uses, *, tighter: bool) -> Judgement:
    name = named(change.place)
    if ARGUMENT in uses.at(change.place):
        if tighter:
            shown = "none" if change.was is None else f"{change.was!r}"
            return major(
                f"{name}: values that were sent are refused ({change.key} was {shown}, is {change.now!r})",
                f"values within {change.key} {change.now!r}",
            )
        return minor(f"{name}: values that were refused are sent", settled=True)
    if tighter:
        return minor(f"{name}: the service says that it answers less; what is beyond is refused", settled=True)
    return minor(f"{name}: values may arrive that were refused; their type stays", settled=True)


def _step(change: Change, uses: Uses) -> Judgement:
    was, now = (float(value or 0) for value in (change.was, change.now))
    return _judge(change, uses, tighter=bool(now) and not (was and math.isclose(was / now, round(was / now))))


LIMITS: Rules = {
    **{("schema", key): _limit for key in (*_LEAST, *_MOST)},
    ("schema", "pattern"): _pattern,
    ("schema", "uniqueItems"): _step,
    ("schema", "multipleOf"): _step,
}
