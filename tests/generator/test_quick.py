"""Which models msgspec may read straight from a page's bytes."""

from __future__ import annotations

from typing import Any

import pytest

from generator.engine import untrusted
from generator.model.code import Imports, TypeCode
from generator.model.package import FieldModel, ModelModel, ViewModel
from generator.model.quick import mark_slow


def field(name: str, codec: str = "scalars.STRING", **changes: Any) -> FieldModel:
    """A field with this codec."""
    given: dict[str, Any] = {"wire": name, "required": False, "sensitive": False, "other_names": ()} | changes
    nullable = given.pop("nullable", False)
    return FieldModel(name=name, type=TypeCode("str", codec, nullable=nullable), doc=untrusted(""), **given)


def model(name: str, *fields: FieldModel, views: tuple[ViewModel, ...] = ()) -> ModelModel:
    """A model with these fields."""
    return ModelModel(
        name=name,
        module=name.lower(),
        doc=untrusted(""),
        fields=fields,
        views=views,
        imports=Imports(names=frozenset()),
        has_unset=False,
        slow=None,
    )


INNER = model("Inner", field("url"), field("size", "scalars.NUMBER"))


def reason(*models: ModelModel) -> str | None:
    """Why the first of these models is slow."""
    found = mark_slow(models)[0].slow
    return None if found is None else found.as_unembedded_code()


def test_plain_model_with_plain_models_inside_is_quick() -> None:
    """Text, numbers, moments, open values, and objects of these."""
    outer = model(
        "Outer",
        field("id", "scalars.TEXT_OR_INTEGER", required=True),
        field("at", "scalars.DATE_TIME", wire="receivedAt"),
        field("body", "scalars.ANY"),
        field("request", "compounds.ModelOf(Inner)"),
    )

    assert reason(outer, INNER) is None


VIEW = ViewModel(name="shown", of="body", model="Inner", module="inner", when_has="x")


@pytest.mark.parametrize(
    ("models", "why"),
    [
        ([model("A", field("a", nullable=True))], "the field a may be null"),
        ([model("A", field("a", write_only=True))], "the field a is never answered"),
        ([model("A", field("a", "compounds.ListOf(scalars.STRING)"))], "the field a is of a type that needs a look"),
        ([model("A", field("a", "scalars.TEXT_OR_INTEGER"))], "the field a may be a number and is text"),
        (
            [
                model("A", field("a", "compounds.ModelOf(B)")),
                model("B", field("b", "scalars.TEXT_OR_INTEGER", required=True)),
            ],
            "the field b may be a number and is text",
        ),
        ([model("A", field("a", wire="a-b"))], "the field a has a name in JSON that Python cannot have"),
        ([model("A", field("a_", wire="class"))], "the field a_ has a name in JSON that Python cannot have"),
        ([model("A", field("a", wire="_raw"))], "the field a has a name in JSON that Python cannot have"),
        (
            [model("A", field("a", wire="b"), field("b", wire="c"))],
            "the field a has the name of something else in JSON",
        ),
        ([model("A", field("a", wire="shown"), views=(VIEW,))], "the field a has the name of something else in JSON"),
        ([model("A", field("a", "compounds.ModelOf(A)"))], "it holds itself"),
        (
            [model("A", field("a", "compounds.ModelOf(Inner)"), field("b", "compounds.ModelOf(Inner)")), INNER],
            "it holds one class at two places",
        ),
    ],
)
def test_model_that_msgspec_cannot_read_says_why(models: list[ModelModel], why: str) -> None:
    """The reason stands in the generated file."""
    found = reason(*models)

    assert found is not None
    assert found.startswith(why)
