"""Anything in a folder instead of a file of an export is named, soon, and takes no memory."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from face_audit_tools import (
    DamagedError,
    FolderError,
    InputError,
    Result,
    compare_digests,
    convert,
    export_session,
    export_sessions,
    open_evidence,
    opening,
    read_expected,
    read_folder,
    read_summary,
    verify,
    write_report,
)

from .shelf import FIRST, SECOND, Shelf, answer

LARGE = 3_000_000_000
PARTS = ("entries.jsonl", "chain.jsonl", "manifest.json")


def pipe(path: Path) -> None:
    """One that nobody writes to."""
    os.mkfifo(path)


def link(path: Path) -> None:
    """One that leads to what has no end."""
    path.symlink_to("/dev/zero")


def other_file(path: Path) -> None:
    """An empty one."""
    path.write_bytes(b"")


def other_pipe(path: Path, _: Path) -> None:
    """As `pipe`."""
    pipe(path)


def broken_link(path: Path) -> None:
    """One that leads nowhere."""
    path.symlink_to(path.with_name("nowhere"))


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders")
@pytest.mark.parametrize("put", [pipe, link, broken_link, Path.mkdir])
@pytest.mark.parametrize("name", [*(f"{FIRST}.{part}" for part in PARTS), "summary.json"])
def test_what_is_no_file_is_named(exported: Path, name: str, put: Callable[[Path], object]) -> None:
    """Only regular files are opened."""
    (exported / name).unlink()
    put(exported / name)

    (problem,) = verify(exported).problems

    assert (problem.file.name, problem.what) == (name, "is not a regular file")


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders")
@pytest.mark.parametrize("put", [pipe, link])
@pytest.mark.parametrize("part", PARTS)
def test_export_names_what_is_no_file(exported: Path, shelf: Shelf, part: str, put: Callable[[Path], object]) -> None:
    """As verifying does."""
    path = exported / f"{FIRST}.{part}"
    path.unlink()
    put(path)

    with shelf.client() as client:
        result = export_session(client, FIRST, exported)

    assert (result.outcome, f"{path}: is not a regular file" in str(result.error)) == ("failed", True)


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders")
@pytest.mark.parametrize("put", [pipe, link, Path.touch])
def test_export_writes_to_nothing_that_it_did_not_make(
    shelf: Shelf, folder: Path, put: Callable[[Path], object]
) -> None:
    """In place of the entries it ends the session; what is where a record is made is removed first."""
    folder.mkdir()
    put(folder / "summary.json.new")
    path = folder / f"{FIRST}.entries.jsonl"
    with shelf.client() as client:
        export_session(client, SECOND, folder)
        put(path)
        result = export_session(client, FIRST, folder)

    assert result.outcome == "failed"
    assert f"{path}: is there without a checkpoint or manifest; look at it, then move it away" in str(result.error)
    assert [session for session, _ in shelf.requests if session == FIRST] == []


def put_during_first_request(shelf: Shelf, put: Callable[[], object]) -> None:
    """What another user of the folder does while the service is asked."""

    def act() -> None:
        shelf.before = lambda: None
        put()

    shelf.before = act


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders")
@pytest.mark.parametrize("part", ["entries.jsonl", "chain.jsonl"])
@pytest.mark.parametrize("kind", [Path.symlink_to, Path.hardlink_to, other_pipe])
def test_export_writes_through_nothing_that_is_put_there_meanwhile(
    shelf: Shelf, folder: Path, tmp_path: Path, part: str, kind: Callable[[Path, Path], object]
) -> None:
    """Files are looked at when they are opened, and not before: another session goes on."""
    victim, path = tmp_path / "victim", folder / f"{FIRST}.{part}"
    victim.write_bytes(b"precious")
    put_during_first_request(shelf, lambda: kind(path, victim))

    async def work() -> list[Result]:
        async with shelf.async_client() as client:
            return await export_sessions(client, [FIRST, SECOND], folder, concurrency=1, confirmed=False)

    first, second = asyncio.run(work())

    assert (first.outcome, second.outcome) == ("failed", "complete")
    assert str(first.error).startswith(f"{path}: ")
    assert victim.read_bytes() == b"precious"
    assert verify(folder).unfinished == (FIRST,)


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders")
@pytest.mark.parametrize("has_flags", [True, False])
@pytest.mark.parametrize("put", [pipe, link, other_file])
def test_file_that_is_exchanged_while_it_is_opened_is_not_read(
    exported: Path, monkeypatch: pytest.MonkeyPatch, put: Callable[[Path], object], has_flags: bool
) -> None:
    """Between a look at the name and the opening; also by systems without flags for that."""
    path, opening_it = exported / f"{FIRST}.entries.jsonl", os.open
    if not has_flags:
        monkeypatch.setattr(opening, "_SAFE", os.O_NONBLOCK)
        monkeypatch.setattr(opening, "_HAS_DIR_FD", False)

    def exchange(name: str, *given: Any, **named: Any) -> int:
        if str(name).endswith(path.name):
            path.rename(path.with_name("old"))
            put(path)
        return opening_it(name, *given, **named)

    monkeypatch.setattr(os, "open", exchange)

    with pytest.raises(DamagedError, match="was exchanged while it was opened|Too many levels of symbolic links"):
        opening.open_file(path)


@pytest.mark.skipif(sys.platform == "win32", reason="has no pipes in folders")
def test_lock_is_not_made_through_a_link(shelf: Shelf, folder: Path, tmp_path: Path) -> None:
    """Nor is what it leads to emptied; the error names the file."""
    folder.mkdir()
    (tmp_path / "victim").write_bytes(b"precious")
    (folder / ".lock").symlink_to(tmp_path / "victim")

    with shelf.client() as client, pytest.raises(FolderError, match=rf"^{folder}/\.lock: cannot be written"):
        export_session(client, FIRST, folder)

    assert (tmp_path / "victim").read_bytes() == b"precious"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
@pytest.mark.parametrize(("mode", "who"), [(0o770, "its group"), (0o777, "everybody on this machine"), (0o755, None)])
def test_folder_that_others_may_write_is_said(
    shelf: Shelf, folder: Path, caplog: pytest.LogCaptureFixture, mode: int, who: str | None
) -> None:
    """Not refused: some file systems have no modes, and show the same for all folders."""
    folder.mkdir()
    folder.chmod(mode)

    with shelf.client() as client:
        assert export_session(client, FIRST, folder).outcome == "complete"

    said = f"{folder}: {who} can write to it, and so replace evidence; run: chmod go-w {folder}"
    assert [one.message for one in caplog.records if one.name == "face_audit_tools"] == ([said] if who else [])


@pytest.mark.parametrize("fill", [b"", b"{", b'{"a":1}', b"\n\n\n"])
@pytest.mark.parametrize("part", PARTS)
def test_large_file_takes_no_memory(exported: Path, part: str, fill: bytes) -> None:
    """What is read at once is bounded by what an entry, a line or a record may hold, whatever the file holds."""
    path = exported / f"{FIRST}.{part}"
    path.write_bytes(fill)
    os.truncate(path, LARGE)

    tracemalloc.start()
    found = verify(exported).problems
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [problem.file for problem in found] == [path]
    assert peak < 100_000_000


def test_length_of_a_large_entry_takes_no_memory(exported: Path) -> None:
    """A chain that speaks of an entry of gigabytes, beside a file that has them."""
    entries, chain = exported / f"{FIRST}.entries.jsonl", exported / f"{FIRST}.chain.jsonl"
    os.truncate(entries, LARGE)
    chain.write_bytes(b'{"head":"%b","length":%d}\n' % (b"0" * 64, LARGE - 1))

    tracemalloc.start()
    found = verify(exported).problems
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(found) == 1
    assert peak < 100_000_000


@pytest.mark.parametrize("session", ["../x", "", "a/b", "a.b", "a\n", "-a", "a" * 65, "/etc/passwd"])
def test_id_leads_nowhere_out_of_the_folder(exported: Path, session: str) -> None:
    """What can be no session's id is refused, before it becomes a part of a path."""
    with pytest.raises(InputError, match="can be none; give an id as the service has it"):
        open_evidence(exported, session)


