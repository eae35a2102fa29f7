"""The whole command, from a document to its report and exit code."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from strict_clients.bump import released
from strict_clients.bump.differ import Redocly
from strict_clients.bump.notes import fragment
from strict_clients.bump.play.compare import Finding, Played
from strict_clients.bump.rating import Rating
from strict_clients.bump.report import markdown, migration, summary
from strict_clients.bump.verdict import Verdict
from strict_clients.command.bump import main
from strict_clients.load import load
from strict_clients.pipeline import generate

from .cases import GENERAL, PREVIEW, RELEASED, described, stand_in
from .conftest import lay_out
from .example import PAGE
from .example import report as example

PARTS = ("document", "surface", "generator", "runtime", "callers", "play")
Bump = Callable[..., tuple[int, Path]]


def silent(folder: Path) -> Redocly:
    """A differ that sees no change, for documents that were not recorded."""
    program = folder / "silent.py"
    program.write_text(
        "import json, pathlib, sys\n"
        "report = {'reportVersion': '1', 'changes': []}\n"
        "pathlib.Path(sys.argv[sys.argv.index('--output') + 1]).write_text(json.dumps(report))\n",
        encoding="utf-8",
    )
    return Redocly(program=program, command=(sys.executable,))


def refused_now(archive: Path, folder: Path) -> Path:
    """The same release, with a document that the generator refuses."""
    release = released.unpack(archive, folder / "unpacked")
    text = release.document.read_text(encoding="utf-8")
    release.document.write_text(text.replace("x-views:", "x-view:"), encoding="utf-8")
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(folder / "unpacked", arcname=".")
    return archive


def test_same_document_asks_for_nothing(bump: Bump, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to release, and the report says so."""
    code, output = bump(RELEASED)

    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert code == 0
    assert report["ratings"] == dict.fromkeys(PARTS, "nothing")
    assert capsys.readouterr().out.startswith("0.1.0 -> 0.1.0: nothing\n")
    assert "byte by byte" in (output / "report.md").read_text(encoding="utf-8")
    assert (output / "migration.md").read_text(encoding="utf-8") == "# From 0.1.0 to 0.1.0\n\nNothing breaks.\n"


def test_changed_description_is_a_patch(bump: Bump, tmp_path: Path) -> None:
    """Words for people ask for a patch."""
    code, output = bump(described(tmp_path))

    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert (code, report["next"]) == (10, "0.1.1")
    assert (output / "+bump.misc.md").read_text(encoding="utf-8") == "- Text for people; code does not see it.\n"


def test_next_preview_is_minor_and_names_all_that_is_new(bump: Bump, capsys: pytest.CaptureFixture[str]) -> None:
    """Two optional fields and a twin operation break nobody, though the path of the server holds another version."""
    code, output = bump(PREVIEW)

    said = capsys.readouterr().out
    assert code == 20
    assert said.startswith("0.1.0 -> 0.2.0: minor\n")
    assert "minor: AuditEntry.session_image_id is new" in said
    assert "minor: AuditEntry.verify_image_hash is new" in said
    assert "minor: client.audit_entries.list_with_verify is new" in said
    assert "Release it as 0.2.0; `strict-clients release archive` then keeps" in said
    draft = (output / "+bump.feature.md").read_text(encoding="utf-8")
    assert draft.startswith("- Version 1.2-preview.1 of the API, after 1.1-preview.1.\n")
    before = 'where an answer had it, it was additional_properties["sessionImageId"]'
    assert f"- AuditEntry.session_image_id is new; {before}.\n" in draft
    assert "| minor | major |" in (output / "report.md").read_text(encoding="utf-8")


