"""Paging: pages that contradict each other are fetched once more, then refused; nothing comes twice or endlessly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit import PaginationError, ServerError

from .conftest import KEY
from .servers import SESSION, Answer, Service, answer, entries, entry

if TYPE_CHECKING:
    from .conftest import Driver

OTHER = "00000000-0000-0000-0000-000000000000"


def ids(found: list[Any]) -> list[str]:
    """The ids of entries."""
    return [one.id for one in found]


@pytest.mark.parametrize(
    ("before", "wrong", "complaint"),
    [
        ([["3", "2"]], ["3", "2"], "id '3' came after '2', against the order"),
        ([["3"]], ["3"], "id '3' came twice"),
        ([["3", "2"]], ["2", "1"], "id '2' came twice"),
        ([["3", "2"], ["1"]], ["3", "2"], "id '3' came after '1', against the order"),
        ([["3"], ["2"]], ["3"], "id '3' came after '2', against the order"),
        ([["1", "2"]], ["1", "2"], "id '1' came after '2', against the order"),
        ([["9", "8"]], ["7", "10"], "id '10' came after '7', against the order"),
        ([["9", "8"]], ["7", "07"], "id '07' came twice"),
        ([["9", "10"]], ["11", "10"], "id '10' came after '11', against the order"),
        ([["c", "b"]], ["c", "b"], "id 'c' came twice"),
        ([["b"]], ["b"], "id 'b' came twice"),
        ([["a"], ["b"]], ["a"], "id 'a' came twice"),
        ([["b"]], ["a", "a"], "id 'a' came twice"),
        ([["b"]], ["d", "c", "d"], "id 'd' came twice"),
        ([["5"], ["a"]], ["5"], "id '5' came twice"),
        ([["5"], ["a"]], ["6", "b", "5"], "id '5' came"),
        ([], ["2", "1", "2"], "id '2' came after '1', against the order"),
        ([], ["1", "1"], "id '1' came twice"),
    ],
)
def test_repeated_cycling_or_turned_ids_are_refused_after_one_fresh_fetch(
    driver: Driver, service: Service, before: list[list[str]], wrong: list[str], complaint: str
) -> None:
    """A repeated page, an ignored cursor, an A-B-A-B cycle or a turned order: delivered once, then an error."""
    bad = answer(entries(*wrong))
    service.will(*(entries(*page) for page in before), bad, bad, bad)
    walk = driver.client(service.url).walk()
    good = [one for page in before for one in page]

    found = walk.take(len(good))
    with pytest.raises(PaginationError, match=complaint):
        walk.take()

    assert ids(found) == good
    assert len(service.requests) == len(before) + 2


def test_error_names_checkpoint_requests_and_attempts(driver: Driver, service: Service) -> None:
    """A PaginationError carries where to resume, the service's ids of both requests, and what was sent."""
    service.will(
        entries("3", "2"),
        answer(entries("3"), apim_request_id="first"),
        answer(entries("3"), apim_request_id="second"),
    )
    walk = driver.client(service.url).walk()

    walk.take(2)
    with pytest.raises(PaginationError) as caught:
        walk.take()

    assert caught.value.request_ids == ("first", "second")
    assert caught.value.checkpoint == walk.checkpoint
    assert walk.checkpoint["cursor"] == "2"
    assert [attempt.status for attempt in caught.value.attempts] == [200, 200]
    assert "AuditEntries_list after '2'" in str(caught.value)


def test_error_holds_the_refused_page_without_the_key(driver: Driver, service: Service) -> None:
    """What a page says that is refused can be looked at; a key that the service repeats in it is hidden."""
    echo = answer([entry(1, sessionId=f"of {KEY}")])
    service.will(echo, echo, echo)
    client = driver.client(service.url)

    with pytest.raises(PaginationError) as listed:
        client.list()
    with pytest.raises(PaginationError) as single:
        client.page()

    for error in (listed.value, single.value):
        assert error.raw is not None
        assert b'"sessionId": "of [redacted]"' in error.raw
        assert "got an item of 'of [redacted]'" in str(error)
        assert KEY not in f"{error} {vars(error)}"


