"""The emulator: what it checks, what it answers, and how it fails on request."""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import uuid
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import API_VERSION
from face_audit._runtime.emulator import FAULTS
from face_audit._runtime.emulator import Emulator as AnyEmulator
from face_audit._runtime.emulator.command import main
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from face_audit.testing import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HOST = "https://norwayeast.api.cognitive.microsoft.com"
PREFIX = f"/face/v{API_VERSION}/detectLiveness/singleModal/sessions"
SESSION = "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"
KEY = {"Ocp-Apim-Subscription-Key": "emulator-key"}


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        """Start at zero."""
        self.now = 0.0

    def __call__(self) -> float:
        """The seconds on the clock."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of the emulator."""
    return Clock()


@pytest.fixture
def emulator(clock: Clock) -> Emulator:
    """An emulator that holds five entries of one session."""
    emulator = Emulator(clock=clock)
    emulator.add(SESSION, count=5)
    return emulator


def ask(
    emulator: AnyEmulator,
    target: str = f"{PREFIX}/{SESSION}/audit",
    *,
    method: str = "GET",
    headers: Mapping[str, str] = KEY,
    content: bytes | None = None,
) -> HTTPResponse:
    """The answer to one request."""
    named = {name.lower(): value for name, value in headers.items()}
    return emulator.answer(HTTPRequest(method=method, url=HOST + target, headers=named, content=content))


def page(emulator: AnyEmulator, query: str = "", session: str = SESSION) -> list[dict[str, Any]]:
    """The entries of one page."""
    answer = ask(emulator, f"{PREFIX}/{session}/audit{query}")
    assert answer.status == 200
    entries: list[dict[str, Any]] = json.loads(answer.content)
    return entries


def ids(emulator: AnyEmulator, query: str = "") -> list[object]:
    """The ids of one page."""
    return [entry["id"] for entry in page(emulator, query)]


def message(answer: HTTPResponse) -> str:
    """The message of an error."""
    return str(json.loads(answer.content)["error"]["message"])


def read(response: http.client.HTTPResponse) -> tuple[int, bytes]:
    """The status and the content of an answer of the server."""
    return response.status, response.read()


def play(operation: Mapping[str, Any], path: str = "/things", method: str = "get", **root: Any) -> AnyEmulator:
    """An emulator of a document that has one operation."""
    return AnyEmulator({**root, "paths": {path: {method: operation}}})


def answers(value: object, status: str = "200", **when: str) -> dict[str, Any]:
    """The documented answer with one example."""
    example = {"value": value, "x-emulator-when": when}
    return {status: {"content": {"application/json": {"examples": {"one": example}}}}}


def with_parameter(schema: Mapping[str, Any], place: str = "query", **more: Any) -> AnyEmulator:
    """An emulator whose one operation has one parameter."""
    parameter = {"name": "P", "in": place, "schema": schema, **more}
    return play({"parameters": [parameter], "responses": answers("fine")})


# Pages


def test_pages_run_from_the_newest_to_the_oldest(emulator: Emulator) -> None:
    """Ids fall, a cursor is exclusive, and the page after the last entry is empty."""
    first, second, last = ids(emulator, "?top=3"), ids(emulator, "?top=3&start=3"), ids(emulator, "?start=1")

    assert (first, second, last) == (["5", "4", "3"], ["2", "1"], [])


def test_pages_run_upwards_if_the_emulator_is_ascending() -> None:
    """`ascending` reverses the order of ids, and the cursor follows it."""
    emulator = Emulator(ascending=True)
    emulator.add(SESSION, count=5)

    assert ids(emulator, "?top=3") == ["1", "2", "3"]
    assert ids(emulator, "?start=3") == ["4", "5"]


def test_a_cursor_of_digits_need_not_exist(emulator: Emulator) -> None:
    """A cursor that is not an id of an entry is compared with the ids as a number."""
    assert ids(emulator, "?start=10") == ["5", "4", "3", "2", "1"]
    assert ids(emulator, "?start=0") == []


def test_a_page_without_a_given_limit_has_the_default_of_the_document() -> None:
    """Without `top`, the default of the schema limits a page."""
    emulator = Emulator()
    emulator.add(SESSION, count=1001)

    assert len(page(emulator)) == 1000


def test_entries_are_all_alike_and_all_different(emulator: Emulator) -> None:
    """Copies keep the example's shape, types and formats; ids, digests and times differ."""
    newest, before, *_ = page(emulator)

    assert newest["sessionId"] == before["sessionId"] == SESSION
    assert newest["response"] == before["response"]
    assert newest["dateReceived"] == "2023-10-20T23:10:04.4533078+00:00"
    assert before["dateReceived"] == "2023-10-20T23:10:03.4533078+00:00"
    assert uuid.UUID(newest["requestId"]).version == 5
    assert re.fullmatch("[0-9A-F]{64}", newest["digest"])
    assert {newest["digest"], newest["requestId"]}.isdisjoint({before["digest"], before["requestId"]})


def test_entries_are_the_same_in_every_run(emulator: Emulator) -> None:
    """Nothing about generated entries is random."""
    other = Emulator()
    other.add(SESSION, count=5)

    assert page(emulator) == page(other)


def test_given_entries_are_listed_in_the_order_of_their_ids(emulator: Emulator) -> None:
    """Ids of digits are ordered as numbers, whether text or number, and are returned as they were given."""
    emulator.add(SESSION, items=[{"id": "9"}, {"id": 11}, {"id": "10"}])

    assert ids(emulator) == [11, "10", "9"]
    assert ids(emulator, "?start=10") == ["9"]


def test_given_entries_with_other_ids_keep_their_order(emulator: Emulator) -> None:
    """Ids that are not numbers keep the given order, and a cursor must be one of them."""
    emulator.add(SESSION, items=[{"id": "b"}, {"id": "a"}, {"id": "c"}])

    assert ids(emulator, "?start=b") == ["a", "c"]
    assert message(ask(emulator, f"{PREFIX}/{SESSION}/audit?start=d")).startswith("Start parameter is invalid.")


# Checks


@pytest.mark.parametrize("top", ["0", "-1", "1001", "True", "", "nan", "1" * 5000, "1000;%20x", "1&top=2"])
def test_a_wrong_top_gets_its_documented_error(emulator: Emulator, top: str) -> None:
    """A parameter that breaks its schema, or is given twice, gets the example of that parameter."""
    answer = ask(emulator, f"{PREFIX}/{SESSION}/audit?top={top}")

    assert answer.status == 400
    assert message(answer) == "Top parameter is invalid. Valid range is between 1 and 1000 inclusive."


