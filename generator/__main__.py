"""The command: `python -m generator --document FILE --output FOLDER`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from generator.breaches import GenerationRefused
from generator.drift import find_drift
from generator.lock import lock_of
from generator.pipeline import build, generate
from generator.render import GenerationFailed
from generator.report import shortened, summary, whole_report
from generator.select import Selection
from generator.source import Changes
from generator.write import SUMS


def main(arguments: Sequence[str] | None = None) -> int:
    """Render a document, or with `--check` compare; 0 is done or equal, 1 is refused or different."""
    parser = argparse.ArgumentParser(
        prog="python -m generator", description="Render an OpenAPI document into a Python client.", allow_abbrev=False
    )
    parser.add_argument("--document", type=Path, required=True, help="the OpenAPI document, YAML or JSON")
    parser.add_argument(
        "--overlay", type=Path, action="append", default=[], help="an OpenAPI Overlay 1.0 to apply; may be repeated"
    )
    for option, meaning in (("--include", "only these operations"), ("--exclude", "all but these operations")):
        forms = "a path such as /things/*, tag:NAME or operationId:NAME"
        parser.add_argument(option, action="append", default=[], help=f"{meaning}: {forms}; may be repeated")
    parser.add_argument("--package", help="what the package is called, in place of what the document says")
    parser.add_argument(
        "--partial", action="store_true", help="leave out operations that would lose their meaning, and list them"
    )
    parser.add_argument("--report", type=Path, help="a file for everything that was chosen, passed over and left out")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--output", type=Path, help="the folder of the package; replaced as a whole")
    target.add_argument("--sums", action="store_true", help="write nothing, print the sums that the package would have")
    parser.add_argument("--check", action="store_true", help="write nothing, say what has moved and differs")
    given = parser.parse_args(arguments)
    selection = Selection(include=given.include, exclude=given.exclude)
    changes = Changes(overlays=given.overlay, selection=selection, package=given.package, partial=given.partial)
    output, lock = None if given.sums else given.output, lock_of(given.document)
    return carry_out(given.document, output, changes=changes, check=given.check, lock=lock, report=given.report)


def carry_out(  # noqa: PLR0913  # all of a command
    document: Path,
    output: Path | None,
    *,
    changes: Changes,
    check: bool,
    lock: Path | None,
    report: Path | None = None,
) -> int:
    """Write a package, compare it, or print its sums if there is no output; 1 is refused or different."""
    try:
        if output is None:
            print(build(document, changes=changes)[SUMS], end="")
        elif not check:
            examined = generate(document, output, changes=changes, lock=lock)
            print(summary(examined), end="")
            if report is not None:
                report.write_text(whole_report(examined), encoding="utf-8", newline="\n")
        elif differences := find_drift(document, output, changes=changes, lock=lock):
            print(*differences, sep="\n", file=sys.stderr)
            return 1
    except (GenerationRefused, GenerationFailed, OSError) as error:
        print(f"{document}: nothing was written\n{shortened(error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
