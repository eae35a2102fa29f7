"""`redocly` installs Redocly CLI, whose differ gives `bump` a second opinion."""

import argparse
import sys

from strict_clients.command.options import Commands


def add(commands: Commands) -> None:
    """Add `redocly`."""
    what = "install Redocly CLI, whose differ gives `bump` a second opinion; needs npm's registry"
    parser = commands.add_parser("redocly", help=what, description=f"{what.capitalize()}.", allow_abbrev=False)
    parser.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> int:
    from strict_clients.bump.differ import INSTALLED, DifferUnavailable, install  # noqa: PLC0415

    try:
        install()
    except DifferUnavailable as error:
        print(f"nothing was installed\n{error}", file=sys.stderr)
        return 1
    print(INSTALLED)
    return 0