@pytest.mark.parametrize("start", ["", "x", "-1", "1.0", "%D9%A1", "1" * 65, "1&start=1"])
def test_a_wrong_start_gets_its_documented_error(emulator: Emulator, start: str) -> None:
    """A cursor that does not look like an id gets the example of the cursor."""
    answer = ask(emulator, f"{PREFIX}/{SESSION}/audit?start={start}")

    assert answer.status == 400
    assert message(answer).startswith("Start parameter is invalid.")


@pytest.mark.parametrize("session", ["other", "..", "a%2Fb", "", "x" * 65])
def test_an_unknown_session_is_not_found(emulator: Emulator, session: str) -> None:
    """A text that cannot be a session id gets the same response as a missing session."""
    answer = ask(emulator, f"{PREFIX}/{session}/audit")

    assert answer.status == 404
    assert json.loads(answer.content)["error"]["code"] == "SessionNotFound"


@pytest.mark.parametrize("headers", [{}, {"Ocp-Apim-Subscription-Key": "wrong"}, {"Authorization": "emulator-key"}])
def test_a_wrong_key_is_refused(emulator: Emulator, headers: dict[str, str]) -> None:
    """The key is checked before anything else of a request."""
    answer = ask(emulator, f"{PREFIX}/other/audit?top=0", headers=headers)

    assert answer.status == 401
    assert json.loads(answer.content)["error"]["code"] == "Unspecified"


def test_the_key_is_the_one_that_was_chosen() -> None:
    """The emulator accepts the key that it was given, and no other."""
    emulator = Emulator(key="mine")

    assert ask(emulator).status == 401
    assert ask(emulator, headers={"ocp-apim-subscription-key": "mine"}).status == 404


def test_a_content_type_other_than_json_is_refused(emulator: Emulator) -> None:
    """A media type is compared without its parameters and its case."""
    refused = ask(emulator, headers={**KEY, "Content-Type": "text/plain"})
    accepted = ask(emulator, headers={**KEY, "Content-Type": "Application/JSON; charset=utf-8"})

    assert (refused.status, message(refused)) == (415, "Invalid Media Type.")
    assert accepted.status == 200


def test_an_unknown_path_is_not_found(emulator: Emulator) -> None:
    """An unknown path gets a 404 in the document's shape of errors."""
    answers = [ask(emulator, f"/face/v{API_VERSION}/other"), ask(emulator, "/other")]

    assert [answer.status for answer in answers] == [404, 404]
    assert json.loads(answers[1].content) == {"error": {"code": "NotFound", "message": "There is nothing at /other."}}


def test_a_wrong_method_is_not_allowed(emulator: Emulator) -> None:
    """The answer says which methods there are (RFC 9110, 15.5.6)."""
    answer = ask(emulator, method="POST")

    assert (answer.status, answer.headers["allow"]) == (405, "GET")


def test_every_answer_has_its_own_request_id(emulator: Emulator) -> None:
    """Good and bad answers carry the first documented header for the id of a request."""
    answers = [ask(emulator), ask(emulator), ask(emulator, "/other")]

    assert len({uuid.UUID(answer.headers["apim-request-id"]) for answer in answers}) == 3
    assert {answer.headers["content-type"] for answer in answers} == {"application/json; charset=utf-8"}


# Life of a collection


def test_a_session_expires_after_its_documented_lifetime(emulator: Emulator, clock: Clock) -> None:
    """Entries are there for 48 hours, to the second."""
    clock.now = 48 * 3600 - 1
    before = ask(emulator).status
    clock.now = 48 * 3600

    assert (before, ask(emulator).status) == (200, 404)


def test_a_session_expires_after_the_lifetime_it_was_given(emulator: Emulator, clock: Clock) -> None:
    """A given lifetime replaces the document's."""
    emulator.add(SESSION, count=1, lifetime=10)
    clock.now = 10

    assert ask(emulator).status == 404


def test_a_session_expires_on_request(emulator: Emulator) -> None:
    """An expired session is missing until it is added again."""
    emulator.expire(SESSION)
    gone = ask(emulator).status
    emulator.add(SESSION, count=1)

    assert (gone, ids(emulator)) == (404, ["1"])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "needs either a count or items"),
        ({"count": 1, "items": []}, "needs either a count or items"),
        ({"count": -1}, "count -1 is below 0"),
        ({"count": 1, "lifetime": -1}, "lifetime -1 is below 0"),
        ({"count": 1, "lifetime": float("nan")}, "lifetime nan is below 0"),
        ({"items": [{"id": "1"}, {"name": "x"}]}, re.escape("items[1]: has no id at '/id'")),
        ({"items": [{"id": True}]}, re.escape("items[0]: has no id at '/id'")),
    ],
)
def test_a_collection_with_a_wrong_argument_is_refused(
    emulator: Emulator, arguments: dict[str, Any], reason: str
) -> None:
    """A wrong argument is named at once, and changes nothing."""
    with pytest.raises(ValueError, match=reason):
        emulator.add(SESSION, **arguments)

    assert len(page(emulator)) == 5


def test_a_collection_that_no_request_can_name_is_refused(emulator: Emulator) -> None:
    """A name that breaks the schema of its path parameter could never be requested."""
    with pytest.raises(ValueError, match=r"'a/b': .* does not match .*; no request can name it"):
        emulator.add("a/b", count=1)


def test_an_unknown_collection_cannot_expire(emulator: Emulator) -> None:
    """A misspelt name is an error."""
    with pytest.raises(ValueError, match="'other': is not held"):
        emulator.expire("other")


def test_an_empty_key_is_refused() -> None:
    """An emulator needs a key."""
    with pytest.raises(ValueError, match="key: is empty"):
        Emulator(key="")


# Failures on request


