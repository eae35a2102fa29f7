"""The committed list of public names: `python -m bump.snapshot` writes it, `--check` compares it with the package."""

import sys
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

from bump.released import PACKAGE
from bump.surface import read_surface, snapshot

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = Path(__file__).parent / "surface.txt"
NAME = "face_audit"


def main(
    arguments: Sequence[str] | None = None, *, folder: Path = ROOT / PACKAGE / "src", kept: Path = SNAPSHOT
) -> int:
    """Write the snapshot of the package in the folder, or compare; 0 is done or equal, 1 is different."""
    given = sys.argv[1:] if arguments is None else arguments
    now = snapshot(read_surface(folder, NAME))
    if "--check" not in given:
        kept.write_text(now, encoding="utf-8", newline="\n")
        return 0
    was = kept.read_text(encoding="utf-8") if kept.is_file() else ""
    changed = [*unified_diff(was.splitlines(), now.splitlines(), "committed", "now", lineterm="", n=0)]
    if changed:
        advice = "the public names changed; if they should, run python -m bump.snapshot and commit surface.txt"
        print(*changed, advice, sep="\n", file=sys.stderr)
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
