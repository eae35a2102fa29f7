"""`bump` says what a new document changes, for whom, and which version to release."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from attrs import frozen

from strict_clients.breaches import GenerationRefused
from strict_clients.bump.released import NoRelease, find, unpack
from strict_clients.clients import Client, read_clients
from strict_clients.command.options import NAME, Commands, add_changes, add_list, changes_of, listed
from strict_clients.render import GenerationFailed
from strict_clients.source import UNCHANGED, Changes

if TYPE_CHECKING:
    from strict_clients.bump.differ import Redocly

REFUSED = 1
"""The exit code if there is no verdict or it is a stop; otherwise the exit code is the rating's value."""
_DESCRIPTION = (
    "Compare a document with the last release: what it changes, whom that breaks, and which version to release. "
    "The exit code is 0 for no change, 10 for a patch, 20 for a minor and 30 for a major version, and 1 for no verdict."
)


def add(commands: Commands) -> None:
    """Add `bump`."""
    what = "say what a new document changes, for whom, and which version to release"
    parser = commands.add_parser("bump", help=what, description=_DESCRIPTION, allow_abbrev=False)
    _add_options(parser)
    parser.set_defaults(run=_run)


def main(arguments: Sequence[str], *, redocly: "Redocly | None" = None) -> int:
    """Compare a document with the last release; 0 nothing, 10 patch, 20 minor, 30 major, 1 refused."""
    parser = argparse.ArgumentParser(prog=f"{NAME} bump", description=_DESCRIPTION, allow_abbrev=False)
    _add_options(parser)
    return _run(parser.parse_args(arguments), redocly)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("new", metavar="NEW", nargs="?", type=Path, help="the new document (default: that of the list)")
    add_list(parser)
    parser.add_argument("--client", help="a client of the list (default: the first one)")
    parser.add_argument("--all", action="store_true", help="every client of the list that has releases")
    parser.add_argument("--release", type=Path, help="the archive to compare with, instead of that of the list")
    add_changes(parser)
    parser.add_argument("--accept-removal", action="store_true", help="keep removed operations as stubs, and continue")
    parser.add_argument(
        "--callers", type=Path, action="append", default=[], help="a folder of callers' code to check too"
    )
    parser.add_argument("--output", type=Path, default=Path("build", "bump"), help="the folder of the report")
    parser.add_argument("--without-redocly", action="store_true", help="do without the second opinion of Redocly CLI")
    parser.set_defaults(error=parser.error)


@frozen
class _Asked:
    """One comparison."""

    document: Path
    archive: Path
    changes: Changes | None
    """None for those of the release."""
    output: Path


def _run(given: argparse.Namespace, redocly: "Redocly | None" = None) -> int:
    # Only this command needs what the extra `bump` installs.
    from strict_clients.bump.callers import CallersUnchecked  # noqa: PLC0415
    from strict_clients.bump.differ import DifferUnavailable, Redocly  # noqa: PLC0415
    from strict_clients.bump.play.run import PlayFailed  # noqa: PLC0415

    refusals = (GenerationRefused, GenerationFailed, NoRelease, OSError)
    outcomes = (*refusals, DifferUnavailable, CallersUnchecked, PlayFailed)

    differ = None if given.without_redocly else redocly or Redocly()
    document, codes = given.new or given.list, list[int]()
    try:
        for asked in _asked(given):
            document = asked.document
            codes.append(_compare(asked, given, differ))
    except outcomes as error:
        print(f"{document}: there is no verdict\n{error}", file=sys.stderr)
        return REFUSED
    return REFUSED if REFUSED in codes else max(codes, default=0)


def _asked(given: argparse.Namespace) -> list[_Asked]:
    """What to compare with what.

    Raises:
        GenerationRefused: the list is wrong, or the options are ambiguous.
        NoRelease: a client has no archive of its last release.
    """
    if given.release is not None and given.new is not None and not (given.client or given.all):
        changes = changes_of(given)
        return [_Asked(given.new, given.release, None if changes == UNCHANGED else changes, given.output)]
    if changes_of(given) != UNCHANGED:
        given.error("--overlay and similar options: need NEW and --release; the list has its own")
    if given.all and (given.new or given.client or given.release):
        given.error("--all: compares every client with its own release; leave out NEW, --client and --release")
    if given.all:
        clients = {name: client for name, client in read_clients(given.list).items() if client.releases is not None}
        return [
            _Asked(client.document, _archive(client), client.changes, given.output / name)
            for name, client in clients.items()
        ]
    client = listed(given.list, [given.client] if given.client else [])[0]
    archive = given.release or _archive(client)
    return [_Asked(given.new or client.document, archive, client.changes, given.output)]


def _archive(client: Client) -> Path:
    if client.releases is None:
        raise NoRelease(f"{client.document}: its client has no releases in the list; name a folder, or give --release")
    return find(client.releases)


def _compare(asked: _Asked, given: argparse.Namespace, redocly: "Redocly | None") -> int:
    from strict_clients.bump import report  # noqa: PLC0415
    from strict_clients.bump.verdict import Question  # noqa: PLC0415

    with TemporaryDirectory() as name:
        release = unpack(asked.archive, Path(name, "release"))
        verdict = Question(
            document=asked.document,
            release=release,
            folder=Path(name),
            changes=release.changes if asked.changes is None else asked.changes,
            consumers=tuple(given.callers),
            accept_removal=given.accept_removal,
            redocly=redocly,
        ).answer()
    report.write(verdict, asked.output, document=asked.document)
    print(report.summary(verdict), f"report: {asked.output / 'report.md'}", sep="\n")
    if verdict.stopped_by:
        print(report.stops(verdict), file=sys.stderr)
        return REFUSED
    return int(verdict.rating)
