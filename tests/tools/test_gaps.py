"""Ids that skip and answers that are refused: what is right is kept, and what is missing is said everywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from face_audit_tools import Result, export_session, quarantine, read_summary, verify, write_report
from face_audit_tools.found import missing_between
from face_audit_tools.quarantine import cut_page
from face_audit_tools.record import read_manifest

from .service import Service, down, export, ids
from .shelf import FIRST, KEY, SECOND, Shelf, answer, entries, entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MEANING = "the service may have left them out, may have deleted them, or may never have given these ids"


def refused(folder: Path, name: str = FIRST) -> list[dict[str, Any]]:
    """The lines of the file of refused answers."""
    return [json.loads(one) for one in (folder / f"{name}.quarantine.jsonl").read_bytes().splitlines()]


def page(items: Sequence[bytes]) -> tuple[int, bytes]:
    """A page that a test puts instead of the right one."""
    return 200, b"[" + b",".join(items) + b"]"


def agree(folder: Path, result: Result, text: str) -> None:
    """The result, the summary, verifying and the page for a reviewer say the same."""
    row, found = read_summary(folder).sessions[FIRST], verify(folder)
    assert result.outcome == row.outcome == "partial"
    assert result.error == row.error == found.partial[FIRST]
    assert text in str(result.error)
    assert (found.passed, found.problems, found.incomplete) == (False, (), {"partial": 1})
    made = write_report(folder, html=folder.parent / "report.html", force=True)
    shown = made.html.read_text(encoding="utf-8")
    assert (made.passed, text in shown, "partial" in shown) == (False, True, True)
    assert "Every session is complete." not in shown


def test_skipped_page_is_said_everywhere(service: Service, folder: Path) -> None:
    """2,500 entries, of which a page in the middle is left out each time."""
    service.add(FIRST, 1, 2500)
    kept = [one for one in service.sessions[FIRST] if not 501 <= json.loads(one)["id"] <= 1499]
    whole, service.sessions[FIRST] = service.sessions[FIRST], kept

    result = export(service, folder)

    assert result.count == 1501
    agree(folder, result, f"ids skip: 501 to 1,499 are not here; {MEANING}")
    assert read_manifest(folder / f"{FIRST}.manifest.json").last.gaps == [("501", "1499")]

    service.sessions[FIRST] = whole
    service.add(FIRST, 2501, 2510)
    healed = export(service, folder)
    assert (healed.outcome, healed.added) == ("complete", 1009)
    assert sorted(ids(folder)) == list(range(1, 2511))
    assert verify(folder).passed


def test_page_that_is_skipped_once_costs_nothing(service: Service, folder: Path) -> None:
    """Where ids skip, the page is asked for once more."""
    service.add(FIRST, 1, 2500)
    once = [page([entry(number, sessionId=FIRST) for number in down(500, 1)])]
    service.instead = lambda start, top: once.pop() if start == "1501" and once else None

    result = export(service, folder)

    assert (result.outcome, ids(folder)) == ("complete", down(2500, 1))


def test_ids_that_skip_often_are_not_asked_for_each_time(service: Service, folder: Path) -> None:
    """After a few, they skip for a reason of the service; that they do is still said."""
    service.add(FIRST, 1, 200)
    service.sessions[FIRST] = [one for one in service.sessions[FIRST] if json.loads(one)["id"] % 10]

    result = export(service, folder, top=30)

    agree(folder, result, "ids skip: 10, 20, 30, and 16 more gaps are not here")
    assert len(service.requests) == 7 + 3 + 1


def test_ids_that_are_scattered_are_said(folder: Path) -> None:
    """More gaps than anybody would look into."""
    shelf = Shelf({FIRST: [entry(3 * number) for number in range(1200, 0, -1)]})
    with shelf.client() as client:
        result = export_session(client, FIRST, folder, top=500)
        assert export_session(client, FIRST, folder, top=500).count == 1200

    assert "ids skip more than 1,000 times" in str(result.error)
    assert verify(folder).incomplete == {"partial": 1}


@pytest.mark.parametrize("place", [0, 1, 3, 5, 6])
@pytest.mark.parametrize("top", [3, 4, None])
def test_entry_of_another_session_is_kept_apart(service: Service, folder: Path, place: int, top: int | None) -> None:
    """All others of its page are here, wherever it is listed."""
    service.add(FIRST, 1, 7)
    service.sessions[FIRST][place] = entry(7 - place, sessionId=SECOND)

    result = export(service, folder, top=top)

    missing = 7 - place
    assert ids(folder) == [number for number in down(7, 1) if number != missing]
    agree(folder, result, "1 entry was refused, and kept in quarantine")
    (line,) = refused(folder)
    assert (line["kind"], line["reason"]) == ("entry", "belongs to another session")
    assert line["text"].encode() == entry(missing, sessionId=SECOND)
    assert line["sha256"] == hashlib.sha256(entry(missing, sessionId=SECOND)).hexdigest()
    assert verify(folder).quarantined == {FIRST: 1}


@pytest.mark.parametrize("place", [0, 3, 6])
def test_number_that_no_float_holds_is_kept_apart(service: Service, folder: Path, place: int) -> None:
    """As an entry that cannot be read."""
    service.add(FIRST, 1, 7)
    odd = service.sessions[FIRST][place].replace(b'"digest":', b'"unknown":1,"response":{"statusCode":1e999},"digest":')
    service.sessions[FIRST][place] = odd

    result = export(service, folder, top=3)

    assert ids(folder) == [number for number in down(7, 1) if number != 7 - place]
    agree(folder, result, "1 entry was refused, and kept in quarantine")
    assert "Number out of range" in refused(folder)[0]["reason"]
    assert refused(folder)[0]["text"].encode() == odd


def test_healed_entry_is_added(service: Service, folder: Path) -> None:
    """The next export asks for what is missing; what was refused stays in quarantine, and is not added twice."""
    service.add(FIRST, 1, 7)
    right = list(service.sessions[FIRST])
    service.sessions[FIRST][3] = entry(4, sessionId=SECOND)
    export(service, folder)
    again = export(service, folder)
    assert (again.outcome, len(refused(folder))) == ("partial", 1)
    service.sessions[FIRST] = right

    result = export(service, folder)

    assert (result.added, sorted(ids(folder))) == (1, list(range(1, 8)))
    assert (result.outcome, result.error) == ("partial", "1 entry was refused, and kept in quarantine")
    assert verify(folder).problems == ()


def test_whole_page_of_another_session_is_refused(service: Service, folder: Path) -> None:
    """Nothing of it is right; what came before is kept, and the next export goes on."""
    service.add(FIRST, 1, 7)
    other = page([entry(number, sessionId=SECOND) for number in (4, 3)])
    service.instead = lambda start, top: other if start == "5" else None

    result = export(service, folder, top=3)

    assert (result.outcome, result.count, ids(folder)) == ("failed", 3, [7, 6, 5])
    (line,) = refused(folder)
    assert (line["kind"], line["after"], line["text"].encode()) == ("answer", "5", other[1])
    assert (verify(folder).problems, verify(folder).unfinished) == ((), (FIRST,))
    service.instead = lambda start, top: None
    assert export(service, folder, top=3).outcome == "complete"
    assert (verify(folder).passed, verify(folder).quarantined) == (True, {FIRST: 1})


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"",
        b"null",
        b'{"a":1}',
        b'[{"id":4}',
        b"[{}]",
        b'[{"id":""}]',
        b"\xff\xfe",
        b'[{"id":4,"sessionId":[]}]',
    ],
)
def test_answer_that_is_no_page_is_kept_apart(service: Service, folder: Path, body: bytes) -> None:
    """Also where it is not even text; it is asked for twice before."""
    service.add(FIRST, 1, 7)
    service.instead = lambda start, top: (200, body) if start == "5" else None

    first, second = export(service, folder, top=3), export(service, folder, top=3)

    assert [one.outcome for one in (first, second)] == ["failed", "failed"]
    assert ids(folder) == [7, 6, 5]
    (line,) = refused(folder)
    content = line["text"].encode() if "text" in line else base64.b64decode(line["base64"])
    assert (content, line["length"], line["request_id"] is not None) == (body, len(body), True)
    assert [start for _, start, _ in service.requests].count("5") == 4
    assert (verify(folder).problems, verify(folder).quarantined) == ((), {FIRST: 1})


def test_answer_that_is_refused_at_once_is_kept(service: Service, folder: Path) -> None:
    """Before the first entry, too."""
    service.add(FIRST, 1, 3)
    service.instead = lambda start, top: (200, b"<html>")

    assert export(service, folder).outcome == "failed"
    assert (ids(folder), len(refused(folder))) == ([], 1)
    service.instead = lambda start, top: None
    assert export(service, folder).outcome == "complete"
    assert ids(folder) == [3, 2, 1]
    assert verify(folder).passed


def test_answer_that_is_refused_once_leaves_nothing(service: Service, folder: Path) -> None:
    """The repetition was right."""
    service.add(FIRST, 1, 7)
    once = [(200, b"<html>")]
    service.instead = lambda start, top: once.pop() if once else None

    assert export(service, folder, top=3).outcome == "complete"
    assert not (folder / f"{FIRST}.quarantine.jsonl").exists()


def test_invalid_entry_refuses_its_page_on_request(service: Service, folder: Path) -> None:
    """`on_invalid="raise"`: nothing of the page is kept among the entries, and all of it beside them."""
    service.add(FIRST, 1, 7)
    service.sessions[FIRST][4] = b'{"id":3,"response":{"statusCode":"none"}}'

    result = export(service, folder, top=3, on_invalid="raise")

    assert (result.outcome, ids(folder)) == ("failed", [7, 6, 5])
    assert refused(folder)[0]["kind"] == "answer"
    assert export(service, folder, top=3).outcome == "complete"


def test_refused_answers_are_kept_up_to_a_size(service: Service, folder: Path) -> None:
    """Of what comes later, the size and the hash; of very many, the number alone."""
    service.add(FIRST, 1, 7)
    bodies = [b"<html>" + bytes([65 + number]) * 400 for number in range(4)]
    for body in bodies:
        service.instead = lambda start, top, body=body: (200, body) if start == "5" else None  # type: ignore[misc]
        export(service, folder, top=3, quarantine_limit=2500)

    kept = refused(folder)

    assert ["text" in one for one in kept] == [True, True, False, False]
    assert [one["sha256"] for one in kept] == [hashlib.sha256(one).hexdigest() for one in bodies]
    assert verify(folder).quarantined == {FIRST: 4}
    assert verify(folder).problems == ()


def test_very_many_refused_answers_are_counted(service: Service, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file stays below its size in the end."""
    monkeypatch.setattr(quarantine, "_MOST_NAMED", 1)
    service.add(FIRST, 1, 7)
    service.sessions[FIRST][2] = entry(5, sessionId=SECOND)
    service.sessions[FIRST][4] = entry(3, sessionId=SECOND)

    result = export(service, folder, quarantine_limit=0)

    assert (len(refused(folder)), verify(folder).quarantined) == (1, {FIRST: 2})
    agree(folder, result, "2 entries were refused")


