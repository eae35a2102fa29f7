"""Tests the promises of the evidence tool, prints tables, and writes docs/evidence.md: `nox -s evidence`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.figures import ROOT, origin, table, write_page

if TYPE_CHECKING:
    from collections.abc import Callable

from .killing import kill_at_random
from .picture import draw
from .promises import BrokenPromiseError
from .size import weigh
from .tampering import tamper_at_random

INTRODUCTION = """# Evidence

`nox -s evidence` tests the promises of the evidence tool and writes this page; `-- --quick` uses smaller sizes, takes
half a minute, and writes nothing. The session fails at the first broken promise."""
TEXTS = {
    "Killed at random": """`face-audit export` runs against the emulator, with 2,000 sessions of 1 to 2,500 entries.
Faults meet 2 % of the requests (resets, cut bodies, 503, HTML, empty and broken answers, the previous page again), and
calls beyond 15 a second are answered by a 429. Each run is killed with SIGKILL at a random time, and the next one
resumes. Sessions grow while they are exported, and complete ones are asked for again by each run. After a kill,
`verify` may report nothing but unfinished sessions. At last the export runs until its exit code is 0; then every line
of every file must be what the emulator sends, each entry once. Before sessions were asked for again, in November 2026,
the same number of sessions took 49,206 requests and 773 seconds.""",
    "Tampered with at random": """A random file of an export, in which sessions have grown, is changed at random,
`verify` runs, and the change is undone. Every change must be found. The last column counts the changes for which
`verify` named a file that was changed.""",
    "A long session": """One session of a million entries is listed by the async pager alone and exported, in turns,
each in its own process. The export may take 150 MB, and must have at least half of the pager's speed. The server on
loopback is a separate process, too.""",
}


def main() -> int:
    """Run all parts; 1 where one of them broke a promise."""
    parser = argparse.ArgumentParser(prog="nox -s evidence --", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, half a minute; writes nothing")
    quick = parser.parse_args().quick
    source = origin("evidence.md", "face-audit", "face-audit-tools", "click", "rich", "msgspec")
    began, tables = time.monotonic(), dict[str, str]()
    try:
        for title, work in parts(quick=quick).items():
            with tempfile.TemporaryDirectory() as name:
                tables[title] = work(Path(name))
            print(tables[title], end="\n\n", flush=True)
    except BrokenPromiseError as error:
        print(f"broken: {error}")
        return 1
    print(f"all promises held, in {time.monotonic() - began:.0f} s")
    with tempfile.TemporaryDirectory() as name:
        picture = draw(Path(name), sessions=4 if quick else 40)
    sections = [f"## {title}\n\n{text}\n\n{tables[title]}" for title, text in TEXTS.items()]
    if not quick:
        (ROOT / "docs" / "face-audit.svg").write_text(picture, encoding="utf-8")
        write_page("evidence.md", INTRODUCTION, *sections, "## Origin", source)
    return 0


def parts(*, quick: bool) -> dict[str, Callable[[Path], str]]:
    """What makes the table of each part, in its own folder."""
    return {
        "Killed at random": lambda folder: figures(
            kill_at_random(folder, sessions=20, largest=1800, kills=3, pause=0.5, limit=12)
            if quick
            else kill_at_random(folder, sessions=2000, largest=2500, kills=60, pause=3, limit=15)
        ),
        "Tampered with at random": lambda folder: table(
            ["change", "tried", "found", "file named"],
            tamper_at_random(folder, times=280, sessions=4, largest=60)
            if quick
            else tamper_at_random(folder, times=7000, sessions=12, largest=300),
        ),
        "A long session": lambda folder: figures(
            # A short measurement varies much, so it only notices large differences.
            weigh(folder, entries=30_000, rounds=1, slowest=0.2)
            if quick
            else weigh(folder, entries=1_000_000, rounds=3, slowest=0.5)
        ),
    }


def figures(found: dict[str, object]) -> str:
    """The figures as a table, by their names."""
    return table(["", ""], list(found.items()))


if __name__ == "__main__":
    sys.exit(main())
