"""Error statuses: each raises its class with what the service said, whatever shape the body has."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import (
    APIStatusError,
    AuthenticationError,
    BadArgumentError,
    FaceAuditError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitedError,
    RedirectRefusedError,
    RetryPolicy,
    ServerError,
    SessionNotFoundError,
    UnexpectedStatusError,
    UnsupportedMediaTypeError,
)

from .servers import PATH, SESSION, Answer, Service, answer

if TYPE_CHECKING:
    from .conftest import Driver

# The messages of the API's reference page.
START = "Start parameter is invalid. Please specify the 'Id' field of the last entry to continue the listing process."
TOP = "Top parameter is invalid. Valid range is between 1 and 1000 inclusive."
KEY = "Access denied due to invalid subscription key. Make sure you are subscribed to an API you are trying to call."
GONE = "Session Id is not found. The session id is expired or does not exist."
QUOTA = "Out of call volume quota. Quota will be replenished in 2 days."
RATE = "Rate limit is exceeded. Try again in 26 seconds."
DOCUMENTED = [
    (400, BadArgumentError, "BadArgument", START),
    (400, BadArgumentError, "BadArgument", TOP),
    (401, AuthenticationError, "Unspecified", KEY),
    (401, AuthenticationError, "401", KEY),
    (403, PermissionDeniedError, "403", "Access denied by the network rules."),
    (403, QuotaExceededError, "403", QUOTA),
    (404, SessionNotFoundError, "SessionNotFound", GONE),
    (415, UnsupportedMediaTypeError, "BadArgument", "Invalid Media Type."),
    (429, RateLimitedError, "429", RATE),
]
GATEWAY = [
    Answer(status=502, headers={"Content-Type": "text/html"}, body=b"<html><h1>Bad Gateway</h1></html>"),
    Answer(status=502, headers={}, body=b""),
    Answer(status=502, body=b'{"error": "down"}'),
    Answer(status=502, body=b'{"error": {"code": {}, "message": null}}'),
    Answer(status=502, body=b"[1, 2"),
]


def raised(driver: Driver, service: Service, reply: Answer, kind: type[Any] = APIStatusError) -> Any:
    """The error that this answer raises, from a client that sends once."""
    service.will(reply)
    with pytest.raises(kind) as caught:
        driver.client(service.url, retry=RetryPolicy(max_attempts=1)).page()
    return caught.value


@pytest.mark.parametrize("shape", ["nested", "flat"])
@pytest.mark.parametrize(("status", "kind", "code", "message"), DOCUMENTED)
def test_documented_error_raises_its_class(  # one argument for each column of the table
    driver: Driver, service: Service, shape: str, status: int, kind: type[Any], code: str, message: str
) -> None:
    """Each error of the reference page has a class, with code, message and request id, nested or flat."""
    body: Any = {"code": code, "message": message}

    error = raised(driver, service, answer({"error": body} if shape == "nested" else body, status, apim_request_id="x"))

    assert type(error) is kind
    assert (error.status_code, error.code, error.message, error.request_id) == (status, code, message, "x")
    assert str(error).startswith(f"GET {service.url}{PATH}: status {status}, request id 'x', {code}: {message}; ")
    assert [attempt.status for attempt in error.attempts] == [status]


@pytest.mark.parametrize("shape", ["nested", "flat"])
@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [(403, QuotaExceededError, QUOTA), (403, QuotaExceededError, "Out of quota."), (429, RateLimitedError, RATE)],
)
def test_status_code_in_place_of_a_code_raises_the_same(
    driver: Driver, service: Service, shape: str, status: int, kind: type[Any], message: str
) -> None:
    """403 and 429 hold `statusCode` instead of `code`, nested or flat; a 403 of this shape is about quota."""
    body: Any = {"statusCode": status, "message": message}

    error = raised(driver, service, answer({"error": body} if shape == "nested" else body, status))

    assert type(error) is kind
    assert (error.code, error.message, error.request_id) == (None, message, None)


@pytest.mark.parametrize("name", ["apim-request-id", "X-MS-Request-Id"])
def test_code_and_request_id_are_read_from_headers(driver: Driver, service: Service, name: str) -> None:
    """An error without a body still has the code and the request id of its headers."""
    reply = Answer(status=404, headers={name: "abc", "X-Ms-Error-Code": "SessionNotFound"}, body=b"")

    error = raised(driver, service, reply, SessionNotFoundError)

    assert (error.code, error.message, error.request_id) == ("SessionNotFound", None, "abc")


@pytest.mark.parametrize(
    ("message", "headers", "wait"),
    [
        (RATE, {}, timedelta(seconds=26)),
        (RATE, {"Retry-After": "30"}, timedelta(seconds=30)),
        ("Slow down.", {"retry-after-ms": "1500"}, timedelta(seconds=1.5)),
        ("Slow down.", {"x-ms-retry-after-ms": "250", "Retry-After": "nan"}, timedelta(seconds=0.25)),
        ("Slow down.", {"Retry-After": "Mon, 01 Apr 2024 12:00:40 GMT"}, timedelta(seconds=40)),
        ("Slow down.", {"Retry-After": "soon"}, None),
    ],
)
def test_rate_limit_says_how_long_to_wait(
    driver: Driver, service: Service, message: str, headers: dict[str, str], wait: timedelta | None
) -> None:
    """`retry_after` is the longest wait that headers and message ask for, in seconds."""
    error = raised(driver, service, answer({"error": {"statusCode": 429, "message": message}}, 429, **headers))

    assert error.wait == wait
    assert error.retry_after == (None if wait is None else wait.total_seconds())


@pytest.mark.parametrize(
    ("text", "headers", "wait"),
    [
        ("2 days", {}, timedelta(days=2)),
        ("2.12 days", {}, timedelta(days=2.12)),
        ("07:01:20", {}, timedelta(hours=7, minutes=1, seconds=20)),
        ("2.04:12:23", {}, timedelta(days=2, hours=4, minutes=12, seconds=23)),
        ("2 days", {"Retry-After": "1748518"}, timedelta(seconds=1748518)),
        ("a while", {}, None),
    ],
)
def test_quota_says_when_it_is_replenished_and_is_never_sent_again(
    driver: Driver, service: Service, text: str, headers: dict[str, str], wait: timedelta | None
) -> None:
    """A 403 out of quota is final: waiting days is the caller's decision."""
    body = {"error": {"statusCode": 403, "message": f"Out of call volume quota. Quota will be replenished in {text}."}}
    service.will(answer(body, 403, **headers))

    with pytest.raises(QuotaExceededError) as caught:
        driver.client(service.url).list()

    assert caught.value.replenished_in == wait
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 415, 299, 204, 501, 599])
def test_final_statuses_are_sent_once_whatever_they_ask(driver: Driver, service: Service, status: int) -> None:
    """A `Retry-After` makes no final status worth another attempt."""
    service.will(answer({}, status, Retry_After="1"))

    with pytest.raises(APIStatusError) as caught:
        driver.client(service.url).list()

    assert caught.value.status_code == status
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (201, UnexpectedStatusError),
        (204, UnexpectedStatusError),
        (299, UnexpectedStatusError),
        (402, UnexpectedStatusError),
        (418, UnexpectedStatusError),
        (500, ServerError),
        (599, ServerError),
        (600, ServerError),
        (999, ServerError),
    ],
)
def test_undocumented_status_raises_an_error_that_carries_it(
    driver: Driver, service: Service, status: int, kind: type[Any]
) -> None:
    """No status is taken for a success or breaks the client because the document does not name it."""
    error = raised(driver, service, Answer(status=status))

    assert type(error) is kind
    assert error.status_code == status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("/final", "the same host"),
        ("https://other.example/final", "other.example"),
        ("//other.example/final", "other.example"),
        ("https://127.0.0.1:444/final", "127.0.0.1"),
        ("https://127.0.0.1@other.example/final", "other.example"),
        ("https://[/final", "a malformed address"),
    ],
)
def test_redirect_is_refused_and_its_host_named(
    driver: Driver, service: Service, status: int, location: str, host: str
) -> None:
    """A redirect is never followed: the key stays at the host that it was given for."""
    error = raised(driver, service, Answer(status=status, headers={"Location": location}), RedirectRefusedError)

    assert f"redirect to '{host}' refused" in str(error)
    assert len(service.requests) == 1


