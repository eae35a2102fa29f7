"""Errors in the words of the command."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import face_audit
import pytest
from face_audit import RateLimitedError
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST
from face_audit_tools.command.words import WORDS, in_words

SUMMARY = "too many calls; call again after `retry_after` seconds, where the service said, or call less often"


@pytest.mark.parametrize("theirs", [theirs for theirs, _ in WORDS if not theirs.startswith("AuditEntries_list")])
def test_words_of_the_sdk_are_still_its_words(theirs: str) -> None:
    """What it does not write any more has not to be put into other words."""
    sources = [one.read_text(encoding="utf-8") for one in Path(face_audit.__path__[0]).rglob("*.py")]
    summaries = [rule.summary for rules in AUDIT_ENTRIES_LIST.errors.values() for rule in rules]

    assert any(theirs.removeprefix("; ") in text for text in [*sources, *summaries])


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("GET u: no connection (sent 5 times; no attempt was left, see retry.max_attempts)", "(sent 5 times)"),
        (
            "AuditEntries_list after None: holds an id twice; resume from the checkpoint, and report it",
            "the first page of entries: holds an id twice; run the same command again to continue, and report it",
        ),
        ("AuditEntries_list after '5': is odd", "the page of entries after '5': is odd"),
        (SUMMARY, "too many calls; run the same command again later"),
        (RateLimitedError(SUMMARY, wait=timedelta(seconds=300)), "run the same command again in 300 seconds"),
    ],
)
def test_error_says_what_to_type(error: Exception | str, text: str) -> None:
    """And not what a program would set; the seconds to wait are those that the service named."""
    assert text in in_words(error)
