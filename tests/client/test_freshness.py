"""A request that confirms a page uses a new connection, on which no stray answer can be mistaken for its answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit import InvalidArgumentError, PaginationError

from .conftest import origin_of
from .servers import SESSION, Service, entries
from .test_operations import TOKEN, token_page
from .wires import EMPTY, Wire, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Driver
    from .wires import Line

NUMBERS = range(8, 0, -1)
TOP = 2


def page(target: str) -> bytes:
    """The page for a request's target."""
    start = target.partition("start=")[2].partition("&")[0]
    top = int(target.partition("top=")[2].partition("&")[0])
    left = [one for one in NUMBERS if not start or one < int(start)]
    return ok(json.dumps(entries(*left[:top])).encode())


def straying(at: int, *, connections: int = 1) -> Callable[[Line], None]:
    """A server that answers the request number `at` of its first connections with a stray empty page, too.

    The stray comes first, in a segment of its own, so that nothing tells it from the answer.
    """
    served: list[int] = []

    def serve(line: Line) -> None:
        served.append(0)
        number, strays = 0, len(served) <= connections
        while head := line.receive():
            number += 1
            line.send(EMPTY if strays and number == at else page(head.split(b" ", 2)[1].decode()))

    return serve


@pytest.mark.parametrize("at", [2, 3, 4])
def test_end_that_a_fresh_connection_does_not_repeat_is_not_believed(driver: Driver, at: int) -> None:
    """With verify="end", a listing goes on after an empty page that only one connection has given."""
    with Wire(straying(at)) as wire:
        found = driver.client(wire.url).list(top=TOP, verify="end")

    assert [int(one.id) for one in found] == [*NUMBERS]
    assert wire.accepted >= 2


@pytest.mark.parametrize("settings", [{"prefetch": True}, {"on_invalid": "keep"}], ids=str)
def test_end_is_confirmed_with_other_settings_too(driver: Driver, settings: dict[str, Any]) -> None:
    """Prefetching and keeping malformed items change nothing about the end."""
    with Wire(straying(3)) as wire:
        found = driver.client(wire.url).list(top=TOP, verify="end", **settings)

    assert [int(one.id) for one in found] == [*NUMBERS]


def test_end_is_confirmed_in_list_many(driver: Driver) -> None:
    """Each of many lists is confirmed by itself."""
    with Wire(straying(2)) as wire:
        client = driver.client(wire.url)
        many = client.made.audit_entries.list_many([SESSION], top=TOP, verify="end")
        pages = list(many) if driver.runner is None else driver.runner.run(collect(many))

    assert [int(one.id) for listed in pages for one in listed.outcome.items] == [*NUMBERS]


async def collect(many: Any) -> list[Any]:
    """All results."""
    return [one async for one in many]


def test_stray_ends_a_plain_listing_unseen(driver: Driver) -> None:
    """Without verification, an empty page ends the listing: README's limits say so."""
    with Wire(straying(3)) as wire:
        found = driver.client(wire.url).list(top=TOP)

    assert [int(one.id) for one in found] == [8, 7, 6, 5]


def test_stable_listing_notices_the_stray(driver: Driver) -> None:
    """The second pass runs over connections of its own, so that it cannot end at the same stray."""
    with Wire(straying(3, connections=1)) as wire:
        walk = driver.client(wire.url).walk(top=TOP, verify="stable")
        with pytest.raises(PaginationError, match="in the second pass only"):
            walk.take()


@pytest.mark.parametrize("prefetch", [False, True])
def test_second_pass_runs_over_connections_of_its_own(driver: Driver, *, prefetch: bool) -> None:
    """Each of its requests opens one, so that nothing left over on a used one is taken for an answer."""
    with Service(5) as service:
        driver.client(service.url).list(top=3, verify="stable", prefetch=prefetch)

    ports = [request.port for request in service.requests]
    assert len(ports) == 3 + 4
    assert len({*ports[2:]}) == 5


