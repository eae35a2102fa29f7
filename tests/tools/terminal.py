"""The command in a process of its own, in a terminal or with pipes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "face_audit_tools")
_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


def environment(home: Path, **changes: str) -> dict[str, str]:
    """Nothing of the settings of anyone who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FACE_", "XDG_", "NO_COLOR"))}
    kept.pop("COLUMNS", None)
    return kept | {"HOME": str(home), "TERM": "xterm-256color", "COLUMNS": ""} | changes


def start(home: Path, *arguments: str, **settings: Any) -> subprocess.Popen[bytes]:
    """Start it with pipes."""
    changes: Mapping[str, str] = settings.pop("env", {})
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | settings
    return subprocess.Popen([*COMMAND, *arguments], cwd=home, env=environment(home, **changes), **pipes)


class Terminal:
    """The command with a terminal of this many columns as its screen and its keyboard."""

    def __init__(self, home: Path, *arguments: str, width: int = 100, env: Mapping[str, str] | None = None) -> None:
        """Start it."""
        self._screen, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        told = environment(home, **(env or {}))
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=home,
            env=told,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = b""
        """Everything that has appeared, with its control sequences."""

    @property
    def text(self) -> str:
        """The same without them."""
        return _CONTROL.sub(b"", self.shown).decode().replace("\r\n", "\n")

    def read_until(self, text: bytes) -> None:
        """Wait until this has appeared."""
        while text not in self.shown and self._read():
            pass

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._screen, text.encode())

    def wait(self) -> int:
        """How it exited, when everything has been read."""
        while self._read():
            pass
        os.close(self._screen)
        return self.process.wait()

    def _read(self) -> bool:
        select.select([self._screen], [], [], 30)
        try:
            new = os.read(self._screen, 65536)
        except OSError:  # nobody holds the other end any more
            return False
        self.shown += new
        return bool(new)
