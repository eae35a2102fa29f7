"""Exports that are killed at random times, against the emulator with faults and throttling."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import zip_longest
from pathlib import Path
from typing import Any

from attrs import evolve
from face_audit_tools import open_evidence, verify
from face_audit_tools.generated import KEY, GeneratedEmulator, Session, generate

from .promises import keep

FAULTS = 0.02
GROWTH = 0.1
"""How often a session has grown after an answer."""
_PATIENCE = 200
"""Runs after the last kill, at most: a session that meets a broken answer fails, and is taken up by the next run."""


class CountingEmulator(GeneratedEmulator):
    """Counts what it answers."""

    def __init__(self, sessions: list[Session], **settings: Any) -> None:
        """Begin at nothing."""
        super().__init__(sessions, **settings)
        self.counts = Counter[str]()

    def answer(self, request: Any) -> Any:
        """The answer to one request."""
        try:
            answer = super().answer(request)
        except Exception as error:
            self.counts[type(error).__name__] += 1
            raise
        self.counts[str(answer.status)] += 1
        return answer


class GrowingEmulator(CountingEmulator):
    """Shows a part of each session at first; while it answers, sessions grow."""

    def __init__(self, sessions: list[Session], **settings: Any) -> None:
        """Begin with at least half of each."""
        self._growth = random.Random(3)
        self._whole = {one.session_id: one for one in sessions}
        begun = [evolve(one, count=one.count - self._growth.randint(0, one.count // 2)) for one in sessions]
        super().__init__(begun, **settings)
        self.growths = 0

    def answer(self, request: Any) -> Any:
        """The answer to one request; after some, a session has grown."""
        answer = super().answer(request)
        if self._growth.random() < GROWTH:
            self._grow(self._growth.choice(list(self._whole)), self._growth.randint(1, 300))
        return answer

    def grow_to_the_end(self) -> None:
        """Show all of every session from here on."""
        for session_id, whole in self._whole.items():
            self._grow(session_id, whole.count)

    def _grow(self, session_id: str, more: int) -> None:
        with self._turn:
            shown = self._sessions[session_id]
            count = min(self._whole[session_id].count, shown.count + more)
            if count != shown.count:
                self.growths += 1
                self._sessions[session_id] = evolve(shown, count=count)
                self._generated.pop(session_id, None)


def kill_at_random(
    folder: Path, *, sessions: int, largest: int, kills: int, pause: float, limit: float
) -> dict[str, object]:
    """Export again and again, each run killed at a random time, and then to the end; gives the figures.

    A run is killed `pause` seconds after its first answers, at most.

    Raises:
        BrokenPromiseError: an entry is missing, doubled or not what the service sent, or the export does not verify.
    """
    made = generate(sessions=sessions, smallest=1, largest=largest, seed=1)
    (folder / "sessions.txt").write_text("".join(f"{one.session_id}\n" for one in made), encoding="utf-8")
    emulator, began = GrowingEmulator(made, faults=FAULTS, limit=limit), time.monotonic()
    with emulator.serve() as url:
        pauses = [random.Random(number).uniform(0, pause) for number in range(kills)]
        killed = [_run_and_kill(folder, url, emulator, pause=one) for one in pauses]
        keep(all(killed), f"{killed.count(False)} of {kills} runs had ended before they were killed")
        emulator.grow_to_the_end()
        runs = _run_to_the_end(folder, url)
    spent = time.monotonic() - began
    found = verify(folder / "out")
    keep(found.passed, f"verify found {found.problems} {found.unfinished}")
    for session in made:
        _compare(folder / "out", session)
    records = [open_evidence(folder / "out", one.session_id).record for one in made]
    return {
        "sessions": sessions,
        "entries": found.entries,
        "runs killed with SIGKILL": kills,
        "runs after that, until all was complete": runs,
        "growths of sessions meanwhile": emulator.growths,
        "sessions that were added to": sum(
            sum(one.first_id is not None for one in each.segments) > 1 for each in records
        ),
        "segments": sum(len(record.segments) for record in records),
        "segments that took several runs": sum(len(one.runs) > 1 for each in records for one in each.segments),
        "requests": sum(emulator.counts.values()),
        "answers of the emulator": ", ".join(f"{name}: {count:,}" for name, count in sorted(emulator.counts.items())),
        "pages that took more than one request": sum(page.attempts > 1 for one in records for page in one.pages),
        "entries that are missing, doubled or changed": 0,
        "seconds": spent,
    }


def _start(folder: Path, url: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "face_audit_tools", "export", "sessions.txt", "--out", "out"]
    told = {**os.environ, "FACE_ENDPOINT": url, "FACE_APIKEY": KEY}
    return subprocess.Popen(command, cwd=folder, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _run_and_kill(folder: Path, url: str, emulator: CountingEmulator, *, pause: float) -> bool:
    """Whether the run was still at work when it was killed; it has some answers by then."""
    before = sum(emulator.counts.values())
    with _start(folder, url) as process:
        while process.poll() is None and sum(emulator.counts.values()) <= before + 3:
            time.sleep(0.01)
        time.sleep(pause)
        was_at_work = process.poll() is None
        process.send_signal(signal.SIGKILL)
    problems = verify(folder / "out").problems
    keep(not problems, f"verify found {problems} after a kill")
    return was_at_work


def _run_to_the_end(folder: Path, url: str) -> int:
    for run in range(1, _PATIENCE + 1):
        with _start(folder, url) as process:
            code = process.wait()
        if code == 0:
            return run
        keep(code == 1, f"an export ended with exit code {code}")
    keep(told=False, what=f"not complete after {_PATIENCE} runs")
    return 0


def _compare(folder: Path, session: Session) -> None:
    """Compare the file with what the emulator sends, byte by byte; what was added later follows the rest."""
    sent = (json.dumps(one).encode() for one in reversed(list(session.entries())))
    lines = (folder / f"{session.session_id}.entries.jsonl").read_bytes().splitlines(keepends=True)
    lines.sort(key=lambda line: json.loads(line)["id"], reverse=True)
    for number, (line, entry) in enumerate(zip_longest(lines, sent), 1):
        there = line is not None and entry is not None and line == entry + b"\n"
        keep(there, f"{session.session_id}: line {number} is {line!r:.200}, sent was {entry!r:.200}")
