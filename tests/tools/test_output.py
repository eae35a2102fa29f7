"""Files that commands write: as a whole, over nothing that should stay, and without leftovers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from face_audit_tools import InputError
from face_audit_tools.output import check_output, replacing

_HOLDING = """
import sys
from pathlib import Path
from face_audit_tools.output import replacing
with replacing(Path("out.csv"), force=False) as new:
    new.write_text("face data")
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to write to."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_symlink(path: Path) -> None:
    """One that leads to a file."""
    path.with_name("kept").write_text("old", encoding="utf-8")
    path.symlink_to("kept")


@pytest.mark.parametrize("make", [os.mkfifo, make_symlink, lambda path: path.symlink_to("nowhere"), Path.mkdir])
def test_what_is_no_regular_file_is_not_replaced(place: Path, make: Callable[[Path], None]) -> None:
    """Neither a pipe or a device nor a symlink, even by force: a file in its place would break what uses it."""
    out = place / "out"
    make(out)
    before = out.lstat().st_mode

    with pytest.raises(InputError, match="out: exists and is not a regular file; write somewhere else"):
        check_output(out, force=True)

    assert out.lstat().st_mode == before


def test_standard_output_is_no_file() -> None:
    """A file called `-` would be none that anybody looks for."""
    with pytest.raises(InputError, match="-: the standard output cannot be written to; give the name of a file"):
        check_output(Path("-"), force=True)


def hold(place: Path) -> subprocess.Popen[bytes]:
    """A process that is about to write `out.csv`."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDING], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_leftovers_of_a_killed_process_are_removed(place: Path) -> None:
    """The next one that writes the same file takes them away, and no folder of anybody else's."""
    process = hold(place)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (place / ".out.csv.mine").mkdir()
    assert len(list(place.glob(".out.csv.*"))) == 2

    with replacing(Path("out.csv"), force=False) as new:
        new.write_text("whole", encoding="utf-8")

    assert sorted(one.name for one in place.iterdir()) == [".out.csv.mine", "out.csv"]


def test_process_that_still_writes_keeps_its_folder(place: Path) -> None:
    """Only what nobody holds is a leftover."""
    process = hold(place)
    with replacing(Path("out.csv"), force=False) as new:
        new.write_text("first", encoding="utf-8")
    (place / "out.csv").unlink()
    process.communicate()

    assert process.returncode == 0
    assert [one.read_text(encoding="utf-8") for one in place.iterdir()] == ["face data"]
