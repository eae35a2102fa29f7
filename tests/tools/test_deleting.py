"""Sessions that are deleted on purpose: nothing of their entries stays, and everybody can see that they were there."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from face_audit_tools import (
    DamagedError,
    InputError,
    convert,
    delete_sessions,
    deleting,
    export_session,
    older_sessions,
    read_folder,
    read_summary,
    verify,
    write_report,
)
from face_audit_tools.command import cli
from face_audit_tools.folder import Files

from .shelf import FIRST, SECOND, Shelf, answer

WHY = "kept for one year"


def problems(folder: Path) -> list[tuple[str, str]]:
    """The files that verifying names, and what is wrong with each."""
    return [(one.file.name, one.what) for one in verify(folder).problems]


def test_deleted_session_leaves_a_tombstone(exported: Path, shelf: Shelf, tmp_path: Path) -> None:
    """Its entries, its chain and its manifest are gone; verifying accepts that, and tells of it."""
    before = json.loads((exported / f"{FIRST}.manifest.json").read_bytes())

    (told,) = delete_sessions(exported, [FIRST, FIRST], reason=WHY)

    assert (told.session_id, told.count, told.reason) == (FIRST, 7, WHY)
    assert [path.name for path in exported.glob(f"{FIRST}*")] == [f"{FIRST}.tombstone.json"]
    tombstone = json.loads((exported / f"{FIRST}.tombstone.json").read_bytes())
    assert (tombstone["manifests"], tombstone["outcome"], tombstone["head"]) == (
        [before["seal"]],
        "complete",
        before["segments"][-1]["head"],
    )
    found = verify(exported)
    assert (found.passed, found.sessions, found.entries, found.incomplete) == (True, 1, 5, {"deleted": 1})
    assert found.deleted == {FIRST: f"was deleted on {told.deleted[:10]} ({WHY}); its 7 entries are gone"}
    assert [one.session_id for one in read_folder(exported)] == [SECOND]
    assert convert(exported, to="csv", out=tmp_path / "out.csv").sessions == 1
    made = write_report(exported, html=tmp_path / "report.html")
    assert (made.passed, WHY in made.html.read_text(encoding="utf-8")) == (True, True)


def test_deleted_session_is_not_exported_again(exported: Path, shelf: Shelf) -> None:
    """Nothing is asked for, and the outcome says why."""
    delete_sessions(exported, [FIRST], reason=WHY)
    asked = len(shelf.requests)

    with shelf.client() as client:
        result = export_session(client, FIRST, exported)

    assert (result.outcome, result.count, WHY in str(result.error)) == ("deleted", 0, True)
    assert len(shelf.requests) == asked
    assert read_summary(exported).counts["deleted"] == 1
    assert verify(exported).passed


def test_copies_of_the_manifests_of_a_deleted_session_hold(exported: Path, tmp_path: Path) -> None:
    """The tombstone names them; one that does not is found."""
    store = tmp_path / "store"
    store.mkdir()
    for path in exported.glob("*.manifest.json"):
        shutil.copy(path, store)
    delete_sessions(exported, [FIRST], reason=WHY)
    assert verify(exported, manifest_store=store).passed
    shutil.copy(store / f"{SECOND}.manifest.json", store / f"{FIRST}.manifest.json")

    (problem,) = verify(exported, manifest_store=store).problems

    assert (problem.file.name, problem.what) == (f"{FIRST}.tombstone.json", f"does not name the copy in {store}")


def test_session_that_is_gone_without_a_tombstone_is_found(exported: Path) -> None:
    """The summary says that it was deleted; a tombstone that is removed, or belongs to another session, is found."""
    delete_sessions(exported, [FIRST], reason=WHY)
    path = exported / f"{FIRST}.tombstone.json"
    content = path.read_bytes()
    path.unlink()
    said = "is missing; summary.json says that the session is deleted, with 0 entries"
    assert problems(exported) == [(f"{FIRST}.manifest.json", said)]
    (exported / "other.tombstone.json").write_bytes(content)
    path.write_bytes(content.replace(b"one year", b"one hour"))

    assert problems(exported) == [
        (path.name, "is not what was written: its seal does not fit"),
        ("other.tombstone.json", f"is that of the session {FIRST!r}"),
    ]


def test_tombstone_of_another_end_is_found(exported: Path, tmp_path: Path, shelf: Shelf) -> None:
    """The summary knows the manifest that the session had."""
    with shelf.client() as client:
        export_session(client, FIRST, tmp_path / "other")
    delete_sessions(tmp_path / "other", [FIRST], reason=WHY)
    for path in exported.glob(f"{FIRST}.*"):
        path.unlink()
    shutil.copy(tmp_path / "other" / f"{FIRST}.tombstone.json", exported)
    shutil.copy(tmp_path / "other" / f"{FIRST}.tombstone.json", tmp_path / "other" / "unknown.tombstone.json")

    assert problems(exported) == [(f"{FIRST}.tombstone.json", "is not of the session that summary.json speaks of")]


def test_deletion_that_was_killed_is_completed(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tombstone is written first; what is left is named until the session is deleted again."""
    with monkeypatch.context() as patch:
        patch.setattr(Files, "all_of_it", property(lambda _: 1 / 0))
        with pytest.raises(ZeroDivisionError):
            delete_sessions(exported, [FIRST], reason=WHY)
    (problem,) = verify(exported).problems
    assert problem.what == f"is still there, beside {FIRST}.tombstone.json"
    assert problem.remedy == "delete the session again"

    (told,) = delete_sessions(exported, [FIRST], reason="another reason")

    assert (told.reason, verify(exported).passed) == (WHY, True)


