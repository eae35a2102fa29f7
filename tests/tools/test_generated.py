"""The emulator with generated sessions, and the command that serves it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from face_audit import (
    AsyncFaceAuditClient,
    AttemptEvent,
    FaceAuditClient,
    RateLimitedError,
    RetryPolicy,
    SessionNotFoundError,
)
from face_audit_tools.command import cli
from face_audit_tools.generated import KEY, GeneratedEmulator, Session, generate


def client_of(emulator: GeneratedEmulator, **settings: Any) -> FaceAuditClient:
    """A client of it, without a socket."""
    return FaceAuditClient(KEY, endpoint="http://localhost", http_client=emulator.http_client(), **settings)


def test_same_seed_gives_the_same_sessions() -> None:
    """And another one others; sizes stay in their range."""
    made = generate(sessions=50, smallest=3, largest=9, seed=1)

    assert made == generate(sessions=50, smallest=3, largest=9, seed=1)
    assert not {one.session_id for one in made} & {
        one.session_id for one in generate(sessions=50, smallest=3, largest=9, seed=2)
    }
    assert {one.count for one in made} == set(range(3, 10))
    assert list(made[0].entries()) == list(made[0].entries())


def test_entries_are_what_the_document_says_and_all_different() -> None:
    """Read by the SDK as they are; times rise, ids count, digests and request ids differ."""
    session = Session(session_id="s", count=400, number=3, seed=1)

    with client_of(GeneratedEmulator([session])) as client:
        found = list(client.audit_entries.list("s", top=150))

    assert [one.to_dict() for one in reversed(found)] == list(session.entries())
    assert [int(one.id) for one in found] == list(range(400, 0, -1))
    times = [one.received_date_time for one in found if one.received_date_time]
    assert times == sorted(times, reverse=True)
    assert len({one.digest for one in found}) == len({one.request_id for one in found}) == 400
    decisions = {
        one.response.liveness_result.liveness_decision for one in found if one.response and one.response.liveness_result
    }
    assert decisions == {"realface", "spoofface", "uncertain"}
    statuses = {one.response.status_code for one in found if one.response}
    assert statuses == {200, 400, 408}
    assert {
        one.response.error.error.code
        for one in found
        if one.response and one.response.error and one.response.error.error
    } == {
        "InvalidRequest",
        "Timeout",
    }


def test_more_sessions_than_are_held_are_served_in_turn() -> None:
    """A session that was dropped from memory is generated again, and is the same."""
    sessions = [Session(session_id=f"s{number}", count=7, number=number, seed=1) for number in range(40)]

    with client_of(GeneratedEmulator(sessions)) as client:
        twice = [[list(client.audit_entries.list(one.session_id, top=3)) for one in sessions] for _ in range(2)]
        with pytest.raises(SessionNotFoundError):
            client.audit_entries.list_page("other")

    assert twice[0] == twice[1]
    assert [len(one) for one in twice[0]] == [7] * 40


def test_oldest_entry_comes_first_on_request() -> None:
    """As other lists of the same vendor do it."""
    emulator = GeneratedEmulator([Session(session_id="s", count=3, number=0, seed=1)], ascending=True)

    with client_of(emulator) as client:
        assert [one.id for one in client.audit_entries.list("s")] == ["1", "2", "3"]


def test_share_of_requests_meets_a_fault() -> None:
    """Of all kinds, and as many as asked for."""
    emulator = GeneratedEmulator([Session(session_id="s", count=1, number=0, seed=1)], faults=0.3, seed=5)
    events = list[Any]()

    with client_of(emulator, on_event=events.append, retry=RetryPolicy(max_attempts=1)) as client:
        for _ in range(400):
            try:
                client.audit_entries.list_page("s")
            except Exception as error:  # noqa: BLE001  # whichever it is
                events.append(error)

    errors = [one for one in events if isinstance(one, Exception)]
    assert 60 < len(errors) < 160  # "repeat" is not an error where the same page is asked for
    assert len({type(one) for one in errors}) >= 4


def test_limit_answers_429_and_says_how_long_to_wait() -> None:
    """As many calls a second as asked for, and what a second allows at once; the wait is in the message."""
    present = [0.0]
    emulator = GeneratedEmulator(
        [Session(session_id="s", count=1, number=0, seed=1)], limit=5.0, clock=lambda: present[0]
    )

    with client_of(emulator, retry=RetryPolicy(max_attempts=1, longest_hint=0.0)) as client:
        for _ in range(5):
            client.audit_entries.list_page("s")
        with pytest.raises(RateLimitedError) as caught:
            client.audit_entries.list_page("s")

    assert caught.value.retry_after == 0.2
    with client_of(emulator) as client:
        present[0] = 0.2
        client.audit_entries.list_page("s")
        present[0] = 100.0
        for _ in range(5):
            client.audit_entries.list_page("s")


class Served:
    """`face-audit emulate` in a thread, told to stop by what a signal would call."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
        """Run it with these."""
        self.handlers: dict[Any, Any] = {}
        monkeypatch.setattr(signal, "signal", self._signal)
        self.result: Any = None
        self._thread = threading.Thread(target=self._run, args=(arguments,), daemon=True)
        self._thread.start()

    def stop(self, number: int) -> Any:
        """Its result after it was sent this signal."""
        self.wait_until(lambda: number in self.handlers)
        self.handlers[number](number, None)
        self._thread.join(20)
        assert not self._thread.is_alive(), "it does not stop"
        return self.result

    def wait_until(self, claim: Callable[[], bool]) -> None:
        """Wait for what it does; fails where it ends before."""
        while not claim():
            assert self._thread.is_alive(), self.result.output
            time.sleep(0.01)

    def _signal(self, number: int, handler: Any) -> Any:
        return self.handlers.setdefault(number, handler)

    def _run(self, arguments: tuple[str, ...]) -> None:
        self.result = CliRunner().invoke(cli, ["emulate", *arguments])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_emulate_says_where_and_with_what_key(monkeypatch: pytest.MonkeyPatch, number: int, tmp_path: Path) -> None:
    """It writes the sessions and their digests, and stops when it is told to."""
    served = Served(
        monkeypatch,
        "--port",
        "0",
        "--sessions",
        "3",
        "--entries",
        "2-4",
        "--seed",
        "7",
        "--write",
        str(tmp_path / "try"),
    )

    result = served.stop(number)

    made = generate(sessions=3, smallest=2, largest=4, seed=7)
    assert result.exit_code == 0, result.output
    url = result.stdout.split()[-1]
    count = sum(one.count for one in made)
    assert result.stdout == f"3 sessions of {count} entries at {url}\n"
    assert result.stderr == f"to use it: export FACE_ENDPOINT={url} FACE_APIKEY={KEY}\n"
    assert (tmp_path / "try" / "sessions.txt").read_text().split() == [one.session_id for one in made]
    rows = (tmp_path / "try" / "digests.csv").read_text().splitlines()
    assert rows[0] == "session_id,entry_id,digest"
    assert len(rows) == 1 + count
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0


