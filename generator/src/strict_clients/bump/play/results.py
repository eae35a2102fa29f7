"""The differences between the outcomes of one call: two results, two errors, or one of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from strict_clients.bump.play.found import Found
from strict_clients.bump.play.plain import is_array, is_object
from strict_clients.bump.play.shown import KIND
from strict_clients.bump.rating import Rating

_UNSET = {KIND: "_Unset", "member": "UNSET"}
_IS_STATUS = "APIStatusError"
_NOT_DOCUMENTED = "UnexpectedStatusError"
_OF_THE_ANSWER = {"code", "message", "status_code", "request_id", "body"}
"""Attributes of errors with the service's information."""


def compare_outcomes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Found]:
    """The differences of two lines of players."""
    was, now = old.get("error"), new.get("error")
    if was and now:
        yield from _errors(was, now)
    elif now:
        yield Found("", f"raises {now[KIND]}, where it gave a result", Rating.MAJOR, None, now["text"])
    elif was:
        is_status = _IS_STATUS in was["bases"]
        yield Found("", f"gives a result, where it raised {was[KIND]}", Rating.MAJOR if is_status else Rating.MINOR)
    else:
        yield from compare_values(old["result"], new["result"], "")


def _errors(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Found]:
    was, now = old[KIND], new[KIND]
    if was != now:
        is_known = was in new["bases"] or (was == _NOT_DOCUMENTED and _IS_STATUS in new["bases"])
        why = f"raises {now}" + (f", which is not a {was}" if was not in new["bases"] else f", a subclass of {was}")
        yield Found("", why, Rating.MINOR if is_known else Rating.MAJOR, was, now)
    elif lost := [name for name in old["bases"] if name not in new["bases"]]:
        yield Found(was, f"is no longer {', '.join(lost)}", Rating.MAJOR, old["bases"], new["bases"])
    for name, value in old["held"].items() if was == now or _IS_STATUS in new["bases"] else ():
        for one in compare_values(value, new["held"].get(name), f"{was}.{name}"):
            # A different wait only changes the time of a retry.
            yield one if name in _OF_THE_ANSWER else one._replace(rating=Rating.MINOR)


def compare_values(old: Any, new: Any, place: str) -> Iterator[Found]:
    """The differences between two results in their JSON form; `place` is the attribute that contains them."""
    if old == new and type(old) is type(new):
        return
    if is_object(old) and is_object(new) and old.get(KIND) == new.get(KIND):
        yield from _members(old, new, place)
    elif is_array(old) and is_array(new):
        if len(old) != len(new):
            yield Found(place, f"is a list of {len(new)} items, and was one of {len(old)}", Rating.MAJOR, old, new)
        for was, now in zip(old, new, strict=False):
            yield from compare_values(was, now, place)
    elif old is None and new != _UNSET:
        yield Found(place, "has a value, and had none", Rating.MINOR, old, new)
    elif new is None and old != _UNSET:
        yield Found(place, "no longer has a value", Rating.MAJOR, old, new)
    elif _kind(old) != _kind(new):
        yield Found(place, f"is of type {_kind(new)}, and was of type {_kind(old)}", Rating.MAJOR, old, new)
    else:
        yield Found(place, "has another value", Rating.MAJOR, old, new)


def _members(old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[Found]:
    kind = old.get(KIND)
    if kind and old.keys() <= {KIND, "member", "value"}:
        yield Found(place, "has another value", Rating.MAJOR, old, new)
        return
    for name in dict.fromkeys([*old, *new]):
        inner, is_extra = f"{kind}.{name}" if kind else place, place.endswith(".additional_properties")
        if name in old and name in new:
            yield from compare_values(old[name], new[name], inner)
        elif name in old and old[name] not in (None, _UNSET):
            # An undescribed field is now described, and so has its own attribute.
            why = f"{name} is no longer there" if not kind else "is gone"
            yield Found(inner, why, Rating.MINOR if is_extra else Rating.MAJOR, old[name])
        elif name in new and new[name] not in (None, _UNSET) and not is_extra:
            why = f"{name} is also there" if not kind else "is new, and has a value"
            yield Found(inner, why, Rating.MINOR, None, new[name])


def _kind(value: Any) -> str:
    if is_object(value):
        return str(value.get(KIND, "mapping"))
    return "None" if value is None else type(value).__name__