def test_deletion_that_was_killed_before_the_summary_is_a_deletion(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verifying and the page for a reviewer say the same."""
    with monkeypatch.context() as patch:
        patch.setattr(deleting, "write_summary", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            delete_sessions(exported, [FIRST], reason=WHY)

    made = write_report(exported, html=tmp_path / "page.html")

    assert (made.problems, made.passed) == ((), True)
    assert verify(exported).incomplete == {"deleted": 1}


def test_deleted_session_does_not_come_back_by_an_export(exported: Path, tmp_path: Path, shelf: Shelf) -> None:
    """Without its tombstone, the summary still knows that it was deleted; what was put back is no evidence."""
    shutil.copytree(exported, tmp_path / "copy")
    delete_sessions(exported, [FIRST], reason=WHY)
    (exported / f"{FIRST}.tombstone.json").unlink()
    with shelf.client() as client:
        for _ in range(2):
            result = export_session(client, FIRST, exported)
            assert (result.outcome, "says that the session was deleted" in str(result.error)) == ("failed", True)
            assert not verify(exported).passed
            for path in (tmp_path / "copy").glob(f"{FIRST}.*"):
                shutil.copy(path, exported)

    delete_sessions(exported, [FIRST], reason=WHY)
    assert verify(exported).passed


def test_files_that_come_back_are_found(exported: Path, tmp_path: Path) -> None:
    """Beside the tombstone, or in its place."""
    shutil.copytree(exported, tmp_path / "copy")
    delete_sessions(exported, [FIRST], reason=WHY)
    for path in (tmp_path / "copy").glob(f"{FIRST}.*"):
        shutil.copy(path, exported)
    assert problems(exported) == [(f"{FIRST}.entries.jsonl", f"is still there, beside {FIRST}.tombstone.json")]
    (exported / f"{FIRST}.tombstone.json").unlink()

    said = "is still there, and summary.json says that the session was deleted"
    assert problems(exported) == [(f"{FIRST}.manifest.json", said)]


def test_damaged_session_can_be_deleted(exported: Path) -> None:
    """A rule of retention holds for it, too; the summary says what it was."""
    (exported / f"{FIRST}.manifest.json").write_bytes(b"{}")

    (told,) = delete_sessions(exported, [FIRST], reason=WHY)

    assert (told.count, verify(exported).passed) == (7, True)


def test_session_without_entries_can_be_deleted(shelf: Shelf, folder: Path) -> None:
    """One that failed at once, and one that is unfinished."""
    shelf.told.append(answer(400))
    shelf.instead["2"] = answer(400)
    with shelf.client() as client:
        export_session(client, SECOND, folder)
        export_session(client, FIRST, folder, top=3, confirmed=False)

    told = delete_sessions(folder, [FIRST, SECOND], reason=WHY)

    assert [one.count for one in told] == [6, 0]
    assert json.loads((folder / f"{FIRST}.tombstone.json").read_bytes())["outcome"] == "unfinished"
    assert verify(folder).deleted.keys() == {FIRST, SECOND}
    (folder / f"{SECOND}.tombstone.json").unlink()
    assert [name for name, _ in problems(folder)] == [f"{SECOND}.manifest.json"]


def test_files_that_the_summary_does_not_know_can_be_deleted(exported: Path) -> None:
    """They were put there."""
    (exported / "other.entries.jsonl").write_bytes(b"{}\n")

    (told,) = delete_sessions(exported, ["other"], reason=WHY)

    assert (told.count, verify(exported).passed) == (0, True)


@pytest.mark.parametrize("reason", ["", " ", "a\nb", "x" * 301])
def test_reason_is_needed(exported: Path, reason: str) -> None:
    """Of one line."""
    with pytest.raises(InputError, match="reason: give one"):
        delete_sessions(exported, [FIRST], reason=reason)

    assert verify(exported).sessions == 2


def test_session_that_was_never_exported_is_refused(exported: Path) -> None:
    """A mistake must not look like a deletion."""
    with pytest.raises(InputError, match="'unknown' was never exported to .*; nothing was deleted"):
        delete_sessions(exported, [FIRST, "unknown"], reason=WHY)

    assert verify(exported).sessions == 2


def test_changed_summary_ends_a_deletion(exported: Path) -> None:
    """It would have to be written over."""
    (exported / "summary.json").write_bytes(b"{}")

    with pytest.raises(DamagedError):
        delete_sessions(exported, [FIRST], reason=WHY)


def later(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """Let time pass."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(days=days)

    monkeypatch.setattr(deleting, "datetime", Clock)


def test_old_sessions_are_found(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By when their last listing ended."""
    assert older_sessions(exported, timedelta(days=30)) == []
    later(monkeypatch, 31)

    assert older_sessions(exported, timedelta(days=30)) == [SECOND, FIRST]
    delete_sessions(exported, [FIRST], reason=WHY)
    (exported / "other.entries.jsonl").write_bytes(b"{}\n")
    assert older_sessions(exported, timedelta(days=30)) == [SECOND]


def test_old_session_that_was_never_listed_to_its_end_is_found(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entries are personal data, too."""
    shelf.instead["5"] = answer(400)
    with shelf.client() as client:
        assert export_session(client, FIRST, folder, top=3).outcome == "failed"
    assert older_sessions(folder, timedelta(days=30)) == []
    later(monkeypatch, 31)

    assert older_sessions(folder, timedelta(days=30)) == [FIRST]
    assert delete_sessions(folder, [FIRST], reason=WHY)[0].count == 3


def test_command_deletes_what_is_named_or_old(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says how much that was."""
    run = CliRunner().invoke
    told = [str(exported), "--reason", WHY]

    assert "name some, or give --older-than" in run(cli, ["delete", *told]).stderr
    none = run(cli, ["delete", *told, "--older-than", "30", "--format", "table"])
    assert (none.exit_code, none.stdout, none.stderr) == (0, "", "0 sessions deleted\n")
    named = run(cli, ["delete", *told, FIRST])
    assert (named.exit_code, json.loads(named.stdout)["count"]) == (0, 7)
    later(monkeypatch, 31)
    old = run(cli, ["delete", *told, "--older-than", "30", "--format", "table"])
    assert (old.exit_code, old.stdout.split()[:4]) == (0, ["session", "entries", "deleted", SECOND])
    assert verify(exported).deleted.keys() == {FIRST, SECOND}
