"""The command: `strict-clients`, or `python -m strict_clients`."""

import argparse
import sys
from collections.abc import Sequence

from strict_clients import __version__
from strict_clients.command import bump, generate, redocly, release
from strict_clients.command.options import NAME


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog=NAME,
        description="Generate Python clients from OpenAPI documents, and report what new documents break.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in (generate.add_generate, generate.add_check, generate.add_samples, bump.add, release.add, redocly.add):
        add(commands)
    given = parser.parse_args(arguments)
    return int(given.run(given))


if __name__ == "__main__":
    sys.exit(main())
