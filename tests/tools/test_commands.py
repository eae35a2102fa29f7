"""The command in process, against an emulator on loopback: what it prints, and how it exits."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from face_audit import Region
from face_audit_tools import open_evidence, read_summary, verify, writer
from face_audit_tools.command import cli, main
from face_audit_tools.command.meter import estimate
from face_audit_tools.generated import KEY, GeneratedEmulator, Session, generate
from face_audit_tools.regions import probe

from .shelf import FIRST, MALFORMED, PRETTY, entries, entry

SESSIONS = generate(sessions=3, smallest=30, largest=60, seed=1)
LONG = SESSIONS[0]
Run = Callable[..., Result]

EXPIRED = (
    "1 session is expired: older than 48 hours or deleted, or the key belongs to another resource; "
    "the same command asks for them again"
)


@pytest.fixture
def emulator() -> GeneratedEmulator:
    """Three sessions, and one in which entries are odd."""
    made = GeneratedEmulator(SESSIONS)
    odd = [json.loads(one) for one in (*entries(4)[:2], PRETTY, MALFORMED)]
    odd[0]["response"]["body"] = {"livenessDecision": 5}
    odd[1] = {"id": 3, "digest": None}
    made.add(FIRST, items=odd)
    return made


@pytest.fixture
def url(emulator: GeneratedEmulator) -> Iterator[str]:
    """Where it listens."""
    with emulator.serve() as listening:
        yield listening


@pytest.fixture
def run(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in an empty folder, with key and endpoint in its environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("FACE_REGION", "FACE_AUDIT_KEY_FILE", "FACE_AUDIT_RATE", "FACE_AUDIT_TIER", "FACE_AUDIT_TOP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("FACE_APIKEY", KEY)
    monkeypatch.setenv("FACE_ENDPOINT", url)

    def invoke(*arguments: object, **settings: Any) -> Result:
        return CliRunner().invoke(cli, [str(one) for one in arguments], **settings)

    return invoke


def lines(result: Result) -> list[Any]:
    """What was printed as JSON lines."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def facts(result: Result) -> list[Any]:
    """What `verify` printed as JSON lines, each of which has its sentence, too."""
    found = lines(result)
    said = [one.pop("text") for one in found]
    assert [text for one, text in zip(found, said, strict=True) if one["fact"] != "problem"] == (
        result.stderr.splitlines()
    )
    return found


def export_all(run: Run) -> list[Any]:
    """Export the three sessions to `evidence`."""
    Path("sessions.txt").write_text("".join(f"{one.session_id}\n" for one in SESSIONS), encoding="utf-8")
    result = run("export", "sessions.txt", "--out", "evidence")
    assert result.exit_code == 0, result.output
    return lines(result)


def test_list_prints_the_entries_of_the_service(run: Run) -> None:
    """Not in a terminal: one line an entry, as received, newest first."""
    result = run("list", LONG.session_id)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [json.dumps(one) for one in reversed(list(LONG.entries()))]


def test_list_puts_an_entry_with_line_ends_on_one_line(run: Run, emulator: GeneratedEmulator) -> None:
    """Line ends between tokens become blanks; a malformed entry comes, too."""
    emulator.add("odd", items=[{"id": 2}, {"id": 1, "response": []}])
    spread = emulator.answer

    def answer(request: Any) -> Any:
        got = spread(request)
        return type(got)(status=got.status, headers=got.headers, content=got.content.replace(b", ", b",\r\n"))

    emulator.answer = answer  # type: ignore[method-assign]
    with emulator.serve() as listening:
        result = run("list", "odd", "--endpoint", listening)

    assert result.stdout.splitlines() == ['{"id": 2}', '{"id": 1,  "response": []}']


@pytest.mark.parametrize(
    ("told", "ids"),
    [
        (("--limit", "3"), [5, 4, 3]),
        (("--limit", "3", "--top", "2"), [5, 4, 3]),
        (("--since-id", "3"), [5, 4]),
        (("--since-id", "3", "--limit", "1"), [5]),
        (("--since-id", "9"), []),
        (("--since-id", "0"), [5, 4, 3, 2, 1]),
    ],
)
@pytest.mark.parametrize("ascending", [False, True])
def test_list_shows_what_was_asked_for(run: Run, told: tuple[str, ...], ids: list[int], ascending: bool) -> None:
    """Entries after an id, and a number of them, in either order of the service."""
    other = GeneratedEmulator([Session(session_id="s", count=5, number=0, seed=1)], ascending=ascending)
    with other.serve() as listening:
        result = run("list", "s", "--endpoint", listening, *told)

    found = [one["id"] for one in lines(result)]
    if not ascending:
        assert found == ids
    elif "--since-id" in told and "--limit" not in told:
        assert found == sorted(ids)
    else:
        assert found == [1, 2, 3][: len(ids)] if "--since-id" not in told else found == [4]


