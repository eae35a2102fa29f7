"""Puts every text at every place of a document, prints a table, and writes docs/hostile.md: `nox -s hostile`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.figures import origin, table, write_page

from .extras import SIZES, overlays, references, selections, sized, yaml_texts
from .places import HOST, PAYLOADS, PLACES
from .trial import LARGEST, LONGEST, Trials, Verdict, changes, peak

HEADS = ("documents", "count", "refused", "generated", "seconds, longest", "faults")
INTRODUCTION = f"""# Hostile documents

`nox -s hostile` changes the document `tests/hostile/host.yaml` at one of {len(PLACES)} places into one of
{len(PAYLOADS)} texts, and generates a package from each: quotes, line ends of every kind, backslashes, expressions of
templates and formats, paths, control characters, length. It also puts the texts into overlays and selections, and tries
references that lead out of the document, YAML that is more than JSON, and documents whose size or whose loops would
take forever. `-- --quick` tries one document of each group and writes nothing.

Each document is either refused, with a reason that names the place and what to do, or generated. A generated package
must have the same structure for `ast` as with a harmless text at that place; it must compile, import, and hold the
document unchanged. An audit hook watches generation and import: no file outside the output and no socket is opened, no
program but ruff is started, and no code runs but that of the repository and its tools. Every text that could run leaves
a mark if it does. One document takes at most {LONGEST:.0f} seconds of processor time, and all of them at most
{LARGEST:,} MB.

The runtime, which no document changes, is left out of these packages, and templates are compiled only once."""


def main() -> int:
    """Judge every document; 1 where one of them found a fault."""
    parser = argparse.ArgumentParser(prog="nox -s hostile --", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one document of each group; writes nothing")
    quick = parser.parse_args().quick
    source = origin("hostile.md", "openapi-python-client", "jinja2", "ruff")
    with tempfile.TemporaryDirectory() as name:
        trials = Trials(Path(name))
        groups = _groups(trials)
        rows = [_row(group, judges[-1:] if quick else judges) for group, judges in groups.items()]
        trials.close()
    counts = [sum(row[at] for row in rows) for at in (1, 2, 3)]
    rows.append(["all", *counts, max(row[4] for row in rows), sum(row[5] for row in rows)])
    shown = table(HEADS, rows)
    memory = f"The generator took {peak():,} MB of memory at most."
    print(shown, memory, sep="\n")
    if not quick:
        write_page("hostile.md", INTRODUCTION, "The figures of the last run.", shown, memory, "## Origin", source)
    return 1 if rows[-1][5] or peak() > LARGEST else 0


def _groups(trials: Trials) -> dict[str, list[Callable[[], Verdict]]]:
    """What judges each document, by group."""
    spoiled = {
        payload: [partial(trials.run, place, payload, text) for place in PLACES] for payload, text in PAYLOADS.items()
    }
    whole = json.dumps(HOST)
    return spoiled | {
        "references": [partial(trials.judge, *one) for one in references()],
        "YAML": [partial(trials.judge, name, text, [""], suffix="yaml") for name, text in yaml_texts()],
        "overlays": [partial(trials.judge, name, whole, allowed, overlay=one) for name, one, allowed in overlays()],
        "selections": [partial(trials.judge, name, whole, [""], selection=one) for name, one in selections()],
        "sizes and loops": [partial(_judge_size, trials, name) for name in SIZES],
    }


def _judge_size(trials: Trials, name: str) -> Verdict:
    raw = sized(name)
    return trials.judge(name, json.dumps(raw), changes(HOST, raw))


def _row(group: str, judges: Sequence[Callable[[], Verdict]]) -> list[Any]:
    found = [judge() for judge in judges]
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
