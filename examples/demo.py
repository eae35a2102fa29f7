"""Page through a session of the emulator, which runs in a process of its own, with both clients."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from face_audit import AsyncFaceAuditClient, AuditEntry, FaceAuditClient

SESSION = "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"
KEY = "emulator-key"
COUNT = 2_500
SHOWN = 5


@contextmanager
def emulator() -> Iterator[str]:
    """The address of an emulator on loopback that holds one session."""
    command = [sys.executable, "-m", "face_audit.testing", "--port", "0", "--key", KEY, "--add", f"{SESSION}={COUNT}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.startswith("listening on "):
                raise SystemExit(f"the emulator did not start: {line!r}")
            yield line.split()[-1]
        finally:
            process.terminate()


def list_sync(endpoint: str) -> list[AuditEntry]:
    """All entries, by the blocking client."""
    with FaceAuditClient(KEY, endpoint=endpoint) as client:
        return list(client.audit_entries.list(SESSION))


async def list_async(endpoint: str) -> list[AuditEntry]:
    """All entries, by the client for asyncio."""
    async with AsyncFaceAuditClient(KEY, endpoint=endpoint) as client:
        return [entry async for entry in client.audit_entries.list(SESSION)]


def print_table(entries: list[AuditEntry]) -> None:
    """The first and the last entries."""
    print(f"{'id':>5}  {'received (UTC)':<19}  {'status':>6}  {'latency':>8}  digest")
    for entry in [*entries[:SHOWN], None, *entries[-SHOWN:]]:
        if entry is None:
            print(f"{'…':>5}")
            continue
        received = f"{entry.received_date_time:%Y-%m-%d %H:%M:%S}" if entry.received_date_time else "-"
        status = entry.response.status_code if entry.response else None
        latency = entry.response.latency_in_milliseconds if entry.response else None
        digest = (entry.digest or "-")[:16]
        print(f"{entry.id:>5}  {received:<19}  {status or '-':>6}  {latency or '-':>5} ms  {digest}…")


def main() -> None:
    """Run both clients and compare what they listed."""
    with emulator() as endpoint:
        print(f"emulator of the Face liveness audit API on {endpoint}, session {SESSION}\n")
        started = time.perf_counter()
        blocking = list_sync(endpoint)
        between = time.perf_counter()
        asynchronous = asyncio.run(list_async(endpoint))
        ended = time.perf_counter()
    print_table(blocking)
    print(f"\nFaceAuditClient       {len(blocking):>5} entries in {between - started:.2f} s")
    print(f"AsyncFaceAuditClient  {len(asynchronous):>5} entries in {ended - between:.2f} s")
    if not len(blocking) == len(asynchronous) == COUNT or blocking != asynchronous:
        raise SystemExit("the two clients did not list the same entries")
    print("both clients listed the same entries, each exactly once")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
