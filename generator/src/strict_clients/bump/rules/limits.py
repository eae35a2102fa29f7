"""Rules for limits: tighter ones break callers that send, looser ones let answers through that were refused."""

import math
from typing import Any

from strict_clients.bump.change import Change
from strict_clients.bump.judgement import Judgement, major, minor, patch
from strict_clients.bump.naming import named
from strict_clients.bump.rules.shared import Rules
from strict_clients.bump.uses import ARGUMENT, Uses

_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def _limit(change: Change, uses: Uses) -> Judgement:
    return _judge(change, uses, tighter=_is_tighter(change.key, change.was, change.now))


def _pattern(change: Change, uses: Uses) -> Judgement:
    # Whether one pattern lets pass all that another does is not looked into: a different one counts as tighter.
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


def _is_tighter(key: str, was: Any, now: Any) -> bool:
    if key in _LEAST:
        return (-math.inf if now is None else now) > (-math.inf if was is None else was)
    return (math.inf if now is None else now) < (math.inf if was is None else was)


def _step(change: Change, uses: Uses) -> Judgement:
    if ARGUMENT in uses.at(change.place) and change.now is not None:
        return major(f"{named(change.place)}: values that were sent are refused", f"values that keep to {change.key}")
    return patch("no client looks at it")


LIMITS: Rules = {
    **{("schema", key): _limit for key in (*_LEAST, *_MOST)},
    ("schema", "pattern"): _pattern,
    ("schema", "uniqueItems"): _step,
    ("schema", "multipleOf"): _step,
}
