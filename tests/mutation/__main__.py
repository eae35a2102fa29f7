"""Changes the runtime in small ways, one at a time, and counts the changes that no test of the client notices.

`nox -s mutation` tries all modules and writes docs/mutation.md. With names of modules after `--` it tries these alone
and writes nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from tests.figures import origin, write_page

from .changes import find_mutants
from .report import GROUPS, LOWEST, Reasons, render
from .trial import BROKEN, SURVIVED, Trial

PACKAGE = "face_audit"
_TESTS = ("tests/client",)


def find_package() -> Path:
    """The folder of the runtime that is installed; it is not imported."""
    spec = find_spec(PACKAGE)
    (folder,) = (spec.submodule_search_locations if spec else None) or ("",)
    return Path(folder, "_runtime")


def main() -> int:
    """The exit code: 1 if too many changes survive, or one without a reason, or if a reason has no survivor."""
    parser = argparse.ArgumentParser(prog="nox -s mutation --", description=__doc__)
    parser.add_argument("modules", nargs="*", help="of the runtime, such as `policy` or `sync.pager`; without any, all")
    parser.add_argument("--tests", nargs="+", default=_TESTS, help="files of tests, to try this session with few")
    given = parser.parse_args()
    began, tests = time.monotonic(), tuple(given.tests)
    full = not given.modules and tests == _TESTS
    source = origin("mutation.md", "face-audit", "pytest", "hypothesis", "coverage")
    folder = find_package()
    modules = given.modules or [module for group in GROUPS.values() for module in group]
    sources = {name: (folder / f"{name.replace('.', '/')}.py").read_text("utf-8") for name in modules}
    mutants = [mutant for name, text in sources.items() for mutant in find_mutants(name, text)]
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = scratch
        verdicts = Trial(f"{PACKAGE}._runtime", folder, Path(scratch), tests).run(mutants)
    reasons = Reasons.load()
    survivors = [mutant.name for mutant in mutants if verdicts[mutant.name] == SURVIVED]
    counts = {name: Counter(verdicts[mutant.name] for mutant in mutants if mutant.module == name) for name in modules}
    complaints = [f"survives, and has no reason: {name}" for name in survivors if name not in reasons.by_name]
    complaints += [
        f"has no verdict, because its trial failed: {name}" for name, what in verdicts.items() if what == BROKEN
    ]
    if full:
        write_page("mutation.md", render(counts, survivors, reasons, seconds=time.monotonic() - began, source=source))
        idle = sorted({*reasons.by_name} - {*survivors})
        complaints += [f"has a reason, and does not survive: {name}" for name in idle]
    noticed = 1 - len(survivors) / len(mutants)
    print(*complaints, *(f"{module}: {dict(count)}" for module, count in counts.items()), sep="\n")
    print(f"{noticed:.1%} of {len(mutants)} changes noticed")
    return 1 if complaints or noticed < LOWEST else 0


if __name__ == "__main__":
    sys.exit(main())
