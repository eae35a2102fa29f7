"""Texts of the document for docstrings."""

import re
from collections.abc import Mapping
from textwrap import shorten
from typing import Any

from strict_clients.engine import UntrustedString, untrusted

_LIMITS = (
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("exclusiveMinimum", "more than {}"),
    ("exclusiveMaximum", "less than {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("minProperties", "at least {} properties"),
    ("maxProperties", "at most {} properties"),
    ("multipleOf", "a multiple of {}"),
    ("uniqueItems", "each item once"),
    ("pattern", "matches {}"),
    ("default", "without it, the service takes {!r}"),
)


def describe(raw: Mapping[str, Any], *, schema: Mapping[str, Any] | None = None, fallback: str = "") -> UntrustedString:
    """Summary and description as sentences, followed by the limits of `schema`."""
    summary, description = _strip(raw.get("summary")), _strip(raw.get("description"))
    if not description and schema is not None:
        description = _strip(schema.get("description"))
    parts = [as_sentence(part) for part in (summary, description) if part] or [fallback]
    limits = "; ".join(words.format(schema[key]) for key, words in _LIMITS if schema and _holds(schema, key))
    if limits and parts[-1].endswith(".") and "\n\n" not in parts[-1]:
        parts[-1] += f" Limits: {limits}."
    elif limits:
        parts.append(f"Limits: {limits}.")
    return untrusted("\n\n".join(filter(None, parts)))


def _holds(schema: Mapping[str, Any], key: str) -> bool:
    return key in schema and (key != "uniqueItems" or bool(schema[key]))


def split(text: UntrustedString) -> tuple[UntrustedString, UntrustedString]:
    """The first paragraph, and the others."""
    first, _, others = text.get_untrusted_value().partition("\n\n")
    return untrusted(first), untrusted(others)


def as_sentence(text: str) -> str:
    """A text that ends in a full stop, except after a list, code, a table or an address."""
    last = text.rpartition("\n")[2]
    is_prose = re.match(r"(?!\s|[-*+>|#~]|```|\d+[.)])", last) and "://" not in last.rpartition(" ")[2]
    return f"{text}." if is_prose and re.search(r"[\w)\]`]$", last) else text


def as_clause(sentence: str) -> str:
    """A sentence as part of an error message: lower case unless it begins with capitals, no full stop."""
    text = sentence.strip().rstrip(".")
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def in_short(text: str) -> str:
    """The first paragraph of a text on one line, of 200 characters at most."""
    return shorten(_strip(text).partition("\n\n")[0], 200, placeholder=" ...")


def _strip(text: str | None) -> str:
    return re.sub(r"\r\n?", "\n", text or "").strip()
