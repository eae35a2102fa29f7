r"""Translates the `pattern` of a schema to an equivalent Python expression that runs in bounded time.

No library on PyPI does either well enough (versions of 2026-11):
- js-regex 1.0.1 and js-regex2 1.0.2 replace `$` inside a class, and read `\w` as letters only.
- ecma-regex 0.1.0 translates the grammar, but needs Python 3.12; of time, it knows how deeply repeats are nested.
- regress 2026.9.1 is an engine of its own, which the client would need at run time.
- regexploit 1.0.0, the last release of 2021, passes `^(a|a)*$`; redos 0.1.0 passes `^(a|ab|b)*$`.
- redoctor 0.1.5 may not be used commercially; redos-linter 0.3.3 needs Deno.
"""

from __future__ import annotations

import re
import warnings

from strict_clients.patterns.backtracking import check_time
from strict_clients.patterns.grammar import (
    LAST,
    Chars,
    Either,
    Look,
    Mark,
    Node,
    Ranges,
    Repeat,
    Sequence,
    Unsupported,
    complement,
    parse,
)

__all__ = ["Unsupported", "to_python"]

_MARKS = {
    "^": "^",
    "$": r"\Z",
    "b": r"\b",
    "B": r"(?!\b)",  # Python's own \B is false in an empty text before 3.14
}
_SIGNS = {(0, None): "*", (1, None): "+", (0, 1): "?"}


def to_python(pattern: str) -> str:
    """The expression for `re.compile(text, re.ASCII)` whose search succeeds in the same texts as ECMA-262's.

    Raises: Unsupported, if there is none, or if matching could take more than quadratic time.
    """
    try:
        tree = parse(pattern)
        text = _written(tree)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(text, re.ASCII)
        check_time(tree)
    except RecursionError:
        raise Unsupported("its groups are nested too deeply") from None
    except OverflowError:
        raise Unsupported("a repeat has too large a number") from None
    except re.error as error:
        raise Unsupported(f"Python cannot express it: {error.msg}") from None
    return text


def _written(node: Node) -> str:
    match node:
        case Chars(ranges):
            return _class(ranges)
        case Mark(kind):
            return _MARKS[kind]
        case Look(opening, body):
            return f"{opening}{_written(body)})"
        case Repeat(body, low, high):
            inner = _written(body) if isinstance(body, Chars | Either) else f"(?:{_written(body)})"
            count = f"{{{low}}}" if low == high else f"{{{low},{'' if high is None else high}}}"
            return inner + _SIGNS.get((low, high), count)
        case Sequence(items):
            return "".join(map(_written, items))
        case _:
            return f"(?:{'|'.join(map(_written, node.options))})"


def _class(ranges: Ranges) -> str:
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _character(ranges[0][0], r"\^$.*+?()[]{}|")
    others = complement(ranges)
    if others and ranges[-1][1] == LAST:
        return f"[^{''.join(map(_range, others))}]"
    return f"[{''.join(map(_range, ranges))}]"


def _range(bounds: tuple[int, int]) -> str:
    low, high = (_character(bound, r"\^[]-&~|") for bound in bounds)
    return low if low == high else f"{low}{'-' if bounds[1] - bounds[0] > 1 else ''}{high}"


def _character(code: int, special: str) -> str:
    if chr(code).isascii() and chr(code).isprintable():
        return f"\\{chr(code)}" if chr(code) in special else chr(code)
    return f"\\x{code:02x}" if code < 1 << 8 else f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"
