"""OpenAPI 3.0 and enums named by `x-ms-enum`, written in the words of 3.1; what is malformed is left for the check."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from strict_clients.breaches import Breach
from strict_clients.examine import examine
from strict_clients.load import Document
from strict_clients.model import build_model
from strict_clients.normalize.upgrade import upgrade

from .test_generation import small


def upgraded(schema: Any, openapi: str = "3.0.3", **schemas: Any) -> Any:
    """The schema of a property after the upgrade, and all components."""
    named = {"Thing": {"type": "object", "properties": {"a": schema}}, **schemas}
    raw = small() | {"openapi": openapi, "components": {"schemas": named}}
    before = deepcopy(raw)
    found = upgrade(Document(raw=raw, digest="d"))
    assert raw == before
    assert found.digest == "d"
    return found.raw["components"]["schemas"]["Thing"]["properties"]["a"], found.raw["components"]["schemas"]


NULL = {"type": "null"}
REFERENCE = {"$ref": "#/components/schemas/Other"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "string", "enum": ["a", None], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"oneOf": [REFERENCE], "nullable": True}, {"oneOf": [REFERENCE, NULL]}),
        ({"anyOf": [REFERENCE], "nullable": True}, {"anyOf": [REFERENCE, NULL]}),
        ({"allOf": [REFERENCE], "nullable": True}, {"anyOf": [REFERENCE, NULL]}),
        ({"allOf": [REFERENCE, {}], "nullable": True}, {"anyOf": [{"allOf": [REFERENCE, {}]}, NULL]}),
        ({"nullable": True}, {}),
        ({"nullable": "yes"}, {"nullable": "yes"}),
        (REFERENCE | {"nullable": True}, {"anyOf": [REFERENCE, NULL]}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"exclusiveMaximum": True}, {"exclusiveMaximum": True}),
    ],
)
def test_schema_of_the_older_version_says_the_same(before: Any, after: Any) -> None:
    """Null is a type, a strict limit is a number; people write `nullable` in OpenAPI 3.1, too."""
    assert upgraded(before)[0] == after
    assert upgraded(before, openapi="3.1.0")[0] == (after if "nullable" in before else before)


def test_named_enum_becomes_a_component() -> None:
    """What describes the place stays there; values may be null there and not in the enum."""
    names = [{"value": "a", "name": "First-One"}, {"value": "b", "name": "Second"}]
    written = {"type": "string", "enum": ["a", "b"], "default": "a", "x-ms-enum": {"name": "Kind", "values": names}}

    place, schemas = upgraded(written)
    nullable, _ = upgraded(written | {"nullable": True})

    assert place == {"$ref": "#/components/schemas/Kind", "default": "a"}
    assert schemas["Kind"] == {"type": "string", "enum": ["a", "b"], "x-enum-varnames": ["First_One", "Second"]}
    assert nullable == {"anyOf": [{"$ref": "#/components/schemas/Kind"}, NULL], "default": "a"}


@pytest.mark.parametrize(
    ("written", "may_be_null"),
    [
        ({"type": "string", "enum": ["a"]}, False),
        ({"type": ["string"], "enum": ["a"]}, False),
        ({"type": "string", "enum": ["a", None]}, True),
        ({"type": ["string", "null"], "enum": ["a"]}, True),
        ({"type": ["string", "null"], "enum": ["a", None]}, True),
    ],
)
def test_named_enum_with_types_in_a_list_has_one_type(written: dict[str, Any], *, may_be_null: bool) -> None:
    """In 3.1 null is a type or a value beside others; the component has neither."""
    place, schemas = upgraded(written | {"x-ms-enum": {"name": "Kind"}}, openapi="3.1.0")

    reference = {"$ref": "#/components/schemas/Kind"}
    assert place == ({"anyOf": [reference, NULL]} if may_be_null else reference)
    assert schemas["Kind"] == {"type": "string", "enum": ["a"]}


def test_named_enum_of_several_types_stays() -> None:
    """A component has one type; the check names the place."""
    written = {"type": ["string", "integer"], "enum": ["a", 1], "x-ms-enum": {"name": "Kind"}}

    assert upgraded(written, openapi="3.1.0")[0] == written


@pytest.mark.parametrize(
    ("extension", "others"),
    [
        ("Kind", {}),
        ({}, {}),
        ({"name": 7}, {}),
        ({"name": "a b"}, {}),
        ({"name": "K" * 101}, {}),
        ({"name": "Kind"}, {"Kind": {"type": "string", "enum": ["other"]}}),
    ],
)
def test_enum_whose_name_cannot_be_taken_stays(extension: Any, others: dict[str, Any]) -> None:
    """The check names it by its place."""
    written = {"type": "string", "enum": ["a"], "x-ms-enum": extension}

    assert upgraded(written, **others)[0] == written


@pytest.mark.parametrize(
    "values", [None, [], [{"value": "a"}], [{"value": "a", "name": "1"}], [{"value": "b", "name": "B"}]]
)
def test_members_without_names_are_named_by_their_values(values: Any) -> None:
    """Names are taken for all members or for none."""
    _, schemas = upgraded({"type": "string", "enum": ["a"], "x-ms-enum": {"name": "Kind", "values": values}})

    assert schemas["Kind"] == {"type": "string", "enum": ["a"]}


@pytest.mark.parametrize("components", [None, [], {"schemas": []}])
def test_malformed_components_are_left_for_the_check(components: Any) -> None:
    """Nothing is moved to where nothing can be."""
    schema = {"type": "string", "enum": ["a"], "x-ms-enum": {"name": "Kind"}}
    raw = small(parameters=[{"name": "a", "in": "query", "schema": schema}]) | {"components": components}

    assert upgrade(Document(raw=raw, digest="")).raw == raw


def test_relative_server_is_for_the_caller_to_place() -> None:
    """Where the document came from, nobody knows."""
    server = build_model(examine(Document(raw=small() | {"servers": [{"url": "/v1/"}]}, digest=""))).server

    assert (server.host, server.prefix) == (None, "/v1")


def test_union_with_an_open_value_is_open() -> None:
    """Whatever may be anything has no narrower type."""
    raw = small()
    raw["components"] = {
        "schemas": {"Thing": {"type": "object", "properties": {"a": {"oneOf": [{}, {"type": "string"}]}}}}
    }
    model = build_model(examine(Document(raw=raw, digest=""))).models[0]

    assert model.fields[0].type.annotation == "JSON"


def test_breach_is_one_line_of_bounded_length() -> None:
    """For any document."""
    text = str(Breach("/a\nb", "x" * 5000))

    assert text.startswith("#/a\\nb: xxx")
    assert len(text) < 1100


def test_schemas_in_a_long_loop_are_read() -> None:
    """Where each leads to the next one and the last to the first, no chain is long, but the way around is."""
    count = 1000
    raw = small()
    raw["components"] = {
        "schemas": {
            f"S{n}": {"type": "object", "properties": {"a": {"$ref": f"#/components/schemas/S{(n + 1) % count}"}}}
            for n in range(count)
        }
    }

    assert len(build_model(examine(Document(raw=raw, digest=""))).models) == count
