"""`verify="stable"`: a second pass in other pages shows whether the listing changed while it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from face_audit import DecodeError, InvalidArgumentError, PaginationError
from face_audit._runtime.operation import Parameter
from face_audit._runtime.pagination.stability import Record
from face_audit._runtime.responses.pages import Listing, Page
from face_audit._runtime.values import scalars
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST

from .servers import SESSION, Answer, Received, Service, answer, entries, entry
from .test_operations import TOKEN, token_page

if TYPE_CHECKING:
    from .conftest import Driver

LIMITED_TOKEN = TOKEN._replace(
    parameters=(*TOKEN.parameters, Parameter(name="size", wire="size", location="query", type=scalars.INTEGER)),
    pagination=TOKEN.pagination._replace(limit="size"),
)


class RepeatingService(Service):
    """Answers the first request for what follows entry 5 with the page before it once more."""

    def respond(self, request: Received) -> Answer:
        """What the next request gets."""
        reply = super().respond(request)
        starts = [one.start for one in self.requests]
        return answer(entries("6", "5")) if request.start == "5" and starts.count("5") == 1 else reply


def asked(service: Service, name: str = "top") -> list[str | None]:
    """What each request asked for under this name."""
    return [parse_qs(urlsplit(one.target).query).get(name, [None])[0] for one in service.requests]


def ids(found: list[Any]) -> list[str]:
    """The ids of entries."""
    return [one.id for one in found]


@pytest.mark.parametrize(
    ("count", "top", "sizes"),
    [
        (5, 4, ["4", "4", "4", "3", "3", "3"]),
        (3, None, [None, None, "2", "2", "2"]),
        (2, 2, ["2", "2", "1", "1", "1"]),
        (1, 1, ["1", "1", "1", "1"]),
        (0, 7, ["7", "1"]),
    ],
)
def test_stable_listing_is_read_twice_in_other_pages(
    driver: Driver, count: int, top: int | None, sizes: list[str | None]
) -> None:
    """Every entry comes once; the second pass is smaller in its pages, and nothing is sent after it."""
    with Service(count) as service:
        walk = driver.client(service.url).walk(top=top, verify="stable")
        found = walk.take(), walk.take(), walk.pages()

    assert [ids(one) for one in found[:2]] == [[str(number) for number in range(count, 0, -1)], []]
    assert found[2] == []
    assert asked(service) == sizes


def test_pages_are_verified_too(driver: Driver) -> None:
    """`pages()` ends only after the second pass."""
    with Service(5) as service:
        pages = driver.client(service.url).walk(top=3, verify="stable").pages()

    assert [len(page.items) for page in pages] == [3, 2, 0]
    assert asked(service) == ["3"] * 3 + ["2"] * 4


@pytest.mark.parametrize(("changed", "said"), [(None, None), (3, "entry 2 .id '3'."), (1, "entry 4 .id '1'.")])
def test_page_that_was_left_halfway_is_verified(driver: Driver, changed: int | None, said: str | None) -> None:
    """Where pages take over amid a page, every entry is compared once, at the place where it was handed over."""
    with Service(4) as service:
        walk = driver.client(service.url).walk(top=3, verify="stable")
        found = walk.take(1) + [one for page in walk.pages(2) for one in page.items]
        if changed is not None:
            service.entries[4 - changed] |= {"digest": "changed"}
        if said is None:
            rest = walk.take()
        else:
            with pytest.raises(PaginationError, match=said):
                walk.take()
            rest = []

    assert ids(found) == ["4", "3", "2", "1"]
    assert rest == []


def test_capped_pages_are_verified_below_the_cap(driver: Driver) -> None:
    """The second pass goes by what came, for a service may cap its pages below `top`."""
    with Service(7, longest_page=3) as service:
        found = driver.client(service.url).list(top=100, verify="stable")

    assert len(found) == 7
    assert asked(service) == ["100"] * 4 + ["2"] * 5


def change(service: Service, second: list[dict[str, Any]]) -> None:
    """Queue two entries, newest first, and what the service holds at the second pass."""
    service.will(answer(entries("3", "2"), apim_request_id="a"), answer([], apim_request_id="b"))
    service.entries = second


@pytest.mark.parametrize(
    ("second", "said", "requests"),
    [
        ([entry(3), entry(2)], "entry 1 .id '3'. is not the same", ("a", "r3")),
        (entries("3", "2", digest="FF"), "entry 1 .id '3'. is not the same", ("a", "r3")),
        ([*entries("3"), *entries("2", digest="FF")], "entry 2 .id '2'. is not the same", ("a", "r4")),
        (entries("4", "3", "2"), "entry 1 .id '4'. is not the same", ("a", "r3")),
        (entries("2"), "entry 1 .id '2'. is not the same", ("a", "r3")),
        (entries("3", "2", "1"), "entry 3 .id '1'. came in the second pass only", ("b", "r5")),
        (entries("3"), "entry 2 is missing .* ended after 1 entries .id '3'.; the first had 2 .id '2'.", ("a", "r4")),
        ([], "entry 1 is missing in the second pass, which ended after 0 entries; the first had 2", ("a", "r3")),
    ],
    ids=["content", "field", "last", "added first", "missing first", "added last", "missing last", "empty"],
)
def test_change_between_the_passes_is_named(
    driver: Driver, service: Service, second: list[dict[str, Any]], said: str, requests: tuple[str, ...]
) -> None:
    """Entries are handed over, then an error names the number, the id and the requests, and says what to do."""
    change(service, second)
    walk = driver.client(service.url).walk(top=2, verify="stable")

    found = walk.take(2)
    with pytest.raises(PaginationError, match=said) as caught:
        walk.take()

    assert ids(found) == ["3", "2"]
    assert caught.value.request_ids == requests
    assert all(repr(request) in str(caught.value) for request in requests)
    assert "list it again from its start" in str(caught.value)
    assert caught.value.checkpoint == walk.checkpoint
    assert [attempt.status for attempt in caught.value.attempts] == [200]


def test_verification_is_done_again_until_it_succeeds(driver: Driver, service: Service) -> None:
    """A pager whose listing was unstable never looks finished: iterating again verifies again."""
    change(service, entries("3"))
    walk = driver.client(service.url).walk(top=2, verify="stable")
    walk.take(2)

    for _ in range(2):
        with pytest.raises(PaginationError):
            walk.take()
    with pytest.raises(PaginationError):
        walk.pages()
    service.entries = entries("3", "2")
    after = walk.take()
    sent = len(service.requests)
    again = walk.take()

    assert after == again == []
    assert len(service.requests) == sent


def test_failure_in_the_second_pass_is_no_end(driver: Driver) -> None:
    """An error of any kind leaves the listing unverified; the next iteration begins the pass anew."""
    with Service(2) as service:
        walk = driver.client(service.url).walk(top=2, verify="stable")
        found = walk.take(2)
        service.will([], Answer(status=404))
        with pytest.raises(Exception, match="404"):
            walk.take()
        service.will(answer({}))
        with pytest.raises(DecodeError):
            walk.take()
        found += walk.take()

    assert ids(found) == ["2", "1"]


@pytest.mark.parametrize("prefetch", [False, True])
def test_stray_page_of_the_second_pass_is_fetched_once_more(driver: Driver, *, prefetch: bool) -> None:
    """A page that comes a second time where the next one is due is replaced, as in the first pass."""
    with RepeatingService(6) as service:
        walk = driver.client(service.url).walk(top=3, verify="stable", prefetch=prefetch)
        found = walk.take()

    assert ids(found) == ["6", "5", "4", "3", "2", "1"]
    assert [one.start for one in service.requests] == [None, "4", "1", None, "5", "5", "3", "1"]


def test_order_of_keys_is_no_change(driver: Driver, service: Service) -> None:
    """The order of an object's keys says nothing (RFC 8259), however often it changes."""
    first = entry(1)
    service.will([first], [], [dict(reversed(first.items()))])

    found = driver.client(service.url).list(verify="stable")

    assert len(found) == 1