def test_a_requested_status_is_answered_as_documented(emulator: Emulator) -> None:
    """The next request gets the document's example with the headers of the test; the one after it succeeds."""
    emulator.fail(status=429, headers={"Retry-After": "7"})
    failed = ask(emulator)

    assert (failed.status, failed.headers["retry-after"]) == (429, "7")
    assert json.loads(failed.content) == {
        "error": {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 26 seconds."}
    }
    assert ask(emulator).status == 200


def test_a_requested_example_is_found_by_its_name(emulator: Emulator) -> None:
    """If a status has several examples, the name picks one; the name alone is enough."""
    emulator.fail(status=400, example="top")
    emulator.fail(example="quota")

    assert message(ask(emulator)).startswith("Top parameter")
    assert ask(emulator).status == 403


def test_requested_failures_wait_for_successes_and_come_in_order(emulator: Emulator) -> None:
    """`after` counts successes only, `times` failures; the second failure begins when the first is over."""
    emulator.fail(status=429, times=2, after=2)
    emulator.fail(status=403, after=1)
    statuses = [ask(emulator).status, ask(emulator, "/other").status, ask(emulator, headers={}).status]
    statuses += [ask(emulator).status for _ in range(6)]

    assert statuses == [200, 404, 401, 200, 429, 429, 200, 403, 200]


def test_a_requested_failure_precedes_the_check_of_the_key(emulator: Emulator) -> None:
    """A requested failure happens to the next request, even if its key is wrong."""
    emulator.fail(status=429)

    assert ask(emulator, headers={}).status == 429


def test_a_reset_is_a_lost_connection(emulator: Emulator) -> None:
    """In process, a connection lost before the response is an exception."""
    emulator.fail(fault="reset")

    with pytest.raises(ConnectionResetError, match="as requested"):
        ask(emulator)


def test_a_cut_is_an_end_of_file(emulator: Emulator) -> None:
    """In process, a body cut short is an exception."""
    emulator.fail(fault="cut")

    with pytest.raises(EOFError, match="as requested"):
        ask(emulator)


def test_html_comes_in_place_of_an_answer(emulator: Emulator) -> None:
    """A gateway's page has status 200 or 503 and the content type of HTML."""
    emulator.fail(fault="html", headers={"Server": "gateway"})
    emulator.fail(fault="server-error")
    page, error = ask(emulator), ask(emulator)

    assert (page.status, error.status) == (200, 503)
    assert (page.headers["content-type"], page.headers["server"]) == ("text/html; charset=utf-8", "gateway")
    assert page.content == error.content
    assert page.content.startswith(b"<!DOCTYPE html>")


def test_an_empty_answer_has_no_body(emulator: Emulator) -> None:
    """Status 200 and nothing else."""
    emulator.fail(fault="empty")
    answer = ask(emulator)

    assert (answer.status, answer.content) == (200, b"")


def test_cut_json_is_the_first_half_of_the_page(emulator: Emulator) -> None:
    """The body is the first half of the JSON text."""
    whole = ask(emulator).content
    emulator.fail(fault="not-json")
    answer = ask(emulator)

    assert answer.status == 200
    assert answer.content == whole[: len(whole) // 2]


def test_a_repeat_is_the_page_before(emulator: Emulator) -> None:
    """The last good page is sent again with a new request id; before any page there is nothing to repeat."""
    emulator.fail(fault="repeat")
    emulator.fail(fault="repeat", after=1)
    first, second, again = ask(emulator), ask(emulator, f"{PREFIX}/{SESSION}/audit?top=2"), ask(emulator)

    assert len(json.loads(first.content)) == 5
    assert again.content == second.content
    assert again.headers["apim-request-id"] != second.headers["apim-request-id"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "give a status, an example or a fault"),
        ({"status": 299}, "status 299, .*400 start, .*401 unspecified, .*403 quota"),
        ({"status": 400, "example": "quota"}, "example 'quota': is not documented"),
        ({"fault": "flood"}, f"fault 'flood': is unknown; use one of {', '.join(FAULTS)}"),
        ({"fault": "cut", "status": 429}, "give one of them"),
        ({"fault": "cut", "example": "quota"}, "give one of them"),
        ({"status": 429, "times": 0}, "times 0: is below 1"),
        ({"status": 429, "after": -1}, "after -1: is below 0"),
    ],
)
def test_a_failure_with_a_wrong_argument_is_refused(emulator: Emulator, arguments: dict[str, Any], reason: str) -> None:
    """A wrong argument is named at once, and no request fails."""
    with pytest.raises(ValueError, match=reason):
        emulator.fail(**arguments)

    assert ask(emulator).status == 200


# What is kept of requests


def test_requests_are_kept_without_secrets(emulator: Emulator) -> None:
    """Headers that carry secrets keep their name with an empty value."""
    ask(emulator, headers={**KEY, "Authorization": "Bearer s", "Cookie": "s", "Accept": "application/json"})
    kept = emulator.requests[0]

    assert kept.url == f"{HOST}{PREFIX}/{SESSION}/audit"
    assert kept.headers == {
        "ocp-apim-subscription-key": "",
        "authorization": "",
        "cookie": "",
        "accept": "application/json",
    }


def test_messages_show_neither_headers_nor_content() -> None:
    """The repr of a request and of an answer is safe to log."""
    request = HTTPRequest(method="GET", url=HOST, headers={"Key": "canary"}, content=b"canary")
    response = HTTPResponse(status=200, headers={"Key": "canary"}, content=b"canary")

    assert "canary" not in repr(request) + repr(response)


def test_a_transport_asks_the_emulator(emulator: Emulator) -> None:
    """The transport of an emulator is made without a socket, for both clients."""
    transport = emulator.transport()

    assert hasattr(transport, "handle_request")
    assert hasattr(transport, "handle_async_request")


# Other documents


def test_pages_by_token_are_followed_to_the_end() -> None:
    """A token of a page leads to the next one, and the last page has none."""
    paged = {"style": "token", "cursor": "token", "limit": "limit", "items": "/page/items", "cursor-at": "/page/next"}
    example = {"page": {"items": [{"id": 7, "at": "2024-02-28 23:59:59Z"}], "next": "abc"}, "total": 1}
    emulator = play(
        {
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 2}}],
            "x-pagination": paged,
            "x-emulator": {"collection": "shelf", "order": "ascending"},
            "responses": {"200": {"content": {"application/json": {"example": example}}}},
        },
        "/shelves/{shelf}",
    )
    emulator.add("a b", count=3)

    first = json.loads(ask(emulator, "/shelves/a%20b").content)
    token = first["page"]["next"]
    last = json.loads(ask(emulator, f"/shelves/a%20b?token={token}").content)

    assert [item["id"] for item in first["page"]["items"]] == [1, 2]
    assert last == {"page": {"items": [{"id": 3, "at": "2024-02-29 00:00:02Z"}]}, "total": 1}
    for wrong in ("", "abc", "%C3%A9", "b2Zmc2V0IDk=", token.rstrip("=") + "===="):
        assert ask(emulator, f"/shelves/a%20b?token={wrong}").status == 400
    emulator.add("a b", items=[{"name": "x"}])
    assert json.loads(ask(emulator, "/shelves/a%20b").content)["page"] == {"items": [{"name": "x"}]}


