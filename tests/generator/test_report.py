"""What the command says of a document: what was chosen, passed over and left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from strict_clients.__main__ import main
from strict_clients.drift import find_drift
from strict_clients.source import Changes

from .test_generation import small


def stream() -> dict[str, Any]:
    """The responses of an operation that cannot be generated."""
    return {"200": {"description": "", "content": {"text/event-stream": {}}}}


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A document of which one operation cannot be generated, with a lock."""
    raw = small()
    (item,) = raw["paths"].values()
    item["get"]["tags"] = ["first", "second"]
    raw["webhooks"] = {}
    raw["paths"] |= {
        "/live": {"get": {"responses": stream()}},
        "/plain": {"get": {"responses": {"204": {"description": ""}}}},
    }
    raw["paths"]["/other"] = {"get": {"responses": {"204": {"description": ""}}}}
    path = tmp_path / "small.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    (tmp_path / "small.lock").touch()
    return path


def run(document: Path, *options: str) -> int:
    """The exit code of the command."""
    return main(["generate", "--document", str(document), "--output", str(document.parent / "out"), *options])


def test_operation_that_is_left_out_is_in_report_readme_and_lock(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader of any of them sees what is missing, and why."""
    report = document.parent / "report.md"

    assert run(document, "--partial", "--report", str(report)) == 0

    reason = "#/paths/~1live/get/responses/200/content/text~1event-stream: content type"
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith(f"left out: GET /live: {reason}")
    assert printed[1].startswith("chosen: first of several tags, as at #/paths/~1thing/get/tags: ")
    assert printed[2].startswith("chosen: operationId (3 times), as at #/paths/~1live/get: ")
    assert printed[3] == "passed over: webhooks, as at #/webhooks: 'webhooks' is passed over"
    written = report.read_text(encoding="utf-8")
    assert [line for line in written.splitlines() if line.startswith("#")] == [
        *("# What was made of the document", "## Left out", "## Chosen", "## Passed over")
    ]
    assert written.count("\n- `") == 6
    readme = (document.parent / "out" / "README.md").read_text(encoding="utf-8")
    assert "GET \\/live" in readme
    assert "GET /live" in document.with_suffix(".lock").read_text(encoding="utf-8")


def test_document_that_is_whole_has_nothing_to_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed, and the report says so."""
    path = tmp_path / "small.json"
    path.write_text(json.dumps(small()), encoding="utf-8")

    assert run(path, "--report", str(tmp_path / "report.md")) == 0

    assert capsys.readouterr().out == ""
    assert (tmp_path / "report.md").read_text(encoding="utf-8").endswith("It is read as it is written.\n")


def test_check_says_when_another_operation_is_left_out(document: Path) -> None:
    """The lock keeps the reasons."""
    assert run(document, "--partial") == 0
    raw = json.loads(document.read_text(encoding="utf-8"))
    raw["paths"]["/plain"]["get"]["responses"] = stream()
    document.write_text(json.dumps(raw), encoding="utf-8")

    found = find_drift(
        document, document.parent / "out", changes=Changes(partial=True), lock=document.with_suffix(".lock")
    )

    assert "GET /plain: this operation that is left out is new since the package was made; regenerate it" in found


def test_report_is_not_written_where_the_document_is_refused(document: Path) -> None:
    """Nothing is."""
    report = document.parent / "report.md"

    assert run(document, "--report", str(report)) == 1

    assert not report.exists()
    assert not (document.parent / "out").exists()
