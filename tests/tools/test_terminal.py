"""The command in processes of their own: terminals, pipes, Ctrl-C and SIGKILL."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from face_audit_tools import open_evidence, read_summary, verify
from face_audit_tools.generated import KEY, GeneratedEmulator, generate

from .terminal import COMMAND, Terminal, environment, start

SESSIONS = generate(sessions=6, smallest=100, largest=300, seed=3)
FIRST = SESSIONS[0]


@pytest.fixture
def emulator() -> GeneratedEmulator:
    """Six sessions."""
    return GeneratedEmulator(SESSIONS)


@pytest.fixture
def told(emulator: GeneratedEmulator) -> Iterator[dict[str, str]]:
    """The environment that points to it."""
    with emulator.serve() as url:
        yield {"FACE_ENDPOINT": url, "FACE_APIKEY": KEY}


def is_sgr(shown: bytes) -> bool:
    """Whether colours were used."""
    return b"\x1b[3" in shown or b"\x1b[1;3" in shown


def test_terminal_gets_a_table_in_colours_and_of_its_width(tmp_path: Path, told: dict[str, str]) -> None:
    """A narrow terminal gets narrow lines, NO_COLOR no colours."""
    wide = Terminal(tmp_path, "list", FIRST.session_id, "--limit", "40", env=told)
    plain = Terminal(tmp_path, "list", FIRST.session_id, "--limit", "40", env=told | {"NO_COLOR": "1"})
    narrow = Terminal(tmp_path, "list", FIRST.session_id, "--limit", "40", width=50, env=told)

    assert wide.wait() == plain.wait() == narrow.wait() == 0
    assert wide.text == plain.text
    assert is_sgr(wide.shown)
    assert not is_sgr(plain.shown)
    assert wide.text.count("digest") == 1
    assert len(wide.text.splitlines()) == 41
    rows = [line for line in narrow.text.splitlines() if line[:2] == "20"]
    assert (len(rows), max(map(len, rows)) <= 50) == (40, True)
    assert "latency, digest: left out for the width of the screen; --format json shows all" in narrow.text


def test_terminal_shows_progress_and_the_summary(tmp_path: Path, told: dict[str, str]) -> None:
    """While it runs: sessions, entries, rate, retries and the time left; then the number of each outcome."""
    ids = [one.session_id for one in SESSIONS]
    arguments = ("export", *ids, "gone", "--out", "out", "--top", "50", "--rate", "40")
    screen = Terminal(tmp_path, *arguments, width=120, env=told)

    assert screen.wait() == 1
    assert "of 7 sessions" in screen.text
    assert "entries, " in screen.text
    assert "retries, left" in screen.text
    counts = {words[0]: words[1:] for line in screen.text.splitlines() if (words := line.split())}
    assert counts["complete"] == ["6", f"{sum(one.count for one in SESSIONS):,}"]
    assert counts["gone"][:2] == ["expired", "0"]


def test_key_is_asked_for_and_not_shown(tmp_path: Path, told: dict[str, str]) -> None:
    """Where it is neither in the environment nor in a file, and somebody sits there."""
    screen = Terminal(tmp_path, "list", FIRST.session_id, "--limit", "1", env={"FACE_ENDPOINT": told["FACE_ENDPOINT"]})
    screen.read_until(b"Key of the Face resource")
    screen.type(f"{KEY}\n")

    assert screen.wait() == 0
    assert KEY not in screen.text
    assert str(FIRST.count) in screen.text


def test_reader_that_has_seen_enough_is_no_error(tmp_path: Path, told: dict[str, str]) -> None:
    """`face-audit list … | head -1` ends without a word."""
    process = start(tmp_path, "list", FIRST.session_id, "--top", "1", env=told)
    assert process.stdout is not None
    assert process.stderr is not None
    json.loads(process.stdout.readline())
    process.stdout.close()

    said = process.stderr.read()

    assert said == b""
    assert process.wait() == 1


@pytest.mark.parametrize("form", ["json", "table"])
def test_export_whose_results_nobody_reads_is_complete(tmp_path: Path, told: dict[str, str], form: str) -> None:
    """`face-audit export … | head -1` finishes its work, and its exit code is that of the work."""
    process = start(tmp_path, "export", FIRST.session_id, "--out", "out", "--format", form, env=told)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()

    said = process.stderr.read().decode()

    assert said == f"{FIRST.count} entries, 0 retries\n"
    assert process.wait() == 0
    assert verify(tmp_path / "out").passed


def test_command_without_streams_does_its_work(tmp_path: Path, told: dict[str, str]) -> None:
    """As a service starts one that has closed them all."""
    command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *COMMAND, "export", FIRST.session_id, "--out", "out"]

    done = subprocess.run(command, cwd=tmp_path, env=environment(tmp_path, **told), check=False)

    assert done.returncode == 0
    assert verify(tmp_path / "out").passed


def test_ctrl_c_at_the_prompt_for_the_key_is_told_as_everywhere(tmp_path: Path, told: dict[str, str]) -> None:
    """Exit code 130 and one line."""
    screen = Terminal(tmp_path, "list", FIRST.session_id, env={"FACE_ENDPOINT": told["FACE_ENDPOINT"]})
    screen.read_until(b"Key of the Face resource")
    screen.process.send_signal(signal.SIGINT)

    assert screen.wait() == 130
    assert screen.text.splitlines()[1:] == ["interrupted"]


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_ends_an_export_at_once_and_says_how_to_go_on(
    tmp_path: Path, emulator: GeneratedEmulator, told: dict[str, str], number: signal.Signals
) -> None:
    """Even while the service makes it wait; what has arrived is kept, and the next run goes on."""
    emulator.fail(status=429, after=8)  # "Try again in 26 seconds."
    arguments = ("export", *(one.session_id for one in SESSIONS), "--out", "out", "--top", "20", "--concurrency", "2")
    process = start(tmp_path, *arguments, env=told)
    while len(emulator.requests) < 9:
        time.sleep(0.01)
    began = time.monotonic()
    process.send_signal(number)
    out, said = process.communicate()

    assert process.returncode == 130
    assert time.monotonic() - began < 20
    results = [json.loads(line) for line in out.splitlines()]
    assert sorted((one["session_id"], one["outcome"]) for one in results) == sorted(
        (one.session_id, "unfinished") for one in SESSIONS
    )
    assert b"interrupted; what has arrived is kept: run the same command again to continue" in said
    assert b"Traceback" not in said
    summary = read_summary(tmp_path / "out")
    kept = sum(row.count for row in summary.sessions.values())
    assert summary.counts["unfinished"] == 6
    assert 0 < kept < sum(one.count for one in SESSIONS)
    assert kept == sum(one["count"] for one in results)

    again = start(tmp_path, *arguments, env=told)
    out, _ = again.communicate()
    assert again.returncode == 0
    assert sum(json.loads(line)["added"] for line in out.splitlines()) == sum(one.count for one in SESSIONS) - kept


@pytest.mark.parametrize("number", SIGNALS[1:])
def test_signals_that_a_shell_ignores(tmp_path: Path, told: dict[str, str], number: signal.Signals) -> None:
    """Ctrl-C in the background: others end it nevertheless, also if they come twice. With nohup, none of these does."""
    ids = [one.session_id for one in SESSIONS]
    export = (*COMMAND, "export", *ids, "--top", "20", "--rate", "40", "--out")
    command = ["sh", "-c", 'trap "" $IGNORED; exec "$@"', "sh", *export]
    running = [
        subprocess.Popen(
            [*command, name],
            cwd=tmp_path,
            env=environment(tmp_path, **told, IGNORED=name),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in ("INT", number.name.removeprefix("SIG"))
    ]
    while not all((tmp_path / name / "summary.json").exists() for name in ("INT", number.name.removeprefix("SIG"))):
        time.sleep(0.01)
    for process in running * 2:
        process.send_signal(number)
    ended = [process.communicate()[1] for process in running]

    assert [process.returncode for process in running] == [130, 0]
    assert ended[0].splitlines()[-1].startswith(b"interrupted")
    assert read_summary(tmp_path / "INT").counts["unfinished"] == 6
    assert b"interrupted" not in ended[1]


def test_terminal_that_is_closed_ends_an_export_with_its_summary(
    tmp_path: Path, emulator: GeneratedEmulator, told: dict[str, str]
) -> None:
    """Nobody reads the results any more, and the folder has them."""
    emulator.fail(status=429, after=8)
    process, screen = pty.fork()
    if not process:
        arguments = ("export", *(one.session_id for one in SESSIONS), "--out", "out", "--top", "20")
        os.chdir(tmp_path)
        os.execve(COMMAND[0], [*COMMAND, *arguments], environment(tmp_path, **told))
    while len(emulator.requests) < 9:
        time.sleep(0.01)
    os.close(screen)

    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 130
    assert read_summary(tmp_path / "out").counts["unfinished"] == 6


def test_pipe_gets_no_movements_of_the_cursor(tmp_path: Path, told: dict[str, str]) -> None:
    """FORCE_COLOR asks for colours, as in the log of a build; a terminal that can do nothing gets none either."""
    ids = [one.session_id for one in SESSIONS]
    arguments = ("export", *ids, "gone", "--out", "out", "--format", "table")
    piped = start(tmp_path, *arguments, env=told | {"FORCE_COLOR": "1"})
    out, said = piped.communicate()
    dumb = Terminal(tmp_path, "verify", "out", env={"TERM": "dumb"})
    dumb.wait()

    movements = re.findall(rb"\x1b\[[0-9;?]*[^m0-9;?]|\r(?!\n)", out + said + dumb.shown)
    assert movements == []
    assert is_sgr(out)
    assert (b"\x1b" in said, b"\x1b" in dumb.shown) == (False, False)


@pytest.mark.parametrize("width", [80, 60])
def test_reason_for_a_failure_has_the_width_of_the_screen(tmp_path: Path, told: dict[str, str], width: int) -> None:
    """Below its row, without the URL, which says no more than the row; so it takes as few lines as it can."""
    wrong = told | {"FACE_APIKEY": "wrong"}
    screen = Terminal(tmp_path, "export", FIRST.session_id, "--out", "out", width=width, env=wrong)

    assert screen.wait() == 1
    reason = [line.rstrip() for line in screen.text.splitlines() if line.startswith("  ")]
    text = " ".join(line.strip() for line in reason)
    assert text.startswith("status 401, ")
    assert text.endswith("that the identity has a role there")
    assert max(map(len, reason)) <= width
    assert len(reason) <= len(text) / (0.75 * (width - 2))


def test_export_that_is_killed_at_random_loses_and_doubles_nothing(
    tmp_path: Path, emulator: GeneratedEmulator, told: dict[str, str]
) -> None:
    """SIGKILL at random times, again and again; then one run to the end: every entry once, byte for byte."""
    chance, ids, out = random.Random(1), [one.session_id for one in SESSIONS], tmp_path / "out"
    arguments = ("export", *ids, "--out", "out", "--top", "10", "--rate", "60", "--concurrency", "3")
    for _ in range(4):
        process = start(tmp_path, *arguments, env=told)
        while len(emulator.requests) < 20 and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.5))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()

    last = start(tmp_path, *arguments[:-4], env=told)
    _, said = last.communicate()

    assert last.returncode == 0, said
    assert verify(out).passed
    for session in SESSIONS:
        found = [one.raw for one in open_evidence(out, session.session_id).entries()]
        assert found == [json.dumps(one).encode() for one in reversed(list(session.entries()))]


def test_two_exports_do_not_write_to_one_folder(
    tmp_path: Path, emulator: GeneratedEmulator, told: dict[str, str]
) -> None:
    """The second one is turned away; once the first one is killed, nobody is."""
    emulator.fail(status=429, after=1, times=99)
    first = start(tmp_path, "export", FIRST.session_id, "--out", "out", "--top", "20", env=told)
    while len(emulator.requests) < 2:
        time.sleep(0.01)
    second = start(tmp_path, "export", FIRST.session_id, "--out", "out", env=told)
    _, said = second.communicate()
    first.kill()
    first.communicate()

    assert second.returncode == 2
    assert b"out: is being written by another export; wait for its end" in said
    fresh = GeneratedEmulator(SESSIONS)
    with fresh.serve() as url:
        third = start(tmp_path, "export", SESSIONS[1].session_id, "--out", "out", env=told | {"FACE_ENDPOINT": url})
        third.communicate()
    assert third.returncode == 0


@pytest.mark.parametrize("number", SIGNALS)
def test_emulate_is_stopped_by_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """Started in the background, it serves until then."""
    process = start(tmp_path, "emulate", "--port", "0", "--sessions", "1", "--entries", "5", "--write", ".")
    assert process.stdout is not None
    url = process.stdout.readline().decode().split()[-1]
    session = (tmp_path / "sessions.txt").read_text().strip()

    listing = start(tmp_path, "list", session, env={"FACE_ENDPOINT": url, "FACE_APIKEY": KEY})
    out, _ = listing.communicate()
    process.send_signal(number)

    assert len(out.splitlines()) == 5
    assert process.wait() == 0
    process.communicate()


def test_module_is_the_command(tmp_path: Path) -> None:
    """`python -m face_audit_tools`, under the name of the command."""
    out, _ = start(tmp_path, "--version").communicate()

    assert out.startswith(b"face-audit, version ")
