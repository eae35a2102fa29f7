"""Exports of one session and of many: their results, and how they continue."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from face_audit import API_VERSION, InvalidArgumentError
from face_audit_tools import (
    DamagedError,
    FolderError,
    InputError,
    Result,
    export_session,
    export_sessions,
    open_evidence,
    read_summary,
    verify,
    writer,
)
from face_audit_tools.folder import locked
from face_audit_tools.result import OUTCOMES
from face_audit_tools.session import Session
from msgspec.structs import replace

from .shelf import FIRST, SECOND, Shelf, answer, entries


def export_many(shelf: Shelf, folder: Path, ids: list[str], **told: Any) -> list[Result]:
    """Export these sessions side by side."""

    async def work() -> list[Result]:
        async with shelf.async_client() as client:
            return await export_sessions(client, ids, folder, **told)

    return asyncio.run(work())


def expire(shelf: Shelf) -> None:
    """Let the service lose the first session after its sixth entry."""
    shelf.before = lambda: shelf.sessions.pop(FIRST, None) if shelf.requests[-1][1] == "2" else None


def raw(folder: Path, session: str) -> list[bytes]:
    """The entries that were exported."""
    return [one.raw for one in open_evidence(folder, session).entries()]


def names(folder: Path) -> set[str]:
    """The files of an export."""
    return {path.name for path in folder.iterdir()} - {".lock"}


@pytest.fixture(params=["one", "many"])
def export(request: pytest.FixtureRequest, shelf: Shelf, folder: Path) -> Any:
    """Exports a session to the folder by either function, in pages of three, each asked for once."""

    def one(session: str = FIRST, **told: Any) -> Result:
        with shelf.client() as client:
            return export_session(client, session, folder, **{"top": 3, "confirmed": False, **told})

    def many(session: str = FIRST, **told: Any) -> Result:
        (result,) = export_many(shelf, folder, [session], **{"top": 3, "confirmed": False, **told})
        return result

    return one if request.param == "one" else many


def test_complete_session_has_a_manifest_and_a_summary(export: Any, folder: Path) -> None:
    """Entries, chain, manifest and summary are there, and no checkpoint any more."""
    result = export()

    record = open_evidence(folder, FIRST).record
    assert result == Result(
        session_id=FIRST,
        outcome="complete",
        count=7,
        added=7,
        head=record.head,
        asked=record.listing.started,
        manifest=record.seal,
    )
    assert names(folder) == {
        "summary.json",
        *(f"{FIRST}.{one}" for one in ("entries.jsonl", "chain.jsonl", "manifest.json")),
    }
    row = read_summary(folder).sessions[FIRST]
    assert (row.outcome, row.count, row.head, row.error) == ("complete", 7, record.head, None)
    assert verify(folder).passed


def test_complete_session_is_asked_for_again_with_one_request(export: Any, shelf: Shelf) -> None:
    """As long as it lives it may grow; where nothing is new, that is all that the manifest says more."""
    first = export()
    count = len(shelf.requests)

    again = export()

    assert shelf.requests[count:] == [(FIRST, None)]
    assert (again.outcome, again.count, again.added, again.head) == ("complete", 7, 0, first.head)


def test_session_that_is_unknown_leaves_only_its_outcome(export: Any, folder: Path) -> None:
    """404 before the first entry: nothing to keep, and the summary says why."""
    result = export("unknown")

    assert (result.outcome, result.count, result.head) == ("expired", 0, None)
    assert "SessionNotFound" not in result.error
    assert "status 404" in result.error
    assert "it expired or was deleted, or the key belongs to another resource" in result.error
    assert names(folder) == {"summary.json"}
    assert read_summary(folder).counts == dict.fromkeys(OUTCOMES, 0) | {"expired": 1}


def test_session_that_expires_on_the_way_keeps_what_came(export: Any, shelf: Shelf, folder: Path) -> None:
    """404 after some entries: these are sealed, and the manifest says that there may be more."""
    expire(shelf)

    result = export()
    manifest = (folder / f"{FIRST}.manifest.json").read_bytes()
    again = export()

    assert (result.outcome, result.count, again.outcome, again.added) == ("expired", 6, "expired", 0)
    assert "it expired or was deleted, or the key belongs to another resource" in result.error
    assert (folder / f"{FIRST}.manifest.json").read_bytes() == manifest
    assert raw(folder, FIRST) == entries(7)[:6]
    found = verify(folder)
    assert (found.passed, found.expired, found.incomplete) == (True, (FIRST,), {"expired": 1})


def test_expired_session_goes_on_once_the_service_has_it(export: Any, shelf: Shelf, folder: Path) -> None:
    """A 404 may have been that of a key of another resource: the session is asked for again in every later run."""
    expire(shelf)
    export()
    shelf.sessions[FIRST], shelf.before = entries(7), lambda: None
    asked = len(shelf.requests)

    result = export()

    assert (result.outcome, result.count, result.added) == ("complete", 7, 1)
    assert [start for _, start in shelf.requests[asked:]] == ["2", "1"]
    assert raw(folder, FIRST) == entries(7)
    assert (verify(folder).passed, dict(verify(folder).incomplete)) == (True, {})


def test_expired_session_that_goes_on_may_expire_again(export: Any, shelf: Shelf, folder: Path) -> None:
    """It is sealed anew with what came; an error of another kind in between leaves it as it was sealed."""
    expire(shelf)
    export()
    shelf.before = lambda: None
    shelf.told.append(answer(401))
    refused = export()
    assert (refused.outcome, refused.count, refused.added) == ("refused", 6, 0)
    assert verify(folder).incomplete == {"refused": 1}
    shelf.sessions[FIRST] = entries(7)
    shelf.before = lambda: shelf.sessions.pop(FIRST) if shelf.requests[-1][1] == "1" else None

    again = export()

    assert (again.outcome, again.count, again.added) == ("expired", 7, 1)
    assert raw(folder, FIRST) == entries(7)
    assert verify(folder).passed


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (answer(401), "refused"),
        (answer(403), "refused"),
        (answer(403, "Quota will be replenished in 2 days."), "refused"),
        (answer(400), "failed"),
        (httpx.Response(200, text="<html>", headers={"content-type": "text/html"}), "failed"),
    ],
)
def test_session_that_fails_goes_on_where_it_stopped(
    export: Any, shelf: Shelf, folder: Path, told: httpx.Response, outcome: str
) -> None:
    """What came before the error is kept with a checkpoint, and the next export asks for the rest."""
    shelf.before = lambda: shelf.told.extend([told] * 9) if shelf.requests[-1][1] == "5" else None

    result = export()
    kept = open_evidence(folder, FIRST)
    assert (result.outcome, result.count, result.added, result.head) == (outcome, 6, 6, kept.record.head)
    assert (kept.outcome, [one.raw for one in kept.entries()]) == ("unfinished", entries(7)[:6])
    assert verify(folder).unfinished == (FIRST,)
    assert not verify(folder).passed

    shelf.told.clear()
    shelf.before = lambda: None
    asked = len(shelf.requests)
    again = export()

    assert (again.outcome, again.count, again.added) == ("complete", 7, 1)
    assert [start for _, start in shelf.requests[asked:]] == ["2", "1"]
    assert raw(folder, FIRST) == entries(7)
    assert len(open_evidence(folder, FIRST).record.runs) == 2
    assert verify(folder).passed


def test_session_that_fails_at_once_leaves_no_files(export: Any, shelf: Shelf, folder: Path) -> None:
    """Where nothing came there is nothing to go on from."""
    shelf.told.append(answer(400))

    assert export().outcome == "failed"
    assert names(folder) == {"summary.json"}
    assert export().outcome == "complete"


def test_id_that_can_be_none_is_refused_before_anything_happens(export: Any, shelf: Shelf, folder: Path) -> None:
    """An id becomes a part of file names and of the URL; the SDK knows which can be one."""
    with pytest.raises(InvalidArgumentError):
        export("../elsewhere")

    assert not folder.exists()
    assert shelf.requests == []


def test_size_of_pages_that_can_be_none_is_refused_before_anything_happens(
    export: Any, shelf: Shelf, folder: Path
) -> None:
    """As a wrong id is."""
    with pytest.raises(InvalidArgumentError, match="top"):
        export(top=1001)

    assert not folder.exists()
    assert shelf.requests == []


def test_torn_tail_is_cut_off(export: Any, shelf: Shelf, folder: Path) -> None:
    """What a killed export had written after its last checkpoint is written anew."""
    shelf.before = lambda: shelf.told.append(answer(400)) if shelf.requests[-1][1] == "5" else None
    export()
    shelf.told.clear()
    for name in ("entries", "chain"):
        with (folder / f"{FIRST}.{name}.jsonl").open("ab") as file:
            file.write(b'{"id":1,"torn')
    assert raw(folder, FIRST) == entries(7)[:6]

    shelf.before = lambda: None
    assert export().outcome == "complete"
    assert raw(folder, FIRST) == entries(7)


def test_export_that_was_killed_behind_its_last_page_is_finished_without_it(
    export: Any, shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint knows that the listing had ended; and a checkpoint beside a manifest is dropped."""
    monkeypatch.setattr(writer, "_APART", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(writer, "direction_of", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            export()
    asked = len(shelf.requests)
    checkpoint = (folder / f"{FIRST}.checkpoint.json").read_bytes()

    assert export().outcome == "complete"
    assert len(shelf.requests) == asked
    (folder / f"{FIRST}.checkpoint.json").write_bytes(checkpoint)
    assert export().outcome == "complete"

    assert len(shelf.requests) == asked + 1
    assert raw(folder, FIRST) == entries(7)
    assert not (folder / f"{FIRST}.checkpoint.json").exists()


def spoil_checkpoint(folder: Path, session: str) -> Path:
    """Change a byte of it."""
    path = folder / f"{session}.checkpoint.json"
    path.write_bytes(path.read_bytes().replace(b'"count":6', b'"count":5'))
    return path


def shorten(folder: Path, session: str) -> Path:
    """Cut the entries off."""
    path = folder / f"{session}.entries.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    return path


def lose_checkpoint(folder: Path, session: str) -> Path:
    """Remove it."""
    (folder / f"{session}.checkpoint.json").unlink()
    return folder / f"{session}.manifest.json"


def change_entry(folder: Path, session: str) -> Path:
    """Change an entry, and not its size."""
    path = folder / f"{session}.entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b"realface", b"fakeface", 1))
    return path


@pytest.mark.parametrize("spoil", [spoil_checkpoint, shorten, lose_checkpoint, change_entry])
def test_damaged_session_is_not_touched(export: Any, shelf: Shelf, folder: Path, spoil: Any) -> None:
    """Nothing is written after what is not as it was left, nothing asked for, and the summary keeps what it knows."""
    shelf.before = lambda: shelf.told.append(answer(400)) if shelf.requests[-1][1] == "5" else None
    head = export().head
    shelf.told.clear()
    path = spoil(folder, FIRST)
    before, asked = {one: one.read_bytes() for one in folder.glob(f"{FIRST}.*")}, len(shelf.requests)

    result = export()

    assert (result.outcome, result.count, result.head) == ("failed", 6, head)
    assert str(path) in result.error
    assert "restore it from a copy, or export to another folder" in result.error
    assert {one: one.read_bytes() for one in folder.glob(f"{FIRST}.*")} == before
    assert len(shelf.requests) == asked
    assert [problem.file for problem in verify(folder).problems] == [path]


def test_session_whose_files_are_gone_is_not_exported_anew(export: Any, shelf: Shelf, folder: Path) -> None:
    """The summary knows its head, and keeps it, so that verifying goes on telling; restored files end that."""
    head = export().head
    files = {one: one.read_bytes() for one in folder.glob(f"{FIRST}.*")}
    for path in files:
        path.unlink()
    asked = len(shelf.requests)

    results = [export(), export()]

    assert [(one.outcome, one.count, one.head) for one in results] == [("failed", 7, head)] * 2
    assert "summary.json says that the session is complete, with 7 entries; restore it" in results[0].error
    assert len(shelf.requests) == asked
    assert [problem.file.name for problem in verify(folder).problems] == [f"{FIRST}.manifest.json"]
    for path, content in files.items():
        path.write_bytes(content)
    assert verify(folder).passed
    assert export().outcome == "complete"
    assert read_summary(folder).sessions[FIRST].outcome == "complete"


def test_session_that_was_replaced_is_not_taken_for_the_one_that_was_exported(
    export: Any, shelf: Shelf, folder: Path, tmp_path: Path
) -> None:
    """Whole files of another export of the session are not those of which the summary knows the head."""
    shelf.sessions[FIRST] = entries(6)
    export()
    for path in folder.glob(f"{FIRST}.*"):
        path.replace(tmp_path / path.name)
    (folder / "summary.json").unlink()
    shelf.sessions[FIRST] = entries(7)
    head = export().head
    for path in tmp_path.glob(f"{FIRST}.*"):
        path.replace(folder / path.name)

    result = export()

    assert (result.outcome, result.count, result.head) == ("failed", 7, head)
    assert "is not the one that summary.json speaks of" in result.error
    assert not verify(folder).passed


def test_finished_session_of_another_size_is_named(export: Any, folder: Path) -> None:
    """A skipped session is looked at, as far as that costs nothing."""
    export()
    with (folder / f"{FIRST}.entries.jsonl").open("ab") as file:
        file.write(b"{}\n")

    result = export()

    assert (result.outcome, "has another size than its manifest says" in result.error) == ("failed", True)


def test_session_of_another_endpoint_is_not_gone_on_with(shelf: Shelf, folder: Path) -> None:
    """A chain is bound to the endpoint that it was begun at."""
    shelf.before = lambda: shelf.told.append(answer(400)) if shelf.requests[-1][1] == "5" else None
    with shelf.client() as client:
        export_session(client, FIRST, folder, top=3, confirmed=False)

    with shelf.client(endpoint="https://other.example.com") as client:
        result = export_session(client, FIRST, folder)

    assert result.outcome == "failed"
    assert f"was begun at https://face.example.com/face/v{API_VERSION}" in result.error


@pytest.mark.parametrize(
    ("endpoint", "older"),
    [("https://face.example.com", "https://face.example.com:443"), ("http://localhost", "http://localhost:80")],
)
def test_endpoint_that_was_written_with_its_own_port_is_the_same(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str, older: str
) -> None:
    """Earlier versions kept the port that they were given; what they began is gone on with, and verifies."""
    shelf.before = lambda: shelf.told.append(answer(400)) if shelf.requests[-1][1] == "5" else None
    with monkeypatch.context() as before, shelf.client(endpoint=endpoint) as client:
        listing = Session._listing
        before.setattr(Session, "_listing", lambda self, started: replace(listing(self, started), endpoint=older))
        export_session(client, FIRST, folder, top=3, confirmed=False)

    shelf.before = lambda: None
    with shelf.client(endpoint=endpoint) as client:
        result = export_session(client, FIRST, folder)

    assert (result.outcome, result.error) == ("complete", None)
    assert open_evidence(folder, FIRST).record.listing.endpoint == older
    assert verify(folder).passed


def test_one_folder_takes_one_export(export: Any, shelf: Shelf, folder: Path) -> None:
    """A second exporter is turned away before it asks for anything."""
    with locked(folder), pytest.raises(FolderError, match="is being written by another export"):
        export()

    assert shelf.requests == []
    assert export().outcome == "complete"


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_folder_that_cannot_be_written_is_named(export: Any, folder: Path) -> None:
    """A folder without the right to write."""
    folder.mkdir(mode=0o500)

    with pytest.raises(FolderError, match="cannot be written"):
        export()


def test_folder_that_is_a_file_is_named(export: Any, folder: Path) -> None:
    """A file where the folder should be."""
    folder.write_bytes(b"")

    with pytest.raises(FolderError, match="cannot be written"):
        export()


def test_summary_that_was_changed_ends_the_export_before_it_begins(export: Any, shelf: Shelf, folder: Path) -> None:
    """It would have to be written over at the end."""
    folder.mkdir()
    (folder / "summary.json").write_text("{}", encoding="utf-8")

    with pytest.raises(DamagedError, match=r"summary\.json"):
        export()

    assert shelf.requests == []


def test_page_by_page_is_told(export: Any) -> None:
    """Anyone who shows progress is told the record after each page."""
    seen = list[tuple[int, str | None]]()

    export(on_page=lambda record: seen.append((record.count, record.last_id)))

    assert seen == [(3, "5"), (6, "2"), (7, "1"), (7, "1")]


def test_disk_that_is_full_ends_the_export(export: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is the caller's to hear of; the last checkpoint holds, and the summary says so."""
    calls = list[object]()

    def full(*_: object) -> None:
        calls.append(0)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "_APART", 0.0)
    monkeypatch.setattr(writer.Writer, "_sync", full)
    with pytest.raises(OSError, match="No space left"):
        export()
    monkeypatch.undo()

    assert raw(folder, FIRST) in (entries(7)[:6], entries(7))
    assert export().outcome == "complete"
    assert raw(folder, FIRST) == entries(7)


def page(*items: bytes) -> httpx.Response:
    """A page that a test puts instead of the right one."""
    return httpx.Response(200, content=b"[" + b",".join(items) + b"]", headers={"content-type": "application/json"})


@pytest.mark.parametrize("stale", [page(*entries(7)[3:6]), page(), page(*entries(7)[6:])])
def test_first_page_that_is_another_one_costs_nothing(
    export: Any, shelf: Shelf, folder: Path, stale: httpx.Response
) -> None:
    """A stale answer to the first question of all looks like a shorter session; asked twice, it does not."""
    shelf.instead[None] = stale

    result = export(confirmed=True)

    assert (result.outcome, result.count) == ("complete", 7)
    assert sorted(raw(folder, FIRST)) == sorted(entries(7))
    assert verify(folder).passed


@pytest.mark.parametrize("stale", [page(*entries(7)[6:]), page()])
def test_run_that_goes_on_does_not_skip_a_page(export: Any, shelf: Shelf, folder: Path, stale: httpx.Response) -> None:
    """A later page, or none, instead of the one after the checkpoint: asked for again, it is the right one."""
    shelf.instead["4"] = answer(400)
    assert export(top=2).count == 4
    shelf.instead["4"] = stale

    second = export(top=2, confirmed=True)

    assert (second.outcome, raw(folder, FIRST)) == ("complete", entries(7))
    assert verify(folder).passed


def test_end_that_is_none_is_not_believed(export: Any, shelf: Shelf, folder: Path) -> None:
    """An empty page in the midst of a session, as of a replica that is out of date."""
    shelf.instead["2"] = page()

    result = export(confirmed=True)

    assert (result.outcome, raw(folder, FIRST)) == ("complete", entries(7))


@pytest.mark.parametrize(
    ("count", "asked"),
    [(0, [None, None]), (1, [None, None, "1"]), (2, [None, None, "2"]), (900, [None, None, "2"])],
)
def test_session_of_one_page_takes_three_requests(
    export: Any, shelf: Shelf, folder: Path, count: int, asked: list[str | None]
) -> None:
    """The page, its first entry again, and its last entry alone after the one before it; an empty one takes two."""
    shelf.sessions["short"] = entries(count)

    assert export("short", top=None, confirmed=True).outcome == "complete"

    assert [start for _, start in shelf.requests] == asked
    assert raw(folder, "short") == entries(count)


def test_longer_session_is_confirmed_with_two_requests(export: Any, shelf: Shelf) -> None:
    """The first entry, and the end."""
    assert export(confirmed=True).outcome == "complete"

    assert sorted(start or "" for _, start in shelf.requests) == ["", "", "1", "1", "2", "5"]


def test_many_sessions_are_exported_side_by_side(shelf: Shelf, folder: Path) -> None:
    """Each entry once, in its session's order; results come in the order that was asked for, ids given twice once."""
    shelf.sessions |= {f"s{number}": entries(number) for number in range(30)}
    ids, heard = [FIRST, *(f"s{number}" for number in range(30)), SECOND, "gone", FIRST], list[Result]()

    results = export_many(shelf, folder, ids, top=4, concurrency=5, on_result=heard.append)

    assert [one.session_id for one in results] == ids[:-1]
    assert [one.outcome for one in results] == ["complete"] * 32 + ["expired"]
    assert sorted(heard, key=lambda one: one.session_id) == sorted(results, key=lambda one: one.session_id)
    for session, items in shelf.sessions.items():
        assert raw(folder, session) == items
    assert read_summary(folder).counts == dict.fromkeys(OUTCOMES, 0) | {"complete": 32, "expired": 1}
    assert verify(folder).passed


def test_sessions_are_begun_in_the_order_given(shelf: Shelf, folder: Path) -> None:
    """With one at a time the first one is at its end before the second one begins."""
    export_many(shelf, folder, [SECOND, FIRST], top=3, concurrency=1, confirmed=False)

    assert [session for session, _ in shelf.requests] == [SECOND] * 3 + [FIRST] * 4


def test_summary_knows_the_sessions_of_earlier_exports(shelf: Shelf, folder: Path) -> None:
    """It speaks of the folder, not of the last run."""
    export_many(shelf, folder, [FIRST])
    export_many(shelf, folder, [SECOND, "gone"])

    found = {name: row.outcome for name, row in read_summary(folder).sessions.items()}
    assert found == {FIRST: "complete", SECOND: "complete", "gone": "expired"}


def test_key_that_is_refused_is_not_tried_on_every_session(shelf: Shelf, folder: Path) -> None:
    """After the first refusal nothing more is sent, and every session says why."""
    shelf.told.append(answer(401, "Access denied."))

    results = export_many(shelf, folder, [FIRST, SECOND, "third"], concurrency=1)

    assert [one.outcome for one in results] == ["refused"] * 3
    assert len(shelf.requests) == 1
    assert "Access denied." in str(results[0].error)
    assert str(results[2].error).startswith("not asked for, because another session was refused: ")


def test_requests_keep_to_the_rate(shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page waits for its turn, whichever session it is of; the end of a session takes no turn."""
    waits = list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("face_audit_tools.pace.asyncio.sleep", sleep)

    export_many(shelf, folder, [FIRST, SECOND], top=3, rate=10.0)

    assert len(waits) == len(shelf.requests) == 11
    assert waits[0] == 0
    assert all(0 < one < 1.1 for one in waits[1:])
    assert waits == sorted(waits)


@pytest.mark.parametrize("told", [{"concurrency": 0}, {"rate": 0.0}, {"rate": -1.0}])
def test_numbers_out_of_range_are_refused(shelf: Shelf, folder: Path, told: dict[str, Any]) -> None:
    """Nothing is sent for them."""
    with pytest.raises(InputError, match="must be above 0"):
        export_many(shelf, folder, [FIRST], **told)

    assert not folder.exists()


def test_cancelled_export_keeps_what_has_arrived(shelf: Shelf, folder: Path) -> None:
    """Cancelling is how Ctrl-C ends an export: checkpoints and the summary are written, and it can go on."""
    shelf.sessions["later"] = entries(2)

    async def work() -> None:
        async with shelf.async_client() as client:
            exporting = asyncio.create_task(
                export_sessions(
                    client,
                    [SECOND, FIRST, "later"],
                    folder,
                    top=3,
                    rate=1000.0,
                    concurrency=1,
                    on_page=lambda record: exporting.cancel() if record.last_id == "2" and record.count == 6 else None,
                )
            )
            await exporting

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())

    rows = read_summary(folder).sessions
    assert {name: (row.outcome, row.count) for name, row in rows.items()} == {
        SECOND: ("complete", 5),
        FIRST: ("unfinished", 6),
        "later": ("unfinished", 0),
    }
    assert rows[FIRST].error == "its export is not finished; export it again to continue"
    assert raw(folder, FIRST) == entries(7)[:6]
    assert [one.added for one in export_many(shelf, folder, [SECOND, FIRST, "later"])] == [0, 1, 2]
    assert verify(folder).passed


def test_cancelled_export_waits_for_what_is_being_written(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are written in threads; they are closed once that is done, and what was written is kept."""
    add, cancelled = writer.Writer.add, threading.Event()

    async def work() -> None:
        loop = asyncio.get_running_loop()

        def add_late(self: writer.Writer, *given: Any) -> None:
            loop.call_soon_threadsafe(lambda: (exporting.cancel(), cancelled.set()))
            cancelled.wait()
            add(self, *given)

        monkeypatch.setattr(writer.Writer, "add", add_late)
        async with shelf.async_client() as client:
            exporting = asyncio.create_task(export_sessions(client, [FIRST], folder, top=3))
            await exporting

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())
    monkeypatch.undo()

    assert raw(folder, FIRST) == entries(7)[:3]
    assert export_many(shelf, folder, [FIRST])[0].outcome == "complete"
    assert raw(folder, FIRST) == entries(7)


def test_interrupted_export_does_not_forget_what_was_finished_before(shelf: Shelf, folder: Path) -> None:
    """Sessions that an interrupted run did not get to keep what earlier runs have brought, and all say the same."""
    (before,) = export_many(shelf, folder, [SECOND])
    shelf.told.append(answer(401))

    export_many(shelf, folder, [FIRST, SECOND], concurrency=1)

    rows = read_summary(folder).sessions
    assert {name: (row.outcome, row.head) for name, row in rows.items()} == {
        FIRST: ("refused", None),
        SECOND: ("refused", before.head),
    }
    assert open_evidence(folder, SECOND).outcome == "complete"
    assert (verify(folder).passed, verify(folder).incomplete) == (True, {"refused": 2})


def test_files_never_hold_the_key(exported: Path, shelf: Shelf) -> None:
    """Neither entries nor records nor the summary."""
    (key,) = shelf.keys

    assert all(key.encode() not in path.read_bytes() for path in exported.iterdir())
    assert json.loads((exported / "summary.json").read_bytes())["sessions"]