def test_list_asks_for_no_more_than_it_needs(run: Run, emulator: GeneratedEmulator) -> None:
    """One request for a few entries; none after the first entry that is too old."""
    run("list", LONG.session_id, "--limit", "5")
    run("list", LONG.session_id, "--since-id", LONG.count - 3, "--top", "10")

    assert [request.url.partition("?")[2] for request in emulator.requests] == ["top=5", "top=10"]


def test_list_shows_a_table_on_request(run: Run) -> None:
    """Time, id, decision, status, latency and the head of the digest; what is odd is shown as that."""
    result = run("list", FIRST, "--format", "table", env={"COLUMNS": "100"})

    head, first, second, third, fourth = (line.split() for line in result.stdout.splitlines())
    assert head == ["time", "id", "decision", "status", "latency", "digest"]
    assert first == ["2024-04-01", "12:00:00", "4", "malformed", "200", "4", "ms", "000000000000"]
    assert second == ["-", "3", "-", "-", "-", "-"]
    assert third[:3] == ["-", "2", "-"]
    assert fourth == ["-", "1", "malformed", "-", "-", "-"]
    assert result.stderr == "1: /3/response/statusCode: expected integer, got string\n"


def test_list_says_what_the_service_refused(run: Run) -> None:
    """One line that names the reason, and no traceback."""
    result = run("list", "gone")

    assert result.exit_code == 2
    assert result.stderr.startswith("Error: GET http://127.0.0.1:")
    assert "check the id and the region" in result.stderr


def test_list_refuses_an_id_that_cannot_be_compared(run: Run) -> None:
    """Only ids of digits have an order."""
    result = run("list", FIRST, "--since-id", "x")

    assert result.exit_code == 2
    assert "--since-id: is not a number" in result.stderr


def test_list_says_where_ids_cannot_be_compared(run: Run, emulator: GeneratedEmulator) -> None:
    """The service may name its entries otherwise one day."""
    emulator.add("odd", items=[{"id": "b"}, {"id": "a"}])

    result = run("list", "odd", "--since-id", "1")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--since-id: an entry has an id that is not a number" in result.stderr


def test_export_brings_every_entry_and_a_summary(run: Run) -> None:
    """Exit code 0; a result for each session as a line of JSON."""
    results = export_all(run)

    assert sorted(one["session_id"] for one in results) == sorted(one.session_id for one in SESSIONS)
    assert {one["outcome"] for one in results} == {"complete"}
    for session in SESSIONS:
        found = [one.raw for one in open_evidence(Path("evidence"), session.session_id).entries()]
        assert found == [json.dumps(one).encode() for one in reversed(list(session.entries()))]
    assert read_summary(Path("evidence")).counts["complete"] == 3


def test_export_again_brings_nothing_new(run: Run, emulator: GeneratedEmulator) -> None:
    """Complete sessions are asked for again, with one request each."""
    export_all(run)
    count = len(emulator.requests)

    assert [one["added"] for one in export_all(run)] == [0, 0, 0]
    assert len(emulator.requests) == count + 3


@pytest.mark.parametrize(("told", "count"), [((), 3), (("--no-confirm",), 2)])
def test_export_asks_twice_where_ids_show_no_gap(
    run: Run, emulator: GeneratedEmulator, told: tuple[str, ...], count: int
) -> None:
    """For the first page and for the end; on request it does not."""
    assert run("export", LONG.session_id, "--out", "evidence", *told).exit_code == 0

    assert len(emulator.requests) == count


def test_export_takes_ids_files_and_the_standard_input(run: Run) -> None:
    """All at once; oldest first where times are given, and those without one before them."""
    ids = [one.session_id for one in SESSIONS]
    Path("more.csv").write_text(f"# id,created\n\n{ids[1]},2024-04-02\n", encoding="utf-8")

    result = run("export", ids[0], "more.csv", "-", "--out", "evidence", "--concurrency", "1", input=f"{ids[2]}\n")

    assert result.exit_code == 0
    assert [one["session_id"] for one in lines(result)] == [ids[0], ids[1], ids[2]]


def test_export_begins_with_the_oldest_session(run: Run) -> None:
    """Times in a file decide, in whatever zone they are written."""
    ids = [one.session_id for one in SESSIONS]
    created = ("2024-04-02T01:00:00+02:00", "2024-04-01T22:00:00Z", "")
    Path("sessions.csv").write_text(
        "".join(f"{one} , {time}\n" for one, time in zip(ids, created, strict=True)), encoding="utf-8"
    )

    result = run("export", "sessions.csv", "--out", "evidence", "--concurrency", "1")

    assert [one["session_id"] for one in lines(result)] == [ids[2], ids[1], ids[0]]


