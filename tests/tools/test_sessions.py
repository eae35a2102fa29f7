"""Lists of sessions: what they may hold, and that all that is wrong with them is told before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from face_audit_tools import InputError
from face_audit_tools.command import cli
from face_audit_tools.sessions import find_sessions

from .shelf import FIRST, KEY, SECOND

LONG_KEY = "a1" * 42


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and an endpoint at which nobody listens."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("FACE_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("FACE_APIKEY", KEY)
    monkeypatch.delenv("FACE_REGION", raising=False)
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
    text = f'{FIRST}, 2024-04-01\n"{FIRST}\n{FIRST};2024-04-01\n{FIRST},now\n{FIRST},,x\n,2024-04-01\n{SECOND}\n'
    (place / "list.csv").write_text(text.replace('"', ""))
    (place / "odd.csv").write_text(text)
    (place / "folder").mkdir()

    found = problems("list.csv", "odd.csv", "two words", "folder", "none.txt", "-", standard_input="#\n\nä\n")

    expected = "write one id a line, and if you know when it was created, the time after a comma, or name the columns"
    assert found == [
        f"list.csv, line 3: is not a session id; {expected}",
        "list.csv, line 4: 'now' is not a time; write it as 2024-04-01T12:00:00Z",
        "list.csv, line 5: holds more than an id and a time; name the columns in the first line",
        f"list.csv, line 6: is not a session id; {expected}",
        "odd.csv, line 7: is not CSV (unexpected end of data); fix its quotes",
        "sessions, word 3: is not a session id; give ids, a file with one id a line, or -",
        "folder: is a folder; give ids, or a file with one id a line",
        "none.txt: cannot be read (No such file or directory); give a file of session ids",
        f"standard input, line 3: is not a session id; {expected}",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "text",
    [
        "{later},2024-04-02\n{first},2024-04-01\n",
        '"{later}","2024-04-02"\n"{first}","2024-04-01"\n',
        "# made by hand\n\n{later} , 2024-04-02 \n\n {first}, 2024-04-01",
        "session_id,created\n{later},2024-04-02\n{first},2024-04-01\n",
        "Customer;Session ID;Created (UTC);Note\nA;{later};2024-04-02 10:00;\n;{first};2024-04-01 10:00;x, y\n;;;\n",
        '"Created"\t"ID"\n"2024-04-02"\t"{later}"\n"2024-04-01"\t"{first}"\n',
        'note,id\n"two\nlines, with ""quotes""",{first}\nx,{later}\n',
        "session_id,entry_id,digest\n{first},1,AB\n{later},1,CD\n",
    ],
)
def test_lists_are_read_as_programs_write_them(place: Path, text: str, encoding: str, end: str) -> None:
    """With names of columns or without, quoted or not, with any separator, line end and byte order mark."""
    made = text.format(first=FIRST, later=SECOND).replace("\n", end)
    (place / "list.csv").write_bytes(made.encode(encoding))

    assert find("list.csv") == [FIRST, SECOND]


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


@pytest.mark.parametrize("key", [KEY, LONG_KEY])
@pytest.mark.parametrize("command", [("export", "key.txt", "--out", "out"), ("list", "KEY")])
def test_key_among_the_ids_is_refused_and_not_repeated(place: Path, key: str, command: tuple[str, ...]) -> None:
    """Who mixes up two files does not send the key in a URL, nor find it in a log."""
    (place / "key.txt").write_text(f"{FIRST}\n{key}\n", encoding="utf-8")

    result = CliRunner().invoke(cli, [one.replace("KEY", key) for one in command], env={"FACE_APIKEY": key})

    assert result.exit_code == 2
    assert "one of the ids is the key" in result.stderr or "key.txt, line 2: is not a session id" in result.stderr
    assert key not in result.output
    assert not (place / "out").exists()


def test_empty_name_of_a_folder_is_refused(place: Path) -> None:
    """A variable that is not set would make the present folder that of the evidence."""
    result = CliRunner().invoke(cli, ["export", FIRST, "--out", ""])

    assert result.exit_code == 2
    assert "--out: is empty; give a name" in result.stderr
    assert list(place.iterdir()) == []
