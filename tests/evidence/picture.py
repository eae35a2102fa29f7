"""A picture of a real terminal in which the tool is tried: the commands and their output."""

from __future__ import annotations

import re
import subprocess
from io import StringIO
from pathlib import Path

from face_audit_tools.generated import KEY, GeneratedEmulator, generate
from rich.console import Console
from rich.text import Text

from tests.tools.terminal import Terminal

WIDTH = 110
_FRAME = re.compile(rb"\r\x1b\[2K|\x1b\[1A|\x1b\[\?25[lh]")
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw(folder: Path, *, sessions: int) -> str:
    """The picture as SVG, of commands that export this many sessions into this folder."""
    made = generate(sessions=sessions, smallest=1, largest=2500, seed=1)
    (folder / "sessions.txt").write_text("".join(f"{one.session_id}\n" for one in made), encoding="utf-8")
    screen = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    with GeneratedEmulator(made, faults=0.02, limit=50).serve() as url:
        told = {"FACE_ENDPOINT": url, "FACE_APIKEY": KEY}
        for command in (
            f"list {made[2].session_id} --limit 6",
            "export sessions.txt --out evidence --tier S0",
            "export sessions.txt --out evidence --tier S0",
            "verify evidence",
        ):
            _show(screen, folder, command, told)
    change = f"sed -i 0,/spoofface/s//realface/ evidence/{made[2].session_id}.entries.jsonl"
    subprocess.run(change.split(), cwd=folder, check=True)
    screen.print(Text(f"$ {change}", style="bold"))
    _show(screen, folder, "verify evidence", {})
    return _FONT.sub("", screen.export_svg(title="face-audit", unique_id="face-audit"))


def _show(screen: Console, folder: Path, command: str, told: dict[str, str]) -> None:
    terminal = Terminal(folder, *command.split(), width=WIDTH, env=told)
    terminal.wait()
    frames = [frame for frame in _FRAME.split(terminal.shown) if frame.strip()]
    # A line that was redrawn is shown once, as it was about halfway; then the lines that stayed.
    redrawn = [frame for frame in frames if b"\n" not in frame.strip()]
    shown = [*redrawn[len(redrawn) // 2 : len(redrawn) // 2 + 1], *(one for one in frames if b"\n" in one.strip())]
    screen.print(Text(f"$ face-audit {command}", style="bold"))
    for frame in shown:
        screen.print(Text.from_ansi(frame.decode().strip("\r\n").replace("\r\n", "\n")))