def test_folders_and_files_are_texts_or_paths(shelf: Shelf, folder: Path, tmp_path: Path) -> None:
    """Everywhere in the library."""
    with shelf.client() as client:
        assert export_session(client, FIRST, str(folder)).outcome == "complete"

    assert verify(str(folder)).passed
    assert verify(str(folder), manifest_store=str(folder)).passed
    assert read_summary(str(folder)).counts["complete"] == 1
    assert len(list(open_evidence(str(folder), FIRST).entries())) == 7
    assert [one.session_id for one in read_folder(str(folder))] == [FIRST]
    recorded = tmp_path / "recorded.csv"
    recorded.write_text("session_id,entry_id,digest\n", encoding="utf-8")
    assert len(compare_digests(str(folder), read_expected(str(recorded))).not_recorded) == 7
    assert convert(str(folder), to="csv", out=str(tmp_path / "entries.csv")).entries == 7
    page = write_report(str(folder), html=str(tmp_path / "page.html"), expected=str(recorded))
    assert (page.attempts, page.html) == (7, tmp_path / "page.html")


def test_client_of_the_other_kind_is_refused(shelf: Shelf, folder: Path) -> None:
    """With the name of the one that is needed; nothing is written."""
    with pytest.raises(TypeError, match="client: is of the type FaceAuditClient; give AsyncFaceAuditClient"):
        asyncio.run(export_sessions(shelf.client(), [FIRST], folder))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="client: is of the type AsyncFaceAuditClient; give FaceAuditClient"):
        export_session(shelf.async_client(), FIRST, folder)  # type: ignore[arg-type]

    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
def test_evidence_is_its_owners_alone(shelf: Shelf, folder: Path) -> None:
    """Entries are personal data: nobody else may read files that an export makes, or look into its folder."""
    before = os.umask(0o022)
    try:
        shelf.instead["5"] = answer(400)
        with shelf.client() as client:
            export_session(client, FIRST, folder, top=3, confirmed=False)
            export_session(client, SECOND, folder)
    finally:
        os.umask(before)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(list(folder.iterdir())) == 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
def test_folder_that_is_there_keeps_its_mode(shelf: Shelf, folder: Path) -> None:
    """Anyone who made it has decided who may look into it."""
    folder.mkdir(mode=0o750)
    folder.chmod(0o750)

    with shelf.client() as client:
        export_session(client, FIRST, folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
