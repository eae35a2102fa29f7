"""The floor of decoding: bytes to plain values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from benchmarks.pages import Facts, microseconds

decode = orjson.loads


def decision(entry: dict[str, Any]) -> str:
    """The decision in its open value."""
    return str(entry["response"]["body"]["livenessDecision"])


decode_any = orjson.loads


def decision_of_any(entry: dict[str, Any]) -> str | None:
    """The decision, where there is one."""
    response = entry["response"]
    found = response.get("body") if isinstance(response, dict) else None
    return found.get("livenessDecision") if isinstance(found, dict) else None


def facts(entry: dict[str, Any]) -> Facts:
    """What is in an entry."""
    moment = datetime.fromisoformat(entry["receivedDateTime"])
    return str(entry["id"]), entry["digest"], microseconds(moment), entry["response"]["statusCode"], decision(entry)
