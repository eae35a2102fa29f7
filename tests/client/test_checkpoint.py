"""Checkpoints: plain JSON, valid between any two entries, bound to the listing they were taken from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import InvalidArgumentError

from .servers import PREFIX, SESSION, Order, Service, entries

if TYPE_CHECKING:
    from .conftest import Driver

OTHER = "11111111-1111-1111-1111-111111111111"


@pytest.mark.parametrize("order", ["newest first", "oldest first"])
def test_checkpoint_after_every_entry_resumes_exactly_in_a_new_client(driver: Driver, order: Order) -> None:
    """Wherever a listing stops, a new client gets the rest, no entry less and none twice."""
    with Service(10, order=order) as service:
        client = driver.client(service.url)
        whole = [entry.id for entry in client.list(top=4)]
        for stop in range(11):
            walk = client.walk(top=4)
            begun = [entry.id for entry in walk.take(stop)]
            kept = json.loads(json.dumps(walk.checkpoint))
            rest = [entry.id for entry in driver.client(service.url).list(top=5, checkpoint=kept)]
            assert begun + rest == whole


def test_checkpoint_after_every_page_resumes_exactly(driver: Driver) -> None:
    """The same holds between pages."""
    with Service(13) as service:
        for stop in range(5):
            walk = driver.client(service.url).walk(top=4)
            begun = [entry.id for page in walk.pages(stop) for entry in page.items]
            rest = [entry.id for entry in driver.client(service.url).list(checkpoint=walk.checkpoint)]
            assert begun + rest == [str(number) for number in range(13, 0, -1)]


def test_checkpoint_of_a_finished_listing_gives_nothing_and_sends_nothing(driver: Driver) -> None:
    """A finished listing stays finished in a new client."""
    with Service(2) as service:
        walk = driver.client(service.url).walk()
        walk.take()
        sent = len(service.requests)
        rest = driver.client(service.url).list(checkpoint=walk.checkpoint)

    assert rest == []
    assert len(service.requests) == sent


def test_order_is_remembered_by_a_checkpoint(driver: Driver, service: Service) -> None:
    """The direction that was learned before a checkpoint is held against the pages after it."""
    service.will(entries("9", "8"), entries("10"), entries("10"))
    walk = driver.client(service.url).walk()
    walk.take(2)

    with pytest.raises(Exception, match="against the order"):
        driver.client(service.url).list(checkpoint=walk.checkpoint)


def test_checkpoint_is_plain_json_without_the_key(driver: Driver) -> None:
    """It holds the operation, its arguments, the place and the position, and nothing else."""
    with Service(3) as service:
        walk = driver.client(service.url).walk(top=2)
        walk.take(1)

    assert walk.checkpoint == {
        "version": 1,
        "operation": "AuditEntries_list",
        "endpoint": service.url,
        "prefix": PREFIX,
        "arguments": {"session_id": SESSION},
        "cursor": "3",
        "descending": None,
        "skip": 0,
        "finished": False,
    }


def test_checkpoint_of_another_session_or_host_is_refused(driver: Driver, service: Service) -> None:
    """A checkpoint resumes its own listing only; nothing is sent for another."""
    client = driver.client(service.url)
    kept = client.walk().checkpoint

    with pytest.raises(InvalidArgumentError, match="checkpoint: its arguments"):
        client.walk(OTHER, checkpoint=kept)
    with pytest.raises(InvalidArgumentError, match="checkpoint: its endpoint"):
        driver.client("https://example.com").walk(checkpoint=kept)

    assert service.requests == []


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"operation": "Other_list"},
        {"prefix": "/face/v1.2"},
        {"arguments": {}},
        {"cursor": 7},
        {"cursor": ""},
        {"cursor": "x" * 65},
        {"cursor": "\ud800"},
        {"descending": "yes"},
        {"descending": 1},
        {"descending": []},
        {"skip": -1},
        {"skip": True},
        {"skip": 1},
        {"skip": "0"},
        {"finished": None},
        {"finished": 0},
    ],
)
def test_altered_checkpoint_is_refused(driver: Driver, service: Service, change: dict[str, Any]) -> None:
    """What no pager can have returned is refused before anything is sent."""
    client = driver.client(service.url)
    kept = client.walk().checkpoint | change

    with pytest.raises(InvalidArgumentError, match="checkpoint|start"):
        client.walk(checkpoint=kept)

    assert service.requests == []


@pytest.mark.parametrize("junk", [{}, [], "checkpoint", 5])
def test_something_else_than_a_checkpoint_is_refused(driver: Driver, service: Service, junk: Any) -> None:
    """So is what is not a checkpoint at all."""
    client = driver.client(service.url)

    with pytest.raises(InvalidArgumentError, match="checkpoint"):
        client.walk(checkpoint=junk)

    assert service.requests == []


def test_returned_checkpoint_is_the_callers(driver: Driver) -> None:
    """Changing a checkpoint that was returned changes nothing in the pager."""
    with Service(3) as service:
        walk = driver.client(service.url).walk()
        walk.take(1)
        kept = walk.checkpoint
        kept["cursor"] = "1"
        kept["arguments"]["session_id"] = OTHER
        rest = walk.take()

    assert [entry.id for entry in rest] == ["2", "1"]
    assert walk.checkpoint["arguments"] == {"session_id": SESSION}


@pytest.mark.parametrize("start", ["5", ""])
def test_start_beside_a_checkpoint_is_refused(driver: Driver, service: Service, start: str) -> None:
    """Both say where to begin, so neither is passed over in silence."""
    client = driver.client(service.url)
    kept = client.walk().checkpoint

    with pytest.raises(InvalidArgumentError, match="^start: cannot be combined with checkpoint"):
        client.walk(start=start, checkpoint=kept)

    assert service.requests == []
