"""Overlays are applied as their specification says, within limits, and each mistake is named by its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from strict_clients.breaches import GenerationRefused
from strict_clients.load import DEEPEST_NESTING, Document
from strict_clients.overlay import overlaid

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Parcels", "version": "1"},
    "paths": {
        "/parcels": {
            "get": {"operationId": "list", "tags": ["Parcels"], "parameters": [{"name": "top"}, {"name": "skip"}]},
            "post": {"operationId": "add", "tags": ["Parcels", "Admin"]},
        },
        "/admin": {"get": {"operationId": "admin", "tags": ["Admin"], "deprecated": True}},
    },
    "tags": [{"name": "Parcels"}, {"name": "Admin"}, {"name": "Old"}],
}

FIRST = "remove that in an earlier action"


def overlay(*actions: Any, **fields: Any) -> dict[str, Any]:
    """An overlay with these actions."""
    return {"overlay": "1.0.0", "info": {"title": "Ours", "version": "1"}, "actions": list(actions)} | fields


def apply(given: dict[str, Any], document: dict[str, Any] = DOCUMENT) -> dict[str, Any]:
    """The document after the overlay."""
    over, path = Path("openapi/api.yaml"), Path("openapi/ours.yaml")
    return overlaid(Document(document, ""), Document(given, ""), path=path, over=over).raw


def refusal(given: dict[str, Any], document: dict[str, Any] = DOCUMENT) -> list[str]:
    """What the overlay is refused with, a line each, without its name."""
    with pytest.raises(GenerationRefused) as caught:
        apply(given, document)
    return str(caught.value).replace("openapi/ours.yaml: ", "").splitlines()


def test_update_merges_objects_appends_to_arrays_and_replaces_values() -> None:
    """Objects are merged at every depth, arrays get an entry or the entries of an array, single values are replaced."""
    changed = apply(
        overlay(
            {"target": "$.info", "update": {"title": "Ours", "x-sdk": {"package": "parcels"}}},
            {"target": "$.tags", "update": {"name": "New"}},
            {"target": "$.tags", "update": [{"name": "Newer"}, {"name": "Newest"}]},
            {
                "target": "$",
                "update": {"paths": {"/parcels": {"get": {"tags": ["New"], "operationId": None}, "summary": "All"}}},
            },
        )
    )

    assert changed["info"] == {"title": "Ours", "version": "1", "x-sdk": {"package": "parcels"}}
    assert [tag["name"] for tag in changed["tags"]] == ["Parcels", "Admin", "Old", "New", "Newer", "Newest"]
    assert changed["paths"]["/parcels"]["get"] == DOCUMENT["paths"]["/parcels"]["get"] | {
        "tags": ["Parcels", "New"],
        "operationId": None,
    }
    assert changed["paths"]["/parcels"]["summary"] == "All"


def test_remove_takes_away_all_matches() -> None:
    """Of an array, each match goes, whichever indices are left; a match inside another match is not a mistake."""
    changed = apply(
        overlay(
            {"target": "$.tags[?@.name != 'Admin']", "remove": True},
            {"target": "$.paths.*.*.tags[?@ == 'Admin']", "remove": True, "update": "has no effect"},
            {"target": "$.paths['/parcels'].get.parameters[*, 0]", "remove": True},
            {"target": "$.paths['/admin']['get', 'get']['operationId', 'deprecated']", "remove": True},
            {"target": "$.info..*", "remove": True},
        )
    )

    assert changed["tags"] == [{"name": "Admin"}]
    assert changed["paths"]["/parcels"]["post"]["tags"] == ["Parcels"]
    assert changed["paths"]["/parcels"]["get"]["parameters"] == []
    assert changed["paths"]["/admin"]["get"] == {"tags": []}
    assert changed["info"] == {}


def test_actions_see_what_earlier_ones_did_and_share_nothing() -> None:
    """One update in several places is a value of its own in each: oas-patch 0.6.0 changes the others with it."""
    changed = apply(
        overlay(
            {"target": "$.paths.*[?@.operationId]", "update": {"x-limits": {"rates": [1]}}},
            {"target": "$.paths['/admin'].get.x-limits", "update": {"rates": [2]}},
        )
    )

    limits = [item["x-limits"]["rates"] for path in changed["paths"].values() for item in path.values()]
    assert limits == [[1], [1], [1, 2]]


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("$.paths.*[?count(@.tags[*]) == 2]", ["add"]),
        ("$.paths.*[?!@.deprecated && @.operationId]", ["list", "add"]),
        ("$.paths[?search(@.get.operationId, 'i[a-z]t')].get", ["list"]),
        ("$.paths.*[?match(@.operationId, 'ad.*')]", ["add", "admin"]),
        ("$.paths.*[?match(@.operationId, @.tags) || search(1, @.operationId) || @.deprecated == true]", ["admin"]),
        ("$.paths.*[?@.parameters[?@.name == 'top']]", ["list"]),
        ("$.paths.*[?@.operationId == $.paths['/admin'].get.operationId]", ["admin"]),
    ],
)
def test_targets_are_those_of_rfc_9535(target: str, found: list[str]) -> None:
    """Functions, negations and nested filters work; oas-patch 0.6.0 cannot parse the functions."""
    changed = apply(overlay({"target": target, "update": {"x-found": True}}))

    operations = [one for path in changed["paths"].values() for one in path.values()]
    assert [one["operationId"] for one in operations if one.get("x-found")] == found


def test_document_and_overlay_stay_as_they_were() -> None:
    """What was loaded is not changed, and the result shares nothing with it."""
    given = overlay({"target": "$.tags", "update": {"name": "New"}}, {"target": "$.info", "update": {"x": {"y": []}}})
    before = json.dumps([DOCUMENT, given])

    changed = apply(given)
    changed["tags"][-1]["name"] = changed["info"]["x"]["y"] = "changed"
    changed["paths"].clear()

    assert json.dumps([DOCUMENT, given]) == before
    assert type(changed) is type(changed["tags"][0]) is dict
    assert type(changed["tags"]) is list


def test_all_reasons_are_told_at_once() -> None:
    """Each mistake has its pointer into the overlay, and says what to do; later actions are tried too."""
    assert refusal(
        overlay(
            {"target": "$.paths['/parcel'].get", "update": {}},
            {"target": "$.info.title", "update": "Ours"},
            {"target": "$", "remove": True},
            {"target": "paths", "remove": True},
            {"target": "$.tags[?@.name == 'Old'", "remove": True},
            {"target": "$.paths['/parcels']", "update": {"get": {"tags": "New", "parameters": {}}}},
            {"target": "$.tags[0]", "update": ["New"]},
        )
    ) == [
        "#/actions/0/target: \"$.paths['/parcel'].get\" matches nothing; correct it or remove the action",
        "#/actions/1/update: cannot change a single value (#/info/title); let the target select what contains it",
        "#/actions/2/target: selects the whole document; remove parts of it",
        "#/actions/3/target: 'paths' expected 'TOKEN_ROOT', found 'TOKEN_NAME'; write it as RFC 9535 says",
        "#/actions/4/target: \"$.tags[?@.name == 'Old'\" unexpected end of segment; write it as RFC 9535 says",
        f"#/actions/5/update/get/tags: is a single value and #/paths/~1parcels/get/tags an array; {FIRST}",
        f"#/actions/5/update/get/parameters: is an object and #/paths/~1parcels/get/parameters an array; {FIRST}",
        f"#/actions/6/update: is an array and #/tags/0 an object; {FIRST}",
    ]


def test_overlay_of_another_shape_is_refused() -> None:
    """A misspelled field would otherwise be an action that does nothing."""
    shown = refusal(
        {
            "overlay": "1.1.0",
            "actions": [{"target": "$", "udpate": {}}, {"target": 1, "remove": "yes"}, {"remove": True}, 7],
            "x-mine": 1,
        }
    )

    assert shown == [
        "#/overlay: '1.1.0' does not match '^1\\\\.0\\\\.[0-9]+\\\\Z'; see the Overlay Specification 1.0",
        "#/actions/0: 'udpate' does not match any of the regexes: '^x-'; see the Overlay Specification 1.0",
        "#/actions/1/target: 1 is not of type 'string'; see the Overlay Specification 1.0",
        "#/actions/1/remove: 'yes' is not of type 'boolean'; see the Overlay Specification 1.0",
        "#/actions/2: 'target' is a required property; see the Overlay Specification 1.0",
        "#/actions/3: 7 is not of type 'object'; see the Overlay Specification 1.0",
        "#: 'info' is a required property; see the Overlay Specification 1.0",
        "#/actions/0: does nothing; give it 'update', or 'remove: true'",
    ]
    assert refusal(overlay({"target": "$", "remove": False})) == [
        "#/actions/0: does nothing; give it 'update', or 'remove: true'"
    ]


@pytest.mark.parametrize("extends", ["api.yaml", "./api.yaml", "../openapi/a%70i.yaml", "https://vendor.example/api"])
def test_overlay_of_this_document_is_applied(extends: str) -> None:
    """`extends` is relative to the overlay; whether a URL is that of the document, nobody can say here."""
    assert apply(overlay({"target": "$.tags", "remove": True}, extends=extends))


@pytest.mark.parametrize("extends", ["other.yaml", "openapi/api.yaml", "", "//[", "%00"])
def test_overlay_of_another_document_is_refused(extends: str) -> None:
    """An overlay that names its document is not applied to another one."""
    assert refusal(overlay({"target": "$.tags", "remove": True}, extends=extends)) == [
        f"#/extends: {extends!r} is not openapi/api.yaml; name that document, or leave the field out"
    ]


def test_root_within_two_filters_is_refused() -> None:
    """For python-jsonpath 2.2.2, the root is what the outer filter looks at: the wrong things would match."""
    target = "$.paths.*[?@.tags[?@ == $.tags[0].name]]"

    (line,) = refusal(overlay({"target": target, "remove": True}))

    assert line.endswith("names the root ($) in a filter within a filter, which is not supported; avoid it")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("$" + ".a" * 500, "is longer than 1000 characters; shorten it"),
        ("$" + "[?@" * 300 + "]" * 50, "is nested too deeply; simplify it"),
        ("$.tags[?match(@.name, '" + "(" * 400 + ")" * 400 + "')]", "is nested too deeply; simplify it"),
        ("$.tags[?match(@.name, '(')]", "matches nothing; correct it or remove the action"),
    ],
    ids=["long", "deep-filter", "deep-pattern", "wrong-pattern"],
)
def test_hostile_target_is_refused(target: str, said: str) -> None:
    """A target is bounded in length and depth."""
    (line,) = refusal(overlay({"target": target, "remove": True}))

    assert line.endswith(f" {said}")


@pytest.mark.parametrize(
    "action",
    [
        {"target": "$..*..*..*..*.nothing", "remove": True},
        {"target": "$..[?@..[?@..[?@..x]]]", "remove": True},
        {"target": f"$[{','.join('*' * 300)}][{','.join('*' * 150)}].nothing", "remove": True},
        {"target": "$.paths.*", "update": {"x-long": "x" * 30_000}},
    ],
    ids=["descents", "filters", "unions", "updates"],
)
def test_overlay_that_takes_too_many_steps_is_refused(action: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a target visits and an update adds is counted, so no overlay runs for ever or fills the memory."""
    monkeypatch.setattr("strict_clients.targets.MOST_STEPS", 50_000)
    deep: dict[str, Any] = {}
    for _ in range(DEEPEST_NESTING - 3):
        deep = {"a": deep}

    lines = refusal(overlay({"target": "$.info", "update": {}}, action, action), DOCUMENT | {"x-deep": deep})

    assert lines == ["#/actions/1: the overlay takes more than 50000 steps, the last ones here; name fewer places"]


def test_regular_expression_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that such an expression takes doubles with each character."""
    monkeypatch.setattr("strict_clients.targets.LONGEST_SEARCH", 0.05)
    document = DOCUMENT | {"x": "y" + "a" * 200}

    assert refusal(overlay({"target": "$[?match(@, 'y(a|aa)+y')]", "remove": True}), document) == [
        "#/actions/0: the overlay takes too long to search by its regular expressions; simplify this one"
    ]


@pytest.mark.parametrize("levels", [2, 30])
def test_result_that_is_nested_too_deeply_is_refused(levels: int) -> None:
    """Many updates, each within the limits, do not get past the limit of a document."""
    nested: dict[str, Any] = {}
    for _ in range(DEEPEST_NESTING - 5):
        nested = {"a": nested}
    actions = [{"target": f"$.x{'.a' * (DEEPEST_NESTING - 5) * level}", "update": nested} for level in range(levels)]
    actions = [action for action in actions if len(action["target"]) < 1_000]

    assert refusal(overlay(*actions), {"x": {}}) == ["#: the document is nested too deeply; flatten it"]
