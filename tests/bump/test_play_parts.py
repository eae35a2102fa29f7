"""The parts of a play: made-up values, fitted answers, and what counts as a difference."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from strict_clients.bump.play.fitting import fit
from strict_clients.bump.play.patterns import text_for
from strict_clients.bump.play.requests import compare_requests
from strict_clients.bump.play.results import compare_outcomes, compare_values
from strict_clients.bump.play.values import Maker, Unmade

from .playing import PACKAGE, imported, read, render

UNSET = {"$": "_Unset", "member": "UNSET"}
RED, GREEN = {"$": "Colour", "member": "RED"}, {"$": "Colour", "member": "GREEN"}


@pytest.mark.parametrize(
    "expression",
    [
        *("abc", "^[a-z]{3}$", "a|b", "(ab)+c?", "^.{2}$", "[^a]", "[^aA0]x", r"\d{2}-\w\s\S\D\W", "^[^\\d]$", "a*?b"),
        *("(?>ab)c", "a++b", "^[\\d_]+$", "[^x]", "^(?:GET|PUT)$", "^$"),
    ],
)
def test_text_is_made_for_a_pattern(expression: str) -> None:
    """The patterns of documents are mostly as simple as these."""
    assert re.search(expression, text_for(expression), re.ASCII)


def test_text_without_a_character_is_none() -> None:
    """No candidate is outside of this class; the caller tries the text."""
    assert text_for(r"[^\x00-\U0010FFFF]") == ""


def request(**parts: Any) -> dict[str, Any]:
    """A request of a line, with these parts."""
    whole = {"verb": "POST", "origin": "https://host", "path": "/a", "query": [], "headers": {}, "media_type": None}
    return {**whole, "body": None, **parts}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"headers": {"accept": "text/plain"}}, {}, ["minor accept asks for other types of content"]),
        ({"media_type": "a/json"}, {"media_type": "b+json"}, ["minor body is of another media type"]),
        ({"media_type": "a/b"}, {"media_type": "text/plain"}, ["major body is of another media type"]),
        ({"query": [["a", "1"]]}, {}, ["major query a is no longer sent"]),
        ({}, {"query": [["a", "1"]]}, ["minor query a is also sent"]),
        ({"query": [["a", "1,2"]]}, {"query": [["a", "1"], ["a", "2"]]}, ["minor query a is written in another way"]),
        ({"query": [["a", "red"]]}, {"query": [["a", "green"]]}, ["major query a means something else"]),
        (
            {"body": {"a": [1, {"b": "x"}]}},
            {"body": {"a": [1, {"c": "x"}]}},
            ["minor body.a.b is sent under another name"],
        ),
        ({"body": {"a": None}}, {"body": {}}, ["major body.a is no longer sent"]),
        ({"headers": {"x-key": "secret-key"}}, {}, ["minor header x-key is a credential that is no longer sent"]),
        (
            {"headers": {"x-key": "secret-key"}},
            {"headers": {"authorization": "Bearer secret-key"}},
            ["minor header x-key is sent under another name"],
        ),
        (
            {"headers": {"x-key": "secret-key"}},
            {"headers": {"authorization": "Basic c2VjcmV0"}},
            ["major header x-key is no longer sent", "minor header authorization is also sent"],
        ),
    ],
)
def test_requests_are_compared_as_the_service_sees_them(
    old: dict[str, Any], new: dict[str, Any], found: list[str]
) -> None:
    """A value that is sent elsewhere is another matter than one that is not sent."""
    differences = compare_requests([request(**old)], [request(**new)])

    assert [f"{one.rating.word} {one.place} {one.why}" for one in differences] == found


def failed(kind: str, *bases: str, **held: Any) -> dict[str, Any]:
    """A line that ends with an error."""
    return {"error": {"$": kind, "bases": [*bases], "text": "it failed", "held": held}}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"result": 1}, failed("DecodeError"), ["major raises DecodeError, where it gave a result"]),
        (failed("LateError", "APIStatusError"), {"result": 1}, ["major gives a result, where it raised LateError"]),
        (failed("DecodeError"), {"result": 1}, ["minor gives a result, where it raised DecodeError"]),
        (failed("AError"), failed("BError", "AError"), ["minor raises BError, a subclass of AError"]),
        (failed("AError", "B", "C"), failed("AError", "C"), ["major is no longer B"]),
        (failed("AError", code="a"), failed("AError", code="b"), ["major has another value"]),
        (failed("AError", wait=1), failed("AError", wait=None), ["minor no longer has a value"]),
    ],
)
def test_outcomes_are_compared_as_callers_meet_them(old: dict[str, Any], new: dict[str, Any], found: list[str]) -> None:
    """An error is told by its class, by those that callers may catch in its place, and by what the service said."""
    assert [f"{one.rating.word} {one.why}" for one in compare_outcomes(old, new)] == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (1, 1, []),
        (1, 2, ["major at has another value"]),
        (1, True, ["major at is of type bool, and was of type int"]),
        (None, 1, ["minor at has a value, and had none"]),
        (None, UNSET, ["major at is of type _Unset, and was of type None"]),
        (UNSET, None, ["major at is of type None, and was of type _Unset"]),
        (1, None, ["major at no longer has a value"]),
        (RED, GREEN, ["major at has another value"]),
        ({"a": 1}, {"a": 2}, ["major at has another value"]),
        ({"a": 1}, {"b": 1}, ["major at a is no longer there", "minor at b is also there"]),
        ({"a": 1}, RED, ["major at is of type Colour, and was of type mapping"]),
        ([1], [2], ["major at has another value"]),
        (
            {"$": "Boat", "a": 1, "b": None},
            {"$": "Boat", "c": 1},
            ["major Boat.a is gone", "minor Boat.c is new, and has a value"],
        ),
        (
            {"$": "Boat", "additional_properties": {"a": 1}},
            {"$": "Boat", "additional_properties": {"b": 1}},
            ["minor Boat.additional_properties a is no longer there"],
        ),
    ],
)
def test_values_are_compared_as_callers_read_them(old: Any, new: Any, found: list[str]) -> None:
    """A value that came is not a break; one that went, or is of another type, is one."""
    assert [f"{one.rating.word} {one.place} {one.why}" for one in compare_values(old, new, "at")] == found


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Gives a module of a generated package by its name."""
    with imported(render(read(), tmp_path_factory.mktemp("parts") / "side")):
        yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")


