"""Removed operations: which they are, what replaces them, and the document that keeps them as stubs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from strict_clients.bump import removals
from strict_clients.bump.completed import complete
from strict_clients.bump.form import form
from strict_clients.bump.shapes import FieldMove, moves
from strict_clients.examine import examine
from strict_clients.load import Document, load
from strict_clients.pipeline import generate

from .cases import GENERAL, PREVIEW, RELEASED
from .changes import HERE, document, patched

LOG = "/paths/~1harbours~1{harbour}~1log"
WRITTEN = load(HERE / "documents" / "base.yaml")
BASE = form(WRITTEN)
STUB = [
    {"op": "add", "path": f"{LOG}/get/deprecated", "value": True},
    {"op": "add", "path": f"{LOG}/get/x-removed", "value": {"last-version": "0.9"}},
]


def changed(*operations: dict[str, Any]) -> Document:
    """The base with these changes, in the form in which documents are compared."""
    return form(written(*operations))


def written(*operations: dict[str, Any]) -> Document:
    """The base with these changes, as it is written."""
    return document(patched(WRITTEN.raw, list(operations)))


def gone(*operations: dict[str, Any]) -> Document:
    """The base without the log of a harbour, and with more changes."""
    return changed({"op": "remove", "path": LOG}, *operations)


def test_removed_operation_is_named_with_its_last_version_and_its_replacement() -> None:
    """The new document says what replaces it."""
    (found,) = removals.find(form(load(RELEASED)), form(load(GENERAL)))

    assert (found.operation, found.call) == ("AuditEntries_list", "client.audit_entries.list")
    assert found.last_version == "1.1-preview.1"
    assert (found.replacement, found.replacement_call) == ("LivenessSessions_get", "client.liveness_sessions.get")
    assert (found.guessed, found.accepted) == (False, False)


def test_every_removed_operation_is_found() -> None:
    """The one that came with one version went with the next; no replacement is named, and nothing looks similar."""
    found = removals.find(form(load(PREVIEW)), form(load(GENERAL)))

    assert [one.operation for one in found] == ["AuditEntries_list", "AuditEntries_listWithVerify"]
    assert {one.last_version for one in found} == {"1.2-preview.1"}
    assert [one.replacement for one in found] == ["LivenessSessions_get", None]


DIARY = {**WRITTEN.at(f"{LOG}/get"), "operationId": "Harbours_diary"}


def beside(**changes: Any) -> list[dict[str, Any]]:
    """The log of a harbour at another path and under another name, with these changes."""
    method = changes.pop("method", "get")
    return [{"op": "add", "path": "/paths/~1harbours~1{harbour}~1diary", "value": {method: DIARY | changes}}]


def answer(schema: dict[str, Any] | None, media_type: str = "application/json") -> dict[str, Any]:
    """The answers of an operation that gives this."""
    content = {} if schema is None else {"content": {media_type: {"schema": schema}}}
    return {"200": {"description": "It.", **content}}


HARBOUR = {"name": "harbour", "in": "path", "required": True, "schema": {"type": "string"}}
DAY = {"name": "day", "in": "query", "required": True, "schema": {"type": "string"}}


def test_operation_that_looks_alike_is_a_guess() -> None:
    """One of the same method with the same arguments and a like answer may be it; that is said to be a guess."""
    (found,) = removals.find(BASE, gone(*beside()))

    assert (found.replacement, found.replacement_call) == ("Harbours_diary", "client.harbours.diary")
    assert found.guessed is True


@pytest.mark.parametrize(
    "change",
    [
        {"method": "post"},
        {"parameters": [HARBOUR, DAY]},
        {"responses": answer(None)},
        {"responses": answer({"type": "string"}, "text/plain")},
        {"responses": answer({"type": "array", "items": {"$ref": "#/components/schemas/Log"}})},
        {"responses": answer({"$ref": "#/components/schemas/Problem"})},
    ],
    ids=["method", "argument that is needed", "no answer", "text", "list", "other fields"],
)
def test_operation_that_may_do_something_else_is_no_guess(change: dict[str, Any]) -> None:
    """No guess is better than one that does harm: another method, another kind of result, an argument more."""
    (found,) = removals.find(BASE, gone(*beside(**change)))

    assert (found.replacement, found.guessed) == (None, False)


def test_two_operations_that_look_alike_are_no_guess() -> None:
    """Which of both it is, nobody knows."""
    twin = {
        "op": "add",
        "path": "/paths/~1logs~1{harbour}",
        "value": {"get": {**DIARY, "operationId": "Harbours_log2"}},
    }

    (found,) = removals.find(BASE, gone(*beside(), twin))

    assert found.replacement is None


def test_operation_with_a_body_is_compared_by_it() -> None:
    """Of what is sent, the greater part of the names has to be the same."""
    removed = {"op": "move", "from": "/paths/~1boats/post", "path": "/paths/~1vessels"}
    add = WRITTEN.at("/paths/~1boats/post")
    other = {
        **add["requestBody"],
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }

    found = [
        removals.find(BASE, changed(removed, {"op": "replace", "path": "/paths/~1vessels", "value": {"post": one}}))
        for one in ({**add, "operationId": "Boats_enter"}, {**add, "operationId": "Boats_enter", "requestBody": other})
    ]

    assert [one[0].replacement for one in found] == ["Boats_enter", None]


def test_operations_without_an_answer_are_compared_by_what_they_take() -> None:
    """Neither gives anything, so what they are given decides."""
    silent = {"op": "replace", "path": "/paths/~1boats/post/responses", "value": answer(None)}
    other = {**WRITTEN.at("/paths/~1boats/post"), "operationId": "Boats_enter", "responses": answer(None)}
    new = changed(
        {"op": "remove", "path": "/paths/~1boats"}, {"op": "add", "path": "/paths/~1b", "value": {"post": other}}
    )

    (found,) = removals.find(changed(silent), new)

    assert found.replacement == "Boats_enter"


def test_pages_are_replaced_by_pages() -> None:
    """A pager is another result than an array."""
    listed = "/paths/~1harbours~1{harbour}~1boats"
    plain = {key: value for key, value in WRITTEN.at(f"{listed}/get").items() if key != "x-pagination"}
    paged = {**WRITTEN.at(f"{listed}/get"), "operationId": "Boats_listAll"}

    found = [
        removals.find(
            BASE,
            changed(
                {"op": "remove", "path": listed},
                {"op": "add", "path": "/paths/~1fleet~1{harbour}", "value": {"get": one}},
            ),
        )
        for one in (paged, {**plain, "operationId": "Boats_listAll"})
    ]

    assert [one[0].replacement for one in found] == ["Boats_listAll", None]


def test_guess_is_marked_wherever_it_is_shown(tmp_path: Path) -> None:
    """On the stub, in the comment of the copy, and so in the docstring and in the error of the method."""
    new = written({"op": "remove", "path": LOG}, *beside())
    path = tmp_path / "new.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(new.raw, file)

    text = complete(path, WRITTEN, removals.find(BASE, form(new)))

    path.write_text(text, encoding="utf-8")
    (again,) = removals.find(BASE, form(load(path)))
    generate(path, tmp_path / "package")
    module = (tmp_path / "package" / "src" / "lake_api" / "resources" / "harbours" / "sync.py").read_text("utf-8")
    said = " ".join(module.split())
    assert "x-replaced-by is a guess, an operation that looks similar." in text
    assert load(path).at(f"{LOG}/get/x-removed") == {"last-version": "1.0", "guessed": True}
    assert (again.guessed, again.accepted) == (True, True)
    assert "Call `client.harbours.diary` instead (a guess: it looks similar; make sure that it does the same)." in said
    assert "which looks similar (a guess: make sure that it does the same)" in said.replace('" "', "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (BASE, gone({"op": "add", "path": "/x-replaced-by", "value": {"Harbours_log": "Boats_add"}})),
        (changed({"op": "add", "path": f"{LOG}/get/x-replaced-by", "value": "Boats_add"}), gone()),
        (BASE, changed(*STUB, {"op": "add", "path": f"{LOG}/get/x-replaced-by", "value": "Boats_add"})),
    ],
    ids=["root of the new document", "operation of the old document", "stub of the new document"],
)
def test_replacement_is_what_a_document_says(old: Document, new: Document) -> None:
    """The new document may say it at its root or on the stub, and the old one may have said it in time."""
    (found,) = removals.find(old, new)

    assert (found.replacement, found.guessed) == ("Boats_add", False)


def test_operation_that_shares_nothing_is_no_replacement() -> None:
    """A guess needs a reason."""
    new = form(
        document(
            {
                **WRITTEN.raw,
                "paths": {"/ping": {"get": {"operationId": "ping", "tags": ["Boats"], "responses": answer(None)}}},
            }
        )
    )

    assert {one.replacement for one in removals.find(BASE, new)} == {None}


def test_stub_is_an_accepted_removal_once() -> None:
    """The document that keeps it has accepted it; what the last release had as a stub is not news."""
    (found,) = removals.find(BASE, changed(*STUB))

    assert (found.accepted, found.last_version, found.replacement) == (True, "0.9", None)
    assert removals.find(changed(*STUB), changed(*STUB)) == ()
    assert removals.find(changed(*STUB), gone()) == ()


def test_renamed_operation_is_not_removed() -> None:
    """The API still has it, at the same path."""
    assert (
        removals.find(BASE, changed({"op": "replace", "path": f"{LOG}/get/operationId", "value": "Harbours_past"}))
        == ()
    )


def test_differ_sees_no_stubs() -> None:
    """To it a stub is what it is to the API: not there; a path is kept while it has another operation."""
    stub = changed(*STUB, {"op": "add", "path": "/paths/~1boats/get", "value": {"x-removed": {"last-version": "1"}}})

    paths = removals.live(stub)["paths"]

    assert isinstance(paths, dict)
    assert [*paths] == ["/harbours/{harbour}/boats", "/boats"]
    assert [*paths["/boats"]] == ["post"]


def test_completed_document_keeps_every_line_of_the_new_one(tmp_path: Path) -> None:
    """A maintainer's comments and layout stay; the stub, its parts and its tag come on top, with a word about it."""
    old, new = load(RELEASED), load(GENERAL)

    text = complete(GENERAL, old, removals.find(form(old), form(new)))

    path = tmp_path / "completed.yaml"
    path.write_text(text, encoding="utf-8")
    added = load(path)
    stub = added.raw["paths"]["/detectLiveness/singleModal/sessions/{sessionId}/audit"]["get"]
    kept, lines = GENERAL.read_text(encoding="utf-8").splitlines(), text.splitlines()
    assert [line for line in lines if line in set(kept)][: len(kept)]
    position = 0
    for line in kept:
        if line.startswith("x-replaced-by:"):  # its stub says it now
            continue
        position = lines.index(line, position) + 1
    assert stub["x-removed"] == {"last-version": "1.1-preview.1"}
    assert (stub["deprecated"], stub["x-replaced-by"]) == (True, "LivenessSessions_get")
    assert "x-emulator" not in stub
    assert "AuditEntry" in added.raw["components"]["schemas"]
    assert [tag["name"] for tag in added.raw["tags"]] == ["LivenessSessions", "AuditEntries"]
    assert "    # The API removed this after 1.1-preview.1" in text
    assert "is a guess" not in text
    examine(added)