@pytest.mark.parametrize("own", ["9cf2b2c8-1d8e-4c2b-8c1e-0123456789ab", None, True])
def test_items_by_token_need_no_number(own: object) -> None:
    """If no cursor needs an id, an id that is a UUID or no text is not replaced by a number."""
    emulator = play(
        {
            "x-pagination": {"style": "token", "cursor": "token", "items": "/items", "cursor-at": "/next"},
            "x-emulator": {"collection": "shelf"},
            "responses": answers({"items": [{"id": own, "tags": ["2024-13-01T00:00:00Z", 1.5]}]}),
        },
        "/{shelf}",
    )
    emulator.add("a", count=1)

    (item,) = json.loads(ask(emulator, "/a").content)["items"]

    assert item["id"] not in {1, "1"} or own is True
    assert item["tags"] == ["2024-13-01T00:00:00Z", 1.5]


def test_a_list_without_collections_pages_through_its_example() -> None:
    """An operation that is paged and names no collection lists the items of its example."""
    emulator = play(
        {
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "default": 1}}],
            "x-pagination": {"style": "item", "cursor": "after", "limit": "limit", "items": "", "cursor-at": "/n"},
            "x-emulator": {"order": "ascending"},
            "responses": answers([{"n": 1}, {"n": 2}]),
        }
    )

    pages = [json.loads(ask(emulator, f"/things{query}").content) for query in ("", "?after=1", "?after=2")]

    assert pages == [[{"n": 1}], [{"n": 2}], []]


def test_a_page_without_a_limit_is_as_long_as_the_example() -> None:
    """If nothing limits a page, it is as long as the example."""
    emulator = play(
        {
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
            "x-pagination": {"style": "item", "cursor": "after", "limit": "limit", "items": "", "cursor-at": "/n"},
            "x-emulator": {"collection": "shelf"},
            "responses": answers([{"n": "x"}]),
        },
        "/{shelf}",
    )
    emulator.add("a", count=3)

    assert json.loads(ask(emulator, "/a").content) == [{"n": "3"}]


def test_an_example_without_items_cannot_be_copied() -> None:
    """The document must show an item before items can be made."""
    emulator = play(
        {
            "x-pagination": {"style": "item", "cursor": "after", "items": "", "cursor-at": "/n"},
            "x-emulator": {"collection": "shelf"},
            "responses": answers([]),
        },
        "/{shelf}",
    )

    with pytest.raises(ValueError, match=r"GET /\{shelf\}: its example has no item"):
        emulator.add("a", count=1)


def test_items_that_are_no_objects_are_not_made() -> None:
    """Only objects can have an id."""
    emulator = play(
        {
            "x-pagination": {"style": "token", "cursor": "after", "items": "", "cursor-at": "/next"},
            "x-emulator": {"collection": "shelf"},
            "responses": answers([1]),
        },
        "/{shelf}",
    )
    emulator.add("a", count=1)

    assert ask(emulator, "/a").content == b"[]"


def test_a_document_without_collections_holds_none() -> None:
    """`add` says what the document lacks."""
    with pytest.raises(ValueError, match="no operation lists collections; add x-emulator to one"):
        play({"responses": {}}).add("a", count=1)


def test_a_collection_without_pages_guards_an_operation() -> None:
    """An operation on a missing collection is a plain 404 if the document has no example of it."""
    emulator = play({"x-emulator": {"collection": "shelf"}, "responses": answers("fine")}, "/{shelf}")
    before = ask(emulator, "/a")
    emulator.add("a", count=9)

    assert json.loads(before.content)["error"] == {"code": "NotFound", "message": "It does not exist or is expired."}
    assert ask(emulator, "/a").content == b'"fine"'


def test_an_operation_without_content_is_answered_with_nothing() -> None:
    """A success that is not documented is a 204, and one without an example has no body."""
    assert ask(play({"responses": {}}), "/things").status == 204
    assert ask(play({"responses": {"202": {}}}), "/things").content == b""


NODE = {
    "allOf": [{"allOf": [{"properties": {"a": {"type": "integer", "minimum": 3}}, "required": ["a"]}]}],
    "properties": {"next": {"$ref": "#/node"}, "b": {}},
    "required": ["b"],
}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": "c", "default": "d"}, "c"),
        ({"type": "integer", "default": 7}, 7),
        ({"type": "string", "example": "e"}, "e"),
        ({"type": "string", "examples": ["f", "g"]}, "f"),
        ({"type": "string", "enum": ["h", "i"]}, "h"),
        ({"type": "string", "format": "date"}, "2024-02-29"),
        ({"type": "string", "minLength": 3}, "xxx"),
        ({"type": "string"}, "x"),
        ({"type": "number", "exclusiveMinimum": 1.5}, 2.5),
        ({"type": "integer"}, 0),
        ({"type": ["boolean", "null"]}, False),
        ({"type": "array", "items": {"type": "integer"}}, []),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [0, 0]),
        ({"type": "object"}, {}),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, 0),
        ({"anyOf": [{"type": "string"}]}, "x"),
        ({}, None),
        ({"$ref": "#/node"}, {"a": 3, "b": None}),
        ({"$ref": "#/loop"}, None),
    ],
)
def test_json_without_an_example_is_made_from_its_schema(schema: dict[str, Any], value: object) -> None:
    """The value is small and fits; a schema that requires itself ends with null deep inside."""
    loop = {"properties": {"me": {"$ref": "#/loop"}}, "required": ["me"]}
    responses = {"200": {"content": {"application/json": {"schema": schema}}}}

    found = json.loads(ask(play({"responses": responses}, node=NODE, loop=loop), "/things").content)

    while value is None and isinstance(found, dict):
        found = found["me"]
    assert found == value


def test_other_content_comes_under_its_media_type() -> None:
    """Text is sent unchanged; bytes have no example."""
    text = {"200": {"content": {"text/csv": {"example": "a,b"}}}}
    picture = {"200": {"content": {"image/png": {}}}}

    answer = ask(play({"responses": text}), "/things")

    assert (answer.headers["content-type"], answer.content) == ("text/csv", b"a,b")
    assert ask(play({"responses": picture}), "/things").headers["content-type"] == "image/png"


@pytest.mark.parametrize(("style", "query"), [("spaceDelimited", "1%202"), ("pipeDelimited", "1%7C2"), ("form", "1,2")])
def test_elements_of_a_list_are_separated_by_its_style(style: str, query: str) -> None:
    """A list that is one text has the separator of its style."""
    schema = {"type": "array", "items": {"type": "integer"}, "minItems": 2}

    assert ask(with_parameter(schema, style=style, explode=False), f"/things?P={query}").status == 200


