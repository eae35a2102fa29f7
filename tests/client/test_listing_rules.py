"""The rules of a listing alone, without a client: where it is, what may follow, and what a second pass asks for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from face_audit import FaceAuditClient, InvalidArgumentError, PaginationError
from face_audit._runtime.operation import Pagination
from face_audit._runtime.pagination.position import (
    Progress,
    complaint,
    is_in_order,
    order_complaint,
    trail_from,
    verified_page,
)
from face_audit._runtime.pagination.stability import Record
from face_audit._runtime.responses.pages import Listing, Page
from face_audit._runtime.values import scalars
from face_audit.resources.audit_entries.operations import AUDIT_ENTRIES_LIST
from hypothesis import given, settings
from hypothesis import strategies as st

from .properties import FIXED
from .servers import SESSION
from .test_operations import TOKEN, parameter

if TYPE_CHECKING:
    from face_audit._runtime.operation import Operation

PLACE = {"endpoint": "https://example.com", "prefix": "/face"}
# Nothing is known of how long its pages are.
UNLIMITED = AUDIT_ENTRIES_LIST._replace(
    pagination=Pagination(style="item", cursor="start", limit=None, default_limit=None, items="", cursor_at="/id")
)
OF_ANY_LENGTH = UNLIMITED.call({"session_id": SESSION})


def texts(numbers: list[int]) -> list[str]:
    """Numbers as ids."""
    return [str(one) for one in numbers]


def listing(*ids: str, token: str | None = None) -> Listing[str]:
    """A page whose items are their ids."""
    return Listing(page=Page(items=ids, raw=b"", request_id=None), ids=ids, token=token)


def progress(operation: Operation = AUDIT_ENTRIES_LIST, **settings: Any) -> Progress:
    """A listing of a session; arguments beside the settings are the operation's."""
    own = {name: settings.pop(name) for name in ("place", "trust_short_page") if name in settings}
    given = {} if operation.name == TOKEN.name else {"session_id": SESSION}
    return Progress(operation.begin(given | settings), **({"place": PLACE} | own))


def checkpoint(standing: Progress) -> dict[str, Any]:
    """Where it can be resumed."""
    return standing.checkpoint_at(standing.trail)


def fetch(standing: Progress, *answers: Listing[str]) -> Listing[str]:
    """What the listing makes of these answers to its requests."""
    steps = standing.fetch()
    next(steps)
    for answer in answers:
        try:
            steps.send(answer)
        except StopIteration as done:
            return done.value
    raise AssertionError("asked for more than these")


def take(standing: Progress, *ids: str, token: str | None = None) -> None:
    """Fetch a page and hand it over, item by item."""
    page = fetch(standing, listing(*ids, token=token))
    for place in range(len(ids)):
        standing.hand_over(page, place, place + 1)
    if not ids:
        standing.hand_over(page, 0, 0)


def test_short_page_is_not_the_end() -> None:
    """Services cap pages: unless told otherwise, only an empty page ends a listing."""
    standing = progress(top=5)

    take(standing, "3", "2")
    went_on = standing.finished
    take(standing)

    assert not went_on
    assert standing.finished


@pytest.mark.parametrize(("ids", "finished"), [(["3", "2", "1"], True), (["4", "3", "2", "1"], False)])
def test_trusted_short_page_is_the_end(ids: list[str], finished: bool) -> None:
    """With `trust_short_page` a page that is not full ends the listing, and a full one does not."""
    standing = progress(top=4, trust_short_page=True)

    take(standing, *ids)

    assert standing.finished is finished


def test_page_is_never_short_where_no_length_is_known() -> None:
    """Where the document says nothing of a page's length, trusting short pages changes nothing."""
    standing = progress(UNLIMITED, trust_short_page=True)

    take(standing, "3")

    assert not standing.finished


def test_ids_are_learned_once_however_a_page_is_handed_over() -> None:
    """Text ids between ids of digits say nothing about their order, handed over one by one too."""
    standing = progress()

    take(standing, "5", "a")
    order = checkpoint(standing)["descending"]
    take(standing, "4", "b", "3")

    assert order is None
    assert checkpoint(standing)["descending"] is True
    assert checkpoint(standing)["cursor"] == "3"


