"""Fuzzes all targets, prints a table, and writes docs/fuzzing.md after a full run: `nox -s fuzz`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

from tests.figures import ROOT, origin, table, write_page

from .result import FINDINGS, Result, read_figures
from .seeds import seeds_of

FULL = 4_000_000
# Of the runs; the slower targets get fewer.
SHARES = {"success": 0.10, "failure": 0.25, "waits": 0.34, "body": 0.09, "checkpoint": 0.17, "talk": 0.05}
# Seconds and MB for one input, beyond which it is a finding, and the length in bytes beyond which none grows.
LIMITS = ("-timeout=10", "-rss_limit_mb=1024", "-max_len=4096")
HEADS = ("target", "runs", "seconds", "executions/s", "edges", "features", "corpus", "findings")
INTRODUCTION = """# Fuzzing

`nox -s fuzz` runs the readers of all outside data on inputs that atheris (libFuzzer) generates to reach new code. The
targets are in `tests/fuzz/`: an input is either used unchanged, or a value that resembles an answer of the service is
drawn from it. A target fails if anything but an error of the package's tree is raised, or if one of the promises below
is broken; then the session fails, and the input is saved in `build/fuzz/`, where
`python -m tests.fuzz.one atheris TARGET FILE` runs it again."""
PROMISES = (
    ("success", "`values.strict_json.loads` and `responses.pages.read_success` of the audit entries",
     "reads what `json.loads` reads, except NaN, infinity and half pairs; items are written back and kept unchanged"),
    ("failure", "`responses.status_errors.read_failure`",
     "an error of that status; its text is bounded and printable; waits as below"),
    ("waits", "`responses.status_errors.WaitHints.find` as the client sets it up",
     "nothing, or a finite time that is not negative"),
    ("body", "`http.body.Body` in pieces of any size",
     "the result of `gzip.decompress`; refused only if that refuses, or on purpose (size, growth, encoding, header)"),
    ("talk", "`http.protocol.Protocol` in pieces of any size",
     "the result of h11; refused only if that refuses, or on purpose (`STRICTER` in `tests/client/reference.py`)"),
    ("checkpoint", "`pagination.position.Progress.resume`",
     "resumes at the checkpoint, gives it back, and requests the items after it"),
)  # fmt: skip
LEGEND = """The figures of the last full run. Edges are those of the instrumented package, features are edges with how
often they ran, and the corpus is the inputs that were kept because each reached something new."""


def main() -> int:
    """Fuzz every target; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="nox -s fuzz --", description=__doc__)
    parser.add_argument("--runs", type=int, default=FULL, help="of all targets together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="random inputs, without atheris; writes nothing")
    given = parser.parse_args()
    engine = "plain" if given.plain else "atheris"
    source = origin("fuzzing.md", "atheris", "face-audit", "attrs")
    results = list[Result]()
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each target is a process of its own
        runs = [round(given.runs * share) for share in SHARES.values()]
        for result in pool.map(fuzz, repeat(engine), SHARES, runs, repeat(given.seed)):
            results.append(result)
            print(f"{result.target}: {result.runs:,} runs, {len(result.findings)} findings", flush=True)
    shown = table(HEADS, [row(result) for result in [*results, total(results)]])
    print(shown)
    findings = [finding for result in results for finding in result.findings]
    print(*(f"found: {finding}" for finding in findings), sep="\n", end="\n" if findings else "")
    promises = table(("target", "reads", "promises in addition to the errors"), PROMISES)
    if engine == "atheris" and given.runs >= FULL:
        write_page("fuzzing.md", INTRODUCTION, promises, LEGEND, shown, source)
    return 1 if findings else 0


def fuzz(engine: str, name: str, runs: int, seed: int) -> Result:
    """Run one target in a process of its own, which ends with the first finding."""
    with tempfile.TemporaryDirectory() as folder:
        corpus, found = Path(folder, "corpus"), Path(folder, "found")
        corpus.mkdir()
        found.mkdir()
        for place, content in enumerate(seeds_of(name)):
            (corpus / f"seed-{place}").write_bytes(content)
        command = [sys.executable, "-m", "tests.fuzz.one", engine, name, f"-runs={runs}", f"-seed={seed}", *LIMITS]
        command += ["-print_final_stats=1", f"-artifact_prefix={found}/{name}-", str(corpus)]
        began = time.monotonic()
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
        seconds = time.monotonic() - began
        findings = [keep(path) for path in sorted(found.iterdir())]
    count, *figures = read_figures(ran.stderr)
    if not findings and (ran.returncode != 0 or count < runs):
        findings = [f"no input, but {name} ended after {count} of {runs} with exit code {ran.returncode}"]
    if findings:
        print(ran.stdout[-4000:], ran.stderr[-4000:], sep="\n")
    return Result(name, count, seconds, *figures, findings=tuple(findings))


def keep(path: Path) -> str:
    """Copy an input out of the run's own folder; gives where it is now."""
    FINDINGS.mkdir(parents=True, exist_ok=True)
    return str(Path(shutil.copy(path, FINDINGS)).relative_to(ROOT))


def row(result: Result) -> list[object]:
    """The figures of one target under `HEADS`."""
    unknown = ("-" if figure is None else figure for figure in (result.edges, result.features, result.corpus))
    speed = round(result.runs / max(result.seconds, 0.001))
    return [result.target, result.runs, round(result.seconds), speed, *unknown, len(result.findings)]


def total(results: list[Result]) -> Result:
    """All targets together."""
    names = tuple(name for result in results for name in result.findings)
    return Result("all", sum(one.runs for one in results), sum(one.seconds for one in results), findings=names)


if __name__ == "__main__":
    sys.exit(main())