def test_key_that_is_repeated_is_not_kept(service: Service, folder: Path) -> None:
    """Neither in an answer nor in an entry of a page that is refused, nor in what is said of it."""
    service.add(FIRST, 1, 7)
    service.sessions[FIRST][3] = entry(4, sessionId=f"of {KEY}")
    service.sessions[FIRST][4] = entry(3, sessionId=FIRST, clientRequestId=KEY)

    export(service, folder)
    service.instead = lambda start, top: (200, f"<html>{KEY}</html>".encode())
    export(service, folder)

    assert ids(folder) == [7, 6, 5, 2, 1]
    kept = refused(folder)
    assert [one["reason"] for one in kept[:2]] == ["belongs to another session", "repeats the key, which is not kept"]
    assert all("[redacted]" in one["text"] for one in kept)
    assert all(KEY.encode() not in path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("change", [lambda text: text + b"{}\n", lambda text: text[:-1], lambda text: text[::-1]])
def test_quarantine_that_was_changed_is_found(service: Service, folder: Path, change: Any) -> None:
    """The record has its size and its hash."""
    service.add(FIRST, 1, 7)
    service.sessions[FIRST][3] = entry(4, sessionId=SECOND)
    export(service, folder)
    path = folder / f"{FIRST}.quarantine.jsonl"
    path.write_bytes(change(path.read_bytes()))

    assert [problem.file for problem in verify(folder).problems] == [path]
    assert export(service, folder).outcome == "failed"


def test_quarantine_that_was_put_there_is_found(exported: Path) -> None:
    """The manifest knows of none."""
    path = exported / f"{FIRST}.quarantine.jsonl"
    path.write_bytes(b"{}\n")

    assert [problem.file for problem in verify(exported).problems] == [path]


def test_quarantine_that_is_gone_is_found(service: Service, folder: Path) -> None:
    """As any other file."""
    service.add(FIRST, 1, 7)
    service.sessions[FIRST][3] = entry(4, sessionId=SECOND)
    export(service, folder)
    path = folder / f"{FIRST}.quarantine.jsonl"
    path.unlink()

    assert [problem.file for problem in verify(folder).problems] == [path]


def test_tail_of_a_killed_export_is_cut_from_the_quarantine(service: Service, folder: Path) -> None:
    """What the last checkpoint does not know is written anew."""
    service.add(FIRST, 1, 7)
    service.instead = lambda start, top: (200, b"<html>") if start == "5" else None
    export(service, folder, top=3)
    path = folder / f"{FIRST}.quarantine.jsonl"
    with path.open("ab") as file:
        file.write(b'{"torn')
    assert verify(folder).problems == ()
    service.instead = lambda start, top: (200, b"<body>") if start == "5" else None

    export(service, folder, top=3)

    assert [one["text"] for one in refused(folder)] == ["<html>", "<body>"]


def test_refused_answer_of_a_session_that_ends_well_is_cut_to_size(service: Service, folder: Path) -> None:
    """A torn tail does not outlive the manifest."""
    service.add(FIRST, 1, 7)
    service.instead = lambda start, top: (200, b"<html>") if start == "5" else None
    export(service, folder, top=3)
    with (folder / f"{FIRST}.quarantine.jsonl").open("ab") as file:
        file.write(b'{"torn')
    service.instead = lambda start, top: None

    assert export(service, folder, top=3).outcome == "complete"
    assert verify(folder).passed


def test_page_that_turns_is_refused_as_a_whole(folder: Path) -> None:
    """Nobody can tell which of its entries are right."""
    shelf = Shelf({FIRST: entries(3)})
    content = b"[" + b",".join(entry(number) for number in (3, 1, 2)) + b"]"
    shelf.told.extend([httpx.Response(200, content=content, headers={"content-type": "application/json"})] * 4)

    with shelf.client() as client:
        result = export_session(client, FIRST, folder)

    assert (result.outcome, refused(folder)[0]["text"].encode()) == ("failed", content)


@pytest.mark.parametrize(
    ("cursor", "found", "missing"),
    [(None, [], 0), (None, ["5"], 0), ("6", ["5"], 0), ("9", ["5", "3"], 4), ("1", ["2", "9"], 6), ("x", ["5"], 0)],
)
def test_missing_ids_are_counted(cursor: str | None, found: list[str], missing: int) -> None:
    """Between the cursor and the end of a page."""
    assert missing_between(cursor, found) == missing


def test_page_is_cut_into_its_entries() -> None:
    """With what is wrong with each."""
    cut = cut_page(b'\xef\xbb\xbf[{"id":2},{"id":true},{"id":1,"sessionId":"OTHER"}]', "other")

    assert cut is not None
    assert cut.ids == ["2", None, "1"]
    assert [one is None for one in cut.complaints] == [True, False, True]


def test_gap_that_is_not_answered_ends_the_session(folder: Path) -> None:
    """A request that asks for a page again may fail as any other."""
    shelf = Shelf({FIRST: [one for one in entries(9) if json.loads(one)["id"] not in (4, 5)]})
    with shelf.client() as client:
        shelf.before = lambda: shelf.told.append(answer(400)) if len(shelf.requests) == 1 else None
        assert export_session(client, FIRST, folder).outcome == "failed"


def test_gap_is_not_filled_by_an_answer_that_lacks_the_beginning(service: Service, folder: Path) -> None:
    """A page with fewer gaps is not better if it begins later."""
    numbers = (10, 9, 7, 6, 5, 4, 3, 2, 1)
    service.sessions[FIRST] = [entry(number, sessionId=FIRST) for number in numbers]
    late = b"[" + b",".join(service.sessions[FIRST][6:]) + b"]"
    service.instead = lambda start, top: (200, late) if start is None and len(service.requests) == 2 else None
    with service.client() as client:
        result = export_session(client, FIRST, folder)

    assert (result.outcome, result.count) == ("partial", 9)
    assert not verify(folder).passed


def test_foreign_entry_of_a_lower_id_does_not_skip_what_is_between(service: Service, folder: Path) -> None:
    """The next page is asked for from the last id that is the session's."""
    service.add(FIRST, 1, 8)
    foreign = entry(3, sessionId=SECOND)
    service.instead = lambda start, top: page([*service.sessions[FIRST][:2], foreign]) if start is None else None

    result = export(service, folder, top=3)

    assert (result.outcome, ids(folder)) == ("partial", down(8, 1))
    assert refused(folder)[0]["text"].encode() == foreign


def test_foreign_entry_that_arrives_while_the_beginning_is_confirmed_costs_nothing(
    service: Service, folder: Path
) -> None:
    """The page is requested again, and what is right of it is kept."""
    service.add(FIRST, 1, 5)

    def after() -> None:
        if len(service.requests) == 1:
            service.sessions[FIRST].insert(0, entry(6, sessionId=SECOND))

    service.after = after

    result = export(service, folder)

    assert (result.outcome, ids(folder)) == ("partial", down(5, 1))
    assert [line["reason"] for line in refused(folder)] == ["belongs to another session"]


def test_refused_page_of_a_session_that_is_gone_then_is_kept(service: Service, folder: Path) -> None:
    """404 in answer to the second request: what is right of the first answer is all that there is."""
    service.add(FIRST, 1, 3)
    service.sessions[FIRST][1] = service.sessions[FIRST][1].replace(
        b'"digest":', b'"unknown":1,"response":{"statusCode":1e999},"digest":'
    )
    service.after = lambda: service.sessions.pop(FIRST, None)

    result = export(service, folder)

    assert (result.outcome, ids(folder)) == ("expired", [3, 1])
    assert [line["kind"] for line in refused(folder)] == ["entry"]


def test_refused_answer_of_a_session_that_is_gone_then_is_kept(service: Service, folder: Path) -> None:
    """Also where nothing of it is right."""
    service.instead = lambda start, top: (200, b"{}") if len(service.requests) == 1 else None

    result = export(service, folder)

    assert (result.outcome, result.count) == ("expired", 0)
    assert [line["kind"] for line in refused(folder)] == ["answer"]
