"""Successes: a body is what the document says, or an error; it is never taken for an empty result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import DecodeError, FaceAuditError
from face_audit._runtime.responses.pages import read_success
from face_audit._runtime.responses.status_errors import ErrorBody
from face_audit._runtime.values.strict_json import Malformed, excerpt, loads
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST

from .servers import PATH, SESSION, Answer, Service, answer, entries, entry

if TYPE_CHECKING:
    from .conftest import Driver

DEEP = 100_000
REFUSED = [
    (b"", "is not JSON"),
    (b"<html>busy</html>", "is not JSON"),
    (b"null", "expected array, got null"),
    (b"{}", "expected array, got object"),
    (b'"text"', "expected array, got string"),
    (b"true", "expected array, got boolean"),
    (b"1", "expected array, got integer"),
    (b"1.5", "expected array, got number"),
    (b"[null]", "/0: expected object, got null"),
    (b'["abc"]', "/0: expected object, got string"),
    (b"[[]]", "/0: expected object, got array"),
    (b'[{"id": "1"}', "is not JSON"),
    (b"[] trailing", "is not JSON"),
    (b"[][]", "is not JSON"),
    (b"\xef\xbb\xbf\xef\xbb\xbf[]", "is not JSON"),
    ("[]".encode("utf-16"), "is not UTF-8"),
    ("[]".encode("utf-16-le"), "is not JSON"),
    (b'[{"id": "\xff"}]', "is not UTF-8"),
    (b'[{"id": "\\ud800"}]', "half of a surrogate pair"),
    (b'[{"id": "1", "\\uDFFF": 1}]', "half of a surrogate pair"),
    (b'[{"id": NaN}]', "contains NaN"),
    (b'[{"id": "1", "new": Infinity}]', "contains Infinity"),
    (b'[{"id": "1", "new": -Infinity}]', "contains -Infinity"),
    (b'[{"id": ' + b"9" * 5000 + b"}]", "a number too long"),
    (b"[" * DEEP + b"]" * DEEP, "nested too deeply"),
]


def response(body: bytes) -> HTTPResponse:
    """A success with this body."""
    return HTTPResponse(status=200, headers={"content-type": "application/json"}, content=body)


@pytest.mark.parametrize(("body", "reason"), REFUSED, ids=[str(place) for place in range(len(REFUSED))])
def test_body_that_is_no_list_of_entries_is_refused(driver: Driver, service: Service, body: bytes, reason: str) -> None:
    """A success whose body is something else raises, says what came, and is not asked for again."""
    service.will(Answer(body=body, headers={"Content-Type": "application/json", "apim-request-id": "x"}))

    with pytest.raises(DecodeError) as caught:
        driver.client(service.url).list()

    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"GET {service.url}{PATH}, status 200, request id 'x': ")
    assert caught.value.request_id == "x"
    assert len(str(caught.value)) < 2000
    assert len(caught.value.attempts) == len(service.requests) == 1


@pytest.mark.parametrize("content_type", ["text/html", "text/plain; charset=utf-8", "application/jsonp"])
def test_other_content_type_is_refused(driver: Driver, service: Service, content_type: str) -> None:
    """What a gateway answers with 200 is not a page, even where its body would be one."""
    service.will(Answer(headers={"Content-Type": content_type}))

    with pytest.raises(DecodeError, match="is not JSON"):
        driver.client(service.url).list()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        *(
            {"Content-Type": media_type}
            for media_type in ("Application/JSON ; charset=utf-8", "application/problem+json", "text/json", "")
        ),
    ],
)
def test_json_under_any_of_its_names_is_read(driver: Driver, service: Service, headers: dict[str, str]) -> None:
    """Parameters, case and the suffix +json do not matter, nor a header that is missing or empty."""
    service.will(Answer(headers=headers))

    page = driver.client(service.url).page()

    assert page.items == ()


def test_no_content_is_no_empty_page(driver: Driver, service: Service) -> None:
    """204 carries no list, so it is an error and not the end of one."""
    service.will(Answer(status=204, headers={}, body=b""))

    with pytest.raises(FaceAuditError, match="status 204"):
        driver.client(service.url).list()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"id": None}, "expected 'id', which is null"),
        ({"id": ""}, "/0/id: expected a string or an integer as id, got string"),
        ({"id": True}, "/0/id: expected string or integer, got boolean"),
        ({"id": 1.5}, "/0/id: expected string or integer, got number"),
        ({"sessionId": 5}, "/0/sessionId: expected string, got integer"),
        (
            {"dateReceived": "yesterday"},
            "/0/receivedDateTime: expected a date-time (RFC 3339), got a string of 9 characters",
        ),
        ({"dateReceived": "2023-13-20T23:09:59Z"}, "/0/receivedDateTime: expected a date-time"),
        ({"dateReceived": 5}, "/0/receivedDateTime: expected a date-time (RFC 3339), got integer"),
        ({"request": []}, "/0/request: expected object, got array"),
        ({"request": {"contentLength": "many"}}, "/0/request/contentLength: expected integer, got string"),
        ({"request": {"contentLength": False}}, "/0/request/contentLength: expected integer, got boolean"),
        ({"response": {"statusCode": "ok"}}, "/0/response/statusCode: expected integer, got string"),
        ({"response": {"statusCode": 2.5}}, "/0/response/statusCode: expected integer, got number"),
        ({"response": {"latencyInMS": "1e3"}}, "/0/response/latencyInMilliseconds: expected integer, got string"),
    ],
)
def test_wrong_type_is_refused_with_its_place(
    driver: Driver, service: Service, changes: dict[str, Any], place: str
) -> None:
    """A field of another type than the document says is named by its JSON pointer."""
    service.will([entry(1) | changes])

    with pytest.raises(DecodeError) as caught:
        driver.client(service.url).page()

    assert place in str(caught.value)


def test_entry_without_id_is_refused(driver: Driver, service: Service) -> None:
    """The id is the one field that must be there: without it the listing could not go on."""
    bare = entry(1)
    del bare["id"]
    service.will([bare])

    with pytest.raises(DecodeError, match="/0: expected 'id', which is missing"):
        driver.client(service.url).page()


def test_nothing_but_an_id_is_enough(driver: Driver, service: Service) -> None:
    """Every other field may be missing or null, and unknown fields are kept."""
    bare = [{"id": "3"}, {"id": 2, "request": None, "digest": None}, {"id": "1", "newField": {"x": [1, None]}}]
    service.will(bare)

    found = driver.client(service.url).list()

    assert [one.to_dict() for one in found] == bare
    assert (found[0].request, found[1].digest) == (None, None)
    assert found[2].additional_properties == {"newField": {"x": [1, None]}}


def test_raw_bytes_of_a_page_are_as_they_came(driver: Driver, service: Service) -> None:
    """Evidence is kept byte by byte: blanks, escapes and the order of fields included."""
    body = b' [ {"new": "\\u00e9 \\ud83d\\ude00", "id" : 1, "digest":"AB"} ]\n'
    service.will(Answer(body=body))

    page = driver.client(service.url).page()

    assert page.raw == body
    assert [one.to_dict() for one in page.items] == json.loads(body)


def test_request_id_of_an_answer_without_one_is_none(driver: Driver, service: Service) -> None:
    """Neither a page nor an error invents a request id."""
    service.will(entries("1"), answer("x"))
    client = driver.client(service.url)

    page = client.page()
    with pytest.raises(DecodeError) as caught:
        client.page()

    assert (page.request_id, caught.value.request_id) == (None, None)


@pytest.mark.parametrize(("body", "reason"), REFUSED[11:-2], ids=[str(place) for place in range(11, len(REFUSED) - 2)])
def test_strict_json_refuses(body: bytes, reason: str) -> None:
    """One JSON text in UTF-8 (RFC 8259), without what JSON does not have."""
    with pytest.raises(Malformed) as caught:
        loads(body)

    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"  \t\r\n", "is not JSON"),
        (b"[1,]", "is not JSON"),
        (b'{"a":1,}', "is not JSON"),
        (b"['a']", "is not JSON"),
        (b"[+1]", "is not JSON"),
        (b"[01]", "is not JSON"),
        (b"[-]", "is not JSON"),
        (b"[.5]", "is not JSON"),
        (b"[1.]", "is not JSON"),
        (b"[1e]", "is not JSON"),
        (b"[0x10]", "is not JSON"),
        (b"[1_0]", "is not JSON"),
        (b"[1] // comment", "is not JSON"),
        (b"[/* comment */ 1]", "is not JSON"),
        (b"[True]", "is not JSON"),
        (b"{a: 1}", "is not JSON"),
        (b"{1: 1}", "is not JSON"),
        (b'["a\nb"]', "is not JSON"),
        (b'["a\x00b"]', "is not JSON"),
        (b'["a\tb"]', "is not JSON"),
        (b'["\\x41"]', "is not JSON"),
        (b'["\\u12"]', "is not JSON"),
        (b'["cut', "is not JSON"),
        (b"[] \xc2\xa0", "is not JSON"),
        (b"[1, \xef\xbb\xbf2]", "is not JSON"),
        ("[١]".encode(), "is not JSON"),
        ("[１]".encode(), "is not JSON"),
        (b'"a" "b"', "is not JSON"),
        (b"1 2", "is not JSON"),
        (b"\x00[]", "is not JSON"),
        ("[]".encode("utf-32"), "is not UTF-8"),
        (b'["\xc0\xaf"]', "is not UTF-8"),
        (b'["\xe0\x80\xaf"]', "is not UTF-8"),
        (b'["\xed\xa0\x80"]', "is not UTF-8"),
        (b'["\xf4\x90\x80\x80"]', "is not UTF-8"),
        (b'["\xe2\x82"]', "is not UTF-8"),
        (b'{"\\ud800": 1}', "half of a surrogate pair"),
        (b'["\\udc00\\ud800"]', "half of a surrogate pair"),
        (b"[1E400]", "contains the number 1E400"),
        (b"[-1e400]", "contains the number -1e400"),
        (b"[1e" + b"9" * 5000 + b"]", "which is too large"),
        (b"[" + b"9" * 5000 + b".5]", "which is too large"),
        (b"[-" + b"9" * 5000 + b"]", "a number too long"),
        (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "nested too deeply"),
        (b"[" * DEEP, "nested too deeply"),
        (b"NaN", "contains NaN"),
        (b"Infinity", "contains Infinity"),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_text_that_is_no_json_is_refused(body: bytes, reason: str, strict: bool) -> None:
    """What other parsers let pass is refused, and the message stays short."""
    with pytest.raises(Malformed) as caught:
        loads(body, strict=strict)

    assert reason in str(caught.value)
    assert len(str(caught.value)) < 1000
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"[-0]", [0]),
        (b"[-0.0]", [0.0]),
        (b"[1e-999]", [0.0]),
        (b"[1E+2]", [100.0]),
        (b"[1e-" + b"9" * 5000 + b"]", [0.0]),
        (b" \t\r\n[ ] \n", []),
        (b'["\\u0000"]', ["\0"]),
        (b'["a\xef\xbb\xbfb"]', ["a\ufeffb"]),
        (b'["\\ud83d\\ude00"]', ["\U0001f600"]),
        (b'["\\\\ud800"]', ["\\ud800"]),
        (b'["\x7f"]', ["\x7f"]),
        (b'["\\/\\b\\f"]', ["/\b\f"]),
        (b'{"": {"": 1}}', {"": {"": 1}}),
        (b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]}', {"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]}),
        (b"[" * 200 + b"]" * 200, json.loads("[" * 200 + "]" * 200)),
        (b"null", None),
        (b"9" * 4000, int("9" * 4000)),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_json_is_taken(body: bytes, value: Any, strict: bool) -> None:
    """What RFC 8259 allows is read as it says, with `strict` too."""
    assert loads(body, strict=strict) == value


@pytest.mark.parametrize(
    ("body", "last", "key"),
    [
        (b'{"id": 1, "id": 1}', {"id": 1}, "'id'"),
        (b'{"id": 1, "\\u0069d": 2}', {"id": 2}, "'id'"),
        (b'[{"a": {"b": 1, "c": {}, "b": 2}}]', [{"a": {"b": 2, "c": {}}}], "'b'"),
        (b'{"": 1, "": 2}', {"": 2}, "''"),
        (b'{"\\n\\u00e9": 1, "\\n\xc3\xa9": 2}', {"\né": 2}, r"'\n\xe9'"),
        (b'{"\\u0000": 1, "\\u0000": null}', {"\0": None}, r"'\x00'"),
        (b'{"' + b"k" * 100 + b'": 1, "' + b"k" * 100 + b'": 2}', {"k" * 100: 2}, "'" + "k" * 79),
    ],
)
def test_repeated_key_is_refused_by_strict_json_alone(body: bytes, last: Any, key: str) -> None:
    """With `strict` a key that is twice in an object, however it is written, is named; else the last one counts."""
    with pytest.raises(Malformed) as caught:
        loads(body, strict=True)

    assert str(caught.value) == f"the whole: contains the key {key} twice"
    assert loads(body) == last


def test_repeated_key_in_an_answer_is_a_decode_error() -> None:
    """Evidence tools refuse an entry of two meanings, with its bytes on the error."""
    body = b'[{"id": "1", "digest": "AA", "digest": "BB"}]'
    request, reply = HTTPRequest(method="GET", url="https://a/b", headers={}), response(body)
    call = AUDIT_ENTRIES_LIST.call({"session_id": SESSION})

    with pytest.raises(DecodeError, match="contains the key 'digest' twice") as caught:
        read_success(call, request, reply, ErrorBody(), strict=True)

    assert (caught.value.place, caught.value.item, caught.value.raw) == ("", None, body)
    assert read_success(call, request, reply, ErrorBody()).page.items[0].digest == "BB"


@pytest.mark.parametrize(
    ("content", "shown"), [(b"", "b''"), (b"\xff\n", "b'\\xff\\n'"), (b"a" * 201, f"b'{'a' * 200}' and 1 more bytes")]
)
def test_excerpt_is_escaped_and_short(content: bytes, shown: str) -> None:
    """At most 200 bytes of an answer are in a message, none of them raw."""
    assert excerpt(content) == shown
