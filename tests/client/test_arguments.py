"""Arguments: what breaks the document's limits is refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit import InvalidArgumentError

from .servers import PATH, Service

if TYPE_CHECKING:
    from .conftest import Driver

BAD_SESSIONS: list[Any] = [
    *("", ".", "..", "../../x", "%2e%2e", "%2E", "a/../b", "a?b=1", "a#b", "a b", "a%", "a\\b", "//evil.com/x"),
    *("a\r\nX: 1", "a\n", "a\0b", "é", "\ud800", "a" * 65, "a" * 70_000, "-a", "_", "a;b", "a@b", "a:b", "a.b"),
    *(None, 123, b"abc", ["a"], NotImplemented, True),
    *("１２", "a\u2028", "a\x7f", "\ufeffa", "a\t", "a\x85"),
]
BAD_TOPS: list[Any] = [0, -1, 1001, True, False, float("nan"), float("inf"), 10**30, 5.0, "5", "1000; x", b"5", [5]]
BAD_STARTS: list[Any] = ["a" * 65, b"1", 1, True, ["1"], "\ud800"]


def named(value: object) -> str:
    """A short name of a test's case."""
    return ascii(value)[:30]


@pytest.mark.parametrize("session", BAD_SESSIONS, ids=named)
def test_session_id_that_breaks_its_limits_is_refused(driver: Driver, service: Service, session: Any) -> None:
    """Whatever could reach another path, or is not a text, is refused where the call is made."""
    client = driver.client(service.url)

    with pytest.raises(InvalidArgumentError, match="^session_id: ") as caught:
        client.walk(session)
    with pytest.raises(InvalidArgumentError, match="^session_id: "):
        client.page(session)

    assert isinstance(caught.value, ValueError)
    assert len(str(caught.value)) < 200
    assert service.requests == []


@pytest.mark.parametrize("top", BAD_TOPS, ids=named)
def test_top_outside_its_range_is_refused(driver: Driver, service: Service, top: Any) -> None:
    """`top` is an integer from 1 to 1000, and no text or boolean that looks like one."""
    client = driver.client(service.url)

    with pytest.raises(InvalidArgumentError, match="^top: "):
        client.walk(top=top)
    with pytest.raises(InvalidArgumentError, match="^top: "):
        client.page(top=top)

    assert service.requests == []


@pytest.mark.parametrize("start", BAD_STARTS, ids=named)
def test_start_that_breaks_its_limits_is_refused(driver: Driver, service: Service, start: Any) -> None:
    """`start` is a text of at most 64 characters."""
    client = driver.client(service.url)

    with pytest.raises(InvalidArgumentError, match="^start"):
        client.walk(start=start)
    with pytest.raises(InvalidArgumentError, match="^start"):
        client.page(start=start)

    assert service.requests == []


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({}, ""),
        ({"top": 1}, "?top=1"),
        ({"top": 1000}, "?top=1000"),
        ({"start": "a" * 64}, "?start=" + "a" * 64),
        ({"start": "7&top=1#x"}, "?start=7%26top%3D1%23x"),
        ({"start": "a b+é/"}, "?start=a%20b%2B%C3%A9%2F"),
        ({"start": "1\r\nX: 1", "top": 5}, "?start=1%0D%0AX%3A%201&top=5"),
        ({"start": ""}, "?start="),
    ],
    ids=named,
)
def test_arguments_are_encoded_into_the_query(
    driver: Driver, service: Service, arguments: dict[str, Any], query: str
) -> None:
    """Whatever an argument holds stays inside it."""
    driver.client(service.url).page(**arguments)

    assert service.requests[0].target == PATH + query


@pytest.mark.parametrize("session", ["a", "0", "A-b_c", "a" * 64])
def test_session_id_within_its_limits_is_sent(driver: Driver, service: Service, session: str) -> None:
    """Letters, digits, hyphens and low lines are in the path as they are."""
    driver.client(service.url).page(session)

    assert f"/sessions/{session}/audit" in service.requests[0].target


def test_empty_start_begins_at_the_beginning(driver: Driver) -> None:
    """The page's default for `start` is empty."""
    with Service(2) as service:
        found = driver.client(service.url).list(start="")

    assert [entry.id for entry in found] == ["2", "1"]
    assert service.requests[0].start is None
