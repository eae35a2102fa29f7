"""Rates the changes of a document by their effect on the generated package."""

from strict_clients.bump.change import Change
from strict_clients.bump.judgement import Judgement, minor, patch
from strict_clients.bump.rules.clients import CLIENTS
from strict_clients.bump.rules.limits import LIMITS
from strict_clients.bump.rules.operations import OPERATIONS
from strict_clients.bump.rules.schemas import SCHEMAS
from strict_clients.bump.rules.shared import HEADERS, SHARED, Rules, judge_header
from strict_clients.bump.uses import Uses
from strict_clients.check.places import Place

RULES: Rules = {**SHARED, **CLIENTS, **OPERATIONS, **SCHEMAS, **LIMITS}


def judge(change: Change, uses: Uses) -> Judgement:
    """The judgement of one change."""
    if _is_inside(change.place, "header"):
        return judge_header(change, uses) if change.kind == "header" and change.is_whole else HEADERS
    for name in ((change.kind, change.key), (change.kind, "*"), ("*", change.key)):
        if name in RULES:
            return RULES[name](change, uses)
    if change.key.startswith("x-"):
        return patch("an extension that the generator does not know")
    return minor("no rule covers it; look at its effect")


def _is_inside(place: Place, kind: str) -> bool:
    return place.kind == kind or (place.owner is not None and _is_inside(place.owner, kind))