def test_requests_without_ids_are_not_named(driver: Driver, service: Service) -> None:
    """Where the service gives no ids to its requests, the error names the entry alone."""
    service.will(entries("1"), [], entries("2"))

    with pytest.raises(PaginationError) as caught:
        driver.client(service.url).list(verify="stable")

    assert caught.value.request_ids == ()
    assert "requests" not in str(caught.value)


def test_kept_malformed_items_are_compared_by_their_text(driver: Driver, service: Service) -> None:
    """A malformed item has no fields, so its text is what must stay."""
    odd, other = entry(1, request=[]), entry(1, request=[0])
    service.will([odd], [], [odd], [], [odd], [], [other])
    client = driver.client(service.url)

    found = client.list(verify="stable", on_invalid="keep")
    with pytest.raises(PaginationError, match="entry 1 .id '1'. is not the same"):
        client.list(verify="stable", on_invalid="keep")

    assert len(found) == 1


def test_resumed_pager_verifies_what_it_hands_over_itself(driver: Driver) -> None:
    """The second pass of a resumed pager begins at its checkpoint; a finished one has nothing to verify."""
    with Service(6) as service:
        client = driver.client(service.url)
        walk = client.walk(top=2)
        begun = walk.take(3)
        rest = client.walk(top=2, checkpoint=walk.checkpoint, verify="stable")
        found = rest.take()
        starts = [request.start for request in service.requests]
        nothing = client.walk(checkpoint=rest.checkpoint, verify="stable").take()

    assert ids(begun + found) == ["6", "5", "4", "3", "2", "1"]
    assert starts == [None, "5", "4", "2", "1", "4", "3", "2", "1"]
    assert nothing == []
    assert len(service.requests) == len(starts)


