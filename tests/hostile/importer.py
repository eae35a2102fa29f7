"""Imports packages that it is told on its standard input, one a line, and says what each did: a process of its own."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path

from tests.hostile.watch import watching


def visit(source: Path, name: str) -> list[str]:
    """Import every module of a package, use every public name; gives what went wrong."""
    sys.path.insert(0, str(source))
    importlib.invalidate_caches()
    seen: list[str] = []
    try:
        with watching() as seen:
            sys.modules.pop(name, None)
            package = importlib.import_module(name)
            for found in pkgutil.walk_packages(package.__path__, f"{name}."):
                if not found.name.endswith("__main__"):
                    importlib.import_module(found.name)
            for public in package.__all__:
                getattr(package, public)
    except Exception as error:  # noqa: BLE001  # any error is the finding
        seen = [*seen, f"import: {error!r:.300}"]
    sys.path.remove(str(source))
    # The runtime is the same file by file; it stays.
    for module in [one for one in sys.modules if one.startswith(f"{name}.") and "._runtime" not in one]:
        del sys.modules[module]
    return [one for one in seen if str(source) not in one]


def main() -> None:
    """Answer each line `[source, package]` by a line with the list of faults.

    The first one is imported beforehand: what libraries do when they are loaded is their own.
    """
    for count, line in enumerate(sys.stdin):
        source, name = json.loads(line)
        if count == 0:
            sys.path.insert(0, source)
            for found in pkgutil.walk_packages([source]):
                if not found.name.endswith("__main__"):
                    importlib.import_module(found.name)
            sys.path.remove(source)
        print(json.dumps(visit(Path(source), name)), flush=True)


if __name__ == "__main__":
    main()