def test_completed_document_in_json_is_json(tmp_path: Path) -> None:
    """The copy is written as the document is; what the root said of the operation is on its stub then."""
    removed = {"op": "remove", "path": LOG}
    raw = written(removed, {"op": "add", "path": "/x-replaced-by", "value": {"Harbours_log": "Boats_add"}}).raw
    path = tmp_path / "new.json"
    path.write_text(json.dumps(raw), encoding="utf-8")

    completed = json.loads(complete(path, WRITTEN, removals.find(BASE, form(load(path)))))

    stub = completed["paths"]["/harbours/{harbour}/log"]["get"]
    assert stub["x-replaced-by"] == "Boats_add"
    assert "x-replaced-by" not in completed
    assert completed["tags"] == raw["tags"]
    examine(document(completed))


def test_stub_brings_the_parameters_of_its_path_and_no_replacement_where_there_is_none(tmp_path: Path) -> None:
    """The new document has neither the path item nor its shared parameters."""
    move = {"op": "move", "from": f"{LOG}/get/parameters", "path": f"{LOG}/parameters"}
    old = written(move)
    (found,) = removals.find(form(old), changed(*STUB))
    path = tmp_path / "new.yaml"
    path.write_text(json.dumps({**written({"op": "remove", "path": LOG}).raw, "tags": []}), encoding="utf-8")

    completed = complete(path, old, [found])

    path.write_text(completed, encoding="utf-8")
    stub = load(path).raw["paths"]["/harbours/{harbour}/log"]["get"]
    assert [parameter["name"] for parameter in stub["parameters"]] == ["harbour"]
    assert "x-replaced-by" not in stub
    assert "is a guess" not in completed
    assert [tag["name"] for tag in load(path).raw["tags"]] == ["Harbours"]
    generate(path, tmp_path / "package")


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_stub_stands_beside_what_its_path_still_has(tmp_path: Path, suffix: str) -> None:
    """Only one method of the path was removed."""
    count = {"operationId": "all", "tags": ["Boats"], "responses": answer({"type": "integer"})}
    old = written({"op": "add", "path": "/paths/~1boats/get", "value": count})
    path = tmp_path / f"new{suffix}"
    path.write_text(json.dumps({**WRITTEN.raw, "x-replaced-by": {"other": "Boats_add"}}), encoding="utf-8")

    path.write_text(complete(path, old, removals.find(form(old), form(load(path)))), encoding="utf-8")

    assert [*load(path).raw["paths"]["/boats"]] == ["post", "get"]
    assert load(path).raw["x-replaced-by"] == {"other": "Boats_add"}


