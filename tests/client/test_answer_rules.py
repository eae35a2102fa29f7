"""What an answer means, without a connection: its media type, its class, and what its error shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit import (
    APIStatusError,
    AttemptTimeoutError,
    BadArgumentError,
    DecodeError,
    FaceAuditClient,
    RateLimitedError,
    RedirectRefusedError,
    ServerError,
    UnexpectedStatusError,
)
from face_audit._runtime.operation import ErrorRule
from face_audit._runtime.requests.bodies import JSONContent
from face_audit._runtime.responses.pages import read_success
from face_audit._runtime.responses.status_errors import read_failure
from face_audit._runtime.values.compounds import MapOf
from face_audit._runtime.values.scalars import INTEGER, STRING
from face_audit._runtime.wire import HTTPRequest, HTTPResponse
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST

from .conftest import NOON
from .servers import SESSION
from .test_operations import TOKEN

if TYPE_CHECKING:
    from face_audit._runtime.responses.status_errors import ErrorBody

CALL = AUDIT_ENTRIES_LIST.call({"session_id": SESSION})
REQUEST = HTTPRequest(method="GET", url="https://example.com/audit", headers={})


@pytest.fixture(scope="module")
def shape() -> ErrorBody:
    """Where this API's errors say what happened."""
    with FaceAuditClient(key="0123456789abcdef", endpoint="https://example.com") as client:
        return client._settings.errors


def failed(shape: ErrorBody, status: int, content: bytes = b"", **changes: Any) -> APIStatusError:
    """The error of an answer; an underscore in a header's name means a hyphen."""
    fault = changes.pop("fault", None)
    headers = {name.replace("_", "-"): value for name, value in changes.items()}
    response = HTTPResponse(status=status, headers=headers, content=content, fault=fault)
    return read_failure(CALL, REQUEST, response, shape, NOON)


def refused(shape: ErrorBody, content: bytes, **headers: str) -> DecodeError:
    """The error of a success that is none."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(DecodeError) as caught:
        read_success(CALL, REQUEST, HTTPResponse(status=200, headers=named, content=content), shape)
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (299, UnexpectedStatusError),
        (300, RedirectRefusedError),
        (399, RedirectRefusedError),
        (499, UnexpectedStatusError),
        (500, ServerError),
        (599, ServerError),
        (600, ServerError),
        (999, ServerError),
    ],
)
def test_status_that_the_document_does_not_name_belongs_to_a_class(
    shape: ErrorBody, status: int, kind: type[APIStatusError]
) -> None:
    """Redirections by their first digit, failures of the server from 500 to 999 (RFC 9110, 15), others unexpected."""
    error = failed(shape, status)

    assert type(error) is kind
    assert error.status_code == status


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://other.example:444/a", "'other.example'"),
        ("/final", "'the same host'"),
        ("https://[/", "'a malformed address'"),
    ],
)
def test_redirect_names_the_host_that_it_points_to(shape: ErrorBody, location: str | None, shown: str) -> None:
    """Wherever it points: nothing is sent there, and the error says why."""
    error = failed(shape, 302, **({} if location is None else {"location": location}))

    assert f"redirect to {shown} refused" in str(error)


def test_error_shows_400_characters_of_code_and_message(shape: ErrorBody) -> None:
    """The text is bounded; the fields hold all of it, and line ends forge no line of a log."""
    content = b'{"error": {"code": "C%s", "message": "M\\n%s"}}' % (b"c" * 5000, b"m" * 5000)

    error = failed(shape, 400, content)

    assert (error.code, error.message) == ("C" + "c" * 5000, "M\n" + "m" * 5000)
    assert f", C{'c' * 399}: M\\n{'m' * 398}; " in str(error)


def test_error_without_a_message_shows_what_came(shape: ErrorBody) -> None:
    """200 bytes of the body, or what kept it from being read."""
    fault = AttemptTimeoutError("it took too long")

    assert "status 503, no message, but b'<html>'; " in str(failed(shape, 503, b"<html>"))
    assert "a body that cannot be read (it took too long)" in str(failed(shape, 503, fault=fault))


@pytest.mark.parametrize("content", [b'{"error": {"code": "", "message": ""}}', b'{"error": {"code": null}}', b"[]"])
def test_empty_texts_of_an_error_are_none(shape: ErrorBody, content: bytes) -> None:
    """What says nothing is passed over; a header may name the code instead."""
    error = failed(shape, 400, content)

    assert (error.code, error.message) == (None, None)
    assert failed(shape, 400, content, x_ms_error_code="Bad").code == "Bad"


def test_number_as_code_is_its_text(shape: ErrorBody) -> None:
    """Gateways write numbers."""
    assert failed(shape, 400, b'{"error": {"code": 400, "message": 0}}').code == "400"


def test_request_id_is_shown_in_part_and_escaped(shape: ErrorBody) -> None:
    """It is the service's, so it may be anything; the field holds all of it."""
    given = "\u202e" + "r" * 5000

    for error in (failed(shape, 503, apim_request_id=given), refused(shape, b"{}", apim_request_id=given)):
        assert error.request_id == given
        assert f", request id '\\u202e{'r' * 73}" in str(error)
        assert "r" * 74 not in str(error)


