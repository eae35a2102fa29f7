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
from generator.write import SUMS


def main(arguments: Sequence[str] | None = None) -> int:
    """Render a document, or with `--check` compare; 0 is done or equal, 1 is refused or different."""
    parser = argparse.ArgumentParser(
        prog="python -m generator", description="Render an OpenAPI document into a Python client."
    )
    parser.add_argument("--document", type=Path, required=True, help="the OpenAPI document, YAML or JSON")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--output", type=Path, help="the folder of the package; replaced as a whole")
    target.add_argument("--sums", action="store_true", help="write nothing, print the sums that the package would have")
    parser.add_argument("--check", action="store_true", help="write nothing, say what has moved and differs")
    given = parser.parse_args(arguments)
    try:
        return _run(given.document, None if given.sums else given.output, check=given.check)
    except (GenerationRefused, GenerationFailed, OSError) as error:
        print(f"{given.document}: nothing was written\n{error}", file=sys.stderr)
        return 1


def _run(document: Path, output: Path | None, *, check: bool) -> int:
    if output is None:
        print(build(document)[SUMS], end="")
        return 0
    if not check:
        generate(document, output, lock=lock_of(document))
        return 0
    differences = find_drift(document, output, lock=lock_of(document))
    for difference in differences:
        print(difference, file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
