"""Spoils a document at every place with every text, prints a table, and writes docs/hostile.md: `nox -s hostile`."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.figures import origin, table, write_page

from .extras import SIZES, references, sized, yaml_texts
from .places import HOST, PAYLOADS, PLACES
from .trial import LARGEST, LONGEST, Trials, Verdict, changes, peak

HEADS = ("documents", "count", "refused", "generated", "seconds, longest", "faults")
INTRODUCTION = f"""# Hostile documents

`nox -s hostile` spoils the document `tests/hostile/host.yaml` at one of {len(PLACES)} places with one of
{len(PAYLOADS)} texts, and generates from each: quotes, line ends of every kind, backslashes, expressions of templates
and formats, paths, control characters, length. Beside these stand references that lead out of the document, YAML that
is more than JSON, and documents whose size or whose loops would take forever.

Each document is either refused with a reason that names the place and what to do, or generated into a package of which
`ast` shows the same structure as with a harmless text at that place, that compiles, imports, and holds the document as
it was. An audit hook watches generation and import: no file outside the output and no socket is opened, no program but
ruff is started, no code is run but that of the repository and its tools; every text that could run leaves a mark if it
does. One document takes at most {LONGEST:.0f} seconds of a processor, and all of them at most {LARGEST:,} MB.

The runtime, which no document changes, is left out of these packages, and templates are compiled once."""


def main() -> int:
    """Judge every document; 1 where one of them found a fault."""
    source = origin("hostile.md", "openapi-python-client", "jinja2", "ruff")
    with tempfile.TemporaryDirectory() as name:
        trials = Trials(Path(name))
        groups = {payload: _spoiled(trials, payload) for payload in PAYLOADS} | {
            "references": (trials.judge(*one) for one in references()),
            "YAML": (trials.judge(name, text, [""], suffix="yaml") for name, text in yaml_texts()),
            "sizes and loops": _sized(trials),
        }
        rows = [_row(group, verdicts) for group, verdicts in groups.items()]
        trials.close()
    counts = [sum(row[at] for row in rows) for at in (1, 2, 3)]
    rows.append(["all", *counts, max(row[4] for row in rows), sum(row[5] for row in rows)])
    shown = table(HEADS, rows)
    memory = f"The generator took {peak():,} MB of memory at most."
    print(shown, memory, sep="\n")
    write_page("hostile.md", INTRODUCTION, "The figures of the last run.", shown, memory, source)
    return 1 if rows[-1][5] or peak() > LARGEST else 0


def _spoiled(trials: Trials, payload: str) -> Iterator[Verdict]:
    return (trials.run(place, payload, PAYLOADS[payload]) for place in PLACES)


def _sized(trials: Trials) -> Iterator[Verdict]:
    for name in SIZES:
        raw = sized(name)
        yield trials.judge(name, json.dumps(raw), changes(HOST, raw))


def _row(group: str, verdicts: Iterable[Verdict]) -> list[Any]:
    found = list(verdicts)
    for verdict in found:
        for fault in verdict.faults:
            print(f"{verdict.name}: {fault}", flush=True)
    generated = sum(verdict.rendered for verdict in found)
    faults = sum(len(verdict.faults) for verdict in found)
    slowest = max(verdict.seconds for verdict in found)
    print(f"{group}: {len(found)} documents, {faults} faults", flush=True)
    return [group, len(found), len(found) - generated, generated, slowest, faults]


if __name__ == "__main__":
    sys.exit(main())