@pytest.mark.parametrize(
    "media_type",
    [
        *(None, "application/json", "Application/JSON ; charset=utf-8", "application/problem+json", " text/X+JSON"),
        *("text/json", "Text/JSON; charset=utf-8", "", " ", "; charset=utf-8"),
    ],
)
def test_json_is_known_by_its_media_type(shape: ErrorBody, media_type: str | None) -> None:
    """In any case, with parameters, under any name that ends in +json, or where no name is given, or an empty one."""
    headers = {} if media_type is None else {"content-type": media_type}
    response = HTTPResponse(status=200, headers=headers, content=b"[]")

    assert read_success(CALL, REQUEST, response, shape).page.items == ()


@pytest.mark.parametrize(
    "media_type", ["text/html", "text/plain", "text/html; a=+json", "application/jsonx", "text/jsonx", "json"]
)
def test_other_media_types_are_refused(shape: ErrorBody, media_type: str) -> None:
    """What says that it is something else is not read; the error shows what came."""
    error = refused(shape, b"[]", content_type=media_type)

    assert "is not JSON: b'[]'" in str(error)


def test_answer_without_a_media_type_has_to_be_json(shape: ErrorBody) -> None:
    """What a gateway answers without saying what it is: its bytes decide."""
    for headers in ({}, {"content_type": ""}):
        assert "is not JSON (expecting value at byte 0): b'<html>'" in str(refused(shape, b"<html>", **headers))


def test_media_type_is_shown_in_part_and_escaped(shape: ErrorBody) -> None:
    """80 characters of it, so that it forges no line of a log."""
    assert f"content type 't\\n{'x' * 76} is not JSON" in str(refused(shape, b"[]", content_type="t\n" + "x" * 5000))


def test_refused_success_keeps_all_that_came(shape: ErrorBody) -> None:
    """The body as received, the place in it, and the item there: evidence that can be reported."""
    error = refused(shape, b'[{"id": "1", "digest": 7}]', apim_request_id="r1")

    assert (error.raw, error.request_id) == (b'[{"id": "1", "digest": 7}]', "r1")
    assert (error.place, error.item) == ("/0/digest", '{"id": "1", "digest": 7}')
    assert str(error).startswith("GET https://example.com/audit, status 200, request id 'r1': /0/digest: ")


@pytest.mark.parametrize("status", [400, 499])
def test_class_of_statuses_has_the_rule_that_the_document_gives_it(shape: ErrorBody, status: int) -> None:
    """`4XX` is all of them; without a rule a refusal is unexpected, and never a redirect."""
    response = HTTPResponse(status=status, headers={}, content=b"")
    ruled = TOKEN._replace(errors={"4XX": (ErrorRule(error=RateLimitedError, summary="wait"),)})

    assert type(read_failure(ruled.call({}), REQUEST, response, shape, NOON)) is RateLimitedError
    assert type(read_failure(TOKEN.call({}), REQUEST, response, shape, NOON)) is UnexpectedStatusError


@pytest.mark.parametrize("status", [500, 599, 600, 999])
def test_status_beyond_599_has_the_rule_of_server_errors(shape: ErrorBody, status: int) -> None:
    """A status that HTTP does not have is treated as 5xx (RFC 9110, 15); a rule of its own number goes first."""
    response = HTTPResponse(status=status, headers={}, content=b"")
    ruled = TOKEN._replace(errors={"5XX": (ErrorRule(error=RateLimitedError, summary="wait"),)})
    named = ruled._replace(errors={**ruled.errors, str(status): (ErrorRule(error=BadArgumentError, summary="look"),)})

    assert type(read_failure(ruled.call({}), REQUEST, response, shape, NOON)) is RateLimitedError
    assert type(read_failure(named.call({}), REQUEST, response, shape, NOON)) is BadArgumentError


