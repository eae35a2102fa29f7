"""Pages through one session, or exports it, in a process of its own, and prints what that took as JSON.

`python -m tests.evidence.worker pager|export URL SESSION FOLDER`
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from face_audit import AsyncFaceAuditClient
from face_audit_tools import export_sessions

KEY = "0123456789abcdef0123456789abcdef"


async def page(client: AsyncFaceAuditClient, session: str) -> int:
    """The pager alone, with the settings that the export gives it."""
    count = 0
    async for one in client.audit_entries.list(session, on_invalid="keep", prefetch=True).pages():
        count += len(one.items)
    return count


async def work(what: str, url: str, session: str, folder: Path) -> int:
    """Do it; gives the entries that came."""
    async with AsyncFaceAuditClient(KEY, endpoint=url) as client:
        if what == "pager":
            return await page(client, session)
        (result,) = await export_sessions(client, [session], folder)
        assert result.outcome == "complete", result
        return result.count


def peak() -> int:
    """The most that this process has held, in bytes."""
    told = Path("/proc/self/status")
    if told.exists():  # what `getrusage` tells there may be that of the process that started this one
        return int(told.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def main() -> None:
    """Measure the whole work, from the client's first request to the last file."""
    what, url, session, folder = sys.argv[1:]
    began, used = time.perf_counter(), time.process_time()
    count = asyncio.run(work(what, url, session, Path(folder)))
    figures = {
        "count": count,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - used,
        "peak": peak(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
