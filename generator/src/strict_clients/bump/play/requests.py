"""The differences between the requests of one call, as the service sees them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from strict_clients.bump.play.found import Found
from strict_clients.bump.play.plain import is_array, is_object
from strict_clients.bump.rating import Rating

Request = Mapping[str, Any]
Slots = dict[str, list[str]]
"""The values of a request by the names under which they are sent."""

_SCHEME = re.compile("^(Bearer|Basic) ")


def compare_requests(old: list[Request], new: list[Request]) -> Iterator[Found]:
    """The differences of all requests of one call."""
    if len(old) != len(new):
        yield Found("", f"is sent {len(new)} times, and was sent {len(old)} times", Rating.MINOR, len(old), len(new))
    for was, now in zip(old, new, strict=False):
        yield from _heads(was, now)
        yield from _contents(was, now)


def _heads(old: Request, new: Request) -> Iterator[Found]:
    if old["verb"] != new["verb"]:
        why = f"is {new['verb']}, and was {old['verb']}"
        yield Found("verb", why, Rating.MINOR, old["verb"], new["verb"])
    if old["origin"] != new["origin"]:
        yield Found("host", "is another one", Rating.MAJOR, old["origin"], new["origin"])
    if old["path"] != new["path"]:
        yield Found("path", "is another one", Rating.MINOR, old["path"], new["path"])
    was, now = old["media_type"], new["media_type"]
    if was != now:
        is_same = was is None or now is None or _plain(was) == _plain(now) or ("json" in was and "json" in now)
        yield Found("body", "is of another media type", Rating.MINOR if is_same else Rating.MAJOR, was, now)
    if old["headers"].get("accept") != new["headers"].get("accept"):
        values = [one["headers"].get("accept") for one in (old, new)]
        yield Found("accept", "asks for other types of content", Rating.MINOR, *values)


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _contents(old: Request, new: Request) -> Iterator[Found]:
    """Values that were added, removed or changed, in query, headers and body together: one may have moved."""
    was, now = _slots(old), _slots(new)
    lost = {name: values for name, values in was.items() if name not in now}
    more = {name: values for name, values in now.items() if name not in was}
    moved = {token for values in more.values() for value in values for token in _tokens(value)}
    for name, values in lost.items():
        tokens = {token for value in values for token in _tokens(value)}
        if tokens <= moved:
            yield Found(name, "is sent under another name", Rating.MINOR, values, [*more])
        elif _is_credential(name, values) and not any(_is_credential(*one) for one in more.items()):
            yield Found(name, "is a credential that is no longer sent", Rating.MINOR)
        else:
            yield Found(name, "is no longer sent", Rating.MAJOR, values)
    left = {token for values in lost.values() for value in values for token in _tokens(value)}
    for name, values in more.items():
        if not {token for value in values for token in _tokens(value)} <= left:
            yield Found(name, "is also sent", Rating.MINOR, None, values)
    for name in was.keys() & now.keys():
        if was[name] != now[name]:
            same = [sorted(token for value in side[name] for token in _tokens(value)) for side in (was, now)]
            rating, why = (Rating.MINOR, "is written in another way")
            if same[0] != same[1]:
                rating, why = Rating.MAJOR, "means something else"
            yield Found(name, why, rating, was[name], now[name])


def _slots(request: Request) -> Slots:
    slots: Slots = {}
    query = ((f"query {name}", value) for name, value in request["query"])
    headers = ((f"header {name}", value) for name, value in request["headers"].items() if name != "accept")
    for name, value in [*query, *headers, *_leaves(request["body"], "body")]:
        slots.setdefault(name, []).append(value)
    return slots


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """The scalar values of a body, each with its place."""
    if is_object(value):
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}.{name}")
    elif is_array(value):
        for inner in value:
            yield from _leaves(inner, place)
    elif value is not None or place != "body":
        yield place, json.dumps(value)


def _tokens(value: str) -> list[str]:
    """The words of a value without separators, which depend on the style."""
    return re.findall(r"[^\s,;=&|%\[\]{}\"':]+", _SCHEME.sub("", value)) or [value]


def _is_credential(name: str, values: list[str]) -> bool:
    return name == "header authorization" or any("secret-" in value for value in values)
