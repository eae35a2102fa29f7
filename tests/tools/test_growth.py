"""Sessions that grow: what is new is added after what was there, and nothing of either is lost or doubled."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from face_audit_tools import export_session, open_evidence, read_summary, record, session, verify
from face_audit_tools.gaps import Runs
from face_audit_tools.record import Manifest, prefix_seal, read_manifest, seals_of
from face_audit_tools.sealed import seal, write_sealed
from msgspec.structs import replace

from .service import Service, down, export, ids
from .shelf import FIRST, Shelf, answer, entries, entry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def test_session_that_grows_is_asked_for_again(service: Service, folder: Path) -> None:
    """1,500 entries, then 100 more: a segment of its own, which joins the first one."""
    service.add(FIRST, 1, 1500)
    first = export(service, folder)
    service.add(FIRST, 1501, 1600)

    second = export(service, folder)
    third = export(service, folder)

    assert [(one.outcome, one.count, one.added) for one in (first, second, third)] == [
        ("complete", 1500, 1500),
        ("complete", 1600, 100),
        ("complete", 1600, 0),
    ]
    assert ids(folder) == [*down(1500, 1), *down(1600, 1501)]
    found = open_evidence(folder, FIRST).record
    assert [(one.count, one.first_id, one.last_id, one.joins) for one in found.segments] == [
        (1500, "1500", "1", None),
        (1600, "1600", "1501", "1500"),
        (1600, None, None, "1600"),
    ]
    assert verify(folder).passed


@pytest.mark.parametrize("top", [1, 7, 100, None])
def test_growth_of_several_pages_joins_what_was_there(service: Service, folder: Path, top: int | None) -> None:
    """Pages of any size, the last of which holds entries that are here."""
    service.add(FIRST, 1, 20)
    export(service, folder, top=top)
    service.add(FIRST, 21, 45)

    assert export(service, folder, top=top).added == 25

    assert ids(folder) == [*down(20, 1), *down(45, 21)]
    assert verify(folder).passed


def test_later_manifest_contains_the_earlier_one(service: Service, folder: Path, tmp_path: Path) -> None:
    """A copy of any earlier manifest holds; a session that does not continue it is found."""
    stores = [tmp_path / f"store{number}" for number in range(3)]
    for number, store in enumerate(stores):
        service.add(FIRST, 10 * number + 1, 10 * number + 10)
        export(service, folder)
        store.mkdir()
        shutil.copy(folder / f"{FIRST}.manifest.json", store)
        assert all(verify(folder, manifest_store=one).passed for one in stores[: number + 1])

    kept = read_manifest(folder / f"{FIRST}.manifest.json")
    assert [prefix_seal(kept, number) for number in (1, 2, 3)] == seals_of(kept)
    assert seals_of(kept) == [read_manifest(one / f"{FIRST}.manifest.json").seal for one in stores]
    for path in folder.iterdir():
        path.unlink()
    export(service, folder)
    for store in stores:
        (problem,) = verify(folder, manifest_store=store).problems
        assert problem.what == f"differs from its copy in {store}, and does not continue it"


def test_manifest_that_was_put_back_is_found(service: Service, folder: Path, tmp_path: Path) -> None:
    """The summary knows the last one, also where only the time of asking is newer."""
    service.add(FIRST, 1, 3)
    export(service, folder)
    path = folder / f"{FIRST}.manifest.json"
    older = path.read_bytes()
    export(service, folder)
    path.write_bytes(older)

    (problem,) = verify(folder).problems

    assert (problem.file, problem.what) == (path, "is not the one that summary.json speaks of")
    assert export(service, folder).outcome == "failed"


def forge(path: Path, number: int, **changes: Any) -> None:
    """Change a segment of a manifest, and seal it again."""
    found = read_manifest(path)
    segments = [replace(one, **changes) if at == number else one for at, one in enumerate(found.segments)]
    write_sealed(path, seal(Manifest(listing=found.listing, segments=segments)))


@pytest.mark.parametrize(
    ("number", "changes"),
    [
        (0, {"asked": "2026-01-01T00:00:00.000Z"}),
        (0, {"final": True}),
        (0, {"finished": None}),
        (1, {"previous": None}),
        (1, {"count": 12}),
        (1, {"joins": None, "previous": "0" * 64}),
    ],
)
def test_segment_that_was_changed_is_found(
    service: Service, folder: Path, number: int, changes: dict[str, Any]
) -> None:
    """A later segment names the manifest that it continues, so an earlier one does not change without it."""
    service.add(FIRST, 1, 10)
    export(service, folder)
    service.add(FIRST, 11, 13)
    export(service, folder)
    path = folder / f"{FIRST}.manifest.json"

    forge(path, number, **changes)

    assert [problem.file for problem in verify(folder).problems] == [path]


def later(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    """Let time pass."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(hours=hours)

    monkeypatch.setattr(session, "datetime", Clock)