def test_an_answer_without_body_is_cut_as_well() -> None:
    """Cut JSON is never empty."""
    emulator = play({"responses": {}})
    emulator.fail(fault="not-json")

    assert ask(emulator, "/things").content == b"{"


def test_references_are_followed_everywhere() -> None:
    """Path items, parameters, answers, examples and schemas may be references to other places of the document."""
    emulator = AnyEmulator(
        {
            "servers": [{"url": "{scheme}://shop.example/v1/", "variables": {"scheme": {"default": "https"}}}],
            "paths": {"/things/{id}": {"$ref": "#/components/pathItems/Thing"}},
            "components": {
                "pathItems": {
                    "Thing": {
                        "parameters": [{"$ref": "#/components/parameters/0"}],
                        "get": {"responses": {"200": {"$ref": "#/components/responses/a~1b~0"}}},
                    }
                },
                "parameters": [{"name": "id", "in": "path", "schema": {"$ref": "#/components/schemas/Id"}}],
                "schemas": {"Id": {"type": "string", "maxLength": 2}},
                "responses": {
                    "a/b~": {"content": {"text/plain": {}, "application/json": {"examples": {"one": {"$ref": "#/x"}}}}}
                },
            },
            "x": {"value": "fine"},
        }
    )

    assert ask(emulator, "/v1/things/12").content == b'"fine"'
    assert ask(emulator, "/v1/things/123").status == 400


def test_a_path_without_parameters_is_matched_first() -> None:
    """OpenAPI 3.1: concrete paths match before templated ones."""
    operations = {"/{a}": {"get": {"responses": answers("any")}}, "/b": {"get": {"responses": answers("b")}}}
    emulator = AnyEmulator({"paths": operations})

    assert [ask(emulator, path).content for path in ("/a", "/b")] == [b'"any"', b'"b"']


def test_errors_have_the_shape_of_the_document() -> None:
    """`x-error-body` says where the code and the message are."""
    emulator = AnyEmulator({"x-error-body": {"code": ["/errors/0"], "message": ["/text"]}, "paths": {}})
    answer = ask(emulator, "/other")

    assert json.loads(answer.content) == {"errors": {"0": "NotFound"}, "text": "There is nothing at /other."}
    assert set(answer.headers) == {"content-type"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Key": "emulator-key"}, 204),
        ({"Authorization": "Bearer emulator-key"}, 204),
        ({"Authorization": "emulator-key"}, 401),
        ({"X-Key": "wrong"}, 401),
        ({}, 401),
    ],
)
def test_one_of_several_ways_to_authorize_suffices(headers: dict[str, str], status: int) -> None:
    """A key in a header and a bearer token are alternatives; without a documented error 401 is plain."""
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "token": {"type": "http", "scheme": "bearer"},
    }
    emulator = play({"responses": {}}, security=[{"key": []}, {"token": []}], components={"securitySchemes": schemes})

    assert ask(emulator, "/things", headers=headers).status == status


def test_collection_is_listed_by_the_operations_that_can_name_it() -> None:
    """Two operations may have other rules for the names of their collections."""
    listing = {"x-pagination": {"style": "item", "cursor": "after", "items": "", "cursor-at": "/id"}}
    listing |= {"x-emulator": {"collection": "name"}, "responses": answers([{"id": 1}])}
    named = {"name": "name", "in": "path", "required": True}
    paths = {
        f"/{kind}/{{name}}": {"get": listing | {"parameters": [named | {"schema": {"pattern": pattern}}]}}
        for kind, pattern in (("letters", "^[a-z]+$"), ("digits", "^[0-9]+$"))
    }
    emulator = AnyEmulator({"paths": paths})

    emulator.add("abc", count=1)

    assert json.loads(ask(emulator, "/letters/abc").content) == [{"id": 1}]
    assert ask(emulator, "/digits/abc").status == 400


def test_field_that_only_answers_carry_is_not_needed_in_a_body() -> None:
    """A required property that is `readOnly` is required in answers."""
    schema = {"required": ["id", "name"], "properties": {"id": {"readOnly": True}, "name": {}}}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    emulator = play({"requestBody": body, "responses": answers("fine")}, method="post")

    accepted = ask(emulator, "/things", method="POST", content=b'{"name": 1}')
    refused = ask(emulator, "/things", method="POST", content=b'{"id": 1}')

    assert (accepted.status, refused.status, message(refused)) == (200, 400, "body lacks 'name'.")


@pytest.mark.parametrize("statuses", [("401", "4XX", "default"), ("4XX", "default"), ("default",)], ids="-".join)
@pytest.mark.parametrize(
    ("status", "target", "headers"), [(401, "/things?P=1", {}), (400, "/things", KEY)], ids=["no key", "no argument"]
)
def test_documented_error_needs_no_case(
    statuses: tuple[str, ...], status: int, target: str, headers: Mapping[str, str]
) -> None:
    """What no `x-emulator-when` names is answered as the response of its status, or else of its range."""
    named = [one.replace("401", str(status)) for one in statuses]
    responses = {one: answers(one, one)[one] for one in named}
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "Ocp-Apim-Subscription-Key"}}
    emulator = play(
        {"responses": responses, "parameters": [{"name": "P", "in": "query", "required": True}]},
        security=[{"key": []}],
        components={"securitySchemes": schemes},
    )

    refused = ask(emulator, target, headers=headers)

    assert (refused.status, json.loads(refused.content)) == (status, named[0])


def test_security_may_be_left_out() -> None:
    """An operation may allow everybody, and an unknown scheme allows nobody."""
    nobody: list[dict[str, list[str]]] = [{"key": []}]
    everybody = [*nobody, {}]

    assert ask(play({"responses": {}, "security": everybody}), "/things", headers={}).status == 204
    assert ask(play({"responses": {}, "security": []}, security=nobody), "/things", headers={}).status == 204
    assert ask(play({"responses": {}, "security": nobody}), "/things", headers=KEY).status == 401


