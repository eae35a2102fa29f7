"""Makes a text that a regular expression matches."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Sequence
from typing import Any

_parser: Any = importlib.import_module("re._parser")
_SAMPLES = "aA0_-. /:bZ9"
_CATEGORIES = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}


def text_for(pattern: str, choose: Callable[[int], int]) -> str:
    """A text that the pattern matches; `choose(n)` gives a number below n."""
    return _all(_parser.parse(pattern), choose)


def _all(items: Sequence[Any], choose: Callable[[int], int]) -> str:
    return "".join(_one(str(operation), argument, choose) for operation, argument in items)


def _one(operation: str, argument: Any, choose: Callable[[int], int]) -> str:  # noqa: PLR0911  # one for each
    match operation:
        case "LITERAL":
            return chr(argument)
        case "NOT_LITERAL":
            return next(one for one in _SAMPLES if one != chr(argument))
        case "ANY":
            return "x"
        case "IN":
            return _of_class(argument, choose)
        case "BRANCH":
            branches = argument[1]
            return _all(branches[choose(len(branches))], choose)
        case "SUBPATTERN":
            return _all(argument[3], choose)
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, inner = argument
            count = min(int(most), max(int(least), 2))
            return "".join(_all(inner, choose) for _ in range(count))
        case "AT":
            return ""
        case _:
            raise NotImplementedError(operation)


def _of_class(parts: Sequence[Any], choose: Callable[[int], int]) -> str:
    kinds = [(str(kind), value) for kind, value in parts]
    if kinds[0][0] == "NEGATE":
        return next(one for one in _SAMPLES if not any(_holds(kind, value, one) for kind, value in kinds[1:]))
    kind, value = kinds[choose(len(kinds))]
    match kind:
        case "RANGE":
            return chr(value[0] + choose(value[1] - value[0] + 1))
        case "CATEGORY":
            return next(one for one in _SAMPLES if _holds(kind, value, one))
        case _:
            return chr(value)


def _holds(kind: str, value: Any, character: str) -> bool:
    match kind:
        case "RANGE":
            return bool(value[0] <= ord(character) <= value[1])
        case "CATEGORY":
            name = str(value).removeprefix("CATEGORY_")
            is_one = re.fullmatch(_CATEGORIES[name.removeprefix("NOT_")], character) is not None
            return is_one is not name.startswith("NOT_")
        case _:
            return bool(ord(character) == value)
