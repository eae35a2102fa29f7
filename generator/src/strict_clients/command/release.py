"""`release archive` writes what `bump` compares with: document, package and callers of a release in one file."""

import argparse
import sys
from pathlib import Path

from strict_clients.breaches import GenerationRefused
from strict_clients.bump.released import write
from strict_clients.clients import Client
from strict_clients.command.options import Commands, add_changes, add_list, changes_of, listed
from strict_clients.drift import find_drift
from strict_clients.lock import lock_of
from strict_clients.render import GenerationFailed
from strict_clients.source import UNCHANGED

_NO_FOLDER = "--output: is missing; name the folder of the archive"


def add(commands: Commands) -> None:
    """Add `release`."""
    what = "archive what was released, so that `bump` can compare with it"
    steps = commands.add_parser("release", help=what, allow_abbrev=False).add_subparsers(metavar="STEP", required=True)
    parser = steps.add_parser(
        "archive", description="Write the archive of a client in its present state.", allow_abbrev=False
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="a client of the list (default: the first one)")
    add_list(parser)
    parser.add_argument("--document", type=Path, help="an OpenAPI document, instead of the list")
    parser.add_argument("--generated", type=Path, help="with --document: the folder of the package")
    parser.add_argument("--callers", type=Path, action="append", default=[], help="with --document: a folder of code")
    add_changes(parser)
    parser.add_argument("--output", type=Path, help="the folder of the archive (default: that of the list)")
    parser.set_defaults(run=_run, error=parser.error)


def _run(given: argparse.Namespace) -> int:
    try:
        client = _client(given)
        differences = find_drift(client.document, client.output, changes=client.changes, lock=client.lock)
        if differences:
            print("nothing was written", *differences, sep="\n", file=sys.stderr)
            return 1
        print(write(client, given.output or client.releases or given.error(_NO_FOLDER)))
    except (GenerationRefused, GenerationFailed, OSError) as error:
        print(f"nothing was written\n{error}", file=sys.stderr)
        return 1
    return 0


def _client(given: argparse.Namespace) -> Client:
    if given.document is None:
        if given.generated or given.callers or changes_of(given) != UNCHANGED:
            given.error("--document: is missing; give it, or leave out the options that describe a client")
        return listed(given.list, [given.name] if given.name else [])[0]
    if given.name:
        given.error(f"{given.name}: is a client of the list; give it without --document")
    package: Path = given.generated or given.error("--generated: is missing; name the folder of the package")
    return Client(given.document, package, changes_of(given), lock_of(given.document), callers=tuple(given.callers))