def test_error_without_request_ids_names_none(driver: Driver, service: Service) -> None:
    """Where the service gives no ids to its requests, the error holds none."""
    service.will(entries("1", "1"), entries("1", "1"))

    with pytest.raises(PaginationError) as caught:
        driver.client(service.url).list()

    assert caught.value.request_ids == ()


def test_one_fresh_fetch_heals(driver: Driver, service: Service) -> None:
    """A stale or crossed answer that shows once is fetched again and forgotten."""
    service.will(entries("3", "2"), entries("3", "2"), entries("1"), entries("1"), [])

    found = driver.client(service.url).list()

    assert ids(found) == ["3", "2", "1"]
    assert [request.start for request in service.requests] == [None, "2", "2", "1", "1"]


def test_listing_continues_after_an_error(driver: Driver, service: Service) -> None:
    """After an error, iterating again fetches the same page: it never looks finished."""
    bad = entries("3")
    service.will(entries("3", "2"), bad, bad, entries("1"), Answer(status=404), [])
    walk = driver.client(service.url).walk()

    found = walk.take(2)
    with pytest.raises(PaginationError):
        walk.take()
    found += walk.take(1)
    with pytest.raises(Exception, match="404"):
        walk.take()
    found += walk.take()

    assert ids(found) == ["3", "2", "1"]


def test_iterator_of_pages_continues_after_an_error(driver: Driver, service: Service) -> None:
    """The same iterator of pages goes on after an error: it never looks finished."""
    service.will(entries("3", "2"), Answer(status=501), entries("1"))
    walk = driver.client(service.url).walk()

    pages = walk.pages(1)
    with pytest.raises(ServerError) as caught:
        walk.pages(1)
    pages += walk.pages()

    assert [ids(list(page.items)) for page in pages] == [["3", "2"], ["1"], []]
    assert caught.value.checkpoint is not None
    assert caught.value.checkpoint["cursor"] == "2"


def test_foreign_entry_in_a_listing_is_refused(driver: Driver, service: Service) -> None:
    """Every sessionId must be the one asked for: an answer to another call is never taken for ours."""
    crossed = [entry(2), entry(1, sessionId=OTHER)]
    service.will(crossed, crossed)

    with pytest.raises(PaginationError, match=f"asked for '{SESSION}', got an item of '{OTHER}'"):
        driver.client(service.url).list()

    assert len(service.requests) == 2


def test_foreign_entry_in_a_single_page_is_refused(driver: Driver, service: Service) -> None:
    """The same holds for one page, which names the request."""
    service.will(answer([entry(1, sessionId=OTHER)], apim_request_id="x"), [entry(1, sessionId=OTHER)])
    client = driver.client(service.url)

    with pytest.raises(PaginationError, match="got an item of") as named:
        client.page()
    with pytest.raises(PaginationError, match="got an item of") as unnamed:
        client.page()

    assert named.value.request_ids == ("x",)
    assert unnamed.value.request_ids == ()
    assert [attempt.status for attempt in named.value.attempts] == [200]


def test_session_id_may_be_missing_or_change_its_case(driver: Driver, service: Service) -> None:
    """What an entry does not say contradicts nothing; ids are compared without regard to case."""
    silent = entry(2)
    del silent["sessionId"]
    service.will([silent, entry(1, sessionId=SESSION.upper())])

    found = driver.client(service.url).list()

    assert [one.session_id for one in found] == [None, SESSION.upper()]


@pytest.mark.parametrize("arguments", [{"top": 2}, {}])
def test_more_entries_than_asked_for_are_refused(driver: Driver, service: Service, arguments: dict[str, int]) -> None:
    """A page holds at most `top` entries, 1000 where the caller gives none."""
    limit = arguments.get("top", 1000)
    long = entries(*range(limit + 1, 0, -1))
    service.will(long, long)

    with pytest.raises(PaginationError, match=f"asked for {limit} items at most, got {limit + 1}"):
        driver.client(service.url).list(**arguments)


def test_service_that_ignores_the_cursor_never_makes_an_endless_listing(driver: Driver) -> None:
    """A service that always answers its first page delivers it once."""
    page = answer(entries("3", "2", "1"))
    with Service() as service:
        service.will(*[page] * 10)
        walk = driver.client(service.url).walk()
        found = walk.take(3)
        with pytest.raises(PaginationError):
            walk.take()

    assert ids(found) == ["3", "2", "1"]
    assert len(service.requests) == 3
