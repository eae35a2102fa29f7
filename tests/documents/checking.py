"""Checks the types of all packages, with both type checkers at their strictest."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from .generating import Generated

_SETTINGS = {
    "typeCheckingMode": "strict",
    # As for the package of this repository: mypy's narrowing needs casts, and modules of one package share names.
    "reportUnnecessaryCast": False,
    "reportPrivateUsage": False,
}


def check_types(all_generated: Iterable[Generated], folder: Path) -> Mapping[str, Counter[str]]:
    """By type checker, the number of errors in each package; all packages are checked in one run."""
    names = [one.package for one in all_generated if not one.failure]
    if not names:
        return {"mypy": Counter(), "basedpyright": Counter()}
    for one in all_generated:
        if not one.failure:
            shutil.copytree(one.source, folder, dirs_exist_ok=True)
    (folder / "pyrightconfig.json").write_text(json.dumps(_SETTINGS), encoding="utf-8")
    mypy = ["mypy", "--strict", "--config-file=", "--no-error-summary", *names]
    basedpyright = ["basedpyright", "--pythonpath", sys.executable, "--outputjson", *names]
    found = json.loads(_run(basedpyright, folder))["generalDiagnostics"]
    return {
        "mypy": _count(re.findall(r"^([^:\n]+):\d+: error:", _run(mypy, folder), re.MULTILINE)),
        "basedpyright": _count(str(Path(one["file"]).relative_to(folder.resolve())) for one in found),
    }


def _count(paths: Iterable[str]) -> Counter[str]:
    return Counter(Path(path).parts[0] for path in paths)


def _run(command: list[str], folder: Path) -> str:
    ran = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode not in {0, 1}:
        raise RuntimeError(f"{command[0]}: {ran.stdout}{ran.stderr}")
    return ran.stdout
