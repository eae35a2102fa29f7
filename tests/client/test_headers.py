"""Headers that callers add: names that are the client's own and values that cannot be sent are refused."""

from __future__ import annotations

from typing import Any

import pytest
from face_audit import ConfigurationError
from face_audit._runtime.requests.headers import check_headers

CANARY = "canary/0123456789"


@pytest.mark.parametrize(
    ("headers", "complaint"),
    [
        ({"Host": "elsewhere"}, "'Host' is set by the client itself"),
        ({"content-LENGTH": "0"}, "'content-LENGTH' is set by the client itself"),
        ({"Proxy-Authorization": CANARY}, "'Proxy-Authorization' is set by the client itself"),
        ({"x-key": CANARY}, "'x-key' is set by the client itself"),
        ({"x-a": f"{CANARY}\r\nhost: elsewhere"}, "'x-a' cannot be sent in a header"),
        ({"x-a": f" {CANARY}"}, "'x-a' cannot be sent in a header"),
        ({"x-a": f"{CANARY}é"}, "'x-a' cannot be sent in a header"),
        ({"x-a": CANARY.encode()}, "'x-a' cannot be sent in a header"),
        ({f"x-a: {CANARY}": ""}, "contains an invalid header name"),
        ({"": CANARY}, "contains an invalid header name"),
        ({b"x-a": CANARY}, "contains an invalid header name"),
        ([("x-a", CANARY)], "is of the type list; give a dict"),
    ],
)
def test_header_that_no_caller_can_set_is_refused_by_name(headers: Any, complaint: str) -> None:
    """The message names the argument and the header, and shows no value."""
    with pytest.raises(ConfigurationError) as caught:
        check_headers(headers, where="here", taken={"x-key"})

    assert str(caught.value).startswith(f"here: {complaint}")
    assert CANARY not in str(caught.value)


def test_headers_are_kept_by_their_lower_case_names() -> None:
    """HTTP compares names without regard to case (RFC 9110, 5.1); empty values can be sent."""
    assert check_headers({"X-Team": "a b", "traceparent": ""}, where="here") == {"x-team": "a b", "traceparent": ""}
