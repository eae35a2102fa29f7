"""Removed operations: which they are, what replaces them, and the document that keeps them as stubs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from strict_clients.bump import removals
from strict_clients.bump.completed import complete
from strict_clients.bump.shapes import FieldMove, moves
from strict_clients.examine import examine
from strict_clients.load import Document, load
from strict_clients.pipeline import generate

from .cases import GENERAL, PREVIEW, RELEASED
from .changes import HERE, document, patched

LOG = "/paths/~1harbours~1{harbour}~1log"
BASE = load(HERE / "documents" / "base.yaml")
STUB = [
    {"op": "add", "path": f"{LOG}/get/deprecated", "value": True},
    {"op": "add", "path": f"{LOG}/get/x-removed", "value": {"last-version": "0.9"}},
]


def changed(*operations: dict[str, Any]) -> Document:
    """The base with these changes."""
    return document(patched(BASE.raw, list(operations)))


def gone(*operations: dict[str, Any]) -> Document:
    """The base without the log of a harbour, and with more changes."""
    return changed({"op": "remove", "path": LOG}, *operations)


def test_removed_operation_is_named_with_its_last_version_and_a_guess() -> None:
    """Nobody says what replaces it, so it is the operation that shares most names of arguments and fields."""
    (found,) = removals.find(load(RELEASED), load(GENERAL))

    assert (found.operation, found.call) == ("AuditEntries_list", "client.audit_entries.list")
    assert found.last_version == "1.1-preview.1"
    assert (found.replacement, found.replacement_call) == ("LivenessSessions_get", "client.liveness_sessions.get")
    assert (found.guessed, found.accepted) == (True, False)


def test_every_removed_operation_is_found() -> None:
    """The twin that came with one version went with the next."""
    found = removals.find(load(PREVIEW), load(GENERAL))

    assert [one.operation for one in found] == ["AuditEntries_list", "AuditEntries_listWithVerify"]
    assert {one.last_version for one in found} == {"1.2-preview.1"}


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
    new = document(
        {**BASE.raw, "paths": {"/ping": {"get": {"operationId": "ping", "tags": ["Boats"], "responses": {}}}}}
    )

    assert {one.replacement for one in removals.find(BASE, new)} == {None}


def test_stub_is_an_accepted_removal_once() -> None:
    """The document that keeps it has accepted it; what the last release had as a stub is no news."""
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

    text = complete(GENERAL, old, removals.find(old, new))

    path = tmp_path / "completed.yaml"
    path.write_text(text, encoding="utf-8")
    added = load(path)
    stub = added.raw["paths"]["/detectLiveness/singleModal/sessions/{sessionId}/audit"]["get"]
    kept, lines = GENERAL.read_text(encoding="utf-8").splitlines(), text.splitlines()
    assert [line for line in lines if line in set(kept)][: len(kept)]
    position = 0
    for line in kept:
        position = lines.index(line, position) + 1
    assert stub["x-removed"] == {"last-version": "1.1-preview.1"}
    assert (stub["deprecated"], stub["x-replaced-by"]) == (True, "LivenessSessions_get")
    assert "x-emulator" not in stub
    assert "AuditEntry" in added.raw["components"]["schemas"]
    assert [tag["name"] for tag in added.raw["tags"]] == ["LivenessSessions", "AuditEntries"]
    assert "    # The API removed this after 1.1-preview.1" in text
    assert "    # Nobody names a replacement: x-replaced-by is a guess" in text
    examine(added)


def test_completed_document_in_json_is_json(tmp_path: Path) -> None:
    """The copy is written as the document is; what the root said of the operation stands on its stub then."""
    raw = gone({"op": "add", "path": "/x-replaced-by", "value": {"Harbours_log": "Boats_add"}}).raw
    path = tmp_path / "new.json"
    path.write_text(json.dumps(raw), encoding="utf-8")

    written = json.loads(complete(path, BASE, removals.find(BASE, load(path))))

    stub = written["paths"]["/harbours/{harbour}/log"]["get"]
    assert stub["x-replaced-by"] == "Boats_add"
    assert "x-replaced-by" not in written
    assert written["tags"] == raw["tags"]
    examine(document(written))


def test_stub_brings_the_parameters_of_its_path_and_no_replacement_where_there_is_none(tmp_path: Path) -> None:
    """The new document has neither the path item nor its shared parameters."""
    move = {"op": "move", "from": f"{LOG}/get/parameters", "path": f"{LOG}/parameters"}
    old = changed(move)
    (found,) = removals.find(old, changed(*STUB))
    path = tmp_path / "new.yaml"
    path.write_text(json.dumps({**gone().raw, "tags": []}), encoding="utf-8")

    written = complete(path, old, [found])

    path.write_text(written, encoding="utf-8")
    stub = load(path).raw["paths"]["/harbours/{harbour}/log"]["get"]
    assert [parameter["name"] for parameter in stub["parameters"]] == ["harbour"]
    assert "x-replaced-by" not in stub
    assert "is a guess" not in written
    assert [tag["name"] for tag in load(path).raw["tags"]] == ["Harbours"]
    generate(path, tmp_path / "package")


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_stub_stands_beside_what_its_path_still_has(tmp_path: Path, suffix: str) -> None:
    """Only one method of the path was removed."""
    old = changed({"op": "add", "path": "/paths/~1boats/get", "value": {**BASE.at(f"{LOG}/get"), "operationId": "all"}})
    path = tmp_path / f"new{suffix}"
    path.write_text(json.dumps({**BASE.raw, "x-replaced-by": {"other": "Boats_add"}}), encoding="utf-8")

    path.write_text(complete(path, old, removals.find(old, load(path))), encoding="utf-8")

    assert [*load(path).raw["paths"]["/boats"]] == ["post", "get"]
    assert load(path).raw["x-replaced-by"] == {"other": "Boats_add"}


def test_fields_are_looked_for_in_the_other_answer() -> None:
    """A replacement of another shape: where each field of the old answer stands in the new one, if it does."""
    found = {
        one.was: one.now for one in moves(load(RELEASED), "AuditEntries_list", load(GENERAL), "LivenessSessions_get")
    }

    assert found["digest"] == "results.attempts[].result.digest"
    assert found["session_id"] == "session_id"
    assert found["request.user_agent"] is None
    assert "date_received" not in found


def test_fields_of_a_page_and_of_no_answer() -> None:
    """Of a paged operation it is the item whose fields count; an operation without an answer has none."""
    token = {
        "op": "replace",
        "path": "/paths/~1harbours~1{harbour}~1log/get/x-pagination",
        "value": {"items": "/boats"},
    }
    old = changed({**token, "op": "add"})
    silent = changed({"op": "remove", "path": "/paths/~1boats/post/responses/201/content"})

    assert FieldMove(was="berth.number", now="boats[].berth.number") in moves(old, "Harbours_log", BASE, "Harbours_log")
    assert {one.now for one in moves(BASE, "Harbours_log", silent, "Boats_add")} == {None}
    assert moves(silent, "Boats_add", BASE, "Boats_add") == ()
