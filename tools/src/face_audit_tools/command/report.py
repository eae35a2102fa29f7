"""`face-audit report`: a page about a folder of evidence, for its reviewers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..folder import session_ids
from ..report import Thresholds, write_report
from .counting import counting
from .options import FILE, FOLDER, Number, check_store
from .screen import many, note

_STANDARD = Thresholds()


@click.command(
    "report",
    epilog="""The page is one file: it loads nothing, runs nothing, and contains no face data.

Exit codes: 0 everything is as it was exported; 1 something is not, an export is unfinished, no session has evidence, or
a digest differs; the page is still written, and shows it.

\b
Example:
  face-audit report evidence --html report.html --expected digests.csv""",
)
@click.argument("folder", type=FOLDER)
@click.option("--html", metavar="FILE", required=True, type=FILE, help="The file to write.")
@click.option("--expected", metavar="FILE", type=FILE, help="The digests that devices recorded, as CSV.")
@click.option("--manifest-store", type=FOLDER, help="A folder with copies of the manifests, kept elsewhere.")
@click.option(
    "--attempts",
    type=click.IntRange(min=2),
    default=_STANDARD.attempts,
    show_default=True,
    help="Mark sessions with this many attempts or more.",
)
@click.option(
    "--spoofs",
    type=click.IntRange(min=1),
    default=_STANDARD.spoofs,
    show_default=True,
    help="Mark sessions with this many spoof decisions or more.",
)
@click.option(
    "--apart",
    type=Number(min=0, max=86_400),
    default=_STANDARD.apart,
    show_default=True,
    help="Mark sessions with attempts that are fewer seconds apart.",
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    folder: Path,
    html: Path,
    manifest_store: Path | None,
    attempts: int,
    spoofs: int,
    apart: float,
    **told: Any,
) -> None:
    """Verify FOLDER, and write a page about it for its reviewers.

    It shows whether the evidence verifies; sessions and their outcomes; decisions over time; how attempts, statuses,
    latencies and retries are distributed; digests that differ; and sessions to look at, by patterns that it defines.
    """
    check_store(manifest_store, folder)
    limits = Thresholds(attempts=attempts, spoofs=spoofs, apart=apart)
    with counting("reading", len(session_ids(folder))) as count:
        made = write_report(
            folder, html=html, manifest_store=manifest_store, thresholds=limits, on_session=count, **told
        )
    counts = f"{many(made.sessions, 'session')}, {many(made.attempts, 'attempt')}"
    note(f"{html}: {counts}, {many(made.suspicious, 'session')} with a pattern")
    if made.problems:
        note(f"{many(len(made.problems), 'problem')}: the evidence does not verify; see face-audit verify {folder}")
    elif unfinished := len(made.verification.unfinished):
        note(f"{many(unfinished, 'session is', 'sessions are')} unfinished; export again")
    elif not made.verification.sessions:
        note(f"no session has any evidence; see face-audit verify {folder}")
    if made.comparison is not None and (differing := len(made.comparison.mismatched)):
        note(f"{many(differing, 'digest differs', 'digests differ')}; see face-audit digests {folder}")
    ctx.exit(0 if made.passed else 1)
