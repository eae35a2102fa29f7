"""Media types: what the generator takes each for, and which of several it chooses."""

from __future__ import annotations

import pytest

from strict_clients.media import choose, kind


@pytest.mark.parametrize(
    ("media_type", "found"),
    [
        ("application/json", "json"),
        ("Application/JSON; charset=utf-8", "json"),
        ("application/problem+json", "json"),
        ("text/json", "json"),
        ("text/jsonx", "text"),
        ("text/plain", "text"),
        ("application/xml", "bytes"),
        ("text/event-stream", None),
        ("json", None),
    ],
)
def test_media_type_is_of_a_kind(media_type: str, found: str | None) -> None:
    """JSON has several names; clients read answers under all of them as JSON."""
    assert kind(media_type) == found


def test_json_goes_before_text_under_any_name() -> None:
    """As ASP.NET writes it: the same object as text, and as JSON under two names."""
    assert choose(["text/plain", "text/json"], sent=False) == "text/json"
    assert choose(["text/plain", "application/json", "text/json"], sent=True) == "application/json"
