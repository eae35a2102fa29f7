"""Each rule refuses the documents that break it, with the exact place and message, and nothing else."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from face_audit import FaceAuditClient

from strict_clients.breaches import Breach, GenerationRefused
from strict_clients.check import RULES
from strict_clients.check.extensions import RESERVED_ARGUMENTS
from strict_clients.examine import examine
from strict_clients.load import Document, load
from strict_clients.names import RESERVED_CLASSES
from strict_clients.normalize import clean

FOLDER = Path(__file__).parent / "documents"
ROOT = Path(__file__).parents[2]
BASE = load(FOLDER / "base.yaml")
SPOILED = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "base.yaml")
READ = sorted((FOLDER / "read").glob("*.yaml"))
EXPECTS = "# expects: "
NOTES = "# notes: "


def merged(target: Any, patch: Any) -> Any:
    """The target with a JSON merge patch applied (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    result: dict[str, Any] = dict(cast("dict[str, Any]", target)) if isinstance(target, dict) else {}
    for key, value in cast("dict[str, Any]", patch).items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def spoiled(path: Path) -> Document:
    """The good document with the changes of the file."""
    return Document(raw=merged(BASE.raw, load(path).raw), digest="")


def rule_name(path: Path) -> str:
    """The rule that the file breaks: its name up to `--`."""
    return path.stem.partition("--")[0]


def test_good_document_passes() -> None:
    """The base of the failing documents breaks no rule, so each fails for its own change."""
    examined = examine(BASE)

    assert (examined.notes.chosen, examined.notes.passed_over) == ([], [])


@pytest.mark.parametrize("path", sorted((ROOT / "openapi").glob("*.yaml")), ids=lambda path: path.name)
def test_document_of_this_project_passes(path: Path) -> None:
    """The documents that we generate from break no rule."""
    examined = examine(load(path))

    assert (examined.notes.chosen, examined.notes.passed_over) == ([], [])


@pytest.mark.parametrize("path", SPOILED, ids=lambda path: path.stem)
def test_spoiled_document_is_refused_with_all_its_breaches(path: Path) -> None:
    """All breaches of a document are told at once, each by its place and what to do."""
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix(EXPECTS) for line in lines if line.startswith(EXPECTS)]

    with pytest.raises(GenerationRefused) as caught:
        examine(spoiled(path))

    assert str(caught.value).splitlines() == expected


@pytest.mark.parametrize("path", SPOILED, ids=lambda path: path.stem)
def test_spoiled_document_breaks_the_rule_of_its_name(path: Path) -> None:
    """A failing document shows the rule that it is named after."""
    rule = next(rule for rule in RULES if rule.__name__ == rule_name(path))

    assert list(rule(clean(spoiled(path))[0]))


@pytest.mark.parametrize("path", READ, ids=lambda path: path.stem)
def test_document_that_leaves_something_to_be_guessed_is_read_with_notes(path: Path) -> None:
    """What people write in other ways is read, and every choice is told with its place."""
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix(NOTES) for line in lines if line.startswith(NOTES)]

    notes = examine(spoiled(path)).notes

    assert [str(note.place) for note in [*notes.chosen, *notes.passed_over]] == expected


def test_every_rule_has_a_failing_document() -> None:
    """No rule is untested."""
    assert {rule.__name__ for rule in RULES} == {rule_name(path) for path in SPOILED}


def test_table_of_what_is_refused_names_rules() -> None:
    """The page about documents names rules that exist."""
    text = (ROOT / "docs" / "openapi.md").read_text(encoding="utf-8")
    table = text.partition("| of OpenAPI | what is generated | refused by |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines() for name in re.findall(r"`([a-z]+_[a-z_]+)`", row.rpartition(" | ")[2])}

    assert len(named) > 20
    assert named <= {rule.__name__ for rule in RULES}


def test_error_classes_of_the_runtime_are_reserved() -> None:
    """No class of the document takes the place of an error of the runtime."""
    module = ast.parse((ROOT / "templates" / "runtime" / "errors.py").read_text(encoding="utf-8"))
    classes = {node.name for node in module.body if isinstance(node, ast.ClassDef)}

    assert {name for name in classes if name.endswith("Error")} <= RESERVED_CLASSES


def test_rules_of_a_later_stage_do_not_meet_what_an_earlier_one_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule may rely on what the stages before its own guarantee; the reasons of all stages come at once."""
    paths = {f"/{name}": {"get": {"responses": {"200": {"description": ""}}}} for name in "abc"}
    raw = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}

    def first(document: Document) -> Iterator[Breach]:
        yield from [Breach("/paths/~1a/get", "no; yes")] if "/a" in document.raw["paths"] else []

    def second(document: Document) -> Iterator[Breach]:
        yield from (Breach(f"/paths/~1{path[1:]}", "again") for path in document.raw["paths"] if path != "/c")

    monkeypatch.setattr("strict_clients.examine.SHAPE", ((first,), (second,)))

    with pytest.raises(GenerationRefused) as caught:
        examine(Document(raw=raw, digest=""))

    assert caught.value.breaches == (Breach("/paths/~1a/get", "no; yes"), Breach("/paths/~1b", "again"))
    examined = examine(Document(raw=raw, digest=""), partial=True)
    assert [str(one) for one in examined.left_out] == ["GET /a", "GET /b"]
    assert [one.reasons for one in examined.left_out] == [
        (Breach("/paths/~1a/get", "no; yes"),),
        (Breach("/paths/~1b", "again"),),
    ]


def test_arguments_that_every_client_has_are_reserved() -> None:
    """A credential or a variable of the same name would be a second argument of that name."""
    from_the_document = {"self", "key", "credential", "scope", "region"}
    taken = inspect.signature(FaceAuditClient.__init__).parameters.keys() - from_the_document

    assert taken - RESERVED_ARGUMENTS == set()
