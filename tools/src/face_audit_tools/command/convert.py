"""`face-audit convert`: a folder of evidence as one file of typed columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..conversion import Target, convert
from ..folder import session_ids
from .counting import counting
from .options import FILE, FOLDER
from .screen import many, note


@click.command(
    "convert",
    epilog="""Every entry is a row. Columns follow the fields of the API: request.url is the url of the request.
In addition, evidence.raw has the entry byte for byte, and evidence.session_id, evidence.position and evidence.line
say where it is. A value that does not fit its column is null there, but not lost: it is in evidence.raw.

Texts come from outside. If you open a CSV file in a spreadsheet, import its columns as text.

An unfinished session is converted as far as it was exported, with a note.

Exit codes: 0 everything exported is in the file; 1 with --unverified, some was left out; 2 nothing was written.

\b
Examples:
  face-audit convert evidence --to parquet --out evidence.parquet
  face-audit convert evidence --to duckdb --out evidence.duckdb""",
)
@click.argument("folder", type=FOLDER)
@click.option("--to", type=click.Choice(["parquet", "csv", "duckdb"]), required=True, help="The format.")
@click.option("--out", metavar="FILE", type=FILE, help="The file to write (default: next to FOLDER, with its name).")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option(
    "--unverified",
    is_flag=True,
    help="Continue if the folder does not verify; leave out everything after the first damage of a session.",
)
@click.pass_context
def command(ctx: click.Context, /, folder: Path, to: Target, out: Path | None, **told: Any) -> None:
    """Verify FOLDER, and write all its entries to one file with typed columns.

    Needs an extra: pip install 'face-audit-tools[parquet]' for Parquet and CSV, 'face-audit-tools[duckdb]' for DuckDB.
    """
    target = out or folder.resolve().with_name(f"{folder.resolve().name}.{to}")
    with counting("converting", len(session_ids(folder))) as count:
        made = convert(folder, to=to, out=target, on_session=count, **told)
    note(f"{target}: {many(made.entries, 'entry', 'entries')} of {many(made.sessions, 'session')}")
    if made.malformed:
        malformed = many(made.malformed, "entry is malformed", "entries are malformed")
        note(f"{malformed}: null in the columns of their fields; evidence.problem says why")
    for column, times in made.unfit.items():
        unfit = many(times, "value is", "values are")
        note(f"{column}: {unfit} beyond its type, and null in it; evidence.raw has what was received")
    if made.unfinished:
        unfinished = many(len(made.unfinished), "session is", "sessions are")
        note(f"{unfinished} not complete, and in the file as far as exported; export again, then convert again")
    for problem in made.problems:
        note(f"left out from here on: {problem}")
    ctx.exit(1 if made.problems else 0)
