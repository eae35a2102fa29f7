"""Paging: every entry once, in order, whatever the service's spelling, order and page size."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from face_audit import PaginationError

from .servers import SESSION, Answer, Order, Service, Spelling, entries

if TYPE_CHECKING:
    from .conftest import Driver


@pytest.mark.parametrize("spelling", ["example", "table"])
@pytest.mark.parametrize("order", ["newest first", "oldest first"])
@pytest.mark.parametrize("text_ids", [True, False], ids=["text ids", "number ids"])
def test_session_of_2500_entries_comes_once_in_order_and_typed(
    driver: Driver, spelling: Spelling, order: Order, text_ids: bool
) -> None:
    """Whatever the service's spelling, order and type of ids, every entry comes exactly once with the same types."""
    numbers = list(range(2500, 0, -1)) if order == "newest first" else list(range(1, 2501))

    with Service(2500, spelling=spelling, order=order, text_ids=text_ids) as service:
        found = driver.client(service.url).list()

    assert [entry.id for entry in found] == [str(number) for number in numbers]
    assert [entry.response and entry.response.latency_in_milliseconds for entry in found] == numbers
    assert [entry.to_dict() for entry in found] == service.entries
    first = found[0]
    assert first.response is not None
    assert first.request is not None
    assert first.response.status_code == 200
    assert first.received_date_time == datetime(2023, 10, 20, 23, 9, 59, 453308, tzinfo=UTC)
    assert first.request.content_type == "multipart/form-data; boundary=x"
    assert first.request.user_agent == "VisionSDK-objective-c/0.15.1"
    assert first.client_request_id == (f"client-{numbers[0]}" if spelling == "table" else None)


def test_short_pages_are_not_the_end(driver: Driver) -> None:
    """A service may cap its pages below `top`: only an empty page ends a listing."""
    with Service(25, longest_page=10) as service:
        found = driver.client(service.url).list(top=20)

    assert [entry.id for entry in found] == [str(number) for number in range(25, 0, -1)]
    assert [request.start for request in service.requests] == [None, "16", "6", "1"]


def test_trusted_short_page_saves_the_last_request(driver: Driver) -> None:
    """With `trust_short_page=True` a page of fewer entries than asked for is the last one."""
    with Service(25) as service:
        found = driver.client(service.url).list(top=10, trust_short_page=True)

    assert len(found) == 25
    assert [request.start for request in service.requests] == [None, "16", "6"]


def test_trusted_short_page_measures_against_the_default_limit(driver: Driver) -> None:
    """Without `top` a page of fewer entries than the service's default is short."""
    with Service(25) as service:
        walk = driver.client(service.url).walk(trust_short_page=True)
        found = walk.take()
        again = walk.take()

    assert len(found) == 25
    assert again == []
    assert len(service.requests) == 1
    assert walk.checkpoint["finished"] is True


def test_finished_listing_stays_finished_without_a_request(driver: Driver) -> None:
    """Iterating a finished pager again gives nothing and sends nothing."""
    with Service(2) as service:
        walk = driver.client(service.url).walk()
        walk.take()
        again = walk.take(), walk.pages()

    assert again == ([], [])
    assert len(service.requests) == 2


def test_pages_and_entries_mixed_give_everything_once(driver: Driver) -> None:
    """`pages()` goes on after the last entry that was handed over, and entries after the last page."""
    with Service(30) as service:
        walk = driver.client(service.url).walk(top=7)
        before = walk.take(3)
        pages = walk.pages(2)
        between = walk.take(9)
        rest = walk.pages()

    found = [*before, *(one for page in pages for one in page.items), *between, *(o for p in rest for o in p.items)]
    assert [entry.id for entry in found] == [str(number) for number in range(30, 0, -1)]
    assert rest[-1].items == ()


def test_pages_carry_their_bytes_ids_and_attempts(driver: Driver) -> None:
    """A page holds the body as received, the service's id of the request, and what was sent for it."""
    with Service(3) as service:
        pages = driver.client(service.url).walk(top=2).pages()

    assert [len(page.items) for page in pages] == [2, 1, 0]
    assert json.loads(pages[0].raw) == service.entries[:2]
    assert [page.request_id for page in pages] == ["r1", "r2", "r3"]
    assert [attempt.status for attempt in pages[0].attempts] == [200]
    assert repr(pages[2]) == "Page(0 items, 2 bytes, request_id='r3')"


def test_single_page_takes_start_and_top(driver: Driver) -> None:
    """`list_page` sends one request with the arguments as given."""
    with Service(10) as service:
        page = driver.client(service.url).page(start="8", top=3)

    assert [entry.id for entry in page.items] == ["7", "6", "5"]
    assert service.requests[0].target.endswith(f"/sessions/{SESSION}/audit?start=8&top=3")
    assert len(service.requests) == 1


@pytest.mark.parametrize(("order", "start"), [("newest first", "5"), ("oldest first", "5")])
def test_start_is_exclusive_in_both_orders(driver: Driver, order: Order, start: str) -> None:
    """A listing begins after `start`, in whichever order the service has."""
    with Service(9, order=order) as service:
        found = driver.client(service.url).list(start=start, top=2)

    expected = ["4", "3", "2", "1"] if order == "newest first" else ["6", "7", "8", "9"]
    assert [entry.id for entry in found] == expected


def test_ids_that_are_not_digits_page_by_their_text(driver: Driver, service: Service) -> None:
    """Ids that are not numbers have no order; they are cursors as they are."""
    service.will(entries("b/1", "a"), entries("é c"), [])

    found = driver.client(service.url).list()

    assert [entry.id for entry in found] == ["b/1", "a", "é c"]
    assert [request.start for request in service.requests] == [None, "a", "é c"]


def test_ids_with_leading_zeros_compare_as_numbers(driver: Driver, service: Service) -> None:
    """Ids of digits compare as numbers: 010 comes before 9 in a descending list, though as text it would not."""
    service.will(entries("010", "9"), entries("008"), [])

    found = driver.client(service.url).list()

    assert [entry.id for entry in found] == ["010", "9", "008"]
    assert [request.start for request in service.requests] == [None, "9", "008"]


def test_ids_of_thousands_of_digits_are_compared_and_never_lost(driver: Driver, service: Service) -> None:
    """Python converts no number of 5,000 digits, yet such ids are delivered; what follows cannot be asked for."""
    service.will(entries("2" + "0" * 5000, "1" + "0" * 5000))
    walk = driver.client(service.url).walk()

    found = walk.take(2)
    with pytest.raises(PaginationError, match="start: has 5001 characters"):
        walk.take()

    assert [len(entry.id) for entry in found] == [5001, 5001]


def test_repeat_inside_a_walk_after_a_retry_is_not_doubled(driver: Driver) -> None:
    """A retry repeats the page: what was handed over before it does not come again."""
    with Service(6) as service:
        walk = driver.client(service.url).walk(top=3)
        first = walk.take(3)
        service.will(Answer(lost="closed"), Answer(status=503))
        rest = walk.take()

    assert [entry.id for entry in first + rest] == ["6", "5", "4", "3", "2", "1"]