@pytest.mark.parametrize("word", ["Stable", "", True, False, 1, ["stable"]])
def test_any_other_word_is_refused(driver: Driver, service: Service, word: Any) -> None:
    """A misspelled word is refused, and not taken for no verification."""
    with pytest.raises(InvalidArgumentError, match='^verify: is .*; give "end", "stable" or None'):
        driver.client(service.url).walk(verify=word)


@pytest.mark.parametrize(
    ("operation", "second", "sizes"),
    [
        (TOKEN, ["abc", "d"], [None] * 4),
        (LIMITED_TOKEN, ["ab", "cd"], [None, None, "2", "2"]),
    ],
    ids=["no limit", "limit"],
)
def test_tokens_are_verified_from_the_start(
    driver: Driver, service: Service, operation: Any, second: list[str], sizes: list[str | None]
) -> None:
    """Where pages follow by token there are no ids: entries are told by their number."""
    for pages in (["abc", "d"], second, ["abc", "d"], ["ax"]):
        tokens = ["t", ""]
        service.will(*(token_page(*page, token=token) for page, token in zip(pages, tokens, strict=False)))
    client = driver.client(service.url)

    found = client.walk_through(operation, verify="stable").take()
    with pytest.raises(PaginationError, match="entry 2 is not the same in the second pass: changed"):
        client.walk_through(operation, verify="stable").take()

    assert ids(found) == ["a", "b", "c", "d"]
    assert asked(service, "size")[:4] == sizes
    assert asked(service, "token")[:4] == [None, "t", None, "t"]


def test_place_inside_a_page_of_tokens_is_verified_in_pages_of_the_same_size(driver: Driver, service: Service) -> None:
    """A checkpoint inside a page counts items of that page, so the second pass asks for the same page."""
    page = token_page("a", "b", "c", token="")
    service.will(page, page, page)
    client = driver.client(service.url)
    walk = client.walk_through(LIMITED_TOKEN)

    begun = walk.take(2)
    rest = client.walk_through(LIMITED_TOKEN, checkpoint=walk.checkpoint, verify="stable").take()

    assert ids(begun + rest) == ["a", "b", "c"]
    assert asked(service, "size") == [None, None, None]


def test_limit_that_cannot_be_smaller_stays(driver: Driver) -> None:
    """Where the document allows no smaller page, the second pass has the size of the first."""
    least = scalars.Limited(inner=scalars.INTEGER, minimum=3)
    parameters = tuple(one._replace(type=least) if one.name == "top" else one for one in AUDIT_ENTRIES_LIST.parameters)
    operation = AUDIT_ENTRIES_LIST._replace(parameters=parameters)
    with Service(4) as service:
        client = driver.client(service.url)
        pager = type(client.walk().pager)(
            client.made, operation.begin({"session_id": SESSION, "top": 3}), verify="stable"
        )
        found = type(client.walk())(pager, client._runner).take()

    assert len(found) == 4
    assert asked(service) == ["3"] * 6


def test_record_holds_eight_bytes_for_each_item() -> None:
    """Whatever an entry weighs, the first pass keeps a hash of it and nothing else."""
    record, page = Record(), Page(items=("x" * 1000,) * 1000, raw=b"", request_id="r")
    listing = Listing(page=page, texts=(b'"x"',) * 1000, ids=("1",) * 1000)

    for _ in range(10):
        record.add(listing, 0, 1000)

    assert record._hashes.itemsize * len(record._hashes) == 80_000
    assert record._requests == [(0, "r")]
