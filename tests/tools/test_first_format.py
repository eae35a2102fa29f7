"""Folders that version 0.1.0 wrote are read, verified and gone on with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from face_audit_tools import export_session, open_evidence, read_folder, read_summary, verify, write_report
from face_audit_tools.record import prefix_seal, read_manifest, seals_of

from .shelf import FIRST, MALFORMED, PRETTY, SECOND, Shelf, entries
from .test_growth import later

WRITTEN = Path(__file__).parent / "evidence-0.1.0"
"""Written by version 0.1.0, with two complete sessions, an empty one, one whose ids skip, one that expired and one
that is unfinished."""
ODD = [*entries(5)[:3], PRETTY, MALFORMED]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy that may be written."""
    return Path(shutil.copytree(WRITTEN, tmp_path / "evidence"))


def raw(folder: Path, session: str) -> list[bytes]:
    """The entries of a session."""
    return [one.raw for one in open_evidence(folder, session).entries()]


def test_folder_is_verified(folder: Path, tmp_path: Path) -> None:
    """As that version did; its manifests are their own copies."""
    found = verify(folder, manifest_store=WRITTEN)

    assert (found.problems, found.unfinished, found.expired) == ((), ("unfinished",), ("expired",))
    assert (found.sessions, found.entries, found.incomplete) == (6, 27, {"expired": 2, "failed": 1})
    shutil.rmtree(folder)
    shutil.copytree(WRITTEN, folder)
    assert write_report(folder, html=tmp_path / "report.html").sessions == 7


def test_folder_is_read(folder: Path) -> None:
    """Each record has one segment, and what the old names of its fields gave."""
    found = {one.session_id: one for one in read_folder(folder)}

    assert raw(folder, FIRST) == entries(7)
    assert raw(folder, SECOND) == ODD
    record = found[FIRST].record
    assert (record.count, record.first_id, record.last_id, record.format) == (7, "7", "1", 2)
    assert ([one.format for one in record.segments], record.asked) == ([1], record.listing.started)
    assert [found[one].outcome for one in (FIRST, "empty", "expired", "unfinished")] == [
        *("complete", "complete", "expired", "unfinished")
    ]
    assert read_summary(folder).format == 1


def test_folder_is_gone_on_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its manifests are prefixes of the new ones, and their copies hold."""
    monkeypatch.setattr("face_audit_tools.session.is_over", lambda *_: False)
    sessions = {FIRST: entries(9), SECOND: ODD, "expired": entries(7), "unfinished": entries(7), "empty": entries(2)}
    with Shelf(sessions).client() as client:
        results = {one: export_session(client, one, folder, top=3) for one in sessions}

    assert [(one.outcome, one.added) for one in results.values()] == [
        ("complete", 2),
        ("complete", 0),
        ("complete", 1),
        ("complete", 1),
        ("complete", 2),
    ]
    assert raw(folder, FIRST) == [*entries(7), *entries(9)[:2]]
    assert all(sorted(raw(folder, one)) == sorted(items) for one, items in sessions.items())
    assert verify(folder).incomplete == {"expired": 1}
    (problem,) = verify(folder, manifest_store=WRITTEN).problems
    assert (problem.file.name, problem.what) == ("unfinished.manifest.json", f"has no copy in {WRITTEN}")
    made = read_manifest(folder / f"{FIRST}.manifest.json")
    assert seals_of(made) == [json.loads((WRITTEN / f"{FIRST}.manifest.json").read_bytes())["seal"], made.seal]
    assert prefix_seal(made, 1) == seals_of(made)[0]
    assert read_summary(folder).format == 2


def test_complete_sessions_of_long_ago_stay_as_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their 48 hours are over: nothing is asked or written."""
    later(monkeypatch, 24 * 365 * 20)
    shelf = Shelf({FIRST: entries(9)})
    before = {one: one.read_bytes() for one in folder.iterdir() if one.name.startswith(FIRST)}

    with shelf.client() as client:
        result = export_session(client, FIRST, folder)

    assert (result.outcome, result.count, shelf.requests) == ("complete", 7, [])
    assert {one: one.read_bytes() for one in before} == before


@pytest.mark.parametrize("name", [f"{FIRST}.manifest.json", "unfinished.checkpoint.json", "summary.json"])
@pytest.mark.parametrize("change", [lambda text: text.replace(b'"format":1', b'"format":2'), lambda text: text[:-9]])
def test_old_record_that_was_changed_is_found(folder: Path, name: str, change: Any) -> None:
    """As a new one is."""
    path = folder / name
    path.write_bytes(change(path.read_bytes()))

    assert name in {problem.file.name for problem in verify(folder).problems}


def test_gaps_of_an_old_folder_are_told(folder: Path) -> None:
    """Nobody looked for them when it was written; verifying does."""
    assert read_manifest(folder / "skipping.manifest.json").last.gaps is None

    found = verify(folder)

    assert list(found.partial) == ["skipping"]
    assert found.partial["skipping"].startswith("ids skip: 4 to 7 are not here")
    assert not found.passed
