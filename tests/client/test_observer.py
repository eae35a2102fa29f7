"""Credentials and the log alone: what is hidden, what is refused as a key, and the text of a record."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from face_audit import AttemptEvent, ConfigurationError
from face_audit._runtime.calls.settings import find_logger
from face_audit._runtime.calls.telemetry import tell
from face_audit._runtime.requests.credentials import Secret

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("ask", [lambda: "short12", lambda: "long-enough"])
def test_only_what_may_be_a_key_is_hidden(ask: Callable[[], str]) -> None:
    """From 8 characters on a text is hidden where it is echoed; shorter ones are placeholders."""
    secret = Secret(ask, name="key")
    sent = secret.reveal()
    hidden = f"<{sent}>" if len(sent) < 8 else "<[redacted]>"

    assert secret.hide(f"<{sent}>") == hidden
    assert secret.hide_in(f"<{sent}>".encode()) == hidden.encode()


@pytest.mark.parametrize(("length", "hidden"), [(7, False), (8, True)])
def test_key_of_eight_characters_is_hidden(length: int, hidden: bool) -> None:
    """The bound itself is hidden."""
    secret = Secret("k" * length, name="key")

    assert ("k" * length not in secret.hide(secret.reveal())) is hidden


@pytest.mark.parametrize(("length", "accepted"), [(1, True), (16_384, True), (16_385, False), (0, False)])
def test_key_has_16384_characters_at_most(length: int, accepted: bool) -> None:
    """No header holds more; the error says how many there were, and none of them."""
    if accepted:
        assert Secret("k" * length, name="key").reveal() == "k" * length
    else:
        with pytest.raises(ConfigurationError, match=r"^key: (is empty|has 16385 characters; at most 16384)"):
            Secret("k" * length, name="key")


def test_key_may_hold_any_printable_ascii() -> None:
    """From `!` to `~`, the bounds included; the characters beside them are in no key."""
    whole = "".join(chr(code) for code in range(0x21, 0x7F))

    assert Secret(whole, name="key").reveal() == whole
    for wrong in ("\x20", "\x7f"):
        with pytest.raises(ConfigurationError, match="^key: contains a character that no key has"):
            Secret(f"abc{wrong}def", name="key")


def test_last_eight_keys_are_hidden() -> None:
    """Where keys are rotated, answers to older attempts may still echo the ones before; memory stays bounded."""
    keys = [f"rotated-key-{number}" for number in range(9)]
    left = list(keys)
    secret = Secret(lambda: left.pop(0), name="key")

    sent = [secret.reveal() for _ in keys]

    assert [secret.hide(key) for key in sent] == [sent[0], *["[redacted]"] * 8]


def test_key_that_is_sent_again_drives_no_other_one_out() -> None:
    """What counts is how many keys there were, not how often each was sent."""
    left = ["former-key", *["present-key"] * 20]
    secret = Secret(lambda: left.pop(0), name="key")

    for _ in range(21):
        secret.reveal()

    assert secret.hide("former-key present-key") == "[redacted] [redacted]"


def event(**changes: object) -> AttemptEvent:
    """A success of the first attempt."""
    fields = {"operation": "Things_list", "method": "GET", "url": "https://example.com/things", "attempt": 1}
    fields |= {"status": 200, "error": None, "elapsed": 1.23456, "wait": None, "request_id": None}
    return AttemptEvent(**fields | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (event(), "Things_list attempt 1: status 200 after 1.23 s"),
        (event(status=503, error="ServerError"), "Things_list attempt 1: ServerError (status 503) after 1.23 s"),
        (
            event(attempt=3, status=None, error="ConnectError", wait=0.98765),
            "Things_list attempt 3: ConnectError (status None) after 1.23 s, next in 0.99 s",
        ),
    ],
)
def test_record_says_what_came_of_an_attempt(caplog: pytest.LogCaptureFixture, told: AttemptEvent, text: str) -> None:
    """One line for each attempt: the operation, which attempt, what came of it, how long it took and what follows."""
    with caplog.at_level(logging.DEBUG, "things"):
        tell(told, logging.getLogger("things"), None)

    assert caplog.messages == [text]


def test_logger_has_a_handler_that_says_nothing() -> None:
    """A library prints nothing by itself, and brings one handler however many clients there are."""
    for _ in range(2):
        find_logger("face_audit.silent")

    assert [type(one) for one in logging.getLogger("face_audit.silent").handlers] == [logging.NullHandler]
