"""Lists of sessions: what they may hold, and that all that is wrong with them is told before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from face_audit_tools import InputError
from face_audit_tools.sessions import find_sessions

from .shelf import FIRST, SECOND


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def find(*given: str, standard_input: str = "") -> list[str]:
    """What these words name."""
    return find_sessions(given, standard_input=standard_input.splitlines())


def problems(*given: str, standard_input: str = "") -> list[str]:
    """What is wrong with them."""
    with pytest.raises(InputError) as caught:
        find(*given, standard_input=standard_input)
    return str(caught.value).splitlines()


def test_all_problems_are_told_at_once(place: Path) -> None:
    """Each with its file and line and with what is expected there."""
    (place / "list.csv").write_text(f'session_id,created\n"{FIRST}"\n{FIRST};2024-04-01\n{FIRST},now\n{SECOND}\n')
    (place / "folder").mkdir()

    found = problems("list.csv", "two words", "folder", "none.txt", "-", standard_input="#\n\nä\n")

    expected = "write one id a line, without quotes, and if you know when it was created that behind a comma"
    assert found == [
        f"list.csv, line 1: names a column; {expected}",
        f"list.csv, line 2: is no session id; {expected}",
        f"list.csv, line 3: is no session id; {expected}",
        "list.csv, line 4: 'now' is no time; write it as 2024-04-01T12:00:00Z",
        "sessions, word 2: is no session id; give ids, a file with one id a line, or -",
        "folder: is a folder; give ids, or a file with one id a line",
        "none.txt: cannot be read (No such file or directory); give a file of session ids",
        f"standard input, line 3: is no session id; {expected}",
    ]


def test_name_of_a_column_is_an_id_behind_the_first_line() -> None:
    """Only where a table has its heads is it likely to be none."""
    assert find("-", standard_input=f"{FIRST}\nsession\n") == [FIRST, "session"]
    assert find("session") == ["session"]


def test_byte_order_mark_is_passed_over_everywhere(place: Path) -> None:
    """In a file and in what a program of Windows pipes."""
    (place / "list.txt").write_text(f"\ufeff{FIRST}\n", encoding="utf-8")

    assert find("list.txt", "-", standard_input=f"\ufeff{SECOND}") == [FIRST, SECOND]


def test_many_problems_are_counted() -> None:
    """A file of something else does not fill the screen."""
    found = problems("-", standard_input="?\n" * 1020)

    assert (len(found), found[-1]) == (21, "and 1,000 more")
