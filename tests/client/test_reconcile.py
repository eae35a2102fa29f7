"""Reconciling: which of the recorded requests were listed, and which were listed beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from face_audit import InvalidArgumentError, Reconciliation, reconcile

from .servers import Service, entry

if TYPE_CHECKING:
    from .conftest import Driver

UPPER = "3F08DB40-687E-414B-8931-0C0EB509A763"


def test_ids_are_parted_in_order_of_first_appearance() -> None:
    """Each id is once in the place where it belongs, and entries without one are counted."""
    found = reconcile(["c", "a", "b", "a"], ["x", "b", None, "c", "b", "y", "x", ""])

    assert found == Reconciliation(
        matched=("c", "b"), missing=("a",), unexpected=("x", "y"), repeated=("x", "b"), unnamed=2
    )


@pytest.mark.parametrize(
    ("expected", "listed", "complete"),
    [
        ([], [], True),
        (["a"], ["a"], True),
        (["a", "a"], ["a"], True),
        (["a"], ["b", "a"], True),
        (["a"], [], False),
        (["a"], ["a", "a"], False),
        (["a"], ["a", "b", "b"], False),
        (["a"], ["a", None], False),
        (["a"], ["A"], False),
    ],
)
def test_complete_means_all_expected_are_listed_once(
    expected: list[str], listed: list[str | None], complete: bool
) -> None:
    """A complete list has every expected id, repeats none and names each entry; other ids do not matter."""
    assert reconcile(iter(expected), iter(listed)).complete is complete


def test_requests_with_several_ids_are_matched_by_any() -> None:
    """A request without an answer is known by the caller's id alone; the first id names it in the result."""
    expected = [(None, "mine-1"), ("service-2", "mine-2"), "service-3", ("service-4", None), ("service-5", "mine-5")]
    listed = [("service-1", "mine-1"), ("service-2", None), ("service-3", "mine-3"), (None, "mine-5"), ("x", "y")]

    found = reconcile(expected, [*listed, (None, ""), ("x", "z")])

    assert found == Reconciliation(
        matched=("mine-1", "service-2", "service-3", "service-5"),
        missing=("service-4",),
        unexpected=("x",),
        repeated=("x",),
        unnamed=1,
    )


def test_uuids_are_compared_without_regard_to_case() -> None:
    """A UUID means the same in either case (RFC 9562); it is given back as the caller wrote it."""
    found = reconcile([UPPER], [UPPER.lower(), UPPER])

    assert found.matched == (UPPER,)
    assert found.repeated == (UPPER.lower(),)
    assert found.unexpected == found.missing == ()


@pytest.mark.parametrize(
    ("expected", "listed", "match"),
    [
        ("abc", [], "^expected: is str; give a list of ids"),
        ([], b"abc", "^listed: is bytes; give a list of ids"),
        (None, [], "^expected: is NoneType; give a list of ids"),
        ([""], [], "^expected: holds an empty id"),
        ([None], [], "^expected: holds an empty id"),
        ([(None, "")], [], "^expected: holds an empty id"),
        ([("a", 5)], [], "^expected: holds 5; give ids as text"),
        ([5], [], "^expected: holds 5; give ids as text"),
        ([], [b"a"], "^listed: holds b'a'; give ids as text"),
    ],
)
def test_what_is_no_collection_of_ids_is_refused(expected: Any, listed: Any, match: str) -> None:
    """A text instead of a list would be compared letter by letter, so it is refused."""
    with pytest.raises(InvalidArgumentError, match=match):
        reconcile(expected, listed)


def test_listed_entries_are_reconciled_with_recorded_ids(driver: Driver) -> None:
    """The ids of a pager's entries go straight in."""
    with Service(3) as service:
        service.entries.append(entry(0, requestId=None))
        listed = driver.client(service.url).list(trust_short_page=True)

    found = reconcile(["request-3", "request-9"], (one.request_id for one in listed))

    assert found.matched == ("request-3",)
    assert found.missing == ("request-9",)
    assert found.unexpected == ("request-2", "request-1")
    assert found.unnamed == 1