@pytest.mark.parametrize(("hours", "requests"), [(47.9, 1), (48.1, 0)])
def test_session_is_asked_for_until_its_48_hours_are_over(
    service: Service, folder: Path, monkeypatch: pytest.MonkeyPatch, hours: float, requests: int
) -> None:
    """They count from the first time that it was asked for: it was created before that."""
    service.add(FIRST, 1, 5)
    export(service, folder)
    asked = len(service.requests)
    later(monkeypatch, hours)

    result = export(service, folder)

    assert (result.outcome, len(service.requests) - asked) == ("complete", requests)


def test_final_export_is_the_last_one(service: Service, folder: Path) -> None:
    """It asks once more, its beginning twice, and later exports do not ask."""
    service.add(FIRST, 1, 5)
    export(service, folder)
    service.add(FIRST, 6, 7)
    asked = len(service.requests)

    final = export(service, folder, final=True)
    assert (final.outcome, final.count, len(service.requests) - asked) == ("complete", 7, 2)
    service.add(FIRST, 8, 8)
    again = export(service, folder)

    assert (again.outcome, again.count, len(service.requests) - asked) == ("complete", 7, 2)
    assert open_evidence(folder, FIRST).record.last.final
    assert verify(folder).passed


def test_entry_that_arrives_while_the_beginning_is_confirmed_is_kept(service: Service, folder: Path) -> None:
    """It is growth: listed in a segment of its own, in the same run."""
    service.add(FIRST, 1, 5)
    service.after = lambda: service.add(FIRST, 6, 6) if len(service.requests) == 1 else None

    result = export(service, folder)

    assert (result.outcome, result.count, result.error) == ("complete", 6, None)
    assert ids(folder) == [*down(5, 1), 6]
    assert verify(folder).passed


@pytest.mark.parametrize("count", [1, 2, 5])
def test_entry_that_arrives_with_each_request_is_kept(service: Service, folder: Path, count: int) -> None:
    """However often it grows, what is here joins; a final export does not end while it still grows."""
    service.add(FIRST, 1, count)
    service.after = lambda: service.add(FIRST, len(service.sessions[FIRST]) + 1, len(service.sessions[FIRST]) + 1)

    result = export(service, folder, final=True)

    kept = ids(folder)
    assert result.outcome == "complete"
    assert "it has new entries each time that it is asked for" in str(result.error)
    assert sorted(kept) == list(range(1, max(kept) + 1))
    assert not open_evidence(folder, FIRST).record.last.final
    service.after = lambda: None
    assert export(service, folder, final=True).error is None
    assert sorted(ids(folder)) == list(range(1, len(service.sessions[FIRST]) + 1))
    assert verify(folder).passed


def test_entries_that_arrive_between_pages_are_brought_by_the_next_export(service: Service, folder: Path) -> None:
    """A list that grows at its beginning does not move what is after the cursor."""
    service.add(FIRST, 1, 30)
    service.after = lambda: service.add(FIRST, 31, 40) if len(service.requests) == 4 else None

    first = export(service, folder, top=5)
    second = export(service, folder, top=5)

    assert (first.count, second.count, second.added) == (30, 40, 10)
    assert ids(folder) == [*down(30, 1), *down(40, 31)]
    assert verify(folder).passed


