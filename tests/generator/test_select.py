"""A selection keeps the operations that are wanted and what they reach, in the document's order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from strict_clients.breaches import GenerationRefused
from strict_clients.load import Document
from strict_clients.select import Selection, selected


def operation(identifier: str, tag: str, **fields: Any) -> dict[str, Any]:
    """An operation."""
    return {"operationId": identifier, "tags": [tag], "responses": {"200": {"description": ""}}} | fields


def to(name: str, section: str = "schemas") -> dict[str, str]:
    """A reference to a component."""
    return {"$ref": f"#/components/{section}/{name}"}


DOCUMENT: dict[str, Any] = {
    "info": {"x-note": to("Noted")},
    "security": [{"default": []}],
    "tags": [{"name": "Things"}, {"name": "Unused"}, {"name": "Admin"}],
    "paths": {
        "x-internal": {"get": "no operation"},
        "/things": {
            "summary": "All",
            "get": operation("Things_list", "Things", security=[{"key": []}, {}], parameters=[to("top", "parameters")]),
            "post": operation("Things_add", "Things"),
        },
        "/things/{id}": {"get": operation("Things_get", "Things", responses={"200": to("thing", "responses")})},
        "/things/{id}/history": {"get": operation("things_history", "Audit", tags=["Audit", "Admin"])},
        "/admin": {"delete": operation("Admin_clear", "Admin", security=[{"token": []}])},
        "/elsewhere": {"$ref": "#/components/pathItems/elsewhere"},
        "/nothing": {"summary": "No operation"},
    },
    "components": {
        "schemas": {
            "Cat": {"allOf": [to("Animal"), {"type": "object", "properties": {"toy": to("Toy/properties/a")}}]},
            "Kitten": {"allOf": [to("Cat")]},
            "Animal": {"type": "object", "discriminator": {"propertyName": "kind"}},
            "Toy": {"type": "object"},
            "Other": {"allOf": [to("Toy")]},
            "Thing": {
                "oneOf": [to("Stone")],
                "discriminator": {"propertyName": "kind", "mapping": {"a": "#/components/schemas/Wood", "b": "Iron"}},
                "properties": {"$ref": to("Thing"), "discriminator": {"mapping": 1}, "security": {"type": "string"}},
            },
            "Stone": {},
            "Wood": {},
            "Iron": {},
            "a/b~c": {},
            "Noted": {"items": [to("a~1b~0c"), to("Missing"), {"$ref": "other.yaml#/components/schemas/Other"}]},
        },
        "parameters": {"top": {"name": "top"}, "skip": {"name": "skip"}},
        "responses": {"thing": {"content": {"application/json": {"schema": to("Thing")}}}, "none": {}},
        "headers": {"unused": {}},
        "examples": None,
        "securitySchemes": {"token": {}, "key": {}, "default": {}},
        "pathItems": {"elsewhere": {"get": operation("elsewhere", "Things", schema=to("Animal"))}},
        "x-mine": {"kept": {}},
    },
}


def select(include: tuple[str, ...] = (), exclude: tuple[str, ...] = (), raw: Any = DOCUMENT) -> dict[str, Any]:
    """The selected part."""
    return selected(Document(raw, "digest"), Selection(include, exclude), path=Path("api.yaml")).raw


def kept(raw: dict[str, Any]) -> list[str]:
    """The operations of the paths, as method and path."""
    return [f"{method} {path}" for path, item in raw["paths"].items() for method in item if method != "summary"]


THINGS = ["get /things", "post /things"]
THING, HISTORY, ADMIN, ELSEWHERE = (
    "get /things/{id}",
    "get /things/{id}/history",
    "delete /admin",
    "$ref /elsewhere",
)


@pytest.mark.parametrize(
    ("include", "exclude", "found"),
    [
        (["/things"], [], THINGS),
        (["/things/*"], [], [THING]),
        (["/things/**"], [], [THING, HISTORY]),
        (["/things**"], [], [*THINGS, THING, HISTORY]),
        (["/*/{id}"], [], [THING]),
        (["/*"], [], [*THINGS, ADMIN, ELSEWHERE]),
        (["tag:Admin"], [], [HISTORY, ADMIN]),
        (["tag:A*"], [], [HISTORY, ADMIN]),
        (["operationId:Things_*"], [], [*THINGS, THING]),
        (["operationId:*_get", "tag:Audit"], [], [THING, HISTORY]),
        (["tag:Things"], ["operationId:Things_add"], ["get /things", THING]),
        ([], ["tag:Admin", "/elsewhere"], [*THINGS, THING]),
        (["/things**"], ["/things**", "/admin"], None),
    ],
)
def test_patterns_select_operations(include: list[str], exclude: list[str], found: list[str] | None) -> None:
    """An operation is kept that a pattern of `include` matches, if any is given, and none of `exclude`."""
    if found is None:
        with pytest.raises(GenerationRefused, match="the patterns leave no operation; exclude less"):
            select(tuple(include), tuple(exclude))
        return

    raw = select(tuple(include), tuple(exclude))

    assert kept({"paths": {path: item for path, item in raw["paths"].items() if path[0] == "/"}}) == found


def test_what_no_operation_reaches_is_left_out() -> None:
    """Components of all sections, empty sections, unused tags and empty path items are gone; the order stays."""
    raw = select(include=("operationId:Things_list", "/things/{id}"))

    assert raw["tags"] == [{"name": "Things"}]
    assert list(raw["paths"]) == ["x-internal", "/things", "/things/{id}"]
    assert raw["paths"]["/things"] == {key: DOCUMENT["paths"]["/things"][key] for key in ("summary", "get")}
    components = raw["components"]
    assert list(components) == ["schemas", "parameters", "responses", "examples", "securitySchemes", "x-mine"]
    assert list(components["schemas"]) == ["Thing", "Stone", "Wood", "Iron", "a/b~c", "Noted"]
    assert list(components["parameters"]) == ["top"]
    assert list(components["securitySchemes"]) == ["key", "default"]
    assert components["schemas"]["Thing"] == DOCUMENT["components"]["schemas"]["Thing"]


def test_subclasses_of_a_base_class_are_kept() -> None:
    """A value of a base class may be of a class that refers to it; without a discriminator that says nothing."""
    raw = select(include=("/elsewhere",))

    assert list(raw["components"]["schemas"]) == ["Cat", "Animal", "Toy", "a/b~c", "Noted"]


def test_sections_that_become_empty_are_left_out() -> None:
    """Neither `tags` nor `components` stays empty; a document without them gets none."""
    paths = {"/a": {"get": operation("a", "A")}, "/b": {"get": {"tags": 1, "operationId": 2}}}
    whole = {"tags": [{"name": "A"}, "B"], "paths": paths, "components": {"schemas": {"A": {}}, "headers": {}}}

    assert select(include=("/b",), raw=whole) == {"paths": {"/b": paths["/b"]}}
    assert select(exclude=("operationId:2",), raw={"paths": paths}) == {"paths": {"/a": paths["/a"]}}


def test_without_patterns_the_document_is_the_same() -> None:
    """It is not even copied, so its bytes and its digest stay, with all that nothing reaches."""
    document = Document(DOCUMENT, "digest")

    assert selected(document, Selection(), path=Path("api.yaml")) is document


def test_document_stays_as_it_was() -> None:
    """The part has a digest of its own, and the whole is not changed."""
    before = json.dumps(DOCUMENT)

    part = selected(Document(DOCUMENT, "digest"), Selection(["/admin"]), path=Path("api.yaml"))
    part.raw["components"]["securitySchemes"]["token"]["changed"] = True

    assert json.dumps(DOCUMENT) == before
    assert part.digest != "digest"


def test_pattern_that_matches_nothing_is_refused_with_the_nearest_names() -> None:
    """All of them are named at once, those of `exclude` too."""
    with pytest.raises(GenerationRefused) as caught:
        select(("/thing", "tag:things", "operationId:Tings_get", "/q" + "q" * 5000), ("Things", "tag:", "id:a"))

    assert [line[:120] for line in str(caught.value).splitlines()] == [
        "#: '/thing' matches no operation; did you mean '/things' or '/things/{id}' or '/admin'?",
        "#: 'tag:things' matches no operation; did you mean 'Things' or 'Admin'?",
        "#: 'operationId:Tings_get' matches no operation; did you mean 'Things_get' or 'Things_list' or 'Things_add'?",
        f"#: '/{'q' * 115}",
        "#: 'Things' is not a pattern; write a path such as /things/*, tag:NAME or operationId:NAME",
        "#: 'tag:' is not a pattern; write a path such as /things/*, tag:NAME or operationId:NAME",
        "#: 'id:a' is not a pattern; write a path such as /things/*, tag:NAME or operationId:NAME",
    ]


def test_malformed_document_is_left_for_the_check() -> None:
    """What is not well formed is not selected, and not a crash either."""
    raw = {"paths": {"/a": 1, "/b": {"get": 1}}, "tags": 1, "components": [1]}

    assert select(("/b",), raw=raw) == raw
    with pytest.raises(GenerationRefused, match="'/b' matches no operation; correct it or leave it out"):
        select(("/b",), raw={"paths": []})