def test_emulate_serves_what_it_was_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With faults and a limit, a client lists every entry; oldest first on request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    served = Served(
        monkeypatch,
        *("--port", str(port), "--sessions", "1", "--entries", "30", "--seed", "1", "--oldest-first"),
        *("--limit", "500", "--faults", "0.3"),
        *("--write", str(tmp_path)),
    )
    served.wait_until((tmp_path / "sessions.txt").exists)
    retry, events = RetryPolicy(max_attempts=10, first_wait=0.01, longest_wait=0.01), list[AttemptEvent]()

    with FaceAuditClient(KEY, endpoint=f"http://127.0.0.1:{port}", retry=retry, on_event=events.append) as client:
        session = (tmp_path / "sessions.txt").read_text().strip()
        found = [int(one.id) for one in client.audit_entries.list(session, top=4)]

    assert found == list(range(1, 31))
    assert any(one.error is not None for one in events)
    assert served.stop(signal.SIGTERM).exit_code == 0


def test_emulate_writes_nothing_unless_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a folder for them, the sessions are only served."""
    monkeypatch.chdir(tmp_path)

    result = Served(monkeypatch, "--port", "0", "--sessions", "1").stop(signal.SIGTERM)

    assert result.exit_code == 0, result.output
    assert list(tmp_path.iterdir()) == []


def test_emulate_writes_over_nothing_without_force(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Lists of real sessions may have the same names; where one of both is there, neither is written."""
    monkeypatch.chdir(tmp_path)
    Path("sessions.txt").write_text("mine", encoding="utf-8")
    told = ("emulate", "--port", "0", "--sessions", "1", "--write")

    refused = CliRunner().invoke(cli, [*told, "."])
    no_folder = CliRunner().invoke(cli, [*told, "sessions.txt/below"])

    assert (refused.exit_code, no_folder.exit_code) == (2, 2)
    assert refused.stderr == "Error: sessions.txt: exists; write somewhere else, or over it with --force\n"
    assert "sessions.txt/below: cannot be created (Not a directory); give another folder" in no_folder.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["sessions.txt"]
    served = Served(monkeypatch, *told[1:], ".", "--entries", "2", "--force")
    assert served.stop(signal.SIGTERM).exit_code == 0
    assert len(Path("digests.csv").read_text(encoding="utf-8").splitlines()) == 3
    assert Path("sessions.txt").read_text(encoding="utf-8") != "mine"


