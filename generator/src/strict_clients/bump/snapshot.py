"""The list of a package's public names: `python -m strict_clients.bump.snapshot PACKAGE FILE [--check]`."""

import argparse
import sys
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

from strict_clients.bump.surface import read_surface, snapshot


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the names of a package into a file, or compare; returns 0 if done or equal, 1 if different."""
    parser = argparse.ArgumentParser(description="Keep the public names of a package in a file.", allow_abbrev=False)
    parser.add_argument("package", type=Path, help="the folder of the package's modules")
    parser.add_argument("kept", metavar="FILE", type=Path, help="the list")
    parser.add_argument("--check", action="store_true", help="write nothing; show what differs")
    given = parser.parse_args(arguments)
    now = snapshot(read_surface(given.package.parent, given.package.name))
    if not given.check:
        given.kept.write_text(now, encoding="utf-8", newline="\n")
        return 0
    was = given.kept.read_text(encoding="utf-8") if given.kept.is_file() else ""
    changed = [*unified_diff(was.splitlines(), now.splitlines(), "committed", "now", lineterm="", n=0)]
    if changed:
        advice = f"{given.kept}: the public names have changed; if that is intended, regenerate and commit it"
        print(*changed, advice, sep="\n", file=sys.stderr)
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