def test_first_of_several_headers_is_taken() -> None:
    """In the order of the document, which may write their names in any case."""
    response = HTTPResponse(status=200, headers={"x-one": "1", "x-two": "2"}, content=b"")

    assert response.first_header(("X-None", "X-Two", "X-One")) == "2"
    assert response.first_header(("X-None",)) is None


@pytest.mark.parametrize(
    ("content", "token"),
    [(b'{"value": [], "next": "t"}', "t"), (b'{"value": [], "next": null}', None), (b'{"value": []}', None)],
)
def test_token_that_is_null_or_missing_is_the_end(shape: ErrorBody, content: bytes, token: str | None) -> None:
    """Services write either."""
    response = HTTPResponse(status=200, headers={}, content=content)

    assert read_success(TOKEN.call({}), REQUEST, response, shape).token == token


RULED = TOKEN._replace(
    errors={"4XX": (ErrorRule(BadArgumentError, "look", body=JSONContent("application/json", STRING)),)}
)


def test_body_of_an_error_is_read_as_its_rule_says(shape: ErrorBody) -> None:
    """It becomes an attribute."""
    response = HTTPResponse(status=400, headers={}, content=b'"text"')

    error: Any = read_failure(RULED.call({}), REQUEST, response, shape, NOON)

    assert error.body == "text"
    assert error.__cause__ is None


@pytest.mark.parametrize("content", [b"7", b'"\\ud800', b"\n"])
def test_body_that_is_not_what_the_rule_says_leaves_the_error_as_it_is(shape: ErrorBody, content: bytes) -> None:
    """The error is raised without it; the text and the cause say what is wrong, and the cause has what came."""
    response = HTTPResponse(status=400, headers={"apim-request-id": "r1"}, content=content)

    error = read_failure(RULED.call({}), REQUEST, response, shape, NOON)

    assert type(error) is BadArgumentError
    assert "body" not in vars(error)
    assert "; look (the body does not follow the document: the whole: " in str(error)
    assert str(error).isprintable()
    assert isinstance(error.__cause__, DecodeError)
    assert (error.__cause__.raw, error.__cause__.request_id) == (content, "r1")


COUNTED = TOKEN._replace(
    errors={"4XX": (ErrorRule(BadArgumentError, "look", body=JSONContent("application/json", MapOf(INTEGER))),)}
)


def test_body_of_an_error_may_hold_a_key_twice(shape: ErrorBody) -> None:
    """Then the last one counts, as everywhere in an error."""
    response = HTTPResponse(status=400, headers={}, content=b'{"a": 1, "a": 2}')

    error: Any = read_failure(COUNTED.call({}), REQUEST, response, shape, NOON)

    assert error.body == {"a": 2}


def test_place_of_what_is_wrong_in_the_body_of_an_error_is_cut_in_the_text_only(shape: ErrorBody) -> None:
    """The text has 300 characters of the reason; the cause has the whole place."""
    response = HTTPResponse(status=400, headers={}, content=b'{"' + b"k" * 1000 + b'": "x"}')

    error = read_failure(COUNTED.call({}), REQUEST, response, shape, NOON)

    assert str(error).endswith(f"; look (the body does not follow the document: /{'k' * 299})")
    assert isinstance(error.__cause__, DecodeError)
    assert error.__cause__.place == f"/{'k' * 1000}"


def test_body_that_did_not_arrive_is_not_read(shape: ErrorBody) -> None:
    """What came of it is not an answer of the service."""
    fault = AttemptTimeoutError("it took too long")
    response = HTTPResponse(status=400, headers={}, content=b'"text"', fault=fault)

    error = read_failure(RULED.call({}), REQUEST, response, shape, NOON)

    assert "body" not in vars(error)
    assert str(error).endswith("a body that cannot be read (it took too long); look")


def test_status_without_a_class_says_that_no_error_is_described(shape: ErrorBody) -> None:
    """Where `2XX` is described and a 207 comes, the document names it, and yet says of no error."""
    said = "; the document describes no error for this status, report it with the request id"

    assert str(failed(shape, 207)).endswith(said)
