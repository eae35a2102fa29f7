"""What the soak counts: entries, attempts, and what the process holds."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from statistics import linear_regression
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from face_audit import FaceAuditError, RetryPolicy, Timeouts

from tests.figures import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from face_audit import AttemptEvent, AuditEntry

KEY = "0123456789abcdef0123456789abcdef"
BUDGET = 100
RETRY = RetryPolicy(first_wait=0.001, longest_wait=0.05, budget=BUDGET)
TIMEOUTS = Timeouts(connect=5.0, attempt=5.0, call=20.0)


class BrokenPromiseError(Exception):
    """A promise was broken."""


def require(claim: bool, otherwise: str) -> None:
    """Raise BrokenPromiseError unless `claim` holds."""
    if not claim:
        raise BrokenPromiseError(otherwise)


class Ledger:
    """The entries that a listing must give: each once, in order, and of its own session."""

    def __init__(self, name: str, count: int) -> None:
        """Expect the ids from `count` down to 1."""
        self.session = f"{name}-{count}"
        self.count = self._left = count

    def take(self, entry: AuditEntry) -> None:
        """Check that this is the next entry."""
        found, expected = (entry.id, entry.session_id, entry.digest), str(self._left)
        require(found == (expected, self.session, f"{self.session}/{expected}"), f"expected {expected}, got {found}")
        self._left -= 1

    @property
    def left(self) -> int:
        """How many entries are missing."""
        return self._left

    def finish(self) -> None:
        """Note the end of the listing."""
        require(self._left == 0, f"{self.session}: {self._left} entries are missing")


class Tally:
    """A hook that counts attempts by their outcome."""

    def __init__(self) -> None:
        """Start at zero."""
        self._lock = threading.Lock()
        self.attempts = self.retries = self.own_retries = 0
        self.outcomes = Counter[str]()
        self.surfaced = Counter[str]()
        self.refusals = 0

    def __call__(self, event: AttemptEvent) -> None:
        """Count one attempt."""
        with self._lock:
            self.attempts += 1
            self.outcomes[event.error or "ok"] += 1
            self.retries += event.wait is not None
            self.own_retries += event.wait is not None and event.status != 429

    def surface(self, error: FaceAuditError) -> None:
        """Count an error that a caller got."""
        with self._lock:
            self.surfaced[type(error).__name__] += 1
            self.refusals += "retry.budget is spent" in str(error)

    def check_budget(self) -> None:
        """Check that the client's own retries stayed within the budget and what successes added to it."""
        most = BUDGET + self.outcomes["ok"]
        require(self.own_retries <= most, f"{self.own_retries} retries, the budget allowed {most}")


@frozen
class Held:
    """What this process holds."""

    files: int
    threads: int
    tasks: int = 0

    @classmethod
    def now(cls, tasks: int = 0) -> Held:
        """At this moment."""
        return cls(len(os.listdir("/proc/self/fd")), threading.active_count(), tasks)  # noqa: PTH208  # opens no more


@frozen
class Samples:
    """What the process held while it worked."""

    memory: list[float] = field(factory=list[float])
    """MB."""
    held: list[Held] = field(factory=list[Held])

    def add(self, tasks: int = 0) -> None:
        """Take one."""
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        self.memory.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
        self.held.append(Held.now(tasks))

    @property
    def growth(self) -> float:
        """MB over the second half, by the line through its samples."""
        half = self.memory[len(self.memory) // 2 :]
        return linear_regression(range(len(half)), half).slope * len(half)

    def span(self, name: str) -> str:
        """The least and the most of one thing."""
        values = [getattr(one, name) for one in self.held]
        return str(values[0]) if min(values) == max(values) else f"{min(values)} to {max(values)}"


class Server:
    """The service, which is a separate process."""

    def __init__(self, port: int) -> None:
        """Use the one on this port."""
        self._port = port
        self.url = f"http://127.0.0.1:{port}"

    def figures(self, query: str = "") -> Counter[str]:
        """What it has counted so far."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        connection.request("GET", f"/control{query}")
        counted: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return Counter(counted)

    def begin_brown_out(self, seconds: float) -> None:
        """Let most requests fail for this time."""
        self.figures(f"?seconds={seconds}")

    def begin_strays(self, share: float) -> None:
        """Send strays with this share of the pages."""
        self.figures(f"?strays={share}")


@contextmanager
def serve() -> Iterator[Server]:
    """A new service, which ends with the block."""
    command = [sys.executable, "-m", "tests.soak.server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Server(int(process.stdout.readline()))
        finally:
            process.stdin.close()