def test_removed_operation_stops(bump: Bump, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is released unseen: the operation, its last version and its replacement are named."""
    code, output = bump(GENERAL)

    said = capsys.readouterr()
    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert code == 1
    assert report["stopped"] is True
    assert said.err == (
        "/paths/~1detectLiveness~1singleModal~1sessions~1{sessionId}~1audit/get: client.audit_entries.list "
        "(AuditEntries_list) is removed, last in version 1.1-preview.1 of the API; replaced by "
        "client.liveness_sessions.get (LivenessSessions_get)\n"
        "name replacements in x-replaced-by, or continue with --accept-removal\n"
    )
    assert "breaks examples/digests.py:3: " in said.out
    assert "test_inside" not in said.out
    assert not (output / "completed.yaml").exists()


@pytest.mark.uncovered
def test_page_with_a_report_shows_what_is_reported_today(tmp_path: Path) -> None:
    """Its reader sees what a maintainer would; `python -m tests.bump.example` writes it."""
    assert PAGE.read_text(encoding="utf-8") == example(tmp_path)


def test_accepted_removal_is_major_with_a_migration_note(bump: Bump, tmp_path: Path) -> None:
    """The method stays, as a stub: its callers still pass the type checker, and are told what to call."""
    code, output = bump(GENERAL, "--accept-removal")

    note = (output / "migration.md").read_text(encoding="utf-8")
    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert (code, report["next"], report["stopped"]) == (30, "1.0.0", False)
    assert "## client.audit_entries.list is removed" in note
    assert "- was: client.audit_entries.list(session_id: str | UUID, *, start: str | None = None" in note
    assert "- is: raises OperationRemovedError before anything is sent, for one major version" in note
    assert "- write instead: client.liveness_sessions.get(session_id: str | UUID) -> LivenessSession\n" in note
    assert "| `digest` | `results.attempts[].result.digest` |" in note
    assert "## LivenessResult.target is gone" in note
    assert "- was: face_audit.LivenessResult.target: LivenessTarget | None" in note
    assert report["callers"] == []
    played = {f"{one['calls'][0]} {one['why']}": one["named"] for one in report["played"]["findings"]}
    gone = "client.audit_entries.list raises OperationRemovedError before anything is sent"
    assert played[gone].startswith("client.audit_entries.list is gone from the API")
    assert f"- major: {gone} (above: " in (output / "report.md").read_text(encoding="utf-8")
    draft = (output / "+bump.breaking.md").read_text(encoding="utf-8")
    assert "- client.audit_entries.list is removed; instead: client.liveness_sessions.get.\n" in draft
    assert "The document was completed" in (output / "report.md").read_text(encoding="utf-8")

    again, _ = bump(output / "completed.yaml")

    assert again == 30
    generate(output / "completed.yaml", tmp_path / "package")
    code_of_a_caller = (
        "import face_audit\n"
        "client = face_audit.FaceAuditClient('key', region='westus')\n"
        "try: client.audit_entries.list('session')\n"
        "except face_audit.OperationRemovedError as error: print(error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code_of_a_caller],
        env={"PYTHONPATH": str(tmp_path / "package" / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == (
        "client.audit_entries.list: the API has no such operation after version 1.1-preview.1; "
        "call client.liveness_sessions.get\n"
    )


def test_code_of_a_consumer_is_checked_too(bump: Bump, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder of somebody's own code, whose breaks are told by file and line."""
    (tmp_path / "consumer").mkdir()
    (tmp_path / "consumer" / "app.py").write_text(
        "from face_audit import LivenessResult\n\n\ndef show(one: LivenessResult) -> None:\n    print(one.target)\n",
        encoding="utf-8",
    )

    code, output = bump(GENERAL, "--accept-removal", "--callers", str(tmp_path / "consumer"))

    line = f'{tmp_path}/consumer/app.py:5: "LivenessResult" has no attribute "target"'
    assert code == 30
    assert f"breaks {line}" in capsys.readouterr().out
    assert f'- `{tmp_path}/consumer/app.py:5`: "LivenessResult"' in (output / "report.md").read_text(encoding="utf-8")


def test_generator_and_runtime_are_compared_by_what_they_make(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The release's document gives another package now: a patch under the same names, else more."""
    client = lay_out(tmp_path)
    package = client.output / "src" / "face_audit"
    for name, was, now in (
        ("_runtime/responses/status_errors.py", "Retry-After", "Retry-Before"),
        ("region.py", "WEST_US = ", "FAR_WEST_US = "),
        ("errors.py", '"""The errors of this package', '"""All errors of this package'),
    ):
        text = (package / name).read_text(encoding="utf-8")
        assert was in text or name == "_runtime/responses/status_errors.py"
        (package / name).write_text(text.replace(was, now) + "\n", encoding="utf-8")
    sources = released.source_sums()
    monkeypatch.setattr(released, "source_sums", lambda: sources | {"templates/runtime/gone.py": "0" * 64})
    archive = released.write(client, tmp_path / "releases")

    code = main([str(RELEASED), "--release", str(archive), "--output", str(tmp_path / "report")], redocly=stand_in())

    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert code == 30
    assert report["ratings"]["document"] == "nothing"
    assert (report["ratings"]["generator"], report["ratings"]["runtime"]) == ("patch", "patch")
    assert {one["path"].removeprefix("src/face_audit/") for one in report["files"]} == {
        "_runtime/responses/status_errors.py", "errors.py", "region.py",
    }  # fmt: skip
    assert report["sources"] == ["templates/runtime/gone.py"]
    assert [(one["name"], one["why"]) for one in report["own_names"]] == [
        ("face_audit.Region.FAR_WEST_US", "is gone"),
        ("face_audit.Region.WEST_US", "is new"),
    ]
    assert "major: face_audit.Region.FAR_WEST_US is gone" in capsys.readouterr().out
    draft = (tmp_path / "report" / "+bump.breaking.md").read_text(encoding="utf-8")
    assert "face_audit.Region.FAR_WEST_US is gone; instead: nothing of this package" in draft
    assert "- face_audit.Region.WEST_US is new.\n" in draft


def test_release_that_the_generator_refuses_now_is_told(tmp_path: Path) -> None:
    """A stricter generator is a change of its own; the comparison goes on with the package as it was released."""
    client = lay_out(tmp_path)
    archive, path = refused_now(released.write(client, tmp_path / "releases"), tmp_path), client.document

    code = main(
        [str(path.with_name("new.yaml").absolute()), "--release", str(archive), "--output", str(tmp_path / "report")],
        redocly=stand_in(),
    )
    assert code == 1

    path.with_name("new.yaml").write_text(RELEASED.read_text(encoding="utf-8"), encoding="utf-8")
    code = main(
        [str(path.with_name("new.yaml")), "--release", str(archive), "--output", str(tmp_path / "report")],
        redocly=silent(tmp_path),
    )

    report = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert code == 20
    assert "The generator refuses the document of the release now: #/components/schemas" in report
    assert "`(its document)` (generator)" in report


def test_package_that_cannot_be_played_has_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing can be said of what callers meet, where the package of the release is broken."""
    client = lay_out(tmp_path)
    module = client.output / "src" / "face_audit" / "client" / "service.py"
    module.write_text("raise RuntimeError('it is broken')\n", encoding="utf-8")
    archive = refused_now(released.write(client, tmp_path / "releases"), tmp_path)
    arguments = [str(RELEASED), "--release", str(archive), "--output", str(tmp_path / "report")]

    code = main(arguments, redocly=silent(tmp_path))

    said = capsys.readouterr().err
    assert code == 1
    assert f"{RELEASED}: there is no verdict\n" in said
    assert "face_audit cannot be played (RuntimeError: it is broken); import it, and call what fails" in said


def test_break_that_only_a_play_shows_has_a_note_and_a_line(tmp_path: Path) -> None:
    """It is told in every part of the report; what another view names is shown as seen in play as well."""
    breaks = Finding(
        calls=("client.boats.list", "client.boats.add"),
        pointers=("/paths/~1boats/get", "/paths/~1boats/post"),
        place="Boat.name",
        case="the documented example",
        rating=Rating.MAJOR,
        why="no longer has a value",
        was="Argo",
        now=None,
    )
    other = evolve(breaks, place="", why="is sent 2 times, and was sent 1 times", rating=Rating.MINOR)
    seen = evolve(breaks, place="Boat.id", named="Boat.id is gone")
    played = Played(findings=(breaks, seen, other), operations=2, calls=9, unplayed={"client.boats.sink": "no value"})
    verdict = evolve(_unchanged(), played=played)

    cells = ["major", "Boat.name no longer has a value, in client.boats.list and 1 more", "the documented example"]
    text, notes_of_breaks = markdown(verdict), migration(verdict)

    assert verdict.next_version == "2.0.0"
    assert (
        "9 calls of 2 operations were made with both packages.\n- not played: `client.boats.sink`, no value\n" in text
    )
    assert f'| {" | ".join(cells)} | `"Argo"` |' in text
    assert (
        "Seen in play as well:\n\n- major: Boat.id no longer has a value, in client.boats.list and 1 more (above: "
        in text
    )
    assert '## Boat.name no longer has a value, in client.boats.list and 1 more\n\n- was: "Argo"\n- is: not there' in (
        notes_of_breaks
    )
    assert "Boat.id" not in notes_of_breaks
    assert "  major: Boat.name no longer has a value, in client.boats.list and 1 more\n" in summary(verdict)
    assert fragment(verdict)[1].startswith(
        "- Boat.name no longer has a value, in client.boats.list and 1 more; instead: a"
    )
    minor = evolve(verdict, played=Played(findings=(other,)))
    assert fragment(minor) == ("feature", "- client.boats.list is sent 2 times, and was sent 1 times.\n")


def _unchanged() -> Verdict:
    return Verdict(
        released="1.0.0",
        old_api="1",
        new_api="1",
        differences=(),
        removals=(),
        names=(),
        own_names=(),
        breakages=(),
        files=(),
        sources=(),
        callers=(),
        signatures={},
        moves={},
    )


def test_break_that_no_name_shows_has_a_note_of_its_own(archive: Path, tmp_path: Path) -> None:
    """A default and the class of an error: what the document held, what it holds, and what to write."""
    text = RELEASED.read_text(encoding="utf-8").replace("default: 1000", "default: 500")
    path = tmp_path / "new.yaml"
    path.write_text(text.replace("class: BadArgumentError", "class: WrongArgumentError"), encoding="utf-8")

    arguments = [str(path), "--release", str(archive), "--output", str(tmp_path / "report")]
    code = main(arguments, redocly=silent(tmp_path))

    note = (tmp_path / "report" / "migration.md").read_text(encoding="utf-8")
    assert code == 30
    assert "- was: 1000\n- is: 500\n- write instead: 1000 given explicitly, to keep the old behavior\n" in note
    assert "## status 400 of client.audit_entries.list is a WrongArgumentError, and was a BadArgumentError\n" in note
    assert "- write instead: except WrongArgumentError where BadArgumentError was caught\n" in note


def test_breaks_of_one_kind_have_one_note(archive: Path, tmp_path: Path) -> None:
    """Four fields that are gone are one line, with their names."""
    raw, path = load(RELEASED).raw, tmp_path / "new.json"
    for name in ("contentLength", "contentType", "userAgent", "method"):
        del raw["components"]["schemas"]["AuditRequest"]["properties"][name]
    path.write_text(json.dumps(raw), encoding="utf-8")

    arguments = [str(path), "--release", str(archive), "--output", str(tmp_path / "report")]
    code = main(arguments, redocly=silent(tmp_path))

    note = (tmp_path / "report" / "migration.md").read_text(encoding="utf-8")
    draft = (tmp_path / "report" / "+bump.breaking.md").read_text(encoding="utf-8")
    names = (
        "`AuditRequest.method`, `AuditRequest.content_length`, `AuditRequest.content_type`, `AuditRequest.user_agent`"
    )
    assert code == 30
    assert f"4 times: … is gone\n\n- was: {names}\n- is: not there\n- write instead: additional_prop" in note
    assert f"4 times: … is gone ({names}); instead: " in draft
    assert f"| 4 times: … is gone: {names} |" in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")


def test_documents_of_the_same_package_ask_for_a_patch(archive: Path, tmp_path: Path) -> None:
    """Whatever differs, nothing of the package does: its document says so, and the API has another version."""
    text = RELEASED.read_text(encoding="utf-8").replace("  version: 1.1-preview.1\n", "  version: 1.1-preview.2\n", 1)
    path = tmp_path / "new.yaml"
    path.write_text(text, encoding="utf-8")
    output = tmp_path / "report"

    code = main([str(path), "--release", str(archive), "--output", str(output)], redocly=silent(tmp_path))

    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert (code, report["same_package"], report["ratings"]["document"]) == (10, True, "patch")
    assert "Both documents make the same package" in (output / "report.md").read_text(encoding="utf-8")


def test_any_document_that_generates_is_compared(tmp_path: Path) -> None:
    """One of somebody else: OpenAPI 3.0, without names for the package, and with what others write in other places."""
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "nullable": True}}
    boat = {"type": "object", "properties": {"mast": {"type": "number", "minimum": 0, "exclusiveMinimum": True}}}
    answers = {"200": {"description": "It.", "content": {"application/json": {"schema": boat}}}}
    old = {
        "openapi": "3.0.3",
        "info": {"title": "Lake", "version": "1"},
        "paths": {"/boats/{name}": {"parameters": [name], "get": {"responses": answers}}},
    }
    new = {**old, "openapi": "3.1.0", "paths": {"/boats/{name}": {"get": {"responses": answers, "parameters": [name]}}}}
    boat_now = {"type": "object", "properties": {"mast": {"type": "number", "exclusiveMinimum": 0}}}
    text = json.dumps(new).replace(json.dumps(boat), json.dumps(boat_now))
    for file, content in (("old.yaml", json.dumps(old)), ("new.json", text)):
        (tmp_path / file).write_text(content, encoding="utf-8")
    root = lay_out(tmp_path / "root", tmp_path / "old.yaml")
    archive, output = released.write(root, tmp_path / "releases"), tmp_path / "report"

    arguments = [str(tmp_path / "new.json"), "--release", str(archive), "--output", str(output)]
    code = main(arguments, redocly=silent(tmp_path))

    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert (code, report["released"], report["next"]) == (10, "0.1.0", "0.1.1")
    assert [one["why"] for one in report["differences"]] == [
        "written differently with the same meaning; the package contains the document"
    ]


def test_document_says_how_a_break_before_1_0_0_is_counted(archive: Path, tmp_path: Path) -> None:
    """A maintainer may count it as a minor version below 1.0.0."""
    text = RELEASED.read_text(encoding="utf-8").replace("default: 1000", "default: 500")
    path = tmp_path / "new.yaml"
    path.write_text(
        text.replace("    version: 0.1.0\n", "    version: 0.1.0\n    before-1-0: minor\n"), encoding="utf-8"
    )
    output = tmp_path / "report"

    code = main([str(path), "--release", str(archive), "--output", str(output)], redocly=silent(tmp_path))

    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert (code, report["rating"], report["next"]) == (30, "major", "0.2.0")


def test_removed_operation_without_a_replacement_says_so(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is made up where nothing takes its place."""
    raw = load(RELEASED).raw
    answer = {"200": {"description": "It is there.", "content": {"application/json": {"schema": {"type": "boolean"}}}}}
    ping = {"get": {"operationId": "ping", "tags": ["Service"], "responses": answer}}
    path = tmp_path / "new.json"
    path.write_text(json.dumps({**raw, "paths": {"/ping": ping}}), encoding="utf-8")
    arguments = [str(path), "--release", str(archive), "--output", str(tmp_path / "report")]

    assert main(arguments, redocly=silent(tmp_path)) == 1
    assert "no replacement was named or found" in capsys.readouterr().err

    assert main([*arguments, "--accept-removal"], redocly=silent(tmp_path)) == 30
    assert (tmp_path / "report" / "completed.json").is_file()
    note = (tmp_path / "report" / "migration.md").read_text(encoding="utf-8")
    assert "- write instead: nothing takes its place\n" in note


@pytest.mark.parametrize(
    ("text", "reason"),
    [("openapi: 2.0", "#"), (None, "cannot be read")],
    ids=["refused", "missing"],
)
def test_document_that_cannot_be_generated_has_no_verdict(
    bump: Bump, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, reason: str
) -> None:
    """The generator's reasons reach the maintainer, with exit code 1 and no report."""
    path = tmp_path / "new.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    code, output = bump(path)

    said = capsys.readouterr().err
    assert code == 1
    assert f"{path}: there is no verdict" in said
    assert reason in said
    assert not output.exists()


def test_command_without_arguments_compares_this_repository_with_its_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a document it is the working tree's, without an archive that of releases/; Redocly has to be there."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    code = main(["--output", str(tmp_path / "report")])

    said = capsys.readouterr().err
    assert code == 1
    assert "openapi/face-audit.yaml: there is no verdict" in said
    assert "Redocly CLI is not installed; run `strict-clients redocly`" in said