def test_fields_are_looked_for_in_the_other_answer() -> None:
    """A replacement of another shape: where each field of the old answer is in the new one, if it does."""
    old, new = form(load(RELEASED)), form(load(GENERAL))

    found = {one.was: one.now for one in moves(old, "AuditEntries_list", new, "LivenessSessions_get")}

    assert found["digest"] == "results.attempts[].result.digest"
    assert found["session_id"] == "session_id"
    assert found["request.user_agent"] is None
    assert "date_received" not in found


def test_fields_of_a_page_and_of_no_answer() -> None:
    """Of a paged operation it is the item whose fields count; an operation without an answer has none."""
    token = {
        "op": "replace",
        "path": "/paths/~1harbours~1{harbour}~1log/get/x-pagination",
        "value": {"style": "token", "cursor": "after", "items": "/boats", "cursor-at": "/next"},
    }
    cursor = {"op": "add", "path": "/components/schemas/Log/properties/next", "value": {"type": "string"}}
    after = {
        "op": "add",
        "path": f"{LOG}/get/parameters/-",
        "value": {"name": "after", "in": "query", "schema": {"type": "string"}},
    }
    old = changed(cursor, after, {**token, "op": "add"})
    silent = changed({"op": "remove", "path": "/paths/~1boats/post/responses/201/content"})

    assert FieldMove(was="berth.number", now="boats[].berth.number") in moves(old, "Harbours_log", BASE, "Harbours_log")
    assert {one.now for one in moves(BASE, "Harbours_log", silent, "Boats_add")} == {None}
    assert moves(silent, "Boats_add", BASE, "Boats_add") == ()
