"""Properties of paging: whatever a service does, each entry comes once and in order, or there is an error."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit import FaceAuditError, InvalidArgumentError, PaginationError
from hypothesis import given, settings
from hypothesis import strategies as st

from .properties import FIXED, JSON, TEXT, Listed, listings, page_of, refusal, talking_to
from .servers import PREFIX, SESSION

if TYPE_CHECKING:
    from face_audit._runtime.wire import HTTPRequest, HTTPResponse

    from .conftest import Driver, Walk

pytestmark = pytest.mark.uncovered


class End:
    """What is instead of an entry at the end."""

    id = "the end"


END = End()

TOPS = st.none() | st.integers(1, 7)


def ids(found: list[Any]) -> list[str]:
    """The ids of entries."""
    return [one.id for one in found]


def kept(walk: Walk) -> dict[str, Any]:
    """The checkpoint of a walk, after it was written to a file and read back."""
    text = json.dumps(walk.checkpoint)
    read: dict[str, Any] = json.loads(text)
    assert read == walk.checkpoint
    return read


@FIXED
@given(listings(), TOPS, st.data())
def test_listing_comes_exactly_once(driver: Driver, listed: Listed, top: int | None, data: st.DataObject) -> None:
    """Items and pages in any mix give the whole listing in its order, whatever its ids and however it caps pages."""
    walk = driver.client(**listed.options()).walk(top=top)
    found: list[Any] = []

    for _ in range(data.draw(st.integers(0, 3))):
        found += walk.take(data.draw(st.integers(0, 3)))
        found += [one for page in walk.pages(data.draw(st.integers(0, 1))) for one in page.items]
    found += walk.take()

    driver.close()
    assert ids(found) == listed.ids
    assert walk.take() == walk.pages() == []


@settings(FIXED, max_examples=60)
@given(listings(), TOPS, TOPS)
def test_checkpoint_resumes_between_any_two_entries(
    driver: Driver, listed: Listed, top: int | None, other: int | None
) -> None:
    """Killed after any entry, a listing goes on in a new client, with another page size too, and gives the rest."""
    for stop in range(len(listed.ids) + 2):
        walk = driver.client(**listed.options()).walk(top=top)
        begun = walk.take(stop)
        rest = driver.client(**listed.options()).list(top=other, checkpoint=kept(walk))
        driver.close()
        assert ids(begun) + ids(rest) == listed.ids


def test_hundred_listings_survive_a_crash_at_any_point(driver: Driver) -> None:
    """Each of 100 random listings is killed after every entry, then amid a fetch: the union is exact."""
    chosen = random.Random(20_261_127)
    for _ in range(100):
        numbers = chosen.sample(range(100), chosen.randint(0, 5))
        numbers.sort(reverse=chosen.random() < 0.5)
        as_text = chosen.random() < 0.5
        caps = [chosen.randint(1, 4) for _ in range(3)]
        listed = Listed([str(one) if as_text else one for one in numbers], caps=caps)
        walk, begun = driver.client(**listed.options()).walk(top=chosen.randint(1, 5)), list[str]()
        for _ in range(len(numbers) + 1):
            assert begun + crashed(driver, listed, kept(walk), chosen.randint(1, 6)) == listed.ids
            begun += ids(walk.take(1))
        driver.close()
        assert begun == listed.ids


def crashed(driver: Driver, listed: Listed, checkpoint: dict[str, Any], crash: int) -> list[str]:
    """What a new client gives whose fetch fails at one request, and another one after it."""
    left = [crash]

    def fail(request: HTTPRequest) -> HTTPResponse:
        left[0] -= 1
        if left[0] == 0:
            raise httpx.UnsupportedProtocol("the power went out")
        return listed.answer(request)

    walk = driver.client(**talking_to(fail)).walk(top=2, checkpoint=checkpoint)
    found: list[str] = []
    while (error := refusal(FaceAuditError, lambda: found.extend(ids(walk.take(1) or [END])))) is None:
        if found[-1] == END.id:
            return found[:-1]
    assert error.checkpoint == walk.checkpoint
    return found + ids(driver.client(**listed.options()).list(checkpoint=kept(walk)))


@settings(FIXED, max_examples=150)
@given(
    st.lists(
        st.lists(
            st.integers(0, 6)
            | st.sampled_from(["1", "2", "02", "3", "a", "b", "c", "é", ""])
            | st.sampled_from([None, True, 1.5, [], {}]),
            max_size=4,
        ),
        min_size=1,
        max_size=5,
    ),
    TOPS,
)
def test_hostile_service_delivers_nothing_twice_and_never_endlessly(
    driver: Driver, pages: list[list[Any]], top: int | None
) -> None:
    """Pages of any ids in any order, over and over: each id comes at most once, then there is an end or an error."""
    count = [0]

    def answer(_: HTTPRequest) -> HTTPResponse:
        count[0] += 1
        if count[0] > 100:
            raise RuntimeError("this is endless")
        return page_of([{"id": one} for one in pages[(count[0] - 1) % len(pages)]])

    walk = driver.client(**talking_to(answer)).walk(top=top)
    found: list[str] = []

    while (error := refusal(FaceAuditError, lambda: found.extend(ids(walk.take(1) or [END])))) is None:
        if found[-1] == END.id:
            break

    driver.close()
    delivered = [one for one in found if one != END.id]
    assert len(set(delivered)) == len(delivered)
    assert count[0] <= 2 * len(delivered) + 2
    assert error is None or error.checkpoint == walk.checkpoint


@settings(FIXED, max_examples=120)
@given(listings(), TOPS)
def test_stable_listing_is_verified(driver: Driver, listed: Listed, top: int | None) -> None:
    """What does not change is found unchanged, however the second pass is cut into pages."""
    found = driver.client(**listed.options()).list(top=top, verify="stable")

    driver.close()
    assert ids(found) == listed.ids


@settings(FIXED, max_examples=150)
@given(
    st.sets(st.integers(1, 10**6).map(lambda number: 2 * number), min_size=1, max_size=10),
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    TOPS,
    st.sampled_from(["change", "remove", "add"]),
    st.data(),
)
def test_any_single_change_between_the_passes_is_found(
    driver: Driver, numbers: set[int], caps: list[int], top: int | None, what: str, data: st.DataObject
) -> None:
    """One field changed, one entry missing or one additional, at any place: the listing is not called stable."""
    listed = Listed(sorted(numbers, reverse=True), caps=caps)
    walk = driver.client(**listed.options()).walk(top=top, verify="stable")
    found = walk.take(len(numbers))
    at = data.draw(st.integers(0, len(numbers) - 1))
    if what == "change":
        listed.entries[at] = listed.entries[at] | {data.draw(st.sampled_from(["digest", "new"])): "changed"}
    elif what == "remove":
        # As a service does it: the cursor may mean an entry that is gone.
        gone = listed.entries.pop(at)["id"]
        listed.following = lambda start: sum(int(one) >= int(start) for one in listed.ids)  # type: ignore[method-assign]
        numbers = numbers - {gone}
    else:
        listed.entries.insert(at, listed.entries[at] | {"id": int(listed.entries[at]["id"]) + 1})

    with pytest.raises(PaginationError, match="the listing changed while it was read") as caught:
        walk.take()

    driver.close()
    assert len(found) == len(listed.entries) + {"change": 0, "remove": 1, "add": -1}[what]
    assert caught.value.request_ids


@settings(FIXED, max_examples=150)
@given(
    JSON
    | st.fixed_dictionaries(
        {
            "version": st.just(1),
            "operation": st.just("AuditEntries_list"),
            "endpoint": st.just("http://localhost"),
            "prefix": st.just(PREFIX),
            "arguments": st.just({"session_id": SESSION}),
            "cursor": st.none() | TEXT | st.integers(),
            "descending": st.none() | st.booleans() | st.integers(),
            "skip": st.integers(-1, 1) | st.none(),
            "finished": st.booleans() | st.none(),
        }
    )
)
def test_any_checkpoint_is_refused_or_taken(driver: Driver, checkpoint: Any) -> None:
    """A checkpoint that was altered is refused with InvalidArgumentError; one that is taken comes back the same."""
    client = driver.client(**talking_to(lambda _: page_of([])))

    if checkpoint is not None and refusal(InvalidArgumentError, client.walk, checkpoint=checkpoint) is None:
        walk = client.walk(checkpoint=checkpoint)
        assert walk.checkpoint == checkpoint
        assert walk.take() == []
    driver.close()