def test_export_with_a_session_that_is_gone_is_not_complete(run: Run) -> None:
    """Exit code 1; the table names the session and why."""
    result = run("export", LONG.session_id, "gone", "--out", "evidence", "--format", "table", env={"COLUMNS": "300"})

    assert result.exit_code == 1
    (row,) = [line for line in result.stdout.splitlines() if line.startswith("gone")]
    assert row.split()[1] == "expired"
    assert "status 404" in row
    counts = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()[-4:]}
    assert counts["complete"] == ["1", str(LONG.count)]
    assert counts["expired"] == ["1", "0"]
    assert result.stderr.splitlines() == [
        f"{LONG.count} entries, 0 retries",
        EXPIRED,
    ]


def test_export_speaks_of_what_is_kept_where_something_is(run: Run, emulator: GeneratedEmulator) -> None:
    """Of a session that the service loses halfway, and not of one that it never had."""
    emulator.fail(status=404, after=1)

    (half,) = lines(run("export", LONG.session_id, "--out", "evidence", "--top", "10", "--no-confirm"))
    (none,) = lines(run("export", "gone", "--out", "evidence"))

    assert (half["count"], none["count"]) == (10, 0)
    assert half["error"].endswith("; what came before that is kept")
    assert "is kept" not in none["error"]


def test_export_with_a_wrong_key_is_refused(run: Run) -> None:
    """Every session says so, and the key is in none of what is written or printed."""
    result = run(
        "export", *(one.session_id for one in SESSIONS), "--out", "evidence", env={"FACE_APIKEY": "wrong-key-1234"}
    )

    assert result.exit_code == 1
    assert [one["outcome"] for one in lines(result)] == ["refused"] * 3
    assert "wrong-key-1234" not in result.output + (Path("evidence") / "summary.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("status", "note"),
    [
        (401, "1 session is refused: fix what the service says about the key, then run the same command again"),
        (404, EXPIRED),
        (400, "1 session has failed: run the same command again to continue"),
    ],
)
def test_export_says_what_helps(run: Run, emulator: GeneratedEmulator, status: int, note: str) -> None:
    """For each outcome its own advice: the same command again does not make a key a good one."""
    emulator.fail(status=status, times=9)

    result = run("export", LONG.session_id, "--out", "evidence")

    assert result.exit_code == 1
    assert result.stderr.splitlines()[1:] == [note]


def test_export_says_where_its_files_stand_in_the_way(run: Run, emulator: GeneratedEmulator) -> None:
    """Files of another endpoint, or damaged ones: no run brings them further."""
    emulator.fail(status=400, after=1)
    run("export", LONG.session_id, "--out", "evidence", "--top", "10", "--no-confirm")
    with GeneratedEmulator(SESSIONS).serve() as other:
        result = run("export", LONG.session_id, "--out", "evidence", "--endpoint", other)

    assert result.exit_code == 1
    assert "stopped by their files in evidence: export them to another folder" in result.stderr
    assert "same command again" not in result.stderr


def test_errors_of_the_service_are_in_the_words_of_the_command(run: Run, emulator: GeneratedEmulator) -> None:
    """In results and after `Error:` alike."""
    emulator.fail(status=403, times=2)

    listed = run("list", LONG.session_id)
    exported = run("export", LONG.session_id, "--out", "evidence")

    assert "or run the same command again" in listed.stderr
    assert "or run the same command again" in lines(exported)[0]["error"]
    assert "`" not in listed.stderr + exported.output


def test_export_goes_on_after_faults(run: Run, emulator: GeneratedEmulator) -> None:
    """Retries are counted; a session that was answered twice with what is not a page is resumed by the next run."""
    emulator.fail(fault="reset", after=1)
    emulator.fail(fault="html", after=2, times=2)

    first = run("export", LONG.session_id, "--out", "evidence", "--top", "10")
    second = run("export", LONG.session_id, "--out", "evidence", "--top", "10")

    assert (first.exit_code, lines(first)[0]["outcome"]) == (1, "failed")
    assert "1 retry\n1 session has failed: run the same command again to continue" in first.stderr
    assert (second.exit_code, lines(second)[0]["count"]) == (0, LONG.count)
    assert verify(Path("evidence")).passed


def test_export_of_what_is_complete_shows_the_totals_alone(run: Run) -> None:
    """Nothing to be explained."""
    result = run("export", LONG.session_id, "--out", "evidence", "--format", "table")

    assert [line.split()[0] for line in result.stdout.splitlines()] == [
        *("outcome", "complete", "expired", "refused", "failed")
    ]


