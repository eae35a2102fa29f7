"""Shows every fault of the catalogue to our clients and to two others, and writes docs/fault-table.md.

`nox -s faults` installs them and runs this. With `--ours` the columns of the two others are kept as the page has them,
which saves their quarter of an hour. All traffic stays on this machine.
"""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from tests.figures import origin, table, write_page

from . import callers
from .catalogue import CATALOGUE
from .harness import complaints, play, result_of
from .life import complaints_of_use
from .ours import CALLERS, HTTP, KINDS, Kind
from .script import MIDDLE
from .server import FaultServer
from .stage import Stage, authority_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .fault import Fault, Outcome

PATIENCE = 15.0
"""Seconds after which another client is killed."""
NOT_PLAYED = "-"
TABLE = Path("docs") / "fault-table.md"
INTRODUCTION = f"""# The result of each fault

`nox -s faults` writes this page; the faults are in `tests/faults/`. A server on loopback lists a session of seven
entries in pages of three. It applies each fault to the first page, or to the second where the first is impossible:
once, and then without end if that makes a difference. A cell shows how many requests for that page the server received,
the seconds until the result, and the result: the name of the error, or what was listed.

- **ours**: both clients of face-audit, which behave the same. *Holds* means that they do what the catalogue requires,
  including the text of the error, the entries before and after it, and later use of the client. Waits are counted, not
  slept, and are half of their bound. Where a fault uses up the time of an attempt, an attempt has 0.15 s or 0.3 s, and
  there are two.
- **httpx.Client()**: the same clients over `http_client=httpx.Client()` or `httpx.AsyncClient()`, as a caller makes
  them. *Holds* means the same. Otherwise the cell says what happens instead; the reasons are in
  [transport.md](transport.md).
  The unasked answers come from a server that takes 20 ms for each answer. A call without an end of its own was ended
  after {callers.HELD:g} s: "no end".
- **httpx2.Client()**: the same over httpx2.
- **stock**: the client that openapi-python-client generates from the same document, with its defaults.
- **azure**: azure-ai-vision-face, with its defaults.

Users of the last two page by hand, and so does this run. After {PATIENCE:g} s they are stopped: "no end". Memory is
given where a client took more than 64 MiB, which ours never does. `{NOT_PLAYED}` means not tried, because the fault is
about where a key is sent, or has no counterpart."""
_COLUMNS = ("fault", "ours", "httpx.Client()", "httpx2.Client()", "stock", "azure")
_PACKAGES = ("face-audit", "openapi-python-client", "httpx", "httpx2", "azure-ai-vision-face", "azure-core")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What came of one fault: the requests, the seconds, the result."""

    requests: int
    seconds: float
    result: str

    def __str__(self) -> str:
        return f"{self.requests} in {self.seconds:.1f} s, {self.result}"


class Worker:
    """Another client in a process of its own, which is killed where it takes too long."""

    def __init__(self, peer: str) -> None:
        """Begin with the first order."""
        self._peer = peer
        self._process: subprocess.Popen[str] | None = None

    def play(self, fault: Fault, times: float) -> Cell:
        """Show it the fault."""
        if "MiB" in fault.name:
            self.end()  # so that the most memory that it held is this fault's
        self._begin()
        start = None if "first" in fault.pages else MIDDLE
        with Stage(fault) as stage:
            stage.arm(start, times)
            back = threading.Timer(0.3, stage.pass_over)  # nobody says when these clients wait
            if times == 1:
                back.start()
            answer = self._ask(
                url=stage.server.url,
                pause=0.05 if fault.idle else 0,
                close=fault.place == "client",
                resolver=fault.trick if fault.place == "name" else "",
                times=times,
            )
            back.cancel()
            requests = sum(one.start == start for one in stage.server.requests)
        if fault.place == "name":
            self.end()  # its resolver is broken for good
        return replace(answer, requests=requests)

    def _begin(self) -> None:
        if self._process is not None:
            return
        # Both know the one authority of these tests, each by the name that it reads.
        trusted = {"SSL_CERT_FILE": authority_file(), "REQUESTS_CA_BUNDLE": authority_file()}
        command = [sys.executable, str(Path(__file__).parent / "peer_worker.py"), self._peer]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | trusted,
            stderr=subprocess.DEVNULL,
        )
        with FaultServer() as server:  # so that importing takes no time later
            warm = self._ask(url=server.url)
        if warm.result != "all entries":
            raise SystemExit(f"{self._peer} does not list a session without faults: {warm}")

    def _ask(self, **order: object) -> Cell:
        assert self._process is not None
        inward, outward = self._process.stdin, self._process.stdout
        assert inward is not None
        assert outward is not None
        inward.write(json.dumps(order) + "\n")
        inward.flush()
        if select.select([outward], [], [], PATIENCE)[0] and (line := outward.readline()):
            return Cell(requests=0, **json.loads(line))
        self.end()
        return Cell(requests=0, seconds=PATIENCE, result="no end")

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def show_ours(fault: Fault) -> str:
    """The cell of our clients."""
    if fault.place == "client":
        found = [complaint for kind in ("sync", "async") for complaint in complaints_of_use(fault, kind)]
        return "; ".join(found) or f"holds: {fault.stays.error or 'all entries'}"
    told: list[str] = []
    for times, owed in _times(fault):
        reports = [play(fault, kind, fault.pages[0], times=times) for kind in ("sync", "async")]
        found = [complaint for report in reports for complaint in complaints(report, owed)]
        if found:
            return "; ".join(found)
        one = reports[0]
        result = "all entries" if one.error is None else type(one.error).__name__
        told.append(str(Cell(requests=one.requests, seconds=one.seconds + sum(one.waits), result=result)))
    return f"holds: {_joined(told)}"


def show_callers(fault: Fault, http: HTTP) -> str:
    """The cell of our clients over a caller's HTTP client.

    Raises:
        SystemExit: it is neither what the catalogue asks for nor what is declared in its place.
    """
    told = {kind: _use(fault, http, kind) if fault.place == "client" else _play(fault, http, kind) for kind in KINDS}
    sync, other = told["sync"], told["async"]
    # The seconds differ from one run to the next.
    if re.sub(r"[0-9.]+ s", "", sync) == re.sub(r"[0-9.]+ s", "", other):
        return sync
    return "; ".join(f"{kind}: {'holds' if cell.startswith('holds: ') else cell}" for kind, cell in told.items())


def _use(fault: Fault, http: HTTP, kind: Kind) -> str:
    declared, found = callers.difference(fault, http, kind), callers.result_of_use(fault, http, kind)
    if found != ("" if declared is None else declared.stays):
        raise SystemExit(f"{fault.name}, {http}, {kind}: {found or 'it holds'}")
    return found or f"holds: {fault.stays.error or 'all entries'}"


def _play(fault: Fault, http: HTTP, kind: Kind) -> str:
    told, held = list[str](), True
    for times, _ in _times(fault):
        cell = callers.Cell(fault, http, kind, fault.pages[0], times)
        report = cell.play()
        if short := callers.falls_short(cell, report):
            raise SystemExit(f"{fault.name}, {http}, {kind}: {'; '.join(short)}")
        held = held and cell.declared is None
        seconds = report.seconds + sum(report.waits)
        result = result_of(report)
        told.append(str(Cell(requests=report.requests, seconds=seconds, result=result)) if held else result)
    return f"{'holds: ' if held else ''}{_joined(told)}"


def show_peer(peer: str, faults: Sequence[Fault]) -> list[str]:
    """The column of another client."""
    worker, column = Worker(peer), list[str]()
    for fault in faults:
        played = fault.group != "redirects" and (fault.place != "client" or fault.name == "used after closing")
        column.append(_joined([str(worker.play(fault, times)) for times, _ in _times(fault)]) if played else NOT_PLAYED)
    worker.end()
    return column


def _times(fault: Fault) -> list[tuple[float, Outcome]]:
    return [(inf, fault.stays)] if fault.once == fault.stays else [(1, fault.once), (inf, fault.stays)]


def _joined(told: list[str]) -> str:
    return told[0] if len(told) == 1 else f"once: {told[0]}; stays: {told[1]}"


def page(cells: Sequence[Sequence[str]], source: str) -> list[str]:
    """The parts of docs/fault-table.md; the cells of each fault are in the order of the columns."""
    rows = [[f"{fault.group}: {fault.name}", *row] for fault, row in zip(CATALOGUE, cells, strict=True)]
    return [INTRODUCTION, table(_COLUMNS, rows), "## Origin", source]


def kept(page: str) -> list[list[str]]:
    """The cells of the other makers' clients, as the committed page has them.

    Raises:
        SystemExit: it lacks one that has to be played.
    """
    rows = (line.strip("| \n").split(" | ") for line in page.splitlines() if line.startswith("| "))
    known = {name: cells[-2:] for name, *cells in rows}
    columns: list[list[str]] = [[], []]
    for fault in CATALOGUE:
        cells = known.get(f"{fault.group}: {fault.name}", [NOT_PLAYED] * 2 if fault.place == "client" else [])
        if not cells:
            raise SystemExit(f"{fault.name}: was never shown to the others; run `nox -s faults`")
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    return columns


def main() -> None:
    """Write the table."""
    ours_only = sys.argv[1:] == ["--ours"]
    if len(sys.argv) > 1 and not ours_only:  # one column, in a process of its own
        sys.stdout.write(json.dumps(show_peer(sys.argv[1], CATALOGUE)))
        return
    before, source = TABLE.read_text(encoding="utf-8"), origin("fault-table.md", *_PACKAGES)
    with ThreadPoolExecutor() as pool:
        command = [sys.executable, "-m", "tests.faults.peers"]
        columns = [] if ours_only else ["stock", "azure"]
        played = pool.map(lambda peer: subprocess.check_output([*command, peer], text=True), columns)
        ours = [show_ours(fault) for fault in CATALOGUE]
        over = [[show_callers(fault, http) for fault in CATALOGUE] for http in CALLERS]
        others = kept(before) if ours_only else [json.loads(column) for column in played]
    note = "The columns of other makers' clients are those of the page before." if ours_only else ""
    write_page("fault-table.md", *page(list(zip(ours, *over, *others, strict=True)), source), note)
    failing = [fault.name for fault, cell in zip(CATALOGUE, ours, strict=True) if not cell.startswith("holds: ")]
    if failing:
        raise SystemExit(f"ours falls short: {', '.join(failing)}")


if __name__ == "__main__":
    main()