def test_argument_that_was_not_given_binds_no_checkpoint() -> None:
    """A checkpoint is bound to the arguments of its listing; None is not an argument."""
    operation = TOKEN._replace(parameters=(*TOKEN.parameters, parameter("tag", "query", scalars.STRING)))

    assert checkpoint(progress(operation, tag=None))["arguments"] == {}
    assert checkpoint(progress(operation, tag="x"))["arguments"] == {"tag": "x"}
    with pytest.raises(InvalidArgumentError, match="checkpoint: its arguments"):
        progress(operation, tag="x").resume(checkpoint(progress(operation, tag="y")))


@pytest.mark.parametrize(
    ("operation", "change"),
    [(AUDIT_ENTRIES_LIST, {"cursor": 7}), (AUDIT_ENTRIES_LIST, {"cursor": ""}), (TOKEN, {"skip": -1})],
)
def test_altered_checkpoint_is_called_so(operation: Operation, change: dict[str, Any]) -> None:
    """What no pager returned is refused as such, before anything is made of it."""
    standing = progress(operation)

    with pytest.raises(InvalidArgumentError, match="checkpoint: was altered"):
        standing.resume(checkpoint(standing) | change)


@pytest.mark.parametrize("skip", [0, 1, 7])
def test_checkpoint_inside_a_page_of_tokens_is_taken(skip: int) -> None:
    """Where pages follow by token, a checkpoint may be inside a page."""
    standing = progress(TOKEN)

    standing.resume(checkpoint(standing) | {"skip": skip})

    assert standing.trail.skip == skip


def test_refused_checkpoint_is_shown_in_part() -> None:
    """An error shows at most 200 characters of each place, however long the checkpoint is."""
    standing = progress(place={"endpoint": "a" * 5000})
    other = progress(place={"endpoint": "b" * 5000})

    with pytest.raises(InvalidArgumentError) as caught:
        standing.resume(checkpoint(other))

    assert f"'{'b' * 199}," in str(caught.value)
    assert f"'{'a' * 199};" in str(caught.value)


@pytest.mark.parametrize(("largest", "asked"), [(1000, 501), (10, 6), (5, 3), (4, 3), (3, 2), (2, 1), (1, 1), (0, 1)])
def test_second_pass_asks_for_smaller_pages(largest: int, asked: int) -> None:
    """More than half of the largest page, and fewer than it: so the pages of both passes begin at different items."""
    second = progress(top=1000).again(largest=largest)

    assert next(second.fetch()).arguments["top"] == asked


def test_second_pass_begins_where_the_first_one_did() -> None:
    """It begins at the first one's cursor, knows its order and none of its ids, and can be made more than once."""
    standing = progress(start="9", trust_short_page=True)
    take(standing, "8", "b", "7")

    for _ in range(2):
        second = standing.again(largest=3)
        assert checkpoint(second) == checkpoint(progress(start="9"))
        take(second, "8", "b")
        assert not second.finished
        take(second, "7")
        assert second.finished


def test_resumed_listing_is_read_again_from_its_checkpoint() -> None:
    """A second pass keeps what the checkpoint said of the order."""
    standing = progress()
    standing.resume(checkpoint(standing) | {"cursor": "5", "descending": True})

    second = standing.again(largest=10)

    with pytest.raises(PaginationError, match="id '6' came after '5', against the order"):
        fetch(second, listing("6"), listing("6"))


@pytest.mark.parametrize("wrong", [listing("5"), listing("6", "6"), listing("5", "4")])
def test_single_page_is_held_to_the_rules_of_a_listing(wrong: Listing[str]) -> None:
    """A page that repeats the id it was asked to follow, or one of its own, is refused."""
    call = AUDIT_ENTRIES_LIST.call({"session_id": SESSION, "start": "5"})

    assert verified_page(call, listing("6", "7")) == listing("6", "7").page
    with pytest.raises(PaginationError, match="came twice"):
        verified_page(call, wrong)


@pytest.mark.parametrize("start", [None, ""])
def test_single_page_from_the_beginning_may_start_anywhere(start: str | None) -> None:
    """Without a cursor there is nothing that its first id must follow."""
    call = AUDIT_ENTRIES_LIST.call({"session_id": SESSION, "start": start})

    assert verified_page(call, listing("5", "4")).items == ("5", "4")


