"""A byte order mark before JSON (RFC 8259, 8.1): one is skipped wherever a body is read, and kept where it is kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import DecodeError, MalformedItem, QuotaExceededError, RateLimitedError, RetryPolicy
from face_audit._runtime.pagination.pager import guess_cursor
from face_audit._runtime.requests import bodies
from face_audit._runtime.responses.pages import read_success
from face_audit._runtime.responses.status_errors import ErrorBody
from face_audit._runtime.values import scalars
from face_audit._runtime.values.strict_json import Malformed, cut_items, loads
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST

from .servers import SESSION, Answer, Service, entries, entry

if TYPE_CHECKING:
    from .conftest import Driver

MARK = b"\xef\xbb\xbf"
CALL = AUDIT_ENTRIES_LIST.call({"session_id": SESSION})
JSON = {"content-type": "application/json; charset=utf-8"}


def quick_entry(number: int, **changes: Any) -> dict[str, Any]:
    """An entry that the fast reader takes."""
    made = entry(number)
    made["receivedDateTime"] = made.pop("dateReceived")
    made["response"]["latencyInMilliseconds"] = made["response"].pop("latencyInMS")
    return made | changes


def marked(value: Any, *, status: int = 200) -> Answer:
    """An answer with one mark before its JSON."""
    return Answer(status=status, headers=JSON, body=MARK + json.dumps(value).encode())


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("page", [[quick_entry(2), quick_entry(1)], [entry(2), entry(1)], []])
def test_one_mark_before_a_page_is_skipped(driver: Driver, service: Service, page: list[Any], strict: bool) -> None:
    """The fast reader, the lenient one and the strict one read the same entries; the bytes are kept as received."""
    service.will(marked(page))

    found = driver.client(service.url, strict_json=strict).page()

    assert [one.to_dict() for one in found.items] == page
    assert found.raw == MARK + json.dumps(page).encode()
    assert [json.loads(raw) for raw in found.raw_items()] == page


def test_fields_read_late_are_found_after_a_mark() -> None:
    """Open and unknown fields of such a page are found in the entry's own text."""
    body = MARK + json.dumps([quick_entry(1, new=["é"])]).encode()

    reply = HTTPResponse(status=200, headers=JSON, content=body)

    listing = read_success(CALL, HTTPRequest(method="GET", url="u", headers={}), reply, ErrorBody())

    (found,) = listing.page.items
    assert found.additional_properties == {"new": ["é"]}
    assert found.response.body == {"livenessDecision": "realface", "modelVersionUsed": "2022-10-15-preview.04"}
    assert listing.page.raw == body


def test_number_that_is_too_large_is_refused_with_the_bytes_that_came(driver: Driver, service: Service) -> None:
    """An error about a field that is read late keeps the entry's own text."""
    body = MARK + json.dumps([quick_entry(1)]).encode().replace(b'"realface"', b"1e999")
    service.will(Answer(headers=JSON, body=body))
    (found,) = driver.client(service.url).page().items

    with pytest.raises(DecodeError, match="1e999") as caught:
        _ = found.response and found.response.body

    assert caught.value.item is not None
    assert caught.value.item.encode() == body.removeprefix(MARK)[1:-1]


@pytest.mark.parametrize("more", [{"prefetch": True}, {"verify": "stable"}, {"trust_short_page": True}])
def test_pages_with_marks_are_listed(driver: Driver, service: Service, more: dict[str, Any]) -> None:
    """Fetching ahead and comparing a second pass work as without them."""
    service.will(marked([quick_entry(3), quick_entry(2)]), marked([quick_entry(1)]), marked([]))
    service.will(*(marked([quick_entry(number)]) for number in (3, 2, 1)), marked([]))  # a second pass, smaller pages

    found = driver.client(service.url).list(top=2, **more)

    assert [one.id for one in found] == ["3", "2", "1"]


def test_malformed_entry_behind_a_mark_is_kept(driver: Driver, service: Service) -> None:
    """It is cut out of the body at the right place."""
    service.will(marked([entry(2), entry(1, digest=7)]))

    found = driver.client(service.url).page(on_invalid="keep")

    assert found.items[1] == MalformedItem(
        place="/1/digest", reason="expected string, got integer", raw=json.dumps(entry(1, digest=7))
    )


def test_last_id_is_guessed_behind_a_mark() -> None:
    """The call after a page that is shorter than what is looked at is found, too."""
    body = MARK + json.dumps(entries("9", "8")).encode()

    assert guess_cursor(CALL, body) == "8"


@pytest.mark.parametrize(("pointer", "body"), [("", b'[1, {"a": 2}]'), ("/list", b'{"list": [1, {"a": 2}]}')])
def test_items_are_cut_behind_a_mark(pointer: str, body: bytes) -> None:
    """Where the items are is counted after it."""
    assert cut_items(MARK + body, pointer) == [b"1", b'{"a": 2}']


def test_error_body_with_a_mark_says_what_it_says(driver: Driver, service: Service) -> None:
    """The class of the error, its code and its wait are read from it."""
    quota = {"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 2.04:12:23."}
    rate = {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 7 seconds."}
    service.will(marked({"error": quota}, status=403), marked({"error": rate}, status=429))
    client = driver.client(service.url, retry=RetryPolicy(max_attempts=1))

    with pytest.raises(QuotaExceededError) as out_of_quota:
        client.page()
    with pytest.raises(RateLimitedError) as limited:
        client.page()

    assert out_of_quota.value.replenished_in == timedelta(days=2, hours=4, minutes=12, seconds=23)
    assert (limited.value.retry_after, limited.value.message) == (7.0, rate["message"])


def test_mark_before_any_json_content_is_skipped() -> None:
    """Operations without pages read their answers in the same way."""
    reply = HTTPResponse(status=200, headers={}, content=MARK + b'{"a": 1}')

    assert bodies.JSONContent("application/json", scalars.ANY).decode(reply, strict=True) == {"a": 1}


@pytest.mark.parametrize("body", [MARK * 2 + b"[]", b" " + MARK + b"[]", b"[]" + MARK, MARK])
@pytest.mark.parametrize("strict", [False, True])
def test_any_other_mark_is_refused(driver: Driver, service: Service, body: bytes, strict: bool) -> None:
    """A second mark, and one that is not the very first, is not JSON."""
    service.will(Answer(headers=JSON, body=body))

    with pytest.raises(DecodeError, match="is not JSON"):
        driver.client(service.url, strict_json=strict).page()


@pytest.mark.parametrize(
    ("body", "place"),
    [(MARK + b"[1, x]", 7), ('["é", x]'.encode(), 7), (MARK + '["é", x]'.encode(), 10), (MARK * 2 + b"[]", 3)],
)
def test_place_in_a_message_counts_all_bytes(body: bytes, place: int) -> None:
    """Those of the mark and of characters of several bytes included."""
    with pytest.raises(Malformed, match=rf"at byte {place}\)"):
        loads(body)
