"""Generates, imports, types and calls every document of a folder, and writes docs/documents.md: `nox -s documents`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.figures import origin, write_page
from tests.pages import ROOT

from .calling import VARIANTS, Mismatch
from .checking import check_types
from .cost import Cost, measure
from .document import documents_in
from .generating import LONGEST, Generated, Stock, generate, generate_stock
from .large import OPERATIONS, SIZE, large_document
from .report import Outcome, Report

INTRODUCTION = """# Documents that other people wrote

`nox -s documents -- FOLDER` generates a package of every OpenAPI document in a folder, imports it, checks its types,
calls all of its operations, and writes this page. [openapi.md](openapi.md) says what a document may contain. A document
that is refused as a whole is generated with `--partial`, without the operations that cannot be generated.

Each operation is called against a server on loopback, by both clients, with {variants} sets of values. The values are
made up from the document itself, and so is what has to arrive: method, path, query, headers, cookies, credentials and
body, by the rules of OpenAPI. The server answers a made-up success in the content type that the client asked for. What
the client gives back has to be what was answered, field by field, with a type for each field that the document names.
An operation is right if all of its calls are. Models are made field by field in half of the calls, and read by
`from_dict` in the others.

A note says how the document was read where it leaves a choice; the meaning is kept. What is passed over means nothing
to a client. The last columns are those of the stock engine, openapi-python-client without our templates, on the same
documents in the same run. The CPU seconds are those of `strict-clients generate --partial`, with the start of Python
and the layout by ruff. The large document is made by `tests/documents/large.py`.

`-- FOLDER --quick` makes a quarter of the calls, does not check types, and writes nothing."""
QUICK = 2


def main() -> int:
    """Try every document; 1 where something of what was generated is not right."""
    parser = argparse.ArgumentParser(prog="nox -s documents --", description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder of the documents, .json, .yaml or .yml")
    parser.add_argument("--quick", action="store_true", help="fewer calls, no types; writes nothing")
    given = parser.parse_args()
    paths = documents_in(given.folder)
    if not paths:
        parser.error(f"{given.folder}: has no document; name a folder with .json, .yaml or .yml files")
    source = origin("documents.md", "openapi-python-client", "ruff", "httpx", "mypy", "basedpyright")
    with tempfile.TemporaryDirectory() as name:
        report = try_all(paths, Path(name), quick=given.quick)
    sections = list(report.sections())
    print(*sections, sep="\n\n")
    if not given.quick:
        write_page("documents.md", INTRODUCTION.format(variants=VARIANTS), *sections, "## Origin", source)
    return 0 if report.is_right else 1


def try_all(paths: list[Path], folder: Path, *, quick: bool) -> Report:
    """What comes of these documents, in a folder for whatever is made of them."""
    outcomes = [_try_one(path, folder, variants=QUICK if quick else VARIANTS) for path in paths]
    types = None
    if not quick:
        (folder / "types").mkdir()
        types = check_types([one.generated for one in outcomes], folder / "types")
    (folder / "large.json").write_text(json.dumps(large_document()), encoding="utf-8")
    large = measure(folder / "large.json", folder / "large")
    shown = f"a document of {OPERATIONS:,} operations and {SIZE // 1_000_000} MB"
    return Report(outcomes, types, large, shown)


def _try_one(path: Path, folder: Path, *, variants: int) -> Outcome:
    generated = generate(path, folder / "packages")
    stock = generate_stock(path, folder)
    cost = Cost(0, 0, done=False) if generated.failure else measure(path, folder / "cost" / generated.package)
    outcome = Outcome(generated, stock, cost)
    if not generated.failure:
        outcome = call(generated, stock, cost, variants=variants)
    print(f"{path.name}: {outcome.right} of {generated.operations} operations are right", flush=True)
    return outcome


def call(generated: Generated, stock: Stock, cost: Cost, *, variants: int) -> Outcome:
    """Call a package in a process of its own."""
    module = (sys.executable, "-m", "tests.documents.calling")
    command = [*module, str(generated.path.resolve()), str(generated.source), generated.package, str(variants)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LONGEST)
    if ran.returncode:
        return Outcome(generated, stock, cost, failure=ran.stderr.strip().rpartition("\n")[2])
    found = json.loads(ran.stdout)
    return Outcome(generated, stock, cost, found["counts"], [Mismatch(**one) for one in found["mismatches"]])


if __name__ == "__main__":
    sys.exit(main())
