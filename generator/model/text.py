"""Texts of the document for docstrings."""

from collections.abc import Mapping
from typing import Any

from generator.engine import UntrustedString, untrusted

_LIMITS = (
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("exclusiveMinimum", "more than {}"),
    ("exclusiveMaximum", "less than {}"),
    ("minLength", "characters: at least {}"),
    ("maxLength", "characters: at most {}"),
    ("minItems", "items: at least {}"),
    ("maxItems", "items: at most {}"),
    ("pattern", "matches {}"),
    ("default", "without it, the service takes {!r}"),
)


def describe(raw: Mapping[str, Any], *, schema: Mapping[str, Any] | None = None, fallback: str = "") -> UntrustedString:
    """Summary and description, with the limits of `schema` behind them."""
    summary, description = _strip(raw.get("summary")), _strip(raw.get("description"))
    if not description and schema is not None:
        description = _strip(schema.get("description"))
    text = "\n\n".join(part for part in (summary, description) if part) or fallback
    limits = "; ".join(words.format(schema[key]) for key, words in _LIMITS if schema is not None and key in schema)
    return untrusted(f"{text}\nLimits: {limits}." if limits else text)


def as_clause(sentence: str) -> str:
    """A sentence as part of an error message: lower case, no full stop."""
    text = sentence.strip().rstrip(".")
    return text[:1].lower() + text[1:]


def _strip(text: str | None) -> str:
    return (text or "").strip()
