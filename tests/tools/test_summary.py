"""The summary knows every session of a folder; what it knows and the folder lacks is found, and never forgotten."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from face_audit_tools import DamagedError, InputError, export_session, export_sessions, read_summary, result, verify
from face_audit_tools.result import write_summary
from face_audit_tools.sealed import seal, write_sealed

from .shelf import FIRST, SECOND, Shelf, answer, entries


def problems(folder: Path) -> list[tuple[str, str]]:
    """The files that verifying names, and what is wrong with each."""
    return [(one.file.name, one.what) for one in verify(folder).problems]


def lose_row(folder: Path, session: str) -> None:
    """Write the summary without a session, as it would be had it never been exported."""
    known = read_summary(folder).sessions
    write_sealed(
        folder / "summary.json", seal(result.Summary(sessions={name: known[name] for name in {*known} - {session}}))
    )


def unfinish(shelf: Shelf, folder: Path) -> None:
    """Export six entries of the first session."""
    shelf.instead["2"] = answer(400)
    with shelf.client() as client:
        assert export_session(client, FIRST, folder, top=3, confirmed=False).count == 6


def remove(folder: Path, session: str) -> None:
    """Remove its files."""
    for path in folder.glob(f"{session}.*"):
        path.unlink()


def test_missing_summary_is_a_problem(exported: Path, shelf: Shelf) -> None:
    """It is written before any file of a session, so files never are there without it; it is not made anew."""
    (exported / "summary.json").unlink()

    assert problems(exported) == [("summary.json", "is missing, and there are files of sessions")]
    with shelf.client() as client, pytest.raises(DamagedError, match=r"summary\.json: is missing"):
        export_session(client, FIRST, exported)


def test_session_that_the_summary_does_not_know_is_a_problem(exported: Path, shelf: Shelf) -> None:
    """It was put there, or its row was removed; an export takes it up, once it was verified."""
    lose_row(exported, FIRST)

    found = verify(exported).problems[0]
    assert (found.file.name, found.what) == (f"{FIRST}.manifest.json", "is not in summary.json")
    assert "export the session again, which takes it up if it is whole" in found.remedy
    with shelf.client() as client:
        assert export_session(client, FIRST, exported).outcome == "complete"
    assert verify(exported).passed


def test_damaged_session_that_the_summary_does_not_know_is_not_taken_up(exported: Path, shelf: Shelf) -> None:
    """Not by its sizes alone."""
    lose_row(exported, FIRST)
    path = exported / f"{FIRST}.entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b"realface", b"fakeface", 1))

    with shelf.client() as client:
        told = export_session(client, FIRST, exported)

    assert (told.outcome, f"{path}, line 1: is not what was written" in str(told.error)) == ("failed", True)


def test_unfinished_session_whose_files_are_gone_is_a_problem(shelf: Shelf, folder: Path) -> None:
    """The summary knows how many entries there were."""
    unfinish(shelf, folder)
    remove(folder, FIRST)

    ((name, what),) = problems(folder)

    assert name == f"{FIRST}.manifest.json"
    assert what == "is missing; summary.json says that the session is failed, with 6 entries"


@pytest.mark.parametrize("count", [2, 6])
def test_unfinished_session_of_other_entries_is_a_problem(
    shelf: Shelf, folder: Path, tmp_path: Path, count: int
) -> None:
    """After a killed export, a file may have more entries than the summary counts; they begin with the same ones."""
    unfinish(shelf, folder)
    other = Shelf({FIRST: entries(count)})
    with other.client() as client:
        export_session(client, FIRST, tmp_path / "other")
    remove(folder, FIRST)
    for path in (tmp_path / "other").glob(f"{FIRST}.*"):
        shutil.copy(path, folder)

    assert problems(folder) == [(f"{FIRST}.manifest.json", "does not go on from what was known of the session")]
    with shelf.client() as client:
        told = export_session(client, FIRST, folder)
    assert (told.outcome, told.count) == ("failed", 6)


def test_session_that_was_never_there_is_no_problem(shelf: Shelf, folder: Path) -> None:
    """One that failed before its first entry has no files; how many such there are is said. No success, either."""
    shelf.told.extend([answer(401), answer(400)])
    with shelf.client() as client:
        for session in (FIRST, SECOND, "gone"):
            export_session(client, session, folder)

    found = verify(folder)

    assert (found.passed, found.sessions, found.problems) == (False, 0, ())
    assert dict(found.incomplete) == {"expired": 1, "refused": 1, "failed": 1}
    assert list(found.incomplete) == ["expired", "refused", "failed"]


def test_empty_summary_is_no_export(folder: Path, shelf: Shelf) -> None:
    """As a folder without one is none."""

    async def work() -> None:
        async with shelf.async_client() as client:
            assert await export_sessions(client, [], folder) == []

    asyncio.run(work())

    with pytest.raises(InputError, match="holds no export"):
        verify(folder)


def test_summary_is_written_twice_however_many_sessions_there_are(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first entry, with all that are to come, and at the end; not before where nothing is new."""
    shelf.sessions |= {f"s{number}": entries(2) for number in range(20)}
    written = list[dict[str, str]]()

    def write(path: Path, content: result.Summary) -> None:
        written.append({name: row.outcome for name, row in content.sessions.items()})
        write_sealed(path, content)

    monkeypatch.setattr(result, "write_sealed", write)

    async def work() -> None:
        async with shelf.async_client() as client:
            await export_sessions(client, shelf.sessions, folder)

    asyncio.run(work())
    asyncio.run(work())

    outcomes = ("unfinished", "complete", "complete")  # what is complete stays so while it is asked for again
    assert written == [dict.fromkeys(shelf.sessions, one) for one in outcomes]


@pytest.mark.parametrize("change", [lambda one: one | {"head": "0" * 64}, lambda one: one | {"outcome": "expired"}])
def test_summary_that_speaks_of_another_end_is_found(exported: Path, change: Callable[[object], object]) -> None:
    """A row of a complete session is compared as a whole."""
    held = json.loads((exported / "summary.json").read_bytes())
    held["sessions"][FIRST] = change(held["sessions"][FIRST])
    write_sealed(exported / "summary.json", seal(result.msgspec.convert(held, result.Summary)))

    assert problems(exported) == [(f"{FIRST}.manifest.json", "is not the one that summary.json speaks of")]


def test_copies_of_an_expired_session_hold_when_it_goes_on(shelf: Shelf, folder: Path, tmp_path: Path) -> None:
    """A store that nobody can write keeps the manifest as it was; what came later has to follow its entries."""
    shelf.before = lambda: shelf.sessions.pop(FIRST, None) if shelf.requests[-1][1] == "2" else None
    store = tmp_path / "store"
    store.mkdir()
    with shelf.client() as client:
        export_session(client, FIRST, folder, top=3, confirmed=False)
        shutil.copy(folder / f"{FIRST}.manifest.json", store)
        assert verify(folder, manifest_store=store).passed
        shelf.sessions[FIRST], shelf.before = entries(7), lambda: None
        assert export_session(client, FIRST, folder).outcome == "complete"
    assert verify(folder, manifest_store=store).passed

    remove(folder, FIRST)
    with Shelf({FIRST: entries(8)}).client() as client:
        told = export_session(client, FIRST, tmp_path / "other")
    for path in (tmp_path / "other").glob(f"{FIRST}.*"):
        shutil.copy(path, folder)
    write_summary(folder, read_summary(folder), [told])

    assert verify(folder).passed
    (problem,) = verify(folder, manifest_store=store).problems
    assert problem.what == f"differs from its copy in {store}, and does not continue it"
