"""The form in which documents are compared: one for all spellings that a client reads alike."""

from __future__ import annotations

from typing import Any

import pytest

from strict_clients.bump.form import form
from strict_clients.load import Document, load

from .changes import HERE, document, has, patched

BASE = load(HERE / "documents" / "base.yaml")
LIST = "/paths/~1harbours~1{harbour}~1boats/get"
NAME = "/components/schemas/Boat/properties/name"
MAST: dict[str, Any] = {"type": "object", "required": ["height"], "properties": {"height": {"type": "number"}}}


def written(*changes: tuple[str, Any]) -> Document:
    """The base with other values at these places."""
    operations = [
        {"op": "replace" if has(BASE, path) else "add", "path": path, "value": value} for path, value in changes
    ]
    return document(patched(BASE.raw, operations))


def field(schema: Any) -> tuple[str, Any]:
    """A field of a boat with this schema."""
    return (NAME, schema)


def boats(**schemas: Any) -> list[tuple[str, Any]]:
    """More schemas among the components."""
    return [(f"/components/schemas/{name}", schema) for name, schema in schemas.items()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([field({"type": "string"})], [field({"type": ["string"]})]),
        ([field({"type": ["null", "string"]})], [field({"anyOf": [{"type": "string"}, {"type": "null"}]})]),
        (
            [field({"type": ["string", "null"], "maxLength": 3})],
            [field({"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]})],
        ),
        ([field({"type": ["integer", "string"]})], [field({"oneOf": [{"type": "string"}, {"type": "integer"}]})]),
        ([field({"anyOf": [{"$ref": "#/components/schemas/Berth"}, {"type": "string"}]})],
         [field({"anyOf": [{"$ref": "#/components/schemas/Berth"}, {"$ref": "#/components/schemas/Berth"},
                           {"type": "string"}]})]),
        ([field({"$ref": "#/components/schemas/Berth"})], [field({"allOf": [{"$ref": "#/components/schemas/Berth"}]})]),
        ([field({"type": "integer", "minimum": 1})], [field({"type": "integer", "exclusiveMinimum": 0})]),
        ([field({"type": "integer", "maximum": 3})], [field({"type": "integer", "maximum": 9, "exclusiveMaximum": 4})]),
        ([field({"type": "number", "exclusiveMinimum": 1})],
         [field({"type": "number", "exclusiveMinimum": 1, "minimum": 1})]),
        ([field({"type": "number", "maximum": 1})], [field({"type": "number", "exclusiveMaximum": 2, "maximum": 1})]),
        ([field({"type": "string"})], [field({"type": "string", "minLength": 0, "readOnly": False, "title": "Name"})]),
        ([field({"type": "string"})], [field({"type": "string", "pattern": "^(a+)+$"})]),
        (boats(Mast=MAST), boats(Mast={**MAST, "additionalProperties": True})),
        (boats(Mast=MAST), boats(Mast={**MAST, "additionalProperties": {"type": "string"}})),
        (boats(Mast=MAST), boats(Mast={"allOf": [MAST]})),
        (boats(Mast=MAST), boats(mast={**MAST, "title": "Mast"})),
        (
            [*boats(Mast=MAST), *boats(Alias={"$ref": "#/components/schemas/Mast"}),
             field({"$ref": "#/components/schemas/Alias"})],
            [*boats(Mast=MAST), field({"$ref": "#/components/schemas/Mast"})],
        ),
        ([], [(f"{LIST}/parameters/1/required", False), (f"{LIST}/parameters/1/style", "form"),
              (f"{LIST}/parameters/1/explode", True)]),
        ([], [(f"{LIST}/security", [{"apiKey": []}])]),
        ([], [("/components/parameters", {"Day": {"name": "day", "in": "query", "schema": {"type": "string"}}})]),
        ([], [("/paths/~1boats/post/responses/201/content/text~1plain", {"schema": {"type": "string"}})]),
    ],
)  # fmt: skip
def test_spellings_that_mean_the_same_have_one_form(one: list[tuple[str, Any]], other: list[tuple[str, Any]]) -> None:
    """What the generator reads alike is the same document."""
    assert form(written(*one)).raw == form(written(*other)).raw


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([field({"type": "integer", "minimum": 1})], [field({"type": "number", "exclusiveMinimum": 0})]),
        ([field({"anyOf": [{"$ref": "#/components/schemas/State"}, {"type": "null"}]})],
         [field({"$ref": "#/components/schemas/State"})]),
        (boats(Mast=MAST), boats(Mast={**MAST, "additionalProperties": False})),
        ([], [(f"{LIST}/security", [{"token": []}])]),
        ([], [(f"{LIST}/parameters/1/explode", False)]),
    ],
)  # fmt: skip
def test_spellings_that_mean_something_else_differ(one: list[tuple[str, Any]], other: list[tuple[str, Any]]) -> None:
    """The form loses nothing that a client reads."""
    assert form(written(*one)).raw != form(written(*other)).raw


def test_class_has_all_properties_and_names_whose_discriminator_chooses_it() -> None:
    """What a class has of others is its own in Python; the others only choose it."""
    boat = {"type": "object", "discriminator": {"propertyName": "kind"}, "properties": {"kind": {"type": "string"}}}
    skiff = {"allOf": [{"$ref": "#/components/schemas/Hull"}, MAST]}

    found = form(written(*boats(Hull=boat, Skiff=skiff))).at("/components/schemas/Skiff")

    assert found == {
        "type": "object",
        "properties": {"kind": {"type": "string"}, "height": {"type": "number"}},
        "required": ["height"],
        "x-heir-of": ["#/components/schemas/Hull"],
    }


def test_discriminator_names_classes() -> None:
    """By name or by reference, with the name that the class has."""
    hull = {**MAST, "title": "Keel", "properties": {"height": {"type": "number"}, "kind": {"type": "string"}}}
    tags = {"propertyName": "kind", "mapping": {"k": "hull", "s": "#/components/schemas/Sail"}}
    members = [{"$ref": "#/components/schemas/hull"}, {"$ref": "#/components/schemas/Sail"}]
    either = {"oneOf": members, "discriminator": tags}
    sail = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}

    found = form(written(*boats(hull=hull, Sail=sail), field(either))).at(f"{NAME}/discriminator/mapping")

    assert found == {"k": "#/components/schemas/Keel", "s": "#/components/schemas/Sail"}


def test_place_of_the_form_leads_to_the_file() -> None:
    """What was moved, renamed or written out is shown where a person finds it."""
    harbour = {"name": "harbour", "in": "path", "required": True, "schema": {"type": "string"}}
    log = "/paths/~1harbours~1{harbour}~1log"
    moved = form(
        written((f"{log}/parameters", [harbour]), (f"{log}/get/parameters", []), *boats(mast={**MAST, "title": "Mast"}))
    )

    assert moved.origin(f"{log}/get/parameters/0") == f"{log}/parameters/0"
    assert moved.origin("/components/schemas/Mast/properties/height") == "/components/schemas/mast/properties/height"


def test_form_of_the_same_document_is_the_same() -> None:
    """Twice is once, and the document itself stays as it was written."""
    raw = document(BASE.raw).raw

    assert form(document(form(BASE).raw)).raw["components"] == form(BASE).raw["components"]
    assert raw == load(HERE / "documents" / "base.yaml").raw
