"""The command: `python -m bump [NEW] [--accept-removal] [--callers FOLDER] [--output FOLDER] [--release ARCHIVE]`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bump import released, report
from bump.callers import CallersUnchecked
from bump.differ import DifferUnavailable, Redocly
from bump.released import NoRelease
from bump.verdict import ROOT, Question, Verdict
from generator.breaches import GenerationRefused
from generator.render import GenerationFailed

REFUSED = 1
"""The exit code where there is no verdict, or where it is a stop; else it is the rating's value."""


def main(arguments: Sequence[str] | None = None, *, redocly: Redocly | None = None) -> int:
    """Compare a document with the last release; 0 nothing, 10 patch, 20 minor, 30 major, 1 refused."""
    given = _parser().parse_args(arguments)
    try:
        verdict = _ask(given, redocly or Redocly())
    except (GenerationRefused, GenerationFailed, DifferUnavailable, CallersUnchecked, NoRelease, OSError) as error:
        print(f"{given.document}: there is no verdict\n{error}", file=sys.stderr)
        return REFUSED
    report.write(verdict, given.output, document=given.document)
    print(report.summary(verdict), f"report: {given.output / 'report.md'}", sep="\n")
    if verdict.stopped_by:
        print(report.stops(verdict), file=sys.stderr)
        return REFUSED
    return int(verdict.rating)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bump", description="What a new document changes, and for whom.")
    parser.add_argument("document", nargs="?", type=Path, default=ROOT / released.DOCUMENT, help="the new document")
    parser.add_argument("--accept-removal", action="store_true", help="keep removed operations as stubs, and go on")
    parser.add_argument("--callers", type=Path, action="append", default=[], help="a folder of code to check as well")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bump", help="the folder of the report")
    parser.add_argument("--release", type=Path, help="the archive to compare with; the one in releases/ without it")
    return parser


def _ask(given: argparse.Namespace, redocly: Redocly) -> Verdict:
    archive = given.release or released.find(ROOT / released.FOLDER)
    with TemporaryDirectory() as name:
        release = released.unpack(archive, Path(name, "release"))
        return Question(
            document=given.document,
            release=release,
            folder=Path(name),
            consumers=tuple(given.callers),
            accept_removal=given.accept_removal,
            redocly=redocly,
        ).answer()


if __name__ == "__main__":
    sys.exit(main())
