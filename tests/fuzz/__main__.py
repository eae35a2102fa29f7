"""Fuzzes all targets, prints a table, and writes docs/fuzzing.md after a full run: `nox -s fuzz`."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.figures import ROOT, origin, table, write_page

from . import plain
from .result import FINDINGS, Result
from .seeds import seeds_of

FULL = 10_000_000
# Of the runs; the slower targets get fewer.
SHARES = {"success": 0.10, "failure": 0.25, "waits": 0.34, "body": 0.09, "checkpoint": 0.17, "talk": 0.05}
# Seconds for one input, MB, and bytes: what goes beyond is a finding, and inputs do not grow further.
LIMITS = ("-timeout=10", "-rss_limit_mb=1024", "-max_len=4096")
HEADS = ("target", "runs", "seconds", "executions/s", "edges", "features", "corpus", "findings")
INTRODUCTION = """# Fuzzing

`nox -s fuzz` runs the readers of everything that comes from outside on inputs that atheris (libFuzzer) grows towards
new code. The targets are in `tests/fuzz/`: an input is either taken as it is, or a value that looks like an answer of
the service is drawn from it. A target fails where anything but an error of the package's tree escapes, or where one of
the promises below does not hold; then the session fails, and the input stays in `tests/fuzz/findings/`, where
`python -m tests.fuzz.one TARGET FILE` runs it again."""
PROMISES = (
    ("success", "`decoding.loads` and `answer.read_success` of the audit entries",
     "reads what `json.loads` reads, but no NaN, infinity, half pairs; items are written back and kept as they came"),
    ("failure", "`answer.read_failure`", "an error of that status; its text is bounded and printable; waits as below"),
    ("waits", "`waits.WaitHints.find` as the client sets it up", "nothing, or a finite time that is not negative"),
    ("body", "`body.Body` in pieces of any size",
     "what `gzip.decompress` gives; refused only where that refuses, or on purpose (size, growth, encoding, header)"),
    ("talk", "`http1.Talk` in pieces of any size",
     "what h11 reads; refused only where that refuses, or on purpose (`STRICTER` in `tests/client/reference.py`)"),
    ("checkpoint", "`listing.Progress.resume`",
     "stands where the checkpoint says, gives it back, and asks for what follows it"),
)  # fmt: skip
LEGEND = """The figures of the last full run. Edges are those of the instrumented package, features are edges with how
often they ran, and the corpus is the inputs that were kept because each showed something new."""


def main() -> int:
    """Fuzz every target; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="nox -s fuzz --", description=__doc__)
    parser.add_argument("--runs", type=int, default=FULL, help="of all targets together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="random bytes, for which atheris need not be installed")
    given = parser.parse_args()
    full = not given.plain and given.runs >= FULL
    source = origin("fuzzing.md", "atheris", "face-audit", "attrs") if full else ""  # now: commits may follow
    results = list[Result]()
    for name, share in SHARES.items():
        results.append((plain.run if given.plain else fuzz)(name, round(given.runs * share), given.seed))
        print(f"{name}: {results[-1].runs:,} runs, {len(results[-1].findings)} findings", flush=True)
    shown = table(HEADS, [row(result) for result in [*results, total(results)]])
    print(shown)
    found = [name for result in results for name in result.findings]
    if found:
        print("saved:", *(str((FINDINGS / name).relative_to(ROOT)) for name in found))
    if full:
        promises = table(("target", "reads", "promises beside the errors"), PROMISES)
        write_page("fuzzing.md", INTRODUCTION, promises, LEGEND, shown, source)
    return 1 if found else 0


def fuzz(name: str, runs: int, seed: int) -> Result:
    """Run one target under atheris in a process of its own, which ends with the first finding."""
    FINDINGS.mkdir(exist_ok=True)
    before = set(FINDINGS.glob(f"{name}-*"))
    with tempfile.TemporaryDirectory() as corpus:
        for place, content in enumerate(seeds_of(name)):
            (Path(corpus) / f"seed-{place}").write_bytes(content)
        command = [sys.executable, "-m", "tests.fuzz.one", name, f"-runs={runs}", f"-seed={seed}", *LIMITS]
        command += ["-print_final_stats=1", f"-artifact_prefix={FINDINGS}/{name}-", corpus]
        began = time.monotonic()
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    findings = sorted(path.name for path in set(FINDINGS.glob(f"{name}-*")) - before)
    if ran.returncode != 0:
        print(ran.stdout[-4000:], ran.stderr[-4000:], sep="\n")
        findings = findings or ["none: the fuzzer itself failed"]
    status = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", ran.stderr)
    edges, features, corpus_size = (int(number) for number in status[-1]) if status else (0, 0, 0)
    executed = re.search(r"number_of_executed_units: (\d+)", ran.stderr)
    count = int(executed[1]) if executed else 0
    return Result(name, count, time.monotonic() - began, edges, features, corpus_size, tuple(findings))


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
