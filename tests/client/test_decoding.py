"""JSON and the places in it, without a client: pointers, excerpts, depths, and what an error says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from face_audit._runtime.responses.pages import Listing, read_success
from face_audit._runtime.responses.status_errors import ErrorBody
from face_audit._runtime.values.strict_json import Malformed, copy_json, excerpt, loads
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST

from .servers import SESSION, entry


def nest(levels: int, wrap: Any) -> Any:
    """A value inside this many others."""
    value: Any = 1
    for _ in range(levels):
        value = wrap(value)
    return value


def test_place_of_an_error_is_a_json_pointer() -> None:
    """Keys are escaped (RFC 6901, 3); the item of a list that the error is in is kept on the way out."""
    error = Malformed("is wrong", item="{}").inside("a/b~c").inside("~1").inside(7)

    assert error.place == "/7/~01/a~1b~0c"
    assert (error.message, error.item) == ("is wrong", "{}")
    assert str(error) == "/7/~01/a~1b~0c: is wrong"


def test_text_that_is_no_json_is_said_with_its_byte() -> None:
    """The message says in lower case what was expected where, and shows what came."""
    with pytest.raises(Malformed, match=r"is not JSON \(expecting value at byte 4\): b'\[1, x\]'"):
        loads(b"[1, x]")


def test_text_that_is_not_closed_is_said_with_its_byte() -> None:
    """The parser's own words end with where it began, and so does the message."""
    with pytest.raises(Malformed, match=r"\(unterminated string starting at byte 1\)"):
        loads(b'["abc')


@pytest.mark.parametrize(
    ("length", "end"), [(0, "b''"), (200, "x'"), (201, "x' and 1 more bytes"), (1200, "x' and 1000 more bytes")]
)
def test_excerpt_shows_200_bytes_at_most(length: int, end: str) -> None:
    """What is left out is counted."""
    shown = excerpt(b"x" * length)

    assert shown.endswith(end)
    assert shown.count("x") == min(length, 200)


@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: {"a": value}], ids=["arrays", "objects"])
def test_copy_ends_at_its_depth(wrap: Any) -> None:
    """As many levels as said are copied, whether of arrays or of objects; one more is refused."""
    deepest = nest(200, wrap)

    assert copy_json(deepest) == deepest
    assert copy_json(nest(3, wrap), deepest=3) == nest(3, wrap)
    with pytest.raises(Malformed, match="nested too deeply"):
        copy_json(nest(201, wrap))
    with pytest.raises(Malformed, match="nested too deeply"):
        copy_json(nest(4, wrap), deepest=3)


def foreign(asked: str, found: str) -> str | None:
    """What shows that an entry of this session does not belong to the one asked for."""
    call, page = AUDIT_ENTRIES_LIST.call({"session_id": asked}), [entry(1, sessionId=found)]
    response = HTTPResponse(status=200, headers={}, content=json.dumps(page).encode())
    listing: Listing[Any] = read_success(call, HTTPRequest(method="GET", url="", headers={}), response, ErrorBody())
    return listing.foreign


@pytest.mark.parametrize(("asked", "found"), [(SESSION.upper(), SESSION), (SESSION, SESSION.upper())])
def test_session_is_the_same_in_upper_and_lower_case(asked: str, found: str) -> None:
    """Services may change the case of what was asked for."""
    assert foreign(asked, found) is None


def test_entry_of_another_session_is_shown_in_part_and_escaped() -> None:
    """What the service calls the session may be anything: 80 characters of it are shown."""
    assert foreign("a", "\n" + "x" * 5000) == f"asked for 'a', got an item of '\\n{'x' * 77}"
