"""`face-audit delete`: sessions that a retention rule no longer allows to keep."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click
from attrs import asdict

from ..deleting import delete_sessions, older_sessions
from ..errors import InputError
from ..sessions import find_sessions
from .options import FOLDER, Number
from .screen import Form, cell, find_form, form_option, many, note, write_json
from .table import Column, show_table

_COLUMNS = (Column("session"), Column("entries", 7), Column("deleted", 10))


@click.command(
    "delete",
    epilog="""Deleted entries cannot be restored, and exports do not request these sessions again.

Exit codes: 0 the sessions are deleted; 2 nothing was deleted.

\b
Example:
  face-audit delete evidence --older-than 365 --reason "kept for one year"
""",
)
@click.argument("folder", type=FOLDER)
@click.argument("sessions", nargs=-1)
@click.option(
    "--older-than",
    metavar="DAYS",
    type=Number(min=2, max=36_500),
    help="All sessions whose last export was at least this many days ago.",
)
@click.option("--reason", required=True, help="The reason, such as the retention rule; it is kept in the tombstone.")
@form_option
def command(folder: Path, sessions: tuple[str, ...], older_than: float | None, reason: str, form: Form | None) -> None:
    """Delete SESSIONS of FOLDER: ids, files of ids, or - for ids from the standard input.

    All that is kept of a session is a tombstone: its id, how many entries it had, the seals of its manifests, when it
    was deleted and why. verify reports it, and finds a session that was removed without one.
    """
    if not sessions and older_than is None:
        raise InputError("sessions: name some, or give --older-than")
    ids = find_sessions(sessions, standard_input=sys.stdin) if sessions else []
    if older_than is not None:
        ids += older_sessions(folder, timedelta(days=older_than))
    deleted = delete_sessions(folder, ids, reason=reason)
    if find_form(form) == "json":
        write_json(asdict(one) for one in deleted)
    elif deleted:
        rows = [[cell(one.session_id), cell(f"{one.count:,}"), cell(one.deleted[:10])] for one in deleted]
        show_table(_COLUMNS, rows)
    note(f"{many(len(deleted), 'session')} deleted")