def test_refresh_that_is_killed_goes_on(service: Service, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The open segment is in the checkpoint after those that are finished."""
    service.add(FIRST, 1, 10)
    export(service, folder)
    service.add(FIRST, 11, 40)
    monkeypatch.setattr("face_audit_tools.writer._APART", 0.0)
    service.instead = lambda start, top: (400, b"{}") if start == "21" else None
    failed = export(service, folder, top=10)
    assert (failed.outcome, failed.count, failed.added) == ("failed", 30, 20)
    assert (verify(folder).unfinished, verify(folder).problems) == ((FIRST,), ())
    service.instead = lambda start, top: None
    service.add(FIRST, 41, 42)

    second = export(service, folder, top=10)
    third = export(service, folder, top=10)

    assert (second.outcome, second.count, third.count) == ("complete", 40, 42)
    assert ids(folder) == [*down(10, 1), *down(40, 11), 42, 41]
    assert verify(folder).passed


def test_session_that_is_gone_is_complete_as_of_the_last_time(service: Service, folder: Path) -> None:
    """404 where it was listed to its end before: the manifest says so, once, and what it covers."""
    service.add(FIRST, 1, 5)
    asked = export(service, folder).asked
    held = service.sessions.pop(FIRST)

    second = export(service, folder)
    manifest = (folder / f"{FIRST}.manifest.json").read_bytes()
    third = export(service, folder)

    for result in (second, third):
        assert (result.outcome, result.count, result.gone, result.asked) == ("complete", 5, True, asked)
    assert (folder / f"{FIRST}.manifest.json").read_bytes() == manifest
    assert (verify(folder).passed, verify(folder).gone) == (True, (FIRST,))
    service.sessions[FIRST] = held
    service.add(FIRST, 6, 6)
    assert (export(service, folder).gone, ids(folder)) == (False, [*down(5, 1), 6])
    assert verify(folder).passed


def test_refresh_that_expires_on_the_way_is_expired(service: Service, folder: Path) -> None:
    """Some new entries came, and not all: this is not a session that is complete."""
    service.add(FIRST, 1, 5)
    export(service, folder)
    service.add(FIRST, 6, 20)
    service.instead = lambda start, top: (404, b"{}") if start == "16" else None

    result = export(service, folder, top=5)

    assert (result.outcome, result.count) == ("expired", 10)
    assert ids(folder) == [*down(5, 1), *down(20, 16)]
    service.instead = lambda start, top: None
    again = export(service, folder, top=5)
    assert (again.outcome, sorted(ids(folder))) == ("complete", list(range(1, 21)))
    assert verify(folder).passed


def test_entry_that_changed_is_no_growth(service: Service, folder: Path) -> None:
    """The entry that new ones join has to be the one that is here; the other one is kept in quarantine."""
    service.add(FIRST, 1, 5)
    export(service, folder)
    service.sessions[FIRST][0] = entry(5, sessionId=FIRST, digest="other")
    service.add(FIRST, 6, 6)

    result = export(service, folder)

    assert (result.outcome, result.count) == ("failed", 5)
    assert "the entry '5' is not what it was when it was exported" in str(result.error)
    assert ids(folder) == down(5, 1)
    (line,) = (folder / f"{FIRST}.quarantine.jsonl").read_bytes().splitlines()
    assert json.loads(json.loads(line)["text"])["digest"] == "other"


def test_entry_that_is_not_listed_any_more_is_no_growth(service: Service, folder: Path) -> None:
    """New entries must join the newest one that is here."""
    service.add(FIRST, 1, 5)
    export(service, folder)
    del service.sessions[FIRST][0]
    service.add(FIRST, 6, 6)

    result = export(service, folder)

    assert (result.outcome, "the entry '5', which is here, is not listed any more" in str(result.error)) == (
        "failed",
        True,
    )


def test_list_without_anything_that_is_here_is_refused(service: Service, folder: Path) -> None:
    """The service lists nothing any more, and does not say that the session is gone."""
    service.add(FIRST, 1, 5)
    export(service, folder)
    service.sessions[FIRST] = []

    result = export(service, folder)

    assert (result.outcome, "lists none of the entries that are here" in str(result.error)) == ("failed", True)
    assert (verify(folder).problems, verify(folder).incomplete) == ((), {"failed": 1})


@pytest.mark.parametrize("before", [["a"], ["b", "a"], ["7"], ["x", "3"]])
def test_ids_that_show_no_order_are_compared_one_by_one(folder: Path, before: list[str]) -> None:
    """The whole list is read, and what is here is passed over, whether new entries come first or last."""
    old = [entry(0, id=one) for one in before]
    first, last = entry(0, id="new"), entry(0, id="newer")
    shelf = Shelf({FIRST: old})
    with shelf.client() as client:
        export_session(client, FIRST, folder, top=2)
        shelf.sessions[FIRST] = [first, *old]
        assert export_session(client, FIRST, folder, top=2).added == 1
        shelf.sessions[FIRST] = [first, *old, last]
        assert export_session(client, FIRST, folder, top=2).added == 1

    assert [one.raw for one in open_evidence(folder, FIRST).entries()] == [*old, first, last]
    assert verify(folder).passed


def test_ids_that_rise_go_on_behind_the_last_one(folder: Path) -> None:
    """One request of what follows it, and one that confirms the end."""
    shelf = Shelf({FIRST: entries(5)[::-1]})
    with shelf.client() as client:
        export_session(client, FIRST, folder)
        asked = len(shelf.requests)
        assert export_session(client, FIRST, folder).added == 0
        assert [start for _, start in shelf.requests[asked:]] == ["5", "5"]
        shelf.sessions[FIRST] = entries(8)[::-1]
        assert export_session(client, FIRST, folder, final=True).added == 3

    assert [one.raw for one in open_evidence(folder, FIRST).entries()] == entries(8)[::-1]
    assert verify(folder).passed


def test_one_entry_may_be_followed_by_others(folder: Path) -> None:
    """One alone shows no order."""
    shelf = Shelf({FIRST: entries(1)})
    with shelf.client() as client:
        export_session(client, FIRST, folder)
        shelf.sessions[FIRST] = entries(4)[::-1]
        assert export_session(client, FIRST, folder).added == 3

    assert [one.raw for one in open_evidence(folder, FIRST).entries()] == entries(4)[::-1]
    assert verify(folder).passed


def test_order_that_turns_is_refused(service: Service, folder: Path) -> None:
    """A new listing that begins at a cursor does not know the order of the pages before it; the record does."""
    service.add(FIRST, 1, 20)
    service.instead = lambda start, top: (400, b"{}") if start == "11" else None
    export(service, folder, top=5)
    service.instead = lambda start, top: (
        (200, b"[" + b",".join(entry(one) for one in (12, 13)) + b"]") if start == "11" else None
    )

    result = export(service, folder, top=5)

    assert (result.outcome, "after the entry '11' the service lists '12', against" in str(result.error)) == (
        "failed",
        True,
    )
    assert ids(folder) == down(20, 11)


def test_session_of_which_nothing_was_written_may_be_refused_again(service: Service, folder: Path) -> None:
    """A refresh that fails leaves the manifest as it was, and all say that it failed."""
    service.add(FIRST, 1, 5)
    export(service, folder)
    manifest = (folder / f"{FIRST}.manifest.json").read_bytes()
    service.instead = lambda start, top: (400, b"{}")

    result = export(service, folder)

    assert (result.outcome, result.count) == ("failed", 5)
    assert (folder / f"{FIRST}.manifest.json").read_bytes() == manifest
    assert verify(folder).incomplete == {"failed": 1}


def test_refresh_of_what_was_changed_writes_nothing(service: Service, folder: Path) -> None:
    """What is there is verified before the first new entry is written after it."""
    service.add(FIRST, 1, 5)
    export(service, folder)
    service.add(FIRST, 6, 6)
    path = folder / f"{FIRST}.entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b"realface", b"fakeface", 1))
    before = {one: one.read_bytes() for one in folder.glob(f"{FIRST}.*")}

    result = export(service, folder)

    assert (result.outcome, result.count) == ("failed", 5)
    assert {one: one.read_bytes() for one in folder.glob(f"{FIRST}.*")} == before


@pytest.mark.parametrize("listed", [["7"], ["b", "a"], ["x", "3"], ["9", "8", "5"]])
def test_list_that_is_as_it_was_takes_one_request(folder: Path, listed: list[str]) -> None:
    """Whatever its ids are: a page that is not full, with all that is here and nothing after it."""
    shelf = Shelf({FIRST: [entry(0, id=one) for one in listed]})
    with shelf.client() as client:
        first = export_session(client, FIRST, folder)
        asked = len(shelf.requests)
        again = export_session(client, FIRST, folder)

    assert (again.outcome, again.added) == (first.outcome, 0)
    assert len(shelf.requests) - asked == 1 + (first.outcome == "partial")
    assert verify(folder).problems == ()


def test_answers_that_differ_each_time_are_not_believed(folder: Path) -> None:
    """A list that is now this and now that, without an order: nobody knows which is right."""
    lists = [[entry(0, id=one)] for one in "abcdefghijkl"]
    shelf = Shelf({FIRST: lists[0]})
    shelf.before = lambda: shelf.sessions.update({FIRST: lists[len(shelf.requests)]})
    with shelf.client() as client:
        result = export_session(client, FIRST, folder)

    assert (result.outcome, result.count) == ("failed", 0)
    assert "at the beginning the service has the entry 'f', and, asked again, the entry 'g'" in str(result.error)


def test_error_of_another_kind_ends_the_session(shelf: Shelf, folder: Path) -> None:
    """A request that confirms may fail as any other does."""
    shelf.before = lambda: shelf.told.append(answer(400)) if len(shelf.requests) == 1 else None
    with shelf.client() as client:
        assert export_session(client, FIRST, folder).outcome == "failed"
        assert export_session(client, FIRST, folder).outcome == "complete"


def test_confirmation_that_is_broken_once_is_asked_for_again(service: Service, folder: Path) -> None:
    """As a page is."""
    service.add(FIRST, 1, 5)
    service.instead = lambda start, top: (200, b"<html>") if len(service.requests) == 2 else None

    assert export(service, folder).outcome == "complete"
    assert [top for _, _, top in service.requests] == [1000, 1, 1, 2]


def test_service_that_caps_its_pages_is_read_to_the_end(service: Service, folder: Path) -> None:
    """A page that is not full is not the end: more than its last entry follows the one before it."""
    service.add(FIRST, 1, 7)
    answer_to = service.answer
    service.answer = lambda target: answer_to(target.replace("top=1000", "top=3"))  # type: ignore[method-assign]
    with service.client() as client:
        result = export_session(client, FIRST, folder, top=1000)

    assert (result.outcome, ids(folder)) == ("complete", down(7, 1))


def test_interrupted_run_leaves_complete_what_it_has_not_changed(shelf: Shelf, folder: Path) -> None:
    """What was listed to its end before is complete as of then; where new entries came, it is unfinished."""
    with shelf.client() as client:
        before = export_session(client, FIRST, folder, top=3)
        shelf.before = lambda: 1 / 0
        with pytest.raises(ZeroDivisionError):
            export_session(client, FIRST, folder, top=3)
        row = read_summary(folder).sessions[FIRST]
        assert (row.outcome, row.manifest) == ("complete", before.manifest)
        shelf.sessions[FIRST] = entries(20)
        shelf.before = lambda: 1 / (shelf.requests[-1][1] != "15")
        with pytest.raises(ZeroDivisionError):
            export_session(client, FIRST, folder, top=3)
        assert read_summary(folder).sessions[FIRST].outcome == "unfinished"
        shelf.before = lambda: None
        assert export_session(client, FIRST, folder, top=3).outcome == "complete"

    assert sorted(ids(folder)) == list(range(1, 21))
    assert verify(folder).passed


def test_entry_that_vanished_is_still_here(folder: Path) -> None:
    """Where ids show no order, new entries join any that is here."""
    shelf = Shelf({FIRST: [entry(0, id=one) for one in "cba"]})
    with shelf.client() as client:
        export_session(client, FIRST, folder)
        shelf.sessions[FIRST] = [entry(0, id=one) for one in "dba"]
        result = export_session(client, FIRST, folder)

    assert (result.outcome, result.added) == ("complete", 1)
    assert [json.loads(one.raw)["id"] for one in open_evidence(folder, FIRST).entries()] == ["c", "b", "a", "d"]


def test_times_of_the_record_are_readable() -> None:
    """What is compared with 48 hours is what was written."""
    assert abs(datetime.fromisoformat(record.now()) - datetime.now(UTC)) < timedelta(seconds=5)


def test_runs_know_what_skips() -> None:
    """Ids in any order and any number of parts."""
    runs = Runs()
    runs.add_ids(["9", "8", "x", None, "3"])
    runs.add_ids(["5", "4"])
    runs.add_ids(["1" * 19, "07"])

    assert runs.gaps == [("6", "6")]
    assert [number for number in range(12) if runs.has(number)] == [3, 4, 5, 7, 8, 9]
    runs.add_ids(["6"])
    assert runs.gaps == []


def test_runs_that_are_many_are_scattered() -> None:
    """Where ids skip a thousand times, a gap says nothing."""
    runs = Runs()
    runs.add_ids([str(2 * number) for number in range(1000)])
    assert len(runs.gaps or []) == 999
    runs.add_ids(["5000"])
    runs.add_ids(["1"])

    assert runs.gaps is None


def test_id_of_letters_between_digits_is_not_added_again(folder: Path) -> None:
    """The first and the last id do not show what is between them."""
    shelf = Shelf({FIRST: [entry(3), entry(0, id="abc"), entry(2), entry(1)]})
    with shelf.client() as client:
        counts = [export_session(client, FIRST, folder).count for _ in range(3)]

    assert counts == [4, 4, 4]
    assert verify(folder).passed


@pytest.mark.parametrize("numbers", [range(50, 0, -1), (9, 7, 6, 1)])
def test_page_is_kept_if_the_session_is_gone_before_it_is_confirmed(
    service: Service, folder: Path, numbers: Iterable[int]
) -> None:
    """404 in answer to the second request: the page may be all that is left of the session."""
    service.sessions[FIRST] = [entry(number, sessionId=FIRST) for number in numbers]
    service.after = lambda: service.sessions.pop(FIRST, None)

    result = export(service, folder)

    assert (result.outcome, result.count) == ("expired", len(list(numbers)))
    assert ids(folder) == list(numbers)
    assert read_summary(folder).sessions[FIRST].outcome == "expired"


def test_session_that_is_gone_with_entries_that_were_seen_is_not_complete(service: Service, folder: Path) -> None:
    """An entry came first when the beginning was confirmed, and the session was deleted before it was listed."""
    service.add(FIRST, 1, 5)

    def after() -> None:
        if len(service.requests) == 1:
            service.add(FIRST, 6, 6)
        elif len(service.requests) == 3:
            held.append(service.sessions.pop(FIRST))

    held = list[list[bytes]]()
    service.after = after

    result = export(service, folder)

    assert (result.outcome, result.count, result.gone) == ("expired", 5, False)
    assert verify(folder).expired == (FIRST,)
    assert export(service, folder).outcome == "expired"
    service.sessions[FIRST] = held[0]
    assert (export(service, folder).outcome, ids(folder)) == ("complete", [*down(5, 1), 6])
    assert verify(folder).passed


def test_ids_that_rose_and_fall_now_are_refused(folder: Path) -> None:
    """New entries no longer come last: after the newest that is here, the service lists old ones."""
    shelf = Shelf({FIRST: entries(5)[::-1]})
    with shelf.client() as client:
        export_session(client, FIRST, folder)
        shelf.sessions[FIRST] = entries(8)
        result = export_session(client, FIRST, folder)

    assert result.outcome == "failed"
    assert "after its newest entry the service lists '4'" in str(result.error)
    assert [one.raw for one in open_evidence(folder, FIRST).entries()] == entries(5)[::-1]


def test_ids_of_letters_that_come_again_are_refused(service: Service, folder: Path) -> None:
    """No order shows that a list goes in a circle, in one run or over several."""
    names = "abcd"
    listed = [entry(0, id=name, sessionId=FIRST) for name in names] * 2

    def circle(start: str | None, top: int) -> tuple[int, bytes]:
        at = 0 if start is None else names.index(start) + 1
        return 200, b"[" + b",".join(listed[at : at + top]) + b"]"

    service.instead = circle
    for _ in range(2):
        result = export(service, folder, top=2)

        assert (result.outcome, result.count) == ("failed", 4)
        assert "the service lists the entry 'a' a second time" in str(result.error)
    assert not verify(folder).passed


def test_session_that_is_found_again_is_as_of_when_its_listing_began(service: Service, folder: Path) -> None:
    """What came first while the service did not have it is not listed by an export that goes on."""
    service.add(FIRST, 1, 20)
    service.instead = lambda start, top: (404, b"{}") if start == "16" else None
    asked = export(service, folder, top=5).asked
    service.instead = lambda start, top: None
    service.add(FIRST, 21, 25)

    result = export(service, folder, top=5)

    assert (result.outcome, result.count, result.asked) == ("complete", 20, asked)
    assert export(service, folder, top=5).count == 25
    assert verify(folder).passed
