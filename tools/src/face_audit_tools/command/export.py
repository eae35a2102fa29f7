"""`face-audit export`: sessions into a folder of evidence."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click
from attrs import asdict
from face_audit import AsyncFaceAuditClient

from ..export import export_sessions
from ..pace import RATES, Tier
from ..result import Result
from ..sessions import find_sessions
from .connection import choose, client_arguments, connection_options
from .meter import Meter
from .screen import Form, cell, console, find_form, form_option, make_table, note, write_json
from .verify import FOLDER

_STYLES = {"complete": "green", "expired": "yellow", "refused": "red", "failed": "red"}
_INTERRUPTED = 130


@click.command(
    "export",
    epilog="""A file of sessions holds one id a line, and behind it, after a comma, when the session was created, if
you know; the oldest are exported first, because sessions expire after 48 hours.

Exit codes: 0 all sessions are complete; 1 some are not, run it again; 2 nothing could be exported; 130 interrupted.

\b
Example:
  face-audit export sessions.txt --out evidence --tier S0""",
)
@click.argument("sessions", nargs=-1, required=True)
@click.option("--out", metavar="FOLDER", required=True, type=FOLDER, help="Where the evidence is kept.")
@click.option(
    "--tier",
    type=click.Choice(list(RATES)),
    envvar="FACE_AUDIT_TIER",
    help="Keep to the limits of the resource's tier: F0 20 calls a minute, S0 10 a second.",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    envvar="FACE_AUDIT_RATE",
    help="Keep to so many calls a second; retries come on top.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    envvar="FACE_AUDIT_CONCURRENCY",
    default=8,
    show_default=True,
    help="Sessions that are exported at once.",
)
@click.option("--top", type=click.IntRange(1, 1000), envvar="FACE_AUDIT_TOP", help="Entries of a page, at most.")
@click.option(
    "--confirm/--no-confirm",
    default=True,
    show_default=True,
    help="Ask twice for the first page of a run and for the end of each session, where ids show no gap.",
)
@form_option
@connection_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    sessions: tuple[str, ...],
    out: Path,
    concurrency: int,
    top: int | None,
    confirm: bool,
    form: Form | None,
    **_: Any,
) -> None:
    """Export SESSIONS: ids, files of ids, or - for ids from the standard input.

    For each session, OUT gets the entries as the service sent them, a chain of SHA-256 over them, and a manifest. It
    may be killed at any time; run again, it goes on where it stopped and passes over what is complete.
    """
    ids = list(dict.fromkeys(find_sessions(sessions, standard_input=sys.stdin)))
    rate = _rate(ctx)
    meter = Meter(console(stderr=True), len(ids))
    client = AsyncFaceAuditClient(**client_arguments(ctx), on_event=meter.hear_event)
    with meter:
        try:
            asyncio.run(
                _export(client, ids, out, meter, concurrency=concurrency, rate=rate, top=top, confirmed=confirm)
            )
        except KeyboardInterrupt:
            interrupted = True
        else:
            interrupted = False
    _show(meter, find_form(form))
    if interrupted:
        note("interrupted; what has arrived is kept: run the same command again to go on")
        ctx.exit(_INTERRUPTED)
    if any(one.outcome in ("refused", "failed") for one in meter.results):
        note("not every session is complete: run the same command again to go on")
    ctx.exit(0 if all(one.outcome == "complete" for one in meter.results) else 1)


async def _export(client: AsyncFaceAuditClient, ids: list[str], out: Path, meter: Meter, **told: Any) -> None:
    async with client:
        await export_sessions(client, ids, out, on_page=meter.hear_page, on_result=meter.hear_result, **told)


def _rate(ctx: click.Context) -> float | None:
    tier: Tier | None
    tier, rate = choose(ctx, "tier", "rate")
    return rate if tier is None else RATES[tier]


def _show(meter: Meter, form: Form) -> None:
    if form == "json":
        write_json(asdict(one) for one in meter.results)
    else:
        _show_table(meter.results)
    note(f"{meter.entries:,} entries, {meter.retries:,} retries")


def _show_table(results: list[Result]) -> None:
    """What is not complete, with its reason; then how many came to what."""
    screen = console()
    incomplete = [one for one in results if one.outcome != "complete"]
    if incomplete:
        table = make_table(("session", None), ("outcome", 8), ("entries", 7), ("why", None))
        for one in incomplete:
            table.add_row(
                cell(one.session_id), cell(one.outcome, _STYLES[one.outcome]), cell(f"{one.count:,}"), cell(one.error)
            )
        screen.print(table)
    totals = make_table(("outcome", 8), ("sessions", 8), ("entries", 8))
    for outcome, style in _STYLES.items():
        those = [one for one in results if one.outcome == outcome]
        totals.add_row(cell(outcome, style), cell(f"{len(those):,}"), cell(f"{sum(one.count for one in those):,}"))
    screen.print(totals)
