"""An export may be looked at while it is at work, and killed at any instant: verifying finds no change in it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from face_audit_tools import Verification, export_session, open_evidence, read_summary, verify, verifying, writer

from .shelf import FIRST, SECOND, Shelf, answer, entries

STEPS = ("fsync", "replace", "unlink", "open")


def expire(shelf: Shelf) -> None:
    """Let the service lose the first session after its sixth entry."""
    shelf.before = lambda: shelf.sessions.pop(FIRST, None) if shelf.requests[-1][1] == "2" else None


def export(shelf: Shelf, folder: Path, *sessions: str) -> None:
    """Export these sessions in pages of three, or both."""
    with shelf.client() as client:
        for session in sessions or (FIRST, SECOND):
            export_session(client, session, folder, top=3, confirmed=False)


def run_and_die(work: Callable[[], object], step: int) -> bool:
    """Do something in a process of its own that kills itself around that step on the disk; gives whether it did."""
    left, process = [step], os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL

    def count() -> None:
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def do(*given: Any, **named: Any) -> Any:
            count()
            result = real(*given, **named)
            count()
            return result

        return do

    for name in STEPS:
        setattr(os, name, dying(getattr(os, name)))
    try:
        work()
    finally:
        os._exit(0)


@pytest.mark.skipif(sys.platform != "linux", reason="needs fork")
@pytest.mark.parametrize("began", ["anew", "unfinished", "expired"])
def test_folder_verifies_after_a_kill_at_any_instant(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, began: str
) -> None:
    """Around every step on the disk, of a new session, of one that goes on, and of one that had expired."""
    monkeypatch.setattr(writer, "_APART", 0.0)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a killed process needs none
    died, step = True, 0
    while died:
        folder = tmp_path / str(step)
        shelf.sessions, shelf.before = {FIRST: entries(7)}, lambda: None
        if began == "unfinished":
            shelf.instead["2"] = answer(400)
            export(shelf, folder, FIRST)
        elif began == "expired":
            expire(shelf)
            export(shelf, folder, FIRST)
            shelf.sessions, shelf.before = {FIRST: entries(7)}, lambda: None

        died = run_and_die(lambda: export(shelf, folder, FIRST), step)  # noqa: B023  # called at once

        assert not (folder / "summary.json").exists() or not verify(folder).problems, step
        export(shelf, folder, FIRST)
        assert [one.raw for one in open_evidence(folder, FIRST).entries()] == entries(7)
        assert verify(folder).passed
        assert read_summary(folder).counts["complete"] == 1
        step += 1
    assert step > 20


@pytest.mark.parametrize("expired", [False, True])
def test_folder_verifies_while_an_export_is_at_work(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch, expired: bool
) -> None:
    """Whenever it is looked at, there are only sessions that are not at their end."""
    monkeypatch.setattr(writer, "_APART", 0.0)
    if expired:
        expire(shelf)
        export(shelf, folder)
        shelf.sessions[FIRST] = entries(7)
    found = list[Verification]()
    shelf.before = lambda: found.append(verify(folder))

    with shelf.client() as client:
        for session in (FIRST, SECOND):
            export_session(client, session, folder, top=3, on_page=lambda _: found.append(verify(folder)))

    assert len(found) > 5
    assert [problem for one in found for problem in one.problems] == []
    assert verify(folder).passed


def test_session_that_is_taken_up_while_it_is_verified_is_looked_at_again(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An expired session that an export goes on with, unnoticed by its reader, is not a problem."""
    expire(shelf)
    export(shelf, folder)
    shelf.sessions[FIRST], shelf.before = entries(7), lambda: None
    finding = verifying.find_evidence

    def find(*given: Any) -> Any:
        evidence = finding(*given)
        if evidence.outcome == "expired":
            export(shelf, folder)
        return evidence

    monkeypatch.setattr(verifying, "find_evidence", find)

    found = verify(folder)

    assert (found.passed, found.entries, dict(found.incomplete)) == (True, 12, {})
