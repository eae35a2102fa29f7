"""`face-audit digests`: compares reported digests with recorded ones."""

from __future__ import annotations

from pathlib import Path

import click
from attrs import asdict
from rich.text import Text

from ..digests import Compared, Comparison, compare_digests, read_expected
from .options import FILE, FOLDER
from .screen import Form, cell, find_form, form_option, note, write_json
from .table import Column, show_table

_MISMATCH, _MISSING = 1, 3
_SHOWN = 16
_COLUMNS = (
    *(Column("result", 12), Column("session"), Column("entry"), Column("request", spare=True)),
    *(Column("reported", 16), Column("recorded", 16)),
)


@click.command(
    "digests",
    epilog="""The first line of FILE names its columns: session_id, digest, and entry_id or request_id. They are
separated by commas or semicolons.

Exit codes: 0 all match; 1 some do not; 3 all compared digests match, but some are missing on one side.

\b
Example:
  face-audit digests evidence --expected digests.csv""",
)
@click.argument("folder", type=FOLDER)
@click.option(
    "--expected",
    metavar="FILE",
    required=True,
    type=FILE,
    help="The digests that devices recorded, as CSV.",
)
@form_option
@click.pass_context
def command(ctx: click.Context, folder: Path, expected: Path, form: Form | None) -> None:
    """Compare the digests of all entries in FOLDER with those that devices recorded, each in constant time.

    Digests that do not match, or are missing on either side, are listed. The evidence is verified while it is read.
    """
    found = compare_digests(folder, read_expected(expected))
    _show(found, find_form(form))
    note(
        f"{found.matched:,} match, {len(found.mismatched):,} do not; recorded and not exported: "
        f"{len(found.not_exported):,}, exported and not recorded: {len(found.not_recorded):,}"
    )
    ctx.exit(0 if found.complete else _MISMATCH if found.mismatched else _MISSING)


def _show(found: Comparison, form: Form) -> None:
    rows: list[tuple[str, Compared]] = [
        *(("mismatch", one) for one in found.mismatched),
        *(("not exported", one) for one in found.not_exported),
        *(("not recorded", one) for one in found.not_recorded),
    ]
    if form == "json":
        write_json({"result": result, **asdict(one)} for result, one in rows)
    elif rows:
        show_table(_COLUMNS, [_cells(result, one) for result, one in rows])


def _cells(result: str, one: Compared) -> list[Text]:
    ends = _ends(one.reported, one.recorded)
    style = "bold red" if result == "mismatch" else "yellow"
    return [cell(result, style), *map(cell, (one.session_id, one.entry_id, one.request_id, *ends))]


def _ends(reported: str | None, recorded: str | None) -> list[str | None]:
    """Sixteen characters of each digest: the first ones, or those from the first difference."""
    pairs = enumerate(zip((reported or "").upper(), (recorded or "").upper(), strict=False))
    differ = next((at for at, (one, other) in pairs if one != other), 0)
    start, lead = (differ, "…") if differ >= _SHOWN else (0, "")
    return [digest and f"{lead}{digest[start:]:.{_SHOWN - len(lead)}}" for digest in (reported, recorded)]
