"""Changes the runtime in small ways, one at a time, and counts the changes that no test of the client notices.

Without arguments it tries all modules and writes docs/mutation.md. With names of modules it tries these and prints.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from .changes import find_mutants
from .report import GROUPS, LOWEST, Reasons, render
from .trial import SURVIVED, Trial

ROOT = Path(__file__).parents[2]
PACKAGE = "face_audit"


def find_package() -> Path:
    """The folder of the runtime that is installed; it is not imported."""
    spec = find_spec(PACKAGE)
    (folder,) = (spec.submodule_search_locations if spec else None) or ("",)
    return Path(folder, "_runtime")


def main(wanted: list[str]) -> int:
    """The exit code: 1 where too many changes survive, one of them without a reason, or a reason is for none."""
    began = time.monotonic()
    folder = find_package()
    modules = wanted or [module for group in GROUPS.values() for module in group]
    sources = {name: (folder / f"{name.replace('.', '/')}.py").read_text("utf-8") for name in modules}
    mutants = [mutant for name, source in sources.items() for mutant in find_mutants(name, source)]
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = scratch
        verdicts = Trial(f"{PACKAGE}._runtime", folder, Path(scratch)).run(mutants)
    reasons = Reasons.load(Path(__file__).with_name("reasons.toml"))
    survivors = [mutant.name for mutant in mutants if verdicts[mutant.name] == SURVIVED]
    counts = {name: Counter(verdicts[mutant.name] for mutant in mutants if mutant.module == name) for name in modules}
    if not wanted:
        target = ROOT / "docs" / "mutation.md"
        target.parent.mkdir(exist_ok=True)
        target.write_text(render(counts, survivors, reasons, seconds=time.monotonic() - began), "utf-8")
    complaints = [f"survives, and has no reason: {name}" for name in survivors if name not in reasons.by_name]
    if not wanted:
        idle = sorted({*reasons.by_name} - {*survivors})
        complaints += [f"has a reason, and does not survive: {name}" for name in idle]
    noticed = 1 - len(survivors) / len(mutants)
    print(*complaints, *(f"{module}: {dict(count)}" for module, count in counts.items()), sep="\n")
    print(f"{noticed:.1%} of {len(mutants)} changes noticed")
    return 1 if complaints or noticed < LOWEST else 0


sys.exit(main(sys.argv[1:]))
