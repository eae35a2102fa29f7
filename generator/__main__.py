"""The command: `python -m generator --document FILE --output FOLDER`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from generator.breaches import GenerationRefused
from generator.pipeline import find_drift, generate
from generator.render import GenerationFailed


def main(arguments: Sequence[str] | None = None) -> int:
    """Render a document, or with `--check` compare; 0 is done or equal, 1 is refused or different."""
    parser = argparse.ArgumentParser(
        prog="python -m generator", description="Render an OpenAPI document into a Python client.", allow_abbrev=False
    )
    parser.add_argument("--document", type=Path, required=True, help="the OpenAPI document, YAML or JSON")
    parser.add_argument("--output", type=Path, required=True, help="the folder of the package; replaced as a whole")
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs from the folder")
    given = parser.parse_args(arguments)
    try:
        if not given.check:
            generate(given.document, given.output)
            return 0
        differences = find_drift(given.document, given.output)
    except (GenerationRefused, GenerationFailed, OSError) as error:
        print(f"{given.document}: nothing was written\n{error}", file=sys.stderr)
        return 1
    if differences:
        print("\n".join(differences), "regenerate it, and make the change at its source", sep="\n", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