@pytest.mark.parametrize(
    ("scheme", "target", "headers", "status"),
    [
        ({"in": "query"}, "/things?k=emulator-key", {}, 204),
        ({"in": "query"}, "/things?k=wrong", {}, 401),
        ({"in": "cookie"}, "/things", {"Cookie": "a=b; k=emulator-key"}, 204),
        ({"in": "cookie"}, "/things", {}, 401),
        ({"type": "http", "scheme": "Basic"}, "/things", {"Authorization": "Basic YTplbXVsYXRvci1rZXk="}, 204),
        ({"type": "http", "scheme": "basic"}, "/things", {"Authorization": "Basic ?"}, 401),
        ({"in": "header", "name": "Authorization"}, "/things", {"Authorization": "emulator-key"}, 204),
    ],
)
def test_key_is_read_where_the_document_puts_it(
    scheme: dict[str, str], target: str, headers: dict[str, str], status: int
) -> None:
    """In a query, in a cookie, or as a password; what is noted of the request goes without it."""
    schemes = {"key": {"type": "apiKey", "name": "k"} | scheme}
    emulator = play({"responses": {}}, security=[{"key": []}], components={"securitySchemes": schemes})

    assert ask(emulator, target, headers=headers).status == status
    assert "emulator-key" not in emulator.requests[0].url + str(emulator.requests[0].headers)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [({"status": 503}, 503), ({"example": "busy"}, 500), ({"status": 418}, 418), ({"example": "odd"}, 500)],
)
def test_ranges_of_statuses_are_documented_too(arguments: dict[str, Any], status: int) -> None:
    """`5XX` and `default` document every status that they include."""
    busy = {"content": {"application/json": {"examples": {"busy": {"value": 1}}}}}
    odd = {"content": {"application/json": {"examples": {"odd": {"value": 2}}}}}
    emulator = play({"responses": {"5XX": busy, "default": odd}})
    emulator.fail(**arguments)

    assert ask(emulator, "/things").status == status
    with pytest.raises(ValueError, match="status 200"):
        emulator.fail(status=200)


def test_an_error_of_another_operation_serves_as_well() -> None:
    """A requested status that the operation does not document is taken from one that does."""
    silent, speaking = {"get": {"responses": answers("a")}}, {"get": {"responses": answers("b", "409")}}
    emulator = AnyEmulator({"paths": {"/a": silent, "/b": speaking}})
    emulator.fail(status=409)
    answer = ask(emulator, "/a")

    assert (answer.status, answer.content) == (409, b'"b"')


# Values against their schema

UUID = "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({}, ["anything", ""], []),
        ({"type": "integer"}, ["7", "-7"], ["", "7.0", "x", "1_0", "%EF%BC%97"]),
        ({"type": "integer", "minimum": 1, "maximum": 2}, ["1", "2"], ["0", "3"]),
        ({"type": "integer", "format": "int32"}, ["2147483647", "-2147483648"], ["2147483648", "-2147483649"]),
        ({"type": "integer", "format": "int64"}, ["9223372036854775807"], ["9223372036854775808"]),
        ({"type": "number"}, ["7", "1.5", "1e3"], ["1e999", "nan", ".5", "1."]),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, ["0.5"], ["0", "1"]),
        ({"type": "boolean"}, ["true", "false"], ["True", "1"]),
        ({"type": "string", "enum": ["a", "b"]}, ["a"], ["c"]),
        ({"type": "integer", "enum": [-1, 1]}, ["-1"], ["0"]),
        ({"const": "a"}, ["a"], ["b"]),
        ({"type": "string", "minLength": 1, "maxLength": 2}, ["a", "%C3%A9%C3%A9"], ["", "abc"]),
        ({"type": "string", "pattern": "^[a-z]+$", "x-python-pattern": r"^[a-z]+\Z"}, ["a"], ["", "a1", "a%0A"]),
        ({"type": "string", "pattern": r"\d\$"}, ["x1$y"], ["1", "%D9%A1$"]),
        ({"type": "string", "format": "uuid"}, [UUID, UUID.upper()], [UUID[1:], "{" + UUID + "}"]),
        ({"type": "string", "format": "date"}, ["2024-02-29"], ["2023-02-29", "2024-2-9", "20240229"]),
        (
            {"type": "string", "format": "date-time"},
            ["2024-02-29T00:00:00Z", "2024-02-29t00:00:00.1234567%2B01:00"],
            ["2024-02-29", "2024-02-29T00:00:00", "2024-02-30T00:00:00Z"],
        ),
        ({"type": "string", "format": "password"}, ["x"], []),
        ({"type": ["integer", "null"]}, ["1"], ["x"]),
        ({"type": "integer", "nullable": True}, ["1"], ["x"]),
        ({"type": ["string", "integer"], "maximum": 5}, ["5", "x"], ["6"]),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 2}, ["1", "1&P=2"], ["x", "1&P=2&P=3"]),
        ({"type": "array", "minItems": 2}, ["1&P=2"], ["1"]),
        ({"type": "array", "uniqueItems": True}, ["1", "1&P=2"], ["1&P=1"]),
        ({"type": "number", "multipleOf": 0.1}, ["0.3", "-2"], ["0.35"]),
        ({"allOf": [{"minLength": 2}, {"maxLength": 3}]}, ["ab"], ["a", "abcd"]),
        ({"anyOf": [{"maxLength": 1}, {"minLength": 3}]}, ["a", "abc"], ["ab"]),
        ({"oneOf": [{"maxLength": 2}, {"minLength": 2}]}, ["a", "abc"], ["ab"]),
    ],
)
def test_a_parameter_is_checked_against_its_schema(schema: dict[str, Any], good: list[str], bad: list[str]) -> None:
    """The text of a parameter is read as the schema's type, and the value must fit."""
    emulator = with_parameter(schema)

    assert {text: ask(emulator, f"/things?P={text}").status for text in good} == dict.fromkeys(good, 200)
    assert {text: ask(emulator, f"/things?P={text}").status for text in bad} == dict.fromkeys(bad, 400)


def test_a_required_parameter_must_be_there() -> None:
    """If the document has no example for a parameter, the message says what is wrong."""
    assert message(ask(with_parameter({}, required=True), "/things")) == "P is missing."
    assert ask(with_parameter({}), "/things").status == 200
    assert message(ask(with_parameter({}), "/things?P=1&P=2")) == "P is given more than once."


def test_a_parameter_may_be_a_header() -> None:
    """Names of headers have no case, and a list in a header has commas."""
    one, several = with_parameter({"type": "integer"}, "header"), with_parameter({"type": "array"}, "header")

    assert [ask(one, "/things", headers=headers).status for headers in ({}, {"p": "1"}, {"p": "x"})] == [200, 200, 400]
    assert ask(several, "/things", headers={"P": "1,2"}).status == 200


def test_a_list_may_be_one_text_with_commas() -> None:
    """`explode: false` writes a list as one text."""
    emulator = with_parameter({"type": "array", "maxItems": 2}, explode=False)

    assert [ask(emulator, f"/things?P={text}").status for text in ("1,2", "1,2,3")] == [200, 400]