def test_id_that_cannot_be_asked_for_is_shown_in_part() -> None:
    """An id longer than the document allows ends the listing with an error that shows 80 characters of it, escaped."""
    standing = progress()
    take(standing, "\n" + "x" * 5000)

    with pytest.raises(PaginationError) as caught:
        next(standing.fetch())

    shown = str(caught.value)
    assert "the id '\\n" + "x" * 77 + " cannot be sent" in shown
    assert len(shown) < 500


@pytest.mark.parametrize("page", [listing("\n" + "x" * 5000, "\n" + "x" * 5000), listing("1" * 5000, "1" * 5000)])
def test_complaint_shows_ids_in_part_and_escaped(page: Listing[str]) -> None:
    """No id of a service forges a line of a log, or fills it."""
    found = complaint(page, OF_ANY_LENGTH, trail_from(None))

    assert found is not None
    assert "came twice" in found
    assert found.isprintable()
    assert len(found) < 120


def test_ids_out_of_order_are_shown_in_part() -> None:
    """So it is for both ids of a turned order."""
    page = listing("2" * 5000, "3" * 5000, "1" * 5000)

    found = complaint(page, OF_ANY_LENGTH, trail_from(None))

    assert found is not None
    assert f"id '{'1' * 79} came after '{'3' * 79}, against the order" in found


def test_repeated_token_is_shown_in_part_and_escaped() -> None:
    """So it is for tokens."""
    token = "\n" + "t" * 5000

    found = complaint(listing("1", token=token), TOKEN.call({}), trail_from(token))

    assert found == f"the next page is '\\n{'t' * 77}, which was fetched before"


def test_error_shows_the_cursor_in_part() -> None:
    """The page that contradicts the ones before is named by 80 characters of its cursor."""
    standing = progress(TOKEN)
    take(standing, "1", token="t" * 5000)

    with pytest.raises(PaginationError) as caught:
        fetch(standing, *[listing("2", token="t" * 5000)] * 2)

    assert f"Things_list after '{'t' * 79}: the next page is '{'t' * 79}, which" in str(caught.value)


@pytest.mark.parametrize(
    "ids", [("30", "a", "20", "b", "10"), ("9", "a", "10"), ("\u0663", "\u0665", "\u0664"), ("\u00b2", "\u00b9")]
)
def test_only_ids_of_ascii_digits_have_an_order(ids: tuple[str, ...]) -> None:
    """Text ids come in any order, other scripts' digits too, and those of digits keep theirs around them."""
    assert complaint(listing(*ids), OF_ANY_LENGTH, trail_from(None)) is None


@pytest.mark.parametrize("start", ["b", "5"])
def test_page_does_not_begin_with_the_cursor_that_it_follows(start: str) -> None:
    """The cursor that a caller gave was seen by the caller: it does not come again."""
    with pytest.raises(PaginationError, match="came twice"):
        fetch(progress(start=start), *[listing(start)] * 2)


@pytest.mark.parametrize(("skip", "accepted"), [(0, True), (1, False), (2, False)])
def test_page_that_shrank_below_what_was_handed_over_is_refused(skip: int, accepted: bool) -> None:
    """Of a page by token, more than was handed over before must be there still."""
    trail = trail_from("t", skip=skip)

    assert (complaint(listing("1"), TOKEN.call({}), trail) is None) is accepted


def recorded(*ids: str, request_id: str | None) -> Listing[str]:
    """A page whose items are objects with these ids."""
    page = Page(items=ids, raw=b"", request_id=request_id)
    return Listing(page=page, texts=tuple(json.dumps({"id": one}).encode() for one in ids), ids=ids)


def compare(first: list[Listing[str]], second: list[Listing[str]]) -> PaginationError:
    """What a second pass says of a listing that has changed."""
    record, standing = Record(), progress()
    for page in first:
        for place in range(len(page.ids)):
            record.add(page, place, place + 1)
    steps = record.compare(standing.again(largest=record.largest))
    next(steps)
    for page in second[:-1]:
        steps.send(page)
    with pytest.raises(PaginationError) as caught:
        steps.send(second[-1])
    return caught.value