def test_answer_is_completed_with_what_the_new_document_requires(package: Any) -> None:
    """In lists, maps, unions and tagged classes; anything that is there stays as it is."""
    compounds, scalars = package("_runtime.values.compounds"), package("_runtime.values.scalars")
    operation = package("_runtime.operation").Operation
    boat = compounds.ModelOf(package("models").Boat)

    def fitted(kind: Any, value: Any) -> Any:
        made = operation(name="a", method="GET", path="/a", success=frozenset({200}), result=kind)
        return fit({"status": 200, "json": value}, made, None)

    whole = fitted(boat, {})

    assert boat.decode(whole)
    assert fitted(compounds.ListOf(boat), [{}, {"id": "1"}]) == [whole, {"id": "1"}]
    assert fitted(compounds.MapOf(boat), {"a": {}}) == {"a": whole}
    assert fitted(compounds.ListOf(compounds.Nullable(boat)), [{}, None]) == [whole, None]
    assert fitted(compounds.Nullable(scalars.Limited(inner=boat)), {}) == whole
    assert fitted(compounds.OneOf((scalars.INTEGER, boat)), {}) == whole
    assert fitted(compounds.OneOf((scalars.INTEGER, scalars.BOOLEAN)), "a") == "a"
    tagged = compounds.Tagged("kind", {"boat": boat})
    assert fitted(tagged, {"kind": "boat"}) == {"kind": "boat", **whole}
    assert fitted(tagged, {"kind": 1}) == {"kind": 1}
    assert fitted(boat, {"id": 1}) == {"id": 1}
    assert fitted(boat, "a") == "a"
    assert fitted(None, "a") == "a"


def test_values_of_a_list_that_must_not_repeat_are_made_once(package: Any) -> None:
    """There may be fewer values than items."""
    compounds, scalars = package("_runtime.values.compounds"), package("_runtime.values.scalars")
    inner = compounds.ListOf(compounds.Const("a"))

    assert Maker(sent=False, full=True).make(scalars.Limited(inner=inner, unique=True), "at") == ["a"]
    assert Maker(sent=False, full=True).make(inner, "at") == ["a", "a"]
    assert Maker(sent=False, full=True).make(scalars.Limited(inner=scalars.INTEGER, maximum=-5), "at") <= -5


@pytest.mark.parametrize(
    ("limits", "values"),
    [
        ({"minimum": 3, "maximum": 4}, {3, 4}),
        ({"exclusive_minimum": 0, "exclusive_maximum": 2}, {1}),
        ({"minimum": 10, "maximum": 30, "multiple_of": 10}, {10, 20, 30}),
        ({"maximum": 0.5}, set(range(-100, 1))),
    ],
)
def test_number_is_within_its_limits(package: Any, limits: dict[str, float], values: set[int]) -> None:
    """One between them, then each end."""
    scalars = package("_runtime.values.scalars")
    kind = scalars.Limited(inner=scalars.INTEGER, **limits)
    made = [Maker(sent=False, full=True, choice=choice).make(kind, "at") for choice in range(3)]

    assert set(made) <= values
    assert [kind.encode(one) for one in made] == made


def test_type_that_is_not_known_has_no_value() -> None:
    """The operation is listed as one that was not played."""
    with pytest.raises(Unmade, match="at: nothing is made for the type object"):
        Maker(sent=True, full=True).make(object(), "at")
