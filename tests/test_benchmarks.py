"""The benchmarks of `nox -s bench`, as far as they run without other clients, and the page that they write."""

from __future__ import annotations

from benchmarks.figures import FIGURES
from benchmarks.pages import facts, numbers, session
from benchmarks.processes import Peer, Server
from benchmarks.verification import compare, verify
from tests.figures import ROOT


def test_our_clients_find_every_entry_of_the_pages_that_are_timed() -> None:
    """What is timed is right: decoded, sync and async, with all that is compared, and unknown fields."""
    with Server() as url, Peer("ours") as ours:
        verify(ours, url)
        exact = ours.ask("exact", session=session(1000, unknown=True))

    assert exact is True


def test_a_peer_that_finds_something_else_is_not_timed() -> None:
    """A lost entry and another status are told; the digit of a time that Python does not hold may differ."""
    wanted = facts(numbers(session(5)))
    number, digest, moment, status, decision = wanted[-1]

    assert compare([*wanted[:-1], (number, digest, moment + 1, status, decision)], wanted) is None
    assert compare(wanted[:-1], wanted) == "4 entries in place of 5"
    assert compare([*wanted[:-1], (number, digest, moment, 500, decision)], wanted) is not None
    assert compare([*wanted[:-1], (number, digest, moment, status, "else")], wanted) is not None


def test_the_page_has_every_figure() -> None:
    """docs/benchmarks.md says of each figure what it is, what it may be and what it was."""
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")

    missing = [figure.what for figure in FIGURES if f"\n| {figure.what} | " not in page]

    assert missing == []
    assert (ROOT / "docs" / "benchmarks.svg").exists()