def test_a_cookie_is_ignored() -> None:
    """Parameters in cookies are not checked."""
    assert ask(with_parameter({"type": "integer"}, "cookie", required=True), "/things").status == 200


def test_a_parameter_without_an_example_gets_the_first_documented_400() -> None:
    """The first documented 400 serves for path parameters as well."""
    responses = {**answers("fine"), **answers("bad", "400", case="told")}
    parameter = {"name": "id", "in": "path", "schema": {"maxLength": 1}}
    emulator = play({"parameters": [parameter], "responses": responses}, "/{id}")

    assert ask(emulator, "/ab").content == b'"bad"'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "body is missing."),
        (b"{", "body is not JSON."),
        (b"[" * 100_000, "body is not JSON."),
        (b"[]", "body is not of type object."),
        (b"{}", "body lacks 'name'."),
        (b'{"name": 1}', "body 'name' is not of type string."),
        (b'{"name": "x", "size": true}', "body 'size' is not of type integer."),
        (b'{"name": "x", "size": 1.5}', "body 'size' is not of type integer."),
        (b'{"name": "x", "flag": 1}', "body 'flag' is not one of True."),
        (b'{"name": "x", "more": 1}', "body has the unknown member 'more'."),
        (b'{"name": "x", "tags": [1, "a"]}', "body 'tags' [1] is not of type number."),
        (b'{"name": "x", "map": {"a": null}}', "body 'map' 'a' is not of type boolean."),
        (b'{"name": "x", "size": 2.0, "flag": true, "tags": [1], "map": {"a": true}, "open": {"b": 1}}', ""),
    ],
)
def test_a_body_is_checked_against_its_schema(body: bytes, reason: str) -> None:
    """The first thing wrong with a JSON body is named."""
    properties = {
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "flag": {"enum": [True]},
        "tags": {"type": "array", "items": {"type": "number"}},
        "map": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "open": {"type": "object"},
    }
    schema = {"type": "object", "required": ["name"], "properties": properties, "additionalProperties": False}
    stated = {"required": True, "content": {"application/json": {"schema": schema}}}
    emulator = play({"requestBody": stated, "responses": {}}, method="post")
    answer = ask(emulator, "/things", method="POST", content=body)

    assert (message(answer) if answer.content else "") == reason


def test_a_body_may_be_left_out() -> None:
    """A body that is not required may be missing."""
    emulator = play({"requestBody": {"content": {"application/json": {"schema": {}}}}, "responses": {}}, method="put")

    assert ask(emulator, "/things", method="PUT").status == 204


def test_times_at_the_end_of_the_calendar_are_kept() -> None:
    """A time that cannot be moved is not changed."""
    emulator = play(
        {
            "x-pagination": {"style": "item", "cursor": "after", "items": "/a", "cursor-at": "/n"},
            "x-emulator": {"collection": "shelf"},
            "responses": answers({"a": [{"n": 1, "at": "9999-12-31T23:59:59Z"}]}),
        },
        "/{shelf}",
    )
    emulator.add("a", count=1)

    assert json.loads(ask(emulator, "/a").content) == {"a": [{"n": 1, "at": "9999-12-31T23:59:59Z"}]}


def test_a_place_within_an_array_can_hold_the_items() -> None:
    """A JSON pointer may pass through an array, and missing objects are created."""
    emulator = play(
        {
            "x-pagination": {"style": "token", "cursor": "t", "items": "/0/items", "cursor-at": "/1/next"},
            "x-emulator": {"collection": "shelf"},
            "responses": answers([{"items": [{"id": "x"}]}, {"next": "t"}]),
        },
        "/{shelf}",
    )
    emulator.add("a", count=2)

    body = json.loads(ask(emulator, "/a").content)

    assert body[0] == {"items": [{"id": "2"}]}
    assert set(body[1]) == {"next"}


# The server


@pytest.fixture
def connection(emulator: Emulator) -> Iterator[http.client.HTTPConnection]:
    """A connection to the emulator as a server."""
    with emulator.serve() as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        yield connection
        connection.close()


def test_a_server_answers_as_the_emulator_does(emulator: Emulator) -> None:
    """The base URL takes the place of the document's host."""
    with emulator.serve() as url:
        request = urllib.request.Request(f"{url}{PREFIX}/{SESSION}/audit?top=2", headers=KEY)
        with urllib.request.urlopen(request, timeout=10) as response:
            served = json.load(response)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    assert served == page(emulator, "?top=2")


def test_a_server_keeps_its_connections(connection: http.client.HTTPConnection) -> None:
    """Several requests go over one connection, errors included."""
    sockets: set[socket.socket] = set()
    statuses: list[int] = []
    for method, headers in (("GET", KEY), ("GET", {}), ("HEAD", KEY), ("POST", KEY), ("GET", KEY)):
        body = b"12" if method == "POST" else None
        connection.request(method, f"{PREFIX}/{SESSION}/audit", body=body, headers=headers)
        statuses.append(read(connection.getresponse())[0])
        sockets.add(connection.sock)

    assert statuses == [200, 401, 405, 405, 200]
    assert len(sockets) == 1


def test_an_empty_answer_of_a_server_has_no_length() -> None:
    """A 204 has neither a body nor a length (RFC 9110, 8.6)."""
    with play({"responses": {}}).serve() as url, urllib.request.urlopen(f"{url}/things", timeout=10) as response:
        assert (response.status, response.headers["content-length"], response.read()) == (204, None, b"")


def test_a_server_really_loses_the_connection(emulator: Emulator, connection: http.client.HTTPConnection) -> None:
    """The fault "reset" closes the socket before any byte of a response."""
    emulator.fail(fault="reset")
    connection.request("GET", f"{PREFIX}/{SESSION}/audit", headers=KEY)

    with pytest.raises(ConnectionResetError):
        connection.getresponse()


def test_a_server_really_cuts_the_body(emulator: Emulator, connection: http.client.HTTPConnection) -> None:
    """The fault "cut" sends half of the body with the length of the whole."""
    emulator.fail(fault="cut")
    connection.request("GET", f"{PREFIX}/{SESSION}/audit", headers=KEY)
    response = connection.getresponse()

    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()

    assert len(caught.value.partial) + (caught.value.expected or 0) == int(response.headers["content-length"])


def test_a_server_refuses_a_body_of_unknown_length(connection: http.client.HTTPConnection) -> None:
    """A body in chunks is not read, so the connection ends."""
    # The head alone: the server hangs up on whatever follows it.
    connection.putrequest("POST", "/")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    response = connection.getresponse()

    assert (response.status, response.will_close) == (411, True)


