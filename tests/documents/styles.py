"""Writes the values of parameters as the styles of OpenAPI say (RFC 6570)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

from .document import Node

_SEPARATORS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}


def query_pairs(parameter: Node, value: Any) -> Iterator[str]:
    """The pairs of a parameter in a query, encoded."""
    name, style = quoted(parameter["name"]), parameter.get("style", "form")
    explode = parameter.get("explode", style == "form")
    if "content" in parameter:
        yield f"{name}={quoted(text_of(value if isinstance(value, dict | list) else json.dumps(value)))}"
    elif isinstance(value, dict) and style == "deepObject":
        yield from (f"{name}%5B{quoted(key)}%5D={quoted(text_of(one))}" for key, one in value.items())
    elif isinstance(value, dict) and explode:
        yield from (f"{quoted(key)}={quoted(text_of(one))}" for key, one in value.items())
    elif isinstance(value, list) and explode:
        yield from (f"{name}={quoted(text_of(one))}" for one in value)
    elif isinstance(value, dict | list):
        flat = value if isinstance(value, list) else [part for pair in value.items() for part in pair]
        yield f"{name}={_SEPARATORS[style].join(quoted(text_of(one)) for one in flat)}"
    else:
        yield f"{name}={quoted(text_of(value))}"


def in_path(parameter: Node, value: Any) -> str:
    """A value in a path, encoded: in the styles simple, label and matrix."""
    name, explode = quoted(parameter["name"]), parameter.get("explode", False)
    is_object = isinstance(value, dict)
    parts = [quoted(part) if part != "=" else part for part in _parts(value, explode=explode)]
    parts = _pairs(parts) if is_object and explode else parts
    match parameter.get("style", "simple"):
        case "label":
            return "." + ("." if explode else ",").join(parts)
        case "matrix" if explode:
            return "".join(f";{one}" if is_object else f";{name}={one}" for one in parts)
        case "matrix":
            return f";{name}={','.join(parts)}"
        case _:
            return ",".join(parts)


def in_header(parameter: Node, value: Any) -> str:
    """A value in a header; nothing is encoded there."""
    explode = parameter.get("explode", False)
    parts = _parts(value, explode=explode)
    return ",".join(_pairs(parts) if isinstance(value, dict) and explode else parts)


def in_cookie(value: Any) -> str:
    """A value in a cookie, before it is encoded."""
    return ",".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def _parts(value: Any, *, explode: bool) -> list[str]:
    if isinstance(value, dict):
        between = ["="] if explode else []
        return [part for key, one in value.items() for part in (key, *between, text_of(one))]
    return [text_of(one) for one in (value if isinstance(value, list) else [value])]


def _pairs(parts: list[str]) -> list[str]:
    return ["".join(parts[index : index + 3]) for index in range(0, len(parts), 3)]


def quoted(text: str) -> str:
    """The text with everything encoded but unreserved characters."""
    return quote(text, safe="")


def canonical(text: str) -> str:
    """Part of a URL as it arrived, with everything encoded as `quoted` does, except for what separates."""
    pieces = re.split(r"((?:%[0-9A-Fa-f]{2})+)", text)
    return "".join(
        quote(unquote(piece, errors="surrogateescape"), safe="", errors="surrogateescape")
        if index % 2
        else quote(piece, safe="/=,;")
        for index, piece in enumerate(pieces)
    )


def text_of(value: Any) -> str:
    """A value as it is written where everything is text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "" if value is None else str(value)
