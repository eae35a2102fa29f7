"""A report to look at: `python -m tests.bump.example` writes docs/bump-report.md from documents of the tests."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from strict_clients.bump import released
from strict_clients.command.bump import main

from .cases import GENERAL, stand_in
from .conftest import lay_out

PAGE = Path(__file__).parents[2] / "docs" / "bump-report.md"
HEAD = """# A report of a bump

`tests/bump/documents/v1.1-preview.1.yaml` was released, and `v1.2.yaml` beside it is the new document, with
`--accept-removal`. [bumps.md](bumps.md) explains the parts.

"""


def report(folder: Path) -> str:
    """The page with the report, whose headings are a level deeper; `folder` is empty."""
    archive = released.write(lay_out(folder), folder / "releases")
    given = [str(GENERAL), "--accept-removal", "--release", str(archive), "--output", str(folder / "report")]
    main(given, redocly=stand_in())
    lines = (folder / "report" / "report.md").read_text(encoding="utf-8").splitlines()
    return HEAD + "\n".join(f"#{line}" if line.startswith("#") else line for line in lines) + "\n"


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        PAGE.write_text(report(Path(name)), encoding="utf-8", newline="\n")
    sys.exit(0)
