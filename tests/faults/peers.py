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
from datetime import UTC, datetime
from importlib.metadata import version
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

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
TABLE = Path("docs") / "fault-table.md"
HEAD = """# What comes of each fault

Written by `nox -s faults` on {date}; the faults stand in `tests/faults/`. A server on loopback lists a session of seven
entries in pages of three, and shows each fault on the first page (where that cannot be, on the second): once, and then
without end where that makes a difference. A cell says how many requests for that page the server saw, after how many
seconds the result came, and the result: the name of the error, or what was listed.

- **ours**: face-audit {ours}, both clients, which do the same. *Holds* where they do what
  the catalogue asks for: the text of the error, the entries before and after it, and the client's later use are
  included. Waits are counted, not slept, and are half of their bound. Where a fault uses up an attempt's time, an
  attempt has 0.15 s, and there are two.
- **stock**: what openapi-python-client {stock} makes of the same document, on httpx {httpx}, used as it comes.
- **azure**: azure-ai-vision-face {azure} on azure-core {core}, used as it comes.

Users of these two page by hand, and so does the run. After {patience:g} s theirs is ended: "no end". Memory is named
where more than 64 MiB were taken, which ours never does. `{none}`: not played, because it is about where a key goes, or
has no counterpart. Python {python}.

| fault | ours | stock | azure |
|---|---|---|---|
"""


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


def main() -> None:
    """Write the table."""
    if len(sys.argv) > 1:  # one column, in a process of its own
        sys.stdout.write(json.dumps(show_peer(sys.argv[1], CATALOGUE)))
        return
    with ThreadPoolExecutor() as pool:
        command = [sys.executable, "-m", "tests.faults.peers"]
        columns = pool.map(lambda peer: subprocess.check_output([*command, peer], text=True), ("stock", "azure"))
        ours = [show_ours(fault) for fault in CATALOGUE]
        stock, azure = (json.loads(column) for column in columns)
    text = HEAD.format(
        date=datetime.now(UTC).date(),
        ours=version("face-audit"),
        stock=version("openapi-python-client"),
        httpx=version("httpx"),
        azure=version("azure-ai-vision-face"),
        core=version("azure-core"),
        python=".".join(map(str, sys.version_info[:3])),
        patience=PATIENCE,
        none=NOT_PLAYED,
    )
    rows = zip(CATALOGUE, ours, stock, azure, strict=True)
    text += "".join(f"| {fault.group}: {fault.name} | {' | '.join(cells)} |\n" for fault, *cells in rows)
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(text, encoding="utf-8")
    failing = [fault.name for fault, cell in zip(CATALOGUE, ours, strict=True) if not cell.startswith("holds: ")]
    if failing:
        raise SystemExit(f"ours falls short: {', '.join(failing)}")


if __name__ == "__main__":
    main()