def test_emulate_names_a_port_that_is_taken() -> None:
    """And what to give in its place."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = CliRunner().invoke(cli, ["emulate", "--port", str(port), "--sessions", "1"])

    assert result.exit_code == 2
    assert f"port {port}: cannot be listened on (Address already in use); give another one, or 0" in result.stderr


def test_emulate_in_the_background_returns_once_it_serves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every option reaches the process that serves; its files are whole, and a call is answered at once."""
    monkeypatch.chdir(tmp_path)
    told = ("--port=0", "--sessions=2", "--entries=3-4", "--seed=0", "--limit=50", "--oldest-first", "--write=try")

    result = CliRunner().invoke(cli, ["emulate", "--background", *told])

    assert result.exit_code == 0, result.output
    url, (settings, stop) = result.stdout.split()[-1], result.stderr.splitlines()
    try:
        made = generate(sessions=2, smallest=3, largest=4, seed=0)
        assert settings == f"to use it: export FACE_ENDPOINT={url} FACE_APIKEY={KEY}"
        assert Path("try/sessions.txt").read_text(encoding="utf-8").split() == [one.session_id for one in made]
        with FaceAuditClient(KEY, endpoint=url) as client:
            ids = [int(entry.id) for entry in client.audit_entries.list(made[0].session_id)]
        assert ids == list(range(1, made[0].count + 1))
    finally:
        os.kill(int(stop.removeprefix("to stop it: kill ")), signal.SIGTERM)


def test_emulate_in_the_background_that_cannot_serve_is_an_error() -> None:
    """The message and the exit code are those of the command in the foreground."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = CliRunner().invoke(cli, ["emulate", "--background", "--port", str(port), "--sessions", "1"])

    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"port {port}: cannot be listened on (Address already in use); give another one, or 0" in result.stderr


@pytest.mark.parametrize("entries", ["x", "5-", "9-3", "100001", "-1"])
def test_emulate_refuses_what_is_no_number_of_entries(entries: str) -> None:
    """The error shows how to write it."""
    result = CliRunner().invoke(cli, ["emulate", f"--entries={entries}"])

    assert result.exit_code == 2
    assert "is not a number or a range such as 1-2500" in result.stderr


def test_emulator_serves_the_async_client_too() -> None:
    """It replaces the service for every caller."""
    session = Session(session_id="s", count=5, number=0, seed=1)

    async def ids() -> list[str]:
        http_client = GeneratedEmulator([session]).async_http_client()
        async with AsyncFaceAuditClient(KEY, endpoint="http://localhost", http_client=http_client) as client:
            return [one.id async for one in client.audit_entries.list("s", top=2)]

    assert asyncio.run(ids()) == ["5", "4", "3", "2", "1"]
    assert json.dumps(next(session.entries())).startswith('{"id": 1,')