def test_changed_listing_names_the_requests_of_both_passes() -> None:
    """Where they differ: the page of the first pass that holds the entry, and the one of the second."""
    first = [recorded("5", "4", request_id="r1"), recorded("3", request_id="r2"), recorded("2", request_id="r3")]

    second = [recorded("5", request_id="r4"), recorded("4", request_id="r5"), recorded("2", request_id="r6")]

    error = compare(first, second)

    assert error.request_ids == ("r2", "r6")
    assert str(error) == (
        "AuditEntries_list: entry 3 (id '2') is not the same in the second pass: changed, missing or additional"
        " (requests 'r2', 'r6'); the listing changed while it was read; list it again from its start, and report it"
        " if that persists"
    )


def test_changed_listing_without_request_ids_names_none() -> None:
    """Where the service gives no ids, the error has none."""
    error = compare([recorded("5", request_id=None)], [recorded("4", request_id=None)])

    assert error.request_ids == ()
    assert "changed, missing or additional; the listing changed" in str(error)


def test_changed_listing_shows_ids_in_part_and_escaped() -> None:
    """No id of a service fills a log, or forges a line of it."""
    last, request = "\n" + "i" * 5000, "\n" + "r" * 5000

    error = compare([recorded("a", request_id=request)], [recorded(last, request_id=request)])

    assert f"entry 1 (id '\\n{'i' * 77}) is not" in str(error)
    assert f"(requests '\\n{'r' * 77}, '\\n{'r' * 77})" in str(error)


def test_unknown_way_to_verify_is_shown_in_part() -> None:
    """A wrong setting is refused before anything is sent, with 80 characters of it."""
    client = FaceAuditClient(key="0123456789abcdef", endpoint="https://example.com")

    with client, pytest.raises(InvalidArgumentError) as caught:
        client.audit_entries.list(SESSION, verify="v" * 5000)  # type: ignore[call-overload]

    assert str(caught.value) == f'verify: is \'{"v" * 79}; give "end", "stable" or None'


IDS = (
    st.integers(0, 30).map(str)
    | st.integers(0, 10**20).map(str)
    | st.sampled_from(["", "07", "007", "1_0", " 1", "+1", "\u0663", "\u00b2", "a", "9" * 4301, "8" * 4301])
)


@pytest.mark.uncovered
@settings(FIXED, max_examples=600)
@given(
    st.lists(IDS, max_size=6) | st.lists(st.integers(0, 99), unique=True, max_size=8).map(sorted).map(texts),
    st.booleans(),
    IDS.filter(bool) | st.none(),
    st.none() | st.booleans(),
)
def test_fast_way_agrees_with_the_exact_one(
    ids: list[str], turned: bool, cursor: str | None, descending: bool | None
) -> None:
    """Ids that pass at once are those that pass one by one, and what is learned of a page is what its items show."""
    page, trail = tuple(reversed(ids) if turned else ids), trail_from(cursor, descending=descending)

    fast, exact = is_in_order(page, trail), order_complaint(page, trail)

    assert not fast or exact is None
    assert complaint(listing(*page), OF_ANY_LENGTH, trail) == exact
    by_one = trail_from(cursor, descending=descending)
    for one in page:
        by_one = by_one.learn([one])
    assert (trail.learn(page) if page else trail) == by_one


@pytest.mark.parametrize("ids", [("3", "2", "1"), ("9", "10", "0011"), ("5",), ("1" * 60, "2" * 60)])
def test_ids_of_digits_pass_at_once(ids: tuple[str, ...]) -> None:
    """The fast way is the one that such pages take."""
    assert is_in_order(ids, trail_from(None))


@pytest.mark.parametrize(("until", "last"), [(1, "5"), (2, "4")])
def test_items_that_were_not_handed_over_are_forgotten(until: int, last: str) -> None:
    """A page is recorded whole; where only its beginning was handed over, the rest comes again and counts then."""
    record, standing, page = Record(), progress(), recorded("5", "4", "3", request_id="r1")
    record.add(page, 0, 3)

    record.cut(page, until)

    steps = record.compare(standing.again(largest=record.largest))
    next(steps)
    with pytest.raises(PaginationError, match=rf"ended after 0 entries; the first had {until} \(id '{last}'\)"):
        steps.send(recorded(request_id="r2"))