def test_end_of_a_listing_by_token_is_confirmed(driver: Driver, service: Service) -> None:
    """The page without a token is asked for again over a fresh connection, and believed the second time."""
    stray, last = token_page("x", token=""), token_page("c", token="")
    service.will(token_page("a", token="t"), stray, token_page("b", token="u"), last, last)

    found = driver.client(service.url).walk_through(TOKEN, verify="end").take()

    assert [one.id for one in found] == ["a", "b", "c"]
    assert [request.target.partition("?")[2] for request in service.requests] == [
        *("", "token=t", "token=t", "token=u", "token=u")
    ]
    assert len({request.port for request in service.requests}) == 3


def test_confirmed_end_costs_one_request(driver: Driver, service: Service) -> None:
    """The empty page is asked for twice, over two connections, and nothing else is."""
    service.entries = entries(3, 2, 1)
    walk = driver.client(service.url).walk(verify="end")

    found = walk.take()

    assert len(found) == 3
    assert [request.start for request in service.requests] == [None, "1", "1"]
    assert service.requests[2].port not in {request.port for request in service.requests[:2]}
    assert walk.checkpoint["finished"] is True


def test_contradiction_is_asked_again_over_a_fresh_connection(driver: Driver, service: Service) -> None:
    """The one fresh fetch after a page that contradicts the others uses a connection of its own."""
    service.entries = entries(3, 2, 1)
    service.will(entries(3), entries(3))
    found = driver.client(service.url).list()

    assert [one.id for one in found] == ["3", "2", "1"]
    assert service.requests[2].port != service.requests[1].port


def test_page_over_a_fresh_connection(driver: Driver, service: Service) -> None:
    """`fresh_connection=True` opens a connection, though an idle one is there."""
    client = driver.client(service.url)

    client.page()
    client.page()
    client.page(fresh_connection=True)

    ports = [request.port for request in service.requests]
    assert ports[0] == ports[1] != ports[2]


def test_fresh_connection_takes_the_place_of_an_idle_one(driver: Driver, service: Service) -> None:
    """A client keeps no more connections than it had requests at once, however many of them asked for a fresh one."""
    client = driver.client(service.url)

    for _ in range(5):
        client.page(fresh_connection=True)

    assert len({request.port for request in service.requests}) == 5
    assert len(origin_of(client.made)._connections._all) == 1


def test_page_requested_ahead_of_a_fresh_one_is_kept(driver: Driver, service: Service) -> None:
    """With prefetch, the page after one that came over a fresh connection is requested once."""
    service.entries = entries(3, 2, 1)
    service.will(entries(3), entries(3))
    found = driver.client(service.url).list(top=1, prefetch=True)

    assert [one.id for one in found] == ["3", "2", "1"]
    assert [request.start for request in service.requests][-3:] == ["3", "2", "1"]


@pytest.mark.parametrize("argument", [{"verify": "end"}, {"verify": "stable"}])
def test_verification_with_a_callers_client_is_refused(driver: Driver, service: Service, argument: Any) -> None:
    """Nobody can tell whether a caller's httpx client opens a connection, so nothing is promised and nothing sent."""
    transport = httpx.HTTPTransport() if driver.runner is None else httpx.AsyncHTTPTransport()
    client = driver.client(service.url, http_client=driver.http_client(transport))

    with pytest.raises(InvalidArgumentError, match="^verify: needs a new connection, .* http_client"):
        client.walk(**argument)
    with pytest.raises(InvalidArgumentError, match="^verify: needs a new connection"):
        client.made.audit_entries.list_many([SESSION], **argument)
    with pytest.raises(InvalidArgumentError, match="^fresh_connection: needs a new connection"):
        client.page(fresh_connection=True)

    assert service.requests == []


def test_end_without_a_page_of_its_own_cannot_be_confirmed(driver: Driver, service: Service) -> None:
    """A short page that is taken for the end is not an empty page."""
    with pytest.raises(InvalidArgumentError, match="trust_short_page"):
        driver.client(service.url).walk(verify="end", trust_short_page=True)
