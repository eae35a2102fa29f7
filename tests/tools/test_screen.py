"""What is on a screen of any width, and what happens once nobody reads it."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path

import pytest
from face_audit_tools.command.screen import cell, many, note, write_json
from face_audit_tools.command.streams import open_missing
from face_audit_tools.command.table import Column, Sheet, show_table

ID = "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"
COLUMNS = (Column("session"), Column("entries", 9), Column("spare", spare=True), Column("why", 10, wraps=True))
ROW = [cell(one) for one in (ID, "1,234,567", "word", "the reason, which is https://example")]


@pytest.mark.parametrize(
    ("width", "head", "count"),
    [
        (100, ["session", "entries", "spare", "why"], 2),
        (66, ["session", "entries", "spare", "why"], 6),
        (60, ["session", "entries", "why"], 5),
        (58, ["session", "entries"], 3),
        (50, ["session", "entries"], 3),
        (46, ["session:", ID], 5),
        (20, ["session:", ID], 5),
    ],
)
def test_nothing_is_cut_on_a_narrow_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int, head: list[str], count: int
) -> None:
    """First texts wrap, then spare columns are left out, which is said; then texts are below; at last all do."""
    monkeypatch.setenv("COLUMNS", str(width))

    show_table(COLUMNS, [ROW])

    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0].split() == head
    assert len(lines) == count
    assert ID in shown.out
    assert "1,234,567" in shown.out
    assert shown.out.rstrip().endswith("mple")
    assert shown.err == ("spare: left out for the width of the screen; --format json shows all\n" * (46 < width <= 60))


def test_parts_of_a_table_have_heads_where_they_change(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows that come later may need more room."""
    monkeypatch.setenv("COLUMNS", "12")
    sheet = Sheet(Column("id", 4), Column("word", spare=True))

    for name in ("1", "2", "1234567", "3"):
        sheet.show([[cell(name), cell("word")]])

    shown = capsys.readouterr()
    assert [line.split() for line in shown.out.splitlines()] == [
        *(["id", "word"], ["1", "word"], ["2", "word"]),
        *(["id"], ["1234567"], ["id", "word"], ["3", "word"]),
    ]
    assert shown.err.count("left out") == 1


def test_things_are_counted_in_their_number() -> None:
    """One session, two sessions; other words are given."""
    assert [many(1, "session"), many(1_000, "session"), many(0, "entry", "entries")] == [
        *("1 session", "1,000 sessions", "0 entries")
    ]


class Closed(io.StringIO):
    """A pipe that nobody reads."""

    def write(self, _: str) -> int:
        """Fail as a pipe does."""
        raise BrokenPipeError(32, "Broken pipe")


def test_results_that_nobody_reads_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is done: what is printed of it does not change its outcome."""
    monkeypatch.setattr(sys, "stderr", Closed())
    note("to nobody")
    for write in (lambda: show_table(COLUMNS, [ROW]), lambda: write_json([{"a": 1}])):
        closed = Closed()
        monkeypatch.setattr(sys, "stdout", closed)
        write()
        assert sys.stdout is not closed
        sys.stdout.close()


class Broken(io.StringIO):
    """A stream to a file that the system refuses to write to."""

    def __init__(self, error: int, file: int) -> None:
        """The error, and the descriptor of the file."""
        super().__init__()
        self._error, self._file = error, file

    def write(self, _: str) -> int:
        """Fail as the system does."""
        raise OSError(self._error, os.strerror(self._error))

    def fileno(self) -> int:
        """Of the file."""
        return self._file


@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
def test_terminal_that_is_closed_is_no_error_and_a_full_disk_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The same error of a file means that its disk is broken."""
    terminal, theirs = os.openpty()
    with (tmp_path / "results").open("w") as file:
        for stream in (Broken(errno.ENOSPC, theirs), Broken(errno.EIO, file.fileno())):
            monkeypatch.setattr(sys, "stdout", stream)
            with pytest.raises(OSError, match=r"No space left|Input/output error"):
                write_json([{"a": 1}])
        monkeypatch.setattr(sys, "stdout", Broken(errno.EIO, theirs))
        write_json([{"a": 1}])
    assert not isinstance(sys.stdout, Broken)
    sys.stdout.close()
    os.close(terminal)
    os.close(theirs)


def test_streams_that_were_closed_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has None for them."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)

    open_missing()

    assert sys.stdin.read() == ""
    for stream in (sys.stdout, sys.stderr):
        assert not stream.isatty()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.close()
