"""From a rating to the next version."""

from __future__ import annotations

import pytest

from strict_clients.bump.rating import Rating, next_version


@pytest.mark.parametrize(
    ("released", "rating", "version"),
    [
        ("0.1.0", Rating.NOTHING, "0.1.0"),
        ("0.1.0", Rating.PATCH, "0.1.1"),
        ("0.1.3", Rating.MINOR, "0.2.0"),
        ("0.1.3", Rating.MAJOR, "1.0.0"),
        ("1.2.3rc1", Rating.MAJOR, "2.0.0"),
    ],
)
def test_next_version_follows_semantic_versioning(released: str, rating: Rating, version: str) -> None:
    """Below 1.0.0 as above it: a break is a new major version."""
    assert next_version(released, rating) == version


@pytest.mark.parametrize(
    ("released", "rating", "version"),
    [
        ("0.1.3", Rating.MAJOR, "0.2.0"),
        ("0.1.3", Rating.MINOR, "0.2.0"),
        ("0.1.3", Rating.PATCH, "0.1.4"),
        ("1.2.3", Rating.MAJOR, "2.0.0"),
    ],
)
def test_break_before_1_0_0_may_ask_for_a_minor_version(released: str, rating: Rating, version: str) -> None:
    """It is the maintainer's choice, below 1.0.0 only."""
    assert next_version(released, rating, before_1_0="minor") == version


def test_version_without_three_numbers_is_refused() -> None:
    """There is nothing to count up."""
    with pytest.raises(ValueError, match="version '1.2': is not three numbers"):
        next_version("1.2", Rating.PATCH)


def test_ratings_are_the_exit_codes() -> None:
    """Scripts read the verdict from the exit code."""
    assert {rating.word: int(rating) for rating in Rating} == {"nothing": 0, "patch": 10, "minor": 20, "major": 30}
