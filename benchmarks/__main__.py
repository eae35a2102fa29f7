"""Measures everything in one run, prints the figures, and writes docs/benchmarks.md: `nox -s bench`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from contextlib import ExitStack

from tests.figures import write_page

from . import measures
from .importing import import_times
from .pages import MOST, body, session
from .processes import Peer, Server
from .report import CHART, figures_table, origin, page
from .results import FULL, QUICK, Results, Size
from .rooms import count_rooms
from .verification import verify


def main() -> None:
    """Run all measures; only full runs write the page and its chart."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, about a minute; writes nothing")
    quick = parser.parse_args().quick
    source = origin()
    began = time.monotonic()
    results = measure(QUICK if quick else FULL)
    print(f"\n{figures_table(results)}\n\n{time.monotonic() - began:.0f} s")
    from .chart import draw  # noqa: PLC0415  # before, it would add to the memory of each process that is started

    parts, chart = page(results, source, len(body(session(MOST))) / MOST), draw(results)
    if quick:
        print(f"quick: few samples, and the longest listing had {max(QUICK.entries):,} entries")
    else:
        write_page("benchmarks.md", *parts)
        CHART.write_text(chart, encoding="utf-8")


def measure(size: Size) -> Results:
    """Verify all peers, then time them."""
    results = Results(import_times=import_times())
    with ExitStack() as stack:
        url = stack.enter_context(Server())
        workers = {name: stack.enter_context(Peer(name)) for name in measures.PEERS}
        for worker in workers.values():
            verify(worker, url)
        if not workers["ours"].ask("exact", session=session(MOST, unknown=True)):
            raise SystemExit("ours does not give back fields that it does not know; nothing was timed")
        _say("all peers find the same entries")
        measures.time_decoding(workers, size, results)
        _say("decoding")
        measures.time_calls(workers, size, results, url)
        _say("calls")
        measures.time_processes(size, results, url)
        _say("imports and first pages")
        measures.time_chains(workers, size, results, url)
        _say("chained pages")
        measures.time_growth(workers, size, results, url)
        _say("cost of a page as listings grow")
        measures.weigh(workers, size, results, url)
        _say("memory")
        walked = subprocess.run([sys.executable, "-m", "benchmarks.walk"], check=True, capture_output=True, text=True)
        results.walked = int(walked.stdout.split()[-2])
        results.rooms = count_rooms()
    return results


def _say(done: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {done}", flush=True)


if __name__ == "__main__":
    main()
