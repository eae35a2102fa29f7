"""Shows every fault of the catalogue to our clients and to two others, and writes docs/fault-table.md.

`nox -s faults` installs them and runs this. All traffic stays on this machine.
"""

from __future__ import annotations

import json
import os
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

from .catalogue import CATALOGUE
from .harness import complaints, play
from .life import complaints_of_use
from .script import MIDDLE
from .server import FaultServer
from .stage import Stage, authority_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .fault import Fault, Outcome

PATIENCE = 15.0
"""Seconds after which another client is killed."""
NOT_PLAYED = "-"
INTRODUCTION = f"""# The result of each fault

`nox -s faults` writes this page; the faults are in `tests/faults/`. A server on loopback lists a session of seven
entries in pages of three. It applies each fault to the first page, or to the second where the first is impossible:
once, and then without end if that makes a difference. A cell shows how many requests for that page the server received,
the seconds until the result, and the result: the name of the error, or what was listed.

- **ours**: both clients of face-audit, which behave the same. *Holds* means that they do what the catalogue requires,
  including the text of the error, the entries before and after it, and later use of the client. Waits are counted, not
  slept, and are half of their bound. Where a fault uses up the time of an attempt, an attempt has 0.15 s, and there are
  two.
- **stock**: the client that openapi-python-client generates from the same document, with its defaults.
- **azure**: azure-ai-vision-face, with its defaults.

Users of the other two page by hand, and so does this run. After {PATIENCE:g} s they are stopped: "no end". Memory is
given where a client took more than 64 MiB, which ours never does. `{NOT_PLAYED}` means not tried, because the fault is
about where a key is sent, or has no counterpart."""
_PACKAGES = ("face-audit", "openapi-python-client", "httpx", "azure-ai-vision-face", "azure-core")


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
    """The parts of docs/fault-table.md; the cells of each fault are those of ours, stock and azure."""
    rows = [[f"{fault.group}: {fault.name}", *row] for fault, row in zip(CATALOGUE, cells, strict=True)]
    return [INTRODUCTION, table(("fault", "ours", "stock", "azure"), rows), "## Origin", source]


def main() -> None:
    """Write the table."""
    if len(sys.argv) > 1:  # one column, in a process of its own
        sys.stdout.write(json.dumps(show_peer(sys.argv[1], CATALOGUE)))
        return
    source = origin("fault-table.md", *_PACKAGES)
    with ThreadPoolExecutor() as pool:
        command = [sys.executable, "-m", "tests.faults.peers"]
        columns = pool.map(lambda peer: subprocess.check_output([*command, peer], text=True), ("stock", "azure"))
        ours = [show_ours(fault) for fault in CATALOGUE]
        stock, azure = (json.loads(column) for column in columns)
    write_page("fault-table.md", *page(list(zip(ours, stock, azure, strict=True)), source))
    failing = [fault.name for fault, cell in zip(CATALOGUE, ours, strict=True) if not cell.startswith("holds: ")]
    if failing:
        raise SystemExit(f"ours falls short: {', '.join(failing)}")


if __name__ == "__main__":
    main()