@pytest.mark.parametrize("reply", GATEWAY)
def test_unreadable_error_body_still_raises_by_status(driver: Driver, service: Service, reply: Answer) -> None:
    """HTML, nothing, or other JSON in an error body: the error shows an excerpt of it."""
    error = raised(driver, service, reply, ServerError)

    assert error.message is None
    assert ascii(reply.body) in str(error)


def test_long_message_is_cut_in_the_text_only(driver: Driver, service: Service) -> None:
    """An error's text never holds a whole body; its attributes do."""
    error = raised(driver, service, answer({"error": {"code": "c" * 9999, "message": "m" * 9999}}, 400))

    assert len(str(error)) < 1500
    assert (error.code, error.message) == ("c" * 9999, "m" * 9999)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_are_copied_and_pickled_with_their_attributes(driver: Driver, service: Service, duplicate: Any) -> None:
    """An error crosses processes with all that it says."""
    service.will(answer({"error": {"statusCode": 403, "message": QUOTA}}, 403, apim_request_id="x"))
    with pytest.raises(FaceAuditError) as caught:
        driver.client(service.url).list()
    error = caught.value

    again = duplicate(error)

    assert type(again) is QuotaExceededError
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert again.replenished_in == timedelta(days=2)
    assert again.checkpoint["arguments"] == {"session_id": SESSION}