def test_export_that_is_interrupted_shows_what_it_has(run: Run, emulator: GeneratedEmulator) -> None:
    """Exit code 130, the sessions that are complete, and how to go on."""
    answering = emulator.answer

    def answer(request: Any) -> Any:
        if SESSIONS[1].session_id in request.url and "start" in request.url:
            os.kill(os.getpid(), signal.SIGINT)
        return answering(request)

    emulator.answer = answer  # type: ignore[method-assign]
    with emulator.serve() as listening:
        ids = [one.session_id for one in SESSIONS]
        told = ("--concurrency", "1", "--top", "10", "--endpoint", listening)
        result = run("export", *ids, "--out", "evidence", *told)

        assert result.exit_code == 130
        assert [(one["session_id"], one["outcome"]) for one in lines(result)] == [
            *((ids[0], "complete"), (ids[1], "unfinished"), (ids[2], "unfinished"))
        ]
        assert "interrupted; what has arrived is kept: run the same command again to continue" in result.stderr
        emulator.answer = answering  # type: ignore[method-assign]
    assert read_summary(Path("evidence")).counts["unfinished"] == 2


def test_second_ctrl_c_waits_for_the_same_end(
    run: Run, emulator: GeneratedEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who presses it again while the last page is written gets the same results."""
    answering, sync, times = emulator.answer, writer.sync, [0]

    def interrupt() -> None:
        times[0] += 1
        os.kill(os.getpid(), signal.SIGINT)

    def answer(request: Any) -> Any:
        if len(emulator.requests) > 4 and not times[0]:
            interrupt()
        return answering(request)

    def interrupt_again(file: Any) -> None:
        if times[0]:
            interrupt()
        sync(file)

    monkeypatch.setattr(writer, "sync", interrupt_again)
    emulator.answer = answer  # type: ignore[method-assign]
    with emulator.serve() as listening:
        result = run("export", LONG.session_id, "--out", "evidence", "--top", "10", "--endpoint", listening)

    (row,) = lines(result)
    assert (result.exit_code, times[0], row["outcome"]) == (130, 3, "unfinished")
    assert row["count"] > 0
    assert not verify(Path("evidence")).problems


@pytest.mark.parametrize(
    ("first", "last", "share"),
    [("100", "26", 0.74), ("100", "1", 0.99), ("1", "1", 0), ("1", "5", 0), ("b", "a", 0), (None, None, 0)],
)
def test_progress_is_estimated_by_ids_that_fall(first: str | None, last: str | None, share: float) -> None:
    """Where they do not, nobody knows how much is left."""
    assert estimate(first, last) == share


@pytest.mark.parametrize("told", [("--tier", "S0"), ("--rate", "1000")])
def test_export_keeps_to_a_rate(run: Run, told: tuple[str, ...]) -> None:
    """By the tier of the resource, or by a number; not by both."""
    assert run("export", LONG.session_id, "--out", "evidence", *told).exit_code == 0

    result = run("export", LONG.session_id, "--out", "evidence", "--tier", "F0", "--rate", "2")
    assert result.exit_code == 2
    assert "tier and rate: come from the same source; leave one out" in result.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "sessions: there are none"),
        ("s,tomorrow\n", "sessions.txt, line 1: 'tomorrow' is not a time; write it as"),
        ("../up\n", "sessions.txt, line 1: is not a session id; write one id a line, and if you know"),
    ],
)
def test_export_refuses_what_is_no_list_of_sessions(run: Run, content: str, message: str) -> None:
    """Nothing is sent or written, and the error says what to fix."""
    Path("sessions.txt").write_text(content, encoding="utf-8")

    result = run("export", "sessions.txt", "--out", "evidence")

    assert result.exit_code == 2
    assert message in result.stderr
    assert not Path("evidence").exists()


@pytest.mark.parametrize("name", ["none.txt", "./none", "folder/none"])
def test_export_names_a_file_that_is_missing(run: Run, name: str) -> None:
    """A word with a point or a slash is a file, and no id."""
    result = run("export", name, "--out", "evidence")

    assert result.exit_code == 2
    assert "cannot be read (No such file or directory); give a file of session ids" in result.stderr


def test_export_names_a_file_that_is_no_text(run: Run) -> None:
    """Bytes that are not UTF-8."""
    Path("sessions.txt").write_bytes(b"\xff")

    assert "cannot be read (it is not UTF-8)" in run("export", "sessions.txt", "--out", "evidence").stderr


@pytest.mark.parametrize(("pages", "rest"), [(0, ""), (1, ": what is written is kept")])
def test_export_to_a_full_disk_says_so(run: Run, monkeypatch: pytest.MonkeyPatch, pages: int, rest: str) -> None:
    """What the system refuses ends as one line, which speaks of what is kept only where something is."""
    left, sync = [2 * pages], writer.sync

    def full(file: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device", "evidence/x")
        sync(file)

    monkeypatch.setattr(writer, "sync", full)
    monkeypatch.setattr(writer, "_APART", 0.0)

    result = run("export", LONG.session_id, "--out", "evidence", "--top", "10")

    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == (
        "Error: evidence: cannot be written (No space left on device); free space, or fix that, and run the same "
        f"command again{rest}"
    )
    (row,) = lines(result)
    assert (row["outcome"], row["count"]) == ("unfinished", 10 * pages)


def test_verify_passes_or_names_file_and_line(run: Run, tmp_path: Path) -> None:
    """Exit code 0 or 1; as JSON lines, or as sentences."""
    export_all(run)
    good = run("verify", "evidence")
    path = Path("evidence") / f"{LONG.session_id}.entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"method": "POST"', b'"method": "PUT "', 1))

    bad, table = run("verify", "evidence"), run("verify", "evidence", "--format", "table")

    count = sum(one.count for one in SESSIONS)
    assert good.exit_code == 0
    assert facts(good) == [
        {"fact": "total", "passed": True, "sessions": 3, "entries": count, "problems": 0},
        {"fact": "no-store"},
    ]
    assert good.stderr.startswith(f"3 sessions, {count} entries: everything is as it was exported\nno --manifest-store")
    assert bad.exit_code == table.exit_code == 1
    remedy = "restore it from a copy, or export to another folder"
    assert facts(bad) == [
        {"fact": "problem", "file": str(path), "line": 1, "what": "is not what was written", "remedy": remedy},
        {"fact": "total", "passed": False, "sessions": 3, "entries": count - LONG.count, "problems": 1},
        {"fact": "no-store"},
    ]
    assert table.stdout == f"{path}, line 1: is not what was written; {remedy}\n"
    assert f"{count - LONG.count} entries: 1 problem" in bad.stderr


def test_verify_compares_with_a_store_of_manifests(run: Run) -> None:
    """With one, nothing is said of what goes unnoticed without."""
    export_all(run)
    Path("store").mkdir()
    for path in Path("evidence").glob("*.manifest.json"):
        shutil.copy(path, "store")

    good = run("verify", "evidence", "--manifest-store", "store")
    next(Path("store").iterdir()).unlink()
    bad = run("verify", "evidence", "--manifest-store", "store")

    assert (good.exit_code, "no --manifest-store" in good.stderr) == (0, False)
    assert (bad.exit_code, lines(bad)[0]["what"]) == (1, "has no copy in store")


@pytest.mark.parametrize("command", [("verify", "evidence"), ("report", "evidence", "--html", "r.html")])
def test_store_of_manifests_that_is_none_is_refused(run: Run, command: tuple[str, ...]) -> None:
    """A folder that is not there, and the evidence itself, which says nothing about itself."""
    export_all(run)

    missing = run(*command, "--manifest-store", "none")
    itself = run(*command, "--manifest-store", "./evidence")

    assert (missing.exit_code, itself.exit_code) == (2, 2)
    assert missing.stderr == "Error: none: does not exist; give the folder that the manifests were copied to\n"
    assert (
        itself.stderr == "Error: evidence: is the evidence itself; give a folder with copies that are kept elsewhere\n"
    )


def test_verify_names_sessions_that_are_not_whole(run: Run, emulator: GeneratedEmulator) -> None:
    """Unfinished ones do not pass; expired ones do, and are named."""
    emulator.fail(status=404, after=1)
    run("export", LONG.session_id, "--out", "evidence", "--top", "10", "--no-confirm")
    emulator.fail(status=400, after=1)
    run("export", SESSIONS[1].session_id, "--out", "evidence", "--top", "10", "--no-confirm")

    result = run("verify", "evidence")

    assert result.exit_code == 1
    assert f"{LONG.session_id}: expired while it was exported" in result.stderr
    assert f"{SESSIONS[1].session_id}: unfinished; export it again" in result.stderr
    found = {one["fact"]: one for one in facts(result)}
    assert found["expired"]["session_id"] == LONG.session_id
    assert found["unfinished"]["session_id"] == SESSIONS[1].session_id
    assert found["incomplete"]["sessions"] == {"expired": 1, "failed": 1}


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
def test_verify_says_who_else_may_write(run: Run) -> None:
    """In words and as JSON: anyone who can write there can replace evidence."""
    export_all(run)
    Path("evidence").chmod(0o775)

    result = run("verify", "evidence")

    assert result.exit_code == 0
    assert {"fact": "writable", "folder": "evidence", "by": "its group"} in facts(result)
    assert "evidence: its group can write to it, and so replace evidence; run: chmod go-w evidence\n" in result.stderr


def test_verify_counts_sessions_that_are_not_complete(run: Run) -> None:
    """The exit code speaks of what is there, if anything is; what is not is counted with it, by outcome."""
    env = {"FACE_APIKEY": "wrong-key-1234"}
    run("export", SESSIONS[1].session_id, "--out", "evidence", env=env)
    nothing = run("verify", "evidence")
    run("export", LONG.session_id, "gone", "--out", "evidence")
    some = run("verify", "evidence")

    assert (nothing.exit_code, some.exit_code) == (1, 0)
    assert facts(nothing) == [
        {"fact": "total", "passed": False, "sessions": 0, "entries": 0, "problems": 0},
        {"fact": "incomplete", "sessions": {"refused": 1}},
        {"fact": "no-store"},
    ]
    assert nothing.stderr.startswith(
        "0 sessions, 0 entries: there is no evidence here\nnot complete: 1 refused; export these sessions again\n"
    )
    assert some.stderr.startswith(
        f"1 session, {LONG.count} entries: everything is as it was exported\n"
        "not complete: 1 expired, 1 refused; export these sessions again\n"
    )


def test_verify_of_nothing_is_an_error(run: Run) -> None:
    """A folder that is not there, or holds no export."""
    Path("empty").mkdir()

    assert run("verify", "none").exit_code == run("verify", "empty").exit_code == 2
    assert "holds no export; give the folder of one" in run("verify", "empty").stderr


def write_digests(*changes: tuple[str, str]) -> None:
    """What devices recorded, with changes of the text."""
    rows = "".join(f"{one.session_id},{made['id']},{made['digest']}\n" for one in SESSIONS for made in one.entries())
    text = "session_id,entry_id,digest\n" + rows
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    Path("digests.csv").write_text(text, encoding="utf-8")


def test_digests_match_or_are_listed(run: Run) -> None:
    """Exit code 0 where all do, 1 where some do not, 3 where some are only missing."""
    export_all(run)
    write_digests()
    good = run("digests", "evidence", "--expected", "digests.csv")
    write_digests((f"{LONG.session_id},1,", f"{LONG.session_id},9999,"))
    missing = run("digests", "evidence", "--expected", "digests.csv")
    digest = next(iter(SESSIONS[1].entries()))["digest"]
    write_digests((digest, "A" * 64), (f"{LONG.session_id},1,", f"{LONG.session_id},9999,"))
    wrong = run("digests", "evidence", "--expected", "digests.csv")
    table = run("digests", "evidence", "--expected", "digests.csv", "--format", "table", env={"COLUMNS": "300"})

    count = sum(one.count for one in SESSIONS)
    assert (good.exit_code, missing.exit_code, wrong.exit_code, table.exit_code) == (0, 3, 1, 1)
    assert good.stderr == f"{count} match, 0 do not; recorded and not exported: 0, exported and not recorded: 0\n"
    assert [one["result"] for one in lines(missing)] == ["not exported", "not recorded"]
    assert next((one["result"], one["reported"]) for one in lines(wrong)) == ("mismatch", digest)
    assert f"mismatch      {SESSIONS[1].session_id}" in table.stdout
    assert digest[:16] in table.stdout


def test_digests_are_shown_where_they_differ(run: Run) -> None:
    """Two that begin alike do not look alike."""
    export_all(run)
    digest = next(iter(SESSIONS[1].entries()))["digest"]
    write_digests((digest, digest[:40] + "x" * 24))

    table = run("digests", "evidence", "--expected", "digests.csv", "--format", "table", env={"COLUMNS": "300"})

    assert f"…{digest[40:55]}" in table.stdout
    assert "…" + "x" * 15 in table.stdout


def test_digests_that_match_show_no_table(run: Run) -> None:
    """Nothing to list, nothing listed."""
    export_all(run)
    write_digests()

    assert run("digests", "evidence", "--expected", "digests.csv", "--format", "table").stdout == ""


def test_digests_of_what_was_changed_are_not_compared(run: Run) -> None:
    """Exit code 2 and the line."""
    export_all(run)
    write_digests()
    path = Path("evidence") / f"{LONG.session_id}.entries.jsonl"
    path.write_bytes(path.read_bytes()[:-5])

    result = run("digests", "evidence", "--expected", "digests.csv")

    assert result.exit_code == 2
    assert f"entries.jsonl, line {LONG.count}" in result.stderr


def test_regions_are_shown_with_names_and_hosts(run: Run) -> None:
    """All of them, without a request."""
    found = lines(run("regions"))

    assert [one["region"] for one in found] == [one.value for one in Region]
    assert found[0] == {
        "region": "australiaeast",
        "name": "Australia East",
        "host": "australiaeast.api.cognitive.microsoft.com",
    }
    assert "West US 3" in run("regions", "--format", "table", env={"COLUMNS": "100"}).stdout


def test_regions_are_probed_on_request(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest first, those that cannot be reached last, with the reason."""

    def connect(address: tuple[str, int], timeout: float) -> Any:
        assert address[1] == 443
        assert timeout == 3.0
        if not address[0].startswith("norwayeast."):
            raise OSError(111, "Connection refused")
        return open("/dev/null", "rb")  # noqa: PTH123  # it is closed by who gets it

    monkeypatch.setattr("face_audit_tools.regions.socket.create_connection", connect)

    first, second, *_ = lines(run("regions", "--probe"))
    table = run("regions", "--probe", "--format", "table", env={"COLUMNS": "120"}).stdout.splitlines()

    assert (first["region"], 0 <= first["seconds"] < 1) == ("norwayeast", True)
    assert second["error"] == "Connection refused"
    assert table[0].split() == ["region", "name", "host", "connect"]
    assert table[1].split()[-1] == "ms"
    assert "Connection refused" in table[2]


@pytest.mark.parametrize("told", [(), ("--format", "table")])
def test_probe_that_reaches_nobody_says_what_to_check(
    run: Run, monkeypatch: pytest.MonkeyPatch, told: tuple[str, ...]
) -> None:
    """Exit code 1: the network is at fault, and not all the regions."""

    def connect(*_: object, **__: object) -> Any:
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr("face_audit_tools.regions.socket.create_connection", connect)

    result = run("regions", "--probe", *told)

    assert result.exit_code == 1
    assert result.stderr.endswith("no host could be reached; check the network, DNS, or whether a proxy is needed\n")


def test_probe_tells_the_time_or_the_reason(url: str) -> None:
    """Of a host that listens, of one that does not, and of one that does not answer in time."""
    port = int(url.rpartition(":")[2])
    (there,) = probe(["127.0.0.1"], port=port)
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    (refused,) = probe(["127.0.0.1"], port=closed)

    assert isinstance(there, float)
    assert refused == "Connection refused"


def test_what_needs_no_service_opens_no_socket(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidence can be verified and compared where there is no network, and without a key."""
    export_all(run)
    write_digests()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket", refuse)
    monkeypatch.delenv("FACE_APIKEY")
    monkeypatch.delenv("FACE_ENDPOINT")
    results = [
        run("verify", "evidence"),
        run("digests", "evidence", "--expected", "digests.csv"),
        run("regions"),
        run("completion", "bash"),
    ]

    assert [(one.exit_code, one.exception) for one in results] == [(0, None)] * 4


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(run: Run, shell: str) -> None:
    """The script calls the command, which then says what may follow."""
    script = run("completion", shell).stdout
    told = {
        "_FACE_AUDIT_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "face-audit list --region nor",
        "COMP_CWORD": "3",
    }
    found = run(env=told | ({"COMP_CWORD": "nor"} if shell == "fish" else {}), prog_name="face-audit")

    assert "_FACE_AUDIT_COMPLETE=" in script
    assert "norwayeast" in found.stdout
    assert "northeurope" in found.stdout
    assert "westus" not in found.stdout
    told["COMP_WORDS"], told["COMP_CWORD"] = "face-audit ver", "ver" if shell == "fish" else "1"
    assert "verify" in run(env=told, prog_name="face-audit").stdout


@pytest.mark.parametrize("name", ["list", "export", "verify", "digests", "regions", "emulate", "completion"])
def test_every_command_has_help_with_an_example(run: Run, name: str) -> None:
    """It is also in the list of commands."""
    result = run(name, "--help")

    assert f"face-audit {name}" in result.stdout.partition("Example")[2]
    assert f"  {name} " in run("--help").stdout


def test_unknown_command_is_refused(run: Run) -> None:
    """The error names it."""
    result = run("destroy")

    assert result.exit_code == 2
    assert "No such command 'destroy'" in result.stderr


def test_command_ends_the_process(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is installed as `face-audit` exits with the command's code."""
    monkeypatch.setattr("sys.argv", ["face-audit", "--version"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert run("--version").stdout == capsys.readouterr().out
    assert ended.value.code == 0


def test_broken_pipe_is_left_to_click(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """A reader that has seen enough is not an error of ours."""
    monkeypatch.setattr("face_audit_tools.command.regions.places", _break)

    result = run("regions")

    assert isinstance(result.exception, BrokenPipeError | SystemExit)
    assert "Error" not in result.stderr


def test_system_that_refuses_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """Whether it names a file or not."""
    texts = list[str]()
    for error in (OSError(5, "Input/output error", "some/file"), OSError(5, "Input/output error")):
        monkeypatch.setattr("face_audit_tools.command.regions.places", raising(error))
        texts.append(run("regions").stderr)

    advice = "Input/output error; fix that, and run the same command again\n"
    assert texts == [f"Error: some/file: {advice}", f"Error: the system: {advice}"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_command_that_is_interrupted_says_so(monkeypatch: pytest.MonkeyPatch, run: Run, error: BaseException) -> None:
    """Exit code 130 and one line, whatever it was at."""
    monkeypatch.setattr("face_audit_tools.command.regions.places", raising(error))

    result = run("regions")

    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


def raising(error: BaseException) -> Callable[..., Any]:
    """What raises this."""

    def fail(*_: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
@pytest.mark.parametrize(
    "command",
    [
        ("export", "s", "--out", "o", "--rate"),
        ("report", "evidence", "--html", "r.html", "--apart"),
        ("emulate", "--faults"),
        ("emulate", "--limit"),
    ],
)
def test_number_that_is_none_is_refused(run: Run, command: tuple[str, ...], number: str) -> None:
    """At the option, before anything is done."""
    result = run(*command, number)

    assert result.exit_code == 2
    assert f"Invalid value for {command[-1]}: " in result.stderr
    assert list(Path().iterdir()) == []


def _break() -> None:
    raise BrokenPipeError(32, "Broken pipe")


def test_texts_of_the_service_control_no_terminal(run: Run, emulator: GeneratedEmulator) -> None:
    """Control characters of what came are not printed."""
    emulator.add("odd", items=[{"id": "\u001b[2J", "digest": 5}, {"id": "1", "digest": "\u001b[31mred[bold]"}])

    result = run("list", "odd", "--format", "table")

    assert "\x1b[31m" not in result.stdout
    assert "\ufffd[31mred[bo" in result.stdout
    assert click.unstyle(result.output) == result.output
    assert result.stderr.startswith("\ufffd[2J: ")


def listed(session: str, *numbers: int) -> list[dict[str, Any]]:
    """Entries of a session with these ids."""
    return [json.loads(one) | {"sessionId": session} for one in (entry(number) for number in numbers)]


def test_what_may_be_missing_is_said_by_each_command(run: Run, emulator: GeneratedEmulator) -> None:
    """Ids that skip and an entry of another session: outcome, exit codes and sentences agree."""
    emulator.add("skips", items=listed("skips", 9, 8, 3))
    emulator.add("mixed", items=[*listed("mixed", 3, 1), *listed("other", 2)])

    export = run("export", "skips", "mixed", "--out", "evidence", "--format", "table", env={"COLUMNS": "300"})
    found = run("verify", "evidence", "--format", "json")
    report = run("report", "evidence", "--html", "report.html")

    assert (export.exit_code, found.exit_code, report.exit_code) == (1, 1, 1)
    assert "ids skip: 4 to 7 are not here" in export.stdout
    assert "ids skip: 2 is not here" in export.stdout
    assert "2 sessions are partial: entries may be missing; the same command asks for them again" in export.stderr
    facts = {(one["fact"], one.get("session_id")): one for one in lines(found)}
    assert "4 to 7" in facts["partial", "skips"]["what"]
    assert facts["quarantine", "mixed"]["text"] == "mixed: 1 refused answer or entry in quarantine"
    total = "2 sessions, 5 entries: what is here is as it was exported, but of 2 sessions entries may be missing"
    assert (facts["total", None]["text"], facts["total", None]["passed"]) == (total, False)
    assert facts["incomplete", None]["sessions"] == {"partial": 2}


def test_session_that_is_gone_and_one_that_grows_are_said(run: Run, emulator: GeneratedEmulator) -> None:
    """They are complete as of the last time that they were listed; exit code 0."""
    emulator.add("gone", items=listed("gone", 2, 1))
    emulator.add("grows", items=listed("grows", 2, 1))
    assert run("export", "gone", "grows", "--out", "evidence").exit_code == 0
    emulator.expire("gone")
    hold, numbers = emulator._hold, [2, 1]

    def grow(path: str) -> None:
        numbers.insert(0, numbers[0] + 1)
        emulator.add("grows", items=listed("grows", *numbers))
        hold(path)

    emulator._hold = grow  # type: ignore[method-assign]
    again = run("export", "gone", "grows", "--out", "evidence", "--final", "--on-invalid", "raise")
    emulator._hold = hold  # type: ignore[method-assign]

    assert again.exit_code == 0
    assert "1 session is not known to the service any more: what they had" in again.stderr
    assert "1 session is still growing: run the same command again" in again.stderr
    found = run("verify", "evidence", "--format", "json")
    assert ("gone", "gone") in {(one["fact"], one.get("session_id")) for one in lines(found)}
    assert run("delete", "evidence", "gone", "--reason", "a test").exit_code == 0
    found = run("verify", "evidence", "--format", "json")
    assert found.exit_code == 0
    assert ("deleted", "gone") in {(one["fact"], one.get("session_id")) for one in lines(found)}
    assert run("export", "gone", "--out", "evidence", "--format", "table").exit_code == 0
