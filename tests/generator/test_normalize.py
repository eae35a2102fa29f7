"""What people write in many ways is written in one way, and each choice is noted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from strict_clients.__main__ import main
from strict_clients.breaches import Breach, GenerationRefused
from strict_clients.examine import Examined, examine
from strict_clients.load import Document
from strict_clients.model import build_model
from strict_clients.names import method_name

from .test_generation import small

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def examined(raw: dict[str, Any], **options: Any) -> Examined:
    """What is made of a document."""
    return examine(Document(raw=raw, digest=""), **options)


def normalized(schema: Any, **others: Any) -> tuple[dict[str, Any], list[str]]:
    """The components of a document after it was written in one way, and the kinds of the notes.

    The schema is that of the property `a` of the component `Thing`.
    """
    raw = small()
    thing = {"type": "object", "properties": {"a": schema}}
    raw["components"] = {"schemas": {"Thing": thing, **others}}
    found = examined(raw)
    notes = [*found.notes.chosen, *found.notes.passed_over]
    return found.document.raw["components"]["schemas"], [note.kind for note in notes]


def a(schema: Any, **others: Any) -> Any:
    """The schema of `a` after it was written in one way."""
    return normalized(schema, **others)[0]["Thing"]["properties"]["a"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (True, {}),
        ({"items": TEXT}, {"type": "array", "items": TEXT}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "array", "items": False}, {"type": "array", "items": {}}),
        ({"type": "array", "items": [TEXT]}, {"type": "array", "items": {}}),
        ({"additionalProperties": TEXT}, {"type": "object", "additionalProperties": TEXT}),
        ({"type": ["string"]}, TEXT),
        ({"type": "null"}, {}),
        ({"enum": [True, False]}, {"type": "boolean"}),
        ({"enum": ["a", 1, None]}, {"type": ["integer", "string", "null"]}),
        ({"type": "string", "enum": [1, 2]}, TEXT),
        ({"enum": [{"a": 1}]}, {}),
        ({"const": None}, {}),
        ({"type": "string", "const": "x", "enum": ["x"]}, {"type": "string", "const": "x"}),
        ({"type": "string", "maximum": 3}, TEXT),
        ({"type": "string", "required": True}, TEXT),
        ({"type": "string", "anyOf": []}, TEXT),
        ({"type": "string", "not": {"const": "x"}}, TEXT),
        ({"type": "string", "instanceof": "X"}, TEXT),
        ({"allOf": [TEXT, {"maxLength": 3}]}, {"type": "string", "maxLength": 3}),
        ({"allOf": [{"description": "d"}]}, {}),
        ({"allOf": [TEXT, {"description": "d"}]}, {"allOf": [TEXT]}),
        ({"type": "string", "allOf": [{"minLength": 1}]}, {"type": "string", "minLength": 1}),
        ({"type": "string", "anyOf": [{"format": "date"}, {"format": "uuid"}]}, None),
        ({"type": ["integer", "array"], "items": TEXT, "minimum": 1}, None),
        ({"type": ["string", "null"], "oneOf": [{"format": "date"}, {"maxLength": 1}]}, None),
        ({"oneOf": [{"required": ["x"]}, {"required": ["y"]}]}, {}),
    ],
    ids=str,
)
def test_schema_is_written_in_one_way(written: Any, meant: Any) -> None:
    """The same meaning, in the words that the model knows."""
    unions = {
        "{'format': 'uuid'}": [{"type": "string", "format": "date"}, {"type": "string", "format": "uuid"}],
        "{'maxLength': 1}": [
            {"type": "string", "format": "date"},
            {"type": "string", "maxLength": 1},
            {"type": "null"},
        ],
        "'array'": [{"type": "integer", "minimum": 1}, {"type": "array", "items": TEXT}],
    }
    union = next((members for text, members in unions.items() if text in str(written)), None)

    found = a(written)

    assert found == meant if meant is not None else union in found.values()
    assert a(found) == found


def test_union_of_constants_is_an_enum() -> None:
    """OpenAPI 3.1 has no other way to describe the values of an enum."""
    found, notes = normalized({"oneOf": [{"const": "a", "title": "A"}, {"const": "b"}, {"type": "null"}]})

    assert found["ThingA"] == {"type": ["string", "null"], "enum": ["a", "b", None]}
    assert found["Thing"]["properties"]["a"] == {"$ref": "#/components/schemas/ThingA"}
    assert notes == ["name of an inline class"]


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_union_beside_properties_gives_one_class_with_all_of_them(keyword: str) -> None:
    """Which member holds is not known when a class is chosen, so the properties of all may be there."""
    members = [{"type": "object", "properties": {"x": TEXT}}, {"$ref": "#/components/schemas/Other"}]
    other = {"allOf": [{"type": "object", "properties": {"y": NUMBER}}]}
    whole = {"type": "object", "properties": {"own": TEXT}, keyword: members, "discriminator": {"propertyName": "x"}}

    found, notes = normalized(whole, Other=other)

    assert found["ThingA"] == {"type": "object", "properties": {"x": TEXT, "y": NUMBER, "own": TEXT}}
    assert "union beside properties" in notes


def test_union_inside_all_of_gives_one_class_with_all_properties() -> None:
    """It is the same, written in another way."""
    members = [{"type": "object", "properties": {"x": TEXT}}, {"type": "object", "properties": {"y": NUMBER}}]
    found, _ = normalized({"allOf": [{"type": "object", "properties": {"own": TEXT}}, {"oneOf": members}]})
    raw = small() | {"components": {"schemas": found}}

    (model,) = [one for one in build_model(examined(raw)).models if one.name == "ThingA"]

    assert [field.wire for field in model.fields] == ["own", "x", "y"]


def test_union_beside_properties_of_what_is_no_object_is_refused() -> None:
    """A text has no properties."""
    with pytest.raises(GenerationRefused, match="'properties' beside 'oneOf' is not supported"):
        normalized({"type": "object", "properties": {"own": TEXT}, "oneOf": [TEXT]})


@pytest.mark.parametrize(
    ("beside", "meant", "kind"),
    [
        ({"example": 1, "title": "T"}, {}, ""),
        ({"nullable": True}, {"anyOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]}, ""),
        ({"maxLength": 1}, {}, "keywords beside a reference"),
        ({"description": "d", "readOnly": True}, {"description": "d", "readOnly": True}, ""),
    ],
    ids=str,
)
def test_what_stands_beside_a_reference_is_kept_where_it_means_something(
    beside: dict[str, Any], meant: dict[str, Any], kind: str
) -> None:
    """OpenAPI 3.0 ignores it, OpenAPI 3.1 combines both, and people write it in either."""
    other = {"type": "object", "properties": {"y": NUMBER}}
    found, notes = normalized({"$ref": "#/components/schemas/Other", **beside}, Other=other)

    left = {key: one for key, one in found["Thing"]["properties"]["a"].items() if key != "$ref" or "anyOf" in meant}
    assert left == meant
    assert [note for note in notes if kind and note.startswith(kind)] or not kind


def test_properties_beside_a_reference_extend_what_it_names() -> None:
    """OpenAPI 3.1 combines both."""
    other = {"type": "object", "properties": {"y": NUMBER}}
    beside = {"$ref": "#/components/schemas/Other", "properties": {"x": TEXT}, "required": ["x"]}
    found, _ = normalized(beside, Other=other)
    raw = small() | {"components": {"schemas": found}}

    (model,) = [one for one in build_model(examined(raw)).models if one.name == "ThingA"]

    assert {field.wire: field.required for field in model.fields} == {"x": True, "y": False}


def test_required_names_without_properties_are_read() -> None:
    """A map has no fields, and of a class every value of such a field is taken."""
    found, notes = normalized(
        {"type": "object", "required": ["x"], "additionalProperties": TEXT},
        Other={"type": "object", "properties": {"y": NUMBER}, "required": ["x", "y"]},
    )

    assert found["Thing"]["properties"]["a"]["required"] == []
    assert found["Other"]["properties"]["x"] == {}
    assert notes == ["property without a schema", "required names of a map"]


def test_schemas_within_themselves_are_read_as_any_value_inside() -> None:
    """No type in Python says that a list holds lists of itself."""
    tree = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
    table = {"type": "object", "additionalProperties": {"anyOf": [TEXT, {"$ref": "#/components/schemas/Table"}]}}

    found, notes = normalized({"$ref": "#/components/schemas/Tree"}, Tree=tree, Table=table)

    assert found["Tree"] == {"type": "array", "items": {}}
    assert found["Table"]["additionalProperties"] == {"anyOf": [TEXT, {}]}
    assert notes == ["schema within itself", "schema within itself"]


def inline(**properties: Any) -> dict[str, Any]:
    """An object schema."""
    return {"type": "object", "properties": properties}


def test_inline_classes_are_named_by_title_or_place() -> None:
    """The place leads from a component or an operation over properties, items and members."""
    thing = inline(
        one=inline(x=TEXT) | {"title": "First"},
        two=inline(y=TEXT) | {"title": "First"},
        three={"type": "array", "items": inline(z=TEXT)},
        four={"type": "object", "additionalProperties": inline(u=TEXT)},
        five={"oneOf": [inline(v=TEXT), {"$ref": "#/components/schemas/First2"}]},
    )
    raw = small(
        parameters=[{"name": "sort by", "in": "query", "schema": {"enum": ["up", "down"]}}],
        requestBody={"content": {"application/json": {"schema": inline(b=TEXT)}}},
        responses={
            "200": {"description": "", "content": {"application/json": {"schema": inline(r=TEXT)}}},
            "201": {"$ref": "#/components/responses/Made"},
        },
    )
    made = {"description": "", "content": {"application/json": {"schema": inline(m=TEXT)}}}
    raw["components"] = {"schemas": {"Thing": thing, "First2": inline(w=TEXT)}, "responses": {"Made": made}}

    names = {one.name for one in build_model(examined(raw)).models}

    operation = next(iter(next(iter(raw["paths"].values())).values()))["operationId"]
    stem = "".join(word.capitalize() for word in operation.split("_"))
    assert names == {
        *("Thing", "First", "First2", "ThingTwo", "ThingThreeItem", "ThingFourValue", "ThingFiveType0"),
        *(f"{stem}Body", f"{stem}Response200", "MadeResponse"),
    }


def test_equal_inline_classes_are_one() -> None:
    """Otherwise a value of the one could not be used as the other."""
    raw = small()
    raw["components"] = {"schemas": {"Thing": inline(a=inline(x=TEXT), b=inline(x=TEXT), c=inline(x=NUMBER))}}

    assert [one.name for one in build_model(examined(raw)).models] == ["Thing", "ThingA", "ThingC"]


@pytest.mark.parametrize(
    ("servers", "url", "required"),
    [
        ([], "/", False),
        ([{"url": "v1"}, {"url": "/v2"}], "/v1", False),
        (
            [{"url": "{scheme}://a.example.com", "variables": {"scheme": {"default": "http"}}}],
            "http://a.example.com",
            False,
        ),
        (
            [
                {
                    "url": "{scheme}://a.example.com",
                    "variables": {"scheme": {"default": "http", "enum": ["http", "https"]}},
                }
            ],
            "https://a.example.com",
            False,
        ),
        ([{"url": "{endpoint}/v1", "variables": {"endpoint": {"default": "none"}}}], "{endpoint}/v1", True),
    ],
    ids=str,
)
def test_first_server_is_called_or_the_endpoint_that_the_caller_names(
    servers: list[Any], url: str, *, required: bool
) -> None:
    """Where no host is named, callers know it."""
    found = examined(small() | {"servers": servers})

    (server,) = found.document.raw["servers"]
    assert server["url"] == url
    assert [one.get("x-required") for one in server.get("variables", {}).values()] == ([True] if required else [])
    assert len(found.notes.chosen) == (1 if servers and servers != [{"url": "v1"}] else 0)


@pytest.mark.parametrize("own", [[], [{"url": "https://a.example.com"}]])
def test_server_that_every_path_names_is_that_of_the_document(own: list[Any]) -> None:
    """Some tools repeat it at each path."""
    raw = small() | {"servers": own}
    for item in raw["paths"].values():
        item["servers"] = [{"url": "https://a.example.com"}]

    assert examined(raw).document.raw["servers"] == [{"url": "https://a.example.com"}]


@pytest.mark.parametrize(
    ("title", "package"),
    [("Pond & Fish", "pond_fish"), ("2nd Pond", "api_2_nd_pond"), ("№", "client"), ("x" * 99, "x" * 40)],
)
def test_package_is_named_after_the_title(title: str, package: str) -> None:
    """Distribution, client and error follow; `--package` comes before all of them."""
    raw = small()
    raw["info"] = {"title": title, "version": "1"}

    named = examined(raw).document.raw["info"]["x-sdk"]

    assert named["package"] == package
    assert named["client"].endswith("Client")
    asked = examined(raw, package="mine").document.raw["info"]["x-sdk"]
    assert (asked["package"], asked["client"], asked["error"]) == ("mine", "MineClient", "MineError")


def test_path_item_behind_a_reference_is_written_out() -> None:
    """Both paths have operations of their own."""
    raw = small()
    (item,) = raw["paths"].values()
    raw["paths"] |= {
        "/one": {"$ref": "#/components/pathItems/Shared"},
        "/two": {"$ref": "#/components/pathItems/Shared"},
    }
    raw["components"] = {"pathItems": {"Shared": {"get": {key: item["get"][key] for key in ("responses",)}}}}

    found = examined(raw).document.raw["paths"]

    assert [found[path]["get"]["operationId"] for path in ("/one", "/two")] == ["get_one", "get_two"]


@pytest.mark.parametrize("reference", ["#/components/pathItems/Missing", "other.yaml"])
def test_path_item_behind_a_reference_that_leads_nowhere_is_refused(reference: str) -> None:
    """By the place of the reference."""
    raw = small()
    raw["paths"]["/one"] = {"$ref": reference}

    with pytest.raises(GenerationRefused, match="#/paths/~1one"):
        examined(raw)


def test_more_reasons_than_fit_on_a_screen_are_summed_up(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    """Fifty are shown, and the others counted by what to do."""
    raw = small()
    stream = {"200": {"description": "", "content": {"text/event-stream": {}}}}
    raw["paths"] = {f"/{n}": {"get": {"responses": stream}} for n in range(60)}
    path = tmp_path / "many.json"
    path.write_text(json.dumps(raw), encoding="utf-8")

    assert main(["generate", "--document", str(path), "--output", str(tmp_path / "out")]) == 1

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 52
    assert lines[-1] == "and 10 more: use application/json"


def test_document_without_an_operation_that_can_be_generated_is_refused_in_part_too() -> None:
    """A package without operations is of no use."""
    raw = small(responses={"200": {"description": "", "content": {"text/event-stream": {}}}})

    with pytest.raises(GenerationRefused, match="event-stream"):
        examined(raw, partial=True)


def test_operations_that_reach_a_refused_component_are_left_out() -> None:
    """Over other components too; components that only they used go with them."""
    raw = small()
    (item,) = raw["paths"].values()
    answer = {
        "200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/B"}}}}
    }
    raw["paths"]["/other"] = {"get": {"responses": answer}}
    raw["components"] = {
        "schemas": {
            "A": inline(x={"type": "string", "minLength": 3, "maxLength": 1}),
            "B": inline(a={"$ref": "#/components/schemas/A"}),
            "C": inline(c=TEXT),
        }
    }

    found = examined(raw, partial=True)

    assert [str(one) for one in found.left_out] == ["GET /other"]
    assert found.left_out[0].reason.startswith("#/components/schemas/A/properties/x/minLength: ")
    assert list(found.document.raw["components"]["schemas"]) == ["C"]
    assert item


@pytest.mark.parametrize(
    ("other", "content"), [("image/png", "image/png"), ("application/problem+json", "application/json")]
)
def test_file_is_asked_for_as_a_file_where_the_document_has_it_as_json_too(other: str, content: str) -> None:
    """Converted documents name JSON beside everything; a picture is none."""
    file = {"schema": {"type": "string", "format": "binary"}}
    raw = small(responses={"200": {"description": "", "content": {"application/json": file, other: file}}})

    (operation,) = build_model(examined(raw)).resources[0].operations

    assert operation.answers.accept == content
    assert operation.result_annotation.as_unembedded_code() == "bytes"


def test_component_that_is_refused_and_not_used_is_left_out_by_its_pointer() -> None:
    """It has no operation that could name it."""
    raw = small()
    raw["components"] = {"schemas": {"A": inline(x={"type": "string", "minLength": 3, "maxLength": 1})}}

    found = examined(raw, partial=True)

    assert [str(one) for one in found.left_out] == ["#/components/schemas/A"]
    with pytest.raises(GenerationRefused, match="#/components/schemas/A/properties/x/minLength"):
        examined(raw)


def test_reason_that_nothing_can_take_away_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that names a place which is not there would be asked for ever."""
    reason = Breach("/paths/~1missing/get", "no; yes")
    monkeypatch.setattr("strict_clients.examine.SHAPE", ((lambda _: iter([reason]),),))

    with pytest.raises(GenerationRefused, match="#/paths/~1missing/get: no; yes"):
        examined(small(), partial=True)


