"""Errors in the words of command-line users: the SDK names what a program would set or call."""

from __future__ import annotations

import re

from face_audit import APIStatusError

WORDS = (
    ("AuditEntries_list after None", "the first page of entries"),
    ("AuditEntries_list after ", "the page of entries after "),
    ("AuditEntries_list: ", "the next page of entries: "),
    ("; no attempt was left, see retry.max_attempts", ""),
    ("the service asks for a longer wait than retry.longest_hint", "it asks for a longer wait than is made"),
    ("the client's retry.budget is spent", "no more is sent again"),
    ("call again after `retry_after` seconds, where the service said, or call less often", "{again}"),
    (
        "wait until it is replenished (`replenished_in`, where the service said) or raise the quota",
        "raise it, or {again}",
    ),
    ("call again after that, or raise timeouts.call", "run the same command again after that"),
    ("raise timeouts.call, or call later", "run the same command again later"),
    ("raise timeouts.attempt or ask for less", "give a smaller --top, or run the same command again"),
    ("would cross timeouts.call", "would take too long"),
    ("timeouts.call was over after the wait", "the wait took too long"),
    ("credential: ", "--auth entra: "),
    ("give scope=", "give --scope"),
    ("give endpoint=", "give --endpoint "),
    ("resume from the checkpoint, and report it", "run the same command again to continue, and report it"),
)
"""What the SDK writes, and what is written in its place."""


def reason_of(text: str) -> str:
    """The text of an error without method and URL, for a place that already names the session."""
    return re.sub(r"^[A-Z]+ https?://\S+: ", "", text)


def in_words(error: Exception | str) -> str:
    """The text of an error; the seconds to wait are named where the service said so."""
    wait = error.wait if isinstance(error, APIStatusError) else None
    later = "later" if wait is None else f"in {wait.total_seconds():,.0f} seconds"
    text = str(error)
    for theirs, ours in WORDS:
        text = text.replace(theirs, ours.replace("{again}", f"run the same command again {later}"))
    return text
