"""Values of server variables: other spellings of one are taken, and a near miss is told what may be meant."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import pytest
from face_audit import ConfigurationError, Region
from face_audit._runtime.calls.service import find_spelled

if TYPE_CHECKING:
    from .conftest import Driver

REGION_HOST = "https://norwayeast.api.cognitive.microsoft.com"


class Zone(StrEnum):
    """Values of which some are spelled alike."""

    US_1 = "us-1"
    US1 = "us1"
    EU_WEST = "euw"
    EUROPE_WEST = "euw"
    EUW_2 = "EUW 2"
    STRASSE = "straße"


def found(spelled: str) -> str:
    """The value that is spelled so."""
    return find_spelled(Zone, spelled, parameter="zone", otherwise="look it up")


@pytest.mark.parametrize(
    "spelled",
    [
        *("norwayeast", "NORWAYEAST", "NorwayEast", "Norway East", "norway east", "norway-east", "NORWAY_EAST"),
        *(" norwayeast ", "Norway  East", "n-o_r w a y east", Region.NORWAY_EAST),
    ],
)
@pytest.mark.parametrize("how", ["argument", "environment"])
def test_region_is_taken_in_any_spelling(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, spelled: str, how: str
) -> None:
    """Case, blanks, hyphens and underscores do not matter."""
    if how == "environment":
        monkeypatch.setenv("FACE_REGION", spelled)

    client = driver.client(region=spelled if how == "argument" else None)

    assert client.made.endpoint == REGION_HOST


@pytest.mark.parametrize("region", Region)
def test_every_region_is_known_by_its_value_and_its_name(driver: Driver, region: Region) -> None:
    """No two of them are spelled alike."""
    endpoints = {driver.client(region=one).made.endpoint for one in (region.value, region.name, region.name.title())}

    assert endpoints == {f"https://{region}.api.cognitive.microsoft.com"}


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("norwayest", "norwayeast"),
        ("Norway-Eats", "norwayeast"),
        ("westus4", "westus"),
        ("NORWAYEASTX", "norwayeast"),
        ("sweden centrall", "swedencentral"),
    ],
)
def test_near_miss_is_told_what_may_be_meant(driver: Driver, spelled: str, meant: str) -> None:
    """The one known value that is most similar is shown, and never taken."""
    with pytest.raises(ConfigurationError) as caught:
        driver.client(region=spelled)

    assert str(caught.value) == f"region: is not one of Region; did you mean {meant!r}?"


@pytest.mark.parametrize("spelled", ["", " ", "-_", "mars", "x" * 70_000, "norwayeast\n", "norway.east", "\u212aorea"])
def test_what_is_similar_to_none_gets_general_advice(driver: Driver, spelled: str) -> None:
    """Or a near miss's: a region is never guessed."""
    with pytest.raises(
        ConfigurationError, match=r"^region: is not one of Region; (check the spelling, or give|did you)"
    ):
        driver.client(region=spelled)


@pytest.mark.parametrize(
    ("spelled", "value"),
    [
        ("us-1", "us-1"),
        ("us1", "us1"),
        ("Europe West", "euw"),
        ("eu_west", "euw"),
        ("EUW", "euw"),
        ("euw2", "EUW 2"),
        ("STRASSE", "straße"),
    ],
)
def test_value_is_found_by_its_own_text_or_its_name(spelled: str, value: str) -> None:
    """What is exactly a value is that value; other spellings are those of one member."""
    assert found(spelled) == value


@pytest.mark.parametrize("spelled", ["US 1", "Us1", "US_1", "u-s-1"])
def test_spelling_of_several_values_is_not_guessed(spelled: str) -> None:
    """The message names all of them."""
    with pytest.raises(ConfigurationError, match="^zone: may mean 'us-1' or 'us1'; give one of them$"):
        found(spelled)


def test_near_miss_of_several_values_names_one() -> None:
    """Always the same."""
    with pytest.raises(ConfigurationError, match=r"^zone: is not one of Zone; did you mean 'us-1'\?$"):
        found("us-11")


def test_value_that_is_similar_to_none_gets_the_advice_that_was_given() -> None:
    """As for a variable of the path, which no endpoint replaces."""
    with pytest.raises(ConfigurationError, match="^zone: is not one of Zone; look it up$"):
        found("mars")