def test_inline_class_of_the_name_of_another_component_has_a_key_of_its_own() -> None:
    """The other one's class is called after its title."""
    raw = small()
    other = inline(x=NUMBER) | {"title": "Other"}
    raw["components"] = {"schemas": {"Thing": inline(a=inline(x=TEXT)), "ThingA": other}}

    found = examined(raw)

    assert [*found.document.raw["components"]["schemas"]] == ["Thing", "ThingA", "ThingA_"]
    assert [one.name for one in build_model(found).models] == ["Other", "Thing", "ThingA"]


@pytest.mark.parametrize(
    ("written", "annotation"),
    [
        ({"schema": {}}, "str"),
        ({"schema": {"type": "array"}}, "Sequence[str]"),
        ({"schema": {"type": "array", "items": {"description": "any"}}}, "Sequence[str]"),
    ],
    ids=str,
)
def test_parameter_that_says_nothing_of_its_type_is_a_text(written: dict[str, Any], annotation: str) -> None:
    """Every value in a URL is one."""
    raw = small(parameters=[{"name": "q", "in": "query", **written}])

    found = examined(raw)

    (parameter,) = build_model(found).resources[0].operations[0].keywords
    assert parameter.type.as_argument == annotation
    assert [note.kind for note in found.notes.chosen] == ["parameter without a type"]


def test_repeated_values_of_an_enum_are_dropped_with_their_names() -> None:
    """Names of members belong to the values in their order."""
    names = ["ONE", "ONE_AGAIN", "TWO"]

    found, notes = normalized(
        {"enum": ["a", "a", "b"], "type": "string"}, Other={"enum": ["a", "a", "b"], "x-enum-varnames": names}
    )

    assert found["ThingA"]["enum"] == ["a", "b"]
    assert (found["Other"]["enum"], found["Other"]["x-enum-varnames"]) == (["a", "b"], ["ONE", "TWO"])
    assert notes.count("repeated value of an enum") == 2


@pytest.mark.parametrize(
    ("operation_id", "tag", "name"),
    [
        ("repos/list-for-org", "repos", "list_for_org"),
        ("repos/list-for-org", "orgs", "repos_list_for_org"),
        ("Repos_list", "Repos", "list"),
        ("2fa_enable", "default", "field_2fa_enable"),
        ("import", "default", "import_"),
    ],
)
def test_method_is_named_after_its_operation_without_the_tag(operation_id: str, tag: str, name: str) -> None:
    """Slashes and dots part words."""
    assert method_name(operation_id, tag) == name