def test_a_server_ignores_a_client_that_hangs_up(emulator: Emulator, capfd: pytest.CaptureFixture[str]) -> None:
    """A connection reset by its client prints nothing on stderr, and the next client is served."""
    with emulator.serve() as url:
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as rude:
            rude.sendall(b"GET / HT")
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(url, timeout=10)

    assert capfd.readouterr().err == ""


def test_a_server_ends_with_its_context(emulator: Emulator) -> None:
    """After the context the port is closed, and so are the connections that were kept."""
    with emulator.serve() as url:
        address = url.removeprefix("http://")
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request("GET", "/")
        connection.getresponse().read()

    assert connection.sock.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(address, timeout=10).request("GET", "/")


def test_a_server_serves_many_threads_at_once(emulator: Emulator) -> None:
    """Requests of many connections are all answered and all kept."""
    statuses: list[int] = []

    def visit(address: str) -> None:
        connection = http.client.HTTPConnection(address, timeout=10)
        for _ in range(20):
            connection.request("GET", f"{PREFIX}/{SESSION}/audit", headers=KEY)
            statuses.append(read(connection.getresponse())[0])
        connection.close()

    with emulator.serve() as url:
        threads = [threading.Thread(target=visit, args=(url.removeprefix("http://"),)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert statuses == [200] * 160
    assert len(emulator.requests) == 160


# The command

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/{shelf}": {
            "get": {
                "parameters": [{"name": "shelf", "in": "path", "schema": {"maxLength": 3}}],
                "x-pagination": {"style": "item", "cursor": "after", "items": "", "cursor-at": "/n"},
                "x-emulator": {"collection": "shelf", "order": "descending"},
                "responses": answers([{"n": 1}, {"n": 2}]),
            }
        }
    }
}


class Visitor(io.StringIO):
    """A stdout that visits the server once it is announced, and then stops the process as a terminal would."""

    def __init__(self, path: str, stop: signal.Signals) -> None:
        """Ask for `path`, then send `stop`."""
        super().__init__()
        self.path = path
        self.stop = stop
        self.seen = b""
        self.threads: list[threading.Thread] = []

    def write(self, text: str) -> int:
        """Keep the text, and start the visit with the first line."""
        if text.startswith("listening on "):
            url = text.removeprefix("listening on ") + self.path
            self.threads.append(threading.Thread(target=self.visit, args=(url,)))
            self.threads[0].start()
        return super().write(text)

    def visit(self, url: str) -> None:
        """Keep the answer of the server, which is there as soon as it is announced."""
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(url, timeout=10) as response:
            self.seen = response.read()
        os.kill(os.getpid(), self.stop)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch, stop: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end the server with exit status 0, and leave the handling of signals as it was."""
    before = signal.getsignal(signal.SIGTERM)
    visitor = Visitor("/a", stop)
    monkeypatch.setattr(sys, "stdout", visitor)
    status = main(
        partial(AnyEmulator, DOCUMENT),
        ["--port", "0", "--oldest-first", "--add", "a=2", "--add", "b=c=1"],
        name="emulate",
    )
    visitor.threads[0].join()

    lines = visitor.getvalue().splitlines()
    assert status == 0
    assert re.fullmatch(r"listening on http://127\.0\.0\.1:\d+", lines[0])
    assert lines[1:] == ["holding a: 2 items", "holding b=c: 1 items"]
    assert json.loads(visitor.seen) == [{"n": 1}, {"n": 2}]
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_command_says_that_it_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --add there is nothing to list, and the command says how to change that."""
    visitor = Visitor("/", signal.SIGTERM)
    monkeypatch.setattr(sys, "stdout", visitor)
    main(partial(AnyEmulator, DOCUMENT), [], name="emulate")
    visitor.threads[0].join()

    assert visitor.getvalue().splitlines()[1:] == ["holding nothing; give --add NAME=COUNT"]


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["--port", "70000"], "'70000': is not a port"),
        (["--port", "x"], "'x': is not a port"),
        (["--add", "a"], "'a': is not a collection; write it as NAME=COUNT"),
        (["--add", "a=-1"], "'a=-1': is not a collection"),
        (["--add", "abcd=1"], "collection 'abcd': has 4 characters; give at most 3; no request"),
        (["--key", ""], "key: is empty"),
        (["--fail", "429,times"], "'429,times': is not a failure; write WHAT,times=N,after=N,HEADER=VALUE"),
        (["--fail", "reset,times=x"], "'reset,times=x': is no failure"),
        (["--fail", "reset,times=0"], "times 0: is below 1"),
        (["--fail", "999"], "status 999, example None: is not documented"),
        (["--fail", "nothing"], "status None, example 'nothing': is not documented"),
        (["--other"], "unrecognized arguments: --other"),
    ],
)
def test_the_command_refuses_a_wrong_argument(argv: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, the reason on stderr, nothing on stdout."""
    with pytest.raises(SystemExit, match="2"):
        main(partial(AnyEmulator, DOCUMENT), argv, name="emulate")

    out, err = capsys.readouterr()
    assert out == ""
    assert reason in err


def test_the_command_says_that_a_port_is_taken(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    """Two servers cannot have one port."""
    with emulator.serve() as url, pytest.raises(SystemExit, match="2"):
        main(partial(AnyEmulator, DOCUMENT), ["--port", url.rpartition(":")[2]], name="emulate")

    assert "cannot be listened on (Address already in use)" in capsys.readouterr().err


def test_the_package_has_the_command() -> None:
    """`python -m face_audit.testing` serves the emulator from a new process, and lets requests fail."""
    failures = ("--fail", "429,times=2,retry-after=7", "--fail", "server-error")
    command = [sys.executable, "-m", "face_audit.testing", "--add", f"{SESSION}=3", "--key", "mine", *failures]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("listening on ").strip()
        request = urllib.request.Request(
            f"{url}{PREFIX}/{SESSION}/audit", headers={"Ocp-Apim-Subscription-Key": "mine"}
        )
        refused = []
        try:
            for _ in range(3):
                with pytest.raises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(request, timeout=10)
                refused.append((caught.value.code, caught.value.headers["Retry-After"]))
                caught.value.close()
            with urllib.request.urlopen(request, timeout=10) as response:
                entries = json.load(response)
        finally:
            process.terminate()

    assert refused == [(429, "7"), (429, "7"), (503, None)]
    assert len(entries) == 3
    assert process.returncode == 0
