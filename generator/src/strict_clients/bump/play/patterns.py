"""Generates a text that matches a regular expression."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

# The parser of `re` itself, so that both read the expression in the same way.
_PARSER: Any = import_module("re._parser")
_CANDIDATES = "aA0_- ./:"
_MOST_REPEATS = 2
_CLASSES = {
    "DIGIT": r"\d",
    "NOT_DIGIT": r"\D",
    "SPACE": r"\s",
    "NOT_SPACE": r"\S",
    "WORD": r"\w",
    "NOT_WORD": r"\W",
}


def text_for(expression: str) -> str:
    """A short text in which `re.search` finds the expression, or "" if this simple method finds none."""
    return _all(_PARSER.parse(expression))


def _all(nodes: Any) -> str:
    return "".join(_one(str(kind), value) for kind, value in nodes)


def _one(kind: str, value: Any) -> str:  # noqa: PLR0911  # one for each
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return next(one for one in _CANDIDATES if ord(one) != value)
        case "ANY":
            return "x"
        case "IN":
            return _of_set(value)
        case "BRANCH":
            return _all(value[1][0])
        case "SUBPATTERN" | "ATOMIC_GROUP":
            return _all(value[-1] if kind == "SUBPATTERN" else value)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            low, high, inner = value
            return _all(inner) * min(int(high), max(int(low), _MOST_REPEATS))
        case _:  # conditions on a place: the caller tries the whole text
            return ""


def _of_set(parts: Any) -> str:
    negated = str(parts[0][0]) == "NEGATE"
    ranges = [(str(kind), value) for kind, value in parts if str(kind) != "NEGATE"]
    first = [chr(value if kind == "LITERAL" else value[0]) for kind, value in ranges if kind != "CATEGORY"]
    found = [one for one in [*first, *_CANDIDATES] if any(_holds(one, *part) for part in ranges) is not negated]
    return found[0] if found else ""


def _holds(character: str, kind: str, value: Any) -> bool:
    if kind == "CATEGORY":
        return re.fullmatch(_CLASSES[str(value).removeprefix("CATEGORY_")], character, re.ASCII) is not None
    low, high = (value, value) if kind == "LITERAL" else value
    return bool(low <= ord(character) <= high)
