"""`face-audit export`: sessions into a folder of evidence."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import click
from attrs import asdict, evolve
from face_audit import AsyncFaceAuditClient
from rich.text import Text

from ..errors import InputError
from ..export import export_sessions
from ..pace import RATES, Tier
from ..quarantine import LIMIT
from ..result import OUTCOMES, Outcome, Result
from ..sessions import find_sessions
from .connection import choose, client_arguments, connection_options, refuse_key
from .meter import Meter
from .options import FOLDER, Number
from .screen import Form, cell, console, find_form, form_option, many, note, show_line, write_json
from .stopping import on_stop
from .table import Column, show_table
from .words import in_words, reason_of

_STYLES = {"complete": "green", "refused": "red", "failed": "red"}
_RARE = ("partial", "unfinished", "deleted")
"""Outcomes that are shown only if a session has them."""
_ADVISED = ("partial", "expired", "refused", "failed")
_INCOMPLETE = (Column("session"), Column("outcome", 8), Column("entries", 7), Column("why", 40, wraps=True))
_TOTALS = (Column("outcome", 8), Column("sessions", 8), Column("entries", 8))
_INTERRUPTED = 130
_AGAIN = "run the same command again"


@click.command(
    "export",
    epilog="""A file of sessions has one id a line, and after a comma, when the session was created, if you know; the
oldest are exported first, because sessions expire after 48 hours. It may be CSV from another program: with quotes,
other separators, and a first line that names the columns, such as session_id and created.

Exit codes: 0 all sessions are complete, or were deleted; 1 some are not: ids are missing, an answer was refused, or the
export did not finish; 2 the export could not begin or write;
130 interrupted, by Ctrl-C, SIGTERM or SIGHUP; the results are shown, and list unfinished sessions.

\b
Example:
  face-audit export sessions.txt --out evidence --tier S0""",
)
@click.argument("sessions", nargs=-1, required=True)
@click.option("--out", metavar="FOLDER", required=True, type=FOLDER, help="The folder of the evidence.")
@click.option(
    "--tier",
    type=click.Choice(list(RATES)),
    envvar="FACE_AUDIT_TIER",
    help="Keep to the limits of the resource's tier: F0 20 calls a minute, S0 10 a second.",
)
@click.option(
    "--rate",
    type=Number(min=0, min_open=True),
    envvar="FACE_AUDIT_RATE",
    help="Make at most this many calls a second; retries are extra.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    envvar="FACE_AUDIT_CONCURRENCY",
    default=8,
    show_default=True,
    help="How many sessions to export at once.",
)
@click.option(
    "--top", type=click.IntRange(1, 1000), envvar="FACE_AUDIT_TOP", help="At most this many entries per page."
)
@click.option(
    "--confirm/--no-confirm",
    default=True,
    show_default=True,
    help="Request the beginning and the end of each session twice, and places where ids are missing.",
)
@click.option("--final", is_flag=True, help="Do not request these sessions again later: nothing more happens in them.")
@click.option(
    "--on-invalid",
    type=click.Choice(["keep", "raise"]),
    default="keep",
    show_default=True,
    help="Keep the valid entries of a page with malformed ones, or none.",
)
@click.option(
    "--quarantine-limit",
    metavar="BYTES",
    type=click.IntRange(min=0),
    default=LIMIT,
    show_default=True,
    help="How much of a session's refused answers to keep; of the rest, only size and hash.",
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
    **given: Any,
) -> None:
    """Export SESSIONS: ids, files of ids, or - for ids from the standard input.

    For each session, OUT gets the entries as the service sent them, a chain of SHA-256 over them, and a manifest. It
    may be killed at any time; run again, it verifies what is there and continues with everything that is not complete.
    Complete sessions are requested again until 48 hours after their first export, or --final; new entries are added.
    """
    ids = list(dict.fromkeys(find_sessions(sessions, standard_input=sys.stdin)))
    rate, told = _rate(ctx), client_arguments(ctx, asynchronous=True)
    refuse_key(ids, told)
    meter = Meter(console(stderr=True), len(ids))
    client = AsyncFaceAuditClient(**told, on_event=meter.hear_event)
    stopped: BaseException | None = None
    with meter:
        try:
            ways = {name: given[name] for name in ("final", "on_invalid", "quarantine_limit")}
            ways |= {"concurrency": concurrency, "rate": rate, "top": top, "confirmed": confirm}
            asyncio.run(_export(client, ids, out, meter, **ways))
        except (KeyboardInterrupt, asyncio.CancelledError, OSError) as error:
            stopped = error
    results = [evolve(one, error=one.error and in_words(one.error)) for one in meter.results]
    _show(results, find_form(form))
    note(f"{many(meter.entries, 'entry', 'entries')}, {many(meter.retries, 'retry', 'retries')}")
    kept = any(one.count for one in results)
    if isinstance(stopped, OSError):
        reason = f"cannot be written ({stopped.strerror or stopped})"
        rest = ": what is written is kept" if kept else ""
        raise InputError(f"{out}: {reason}; free space, or fix that, and {_AGAIN}{rest}")
    for text in _advice(results, out):
        note(text)
    if stopped is not None:
        note(f"interrupted; what has arrived is kept: {_AGAIN} to continue" if kept else f"interrupted: {_AGAIN}")
        ctx.exit(_INTERRUPTED)
    ctx.exit(0 if all(one.outcome in ("complete", "deleted") for one in results) else 1)


def _advice(results: list[Result], out: Path) -> Iterator[str]:
    """What to do about sessions that are not complete."""
    partial, expired, refused, failed = ([one for one in results if one.outcome == kind] for kind in _ADVISED)
    stuck = [one for one in failed if (one.error or "").startswith(f"{out}{os.sep}")]
    if partial:
        yield f"{_sessions(partial)} partial: entries may be missing; the same command asks for them again"
    if gone := [one for one in results if one.gone and one.outcome in ("complete", "partial")]:
        what = "what they had when they were listed last is here, and nothing newer"
        yield f"{_sessions(gone)} not known to the service any more: {what}"
    if growing := [one for one in results if one.outcome == "complete" and one.error]:
        yield f"{_sessions(growing)} still growing: {_AGAIN}"
    if expired:
        reasons = "older than 48 hours or deleted, or the key belongs to another resource"
        yield f"{_sessions(expired)} expired: {reasons}; the same command asks for them again"
    if refused:
        yield f"{_sessions(refused)} refused: fix what the service says about the key, then {_AGAIN}"
    if stuck:
        yield f"{_sessions(stuck)} stopped by their files in {out}: export them to another folder"
    if len(failed) > len(stuck):
        yield f"{many(len(failed) - len(stuck), 'session has', 'sessions have')} failed: {_AGAIN} to continue"


def _sessions(results: list[Result]) -> str:
    return many(len(results), "session is", "sessions are")


async def _export(client: AsyncFaceAuditClient, ids: list[str], out: Path, meter: Meter, **told: Any) -> None:
    loop, task = asyncio.get_running_loop(), cast("asyncio.Task[None]", asyncio.current_task())

    def cancel() -> None:
        if not task.cancelling():  # a second Ctrl-C waits for the same end
            task.cancel()

    with on_stop(lambda: loop.call_soon_threadsafe(cancel)):
        async with client:
            await export_sessions(client, ids, out, on_page=meter.hear_page, on_result=meter.hear_result, **told)


def _rate(ctx: click.Context) -> float | None:
    tier: Tier | None
    tier, rate = choose(ctx, "tier", "rate")
    return rate if tier is None else RATES[tier]


def _cells(result: Result) -> list[Text]:
    reason = "" if result.outcome == "unfinished" else reason_of(result.error or "")  # its outcome says all
    return [cell(result.session_id), _styled(result.outcome), cell(f"{result.count:,}"), cell(reason)]


def _styled(outcome: Outcome) -> Text:
    return cell(outcome, _STYLES.get(outcome, "yellow"))


def _show(results: list[Result], form: Form) -> None:
    """In a table, what is not complete, with its reason; then the number of each outcome."""
    if form == "json":
        write_json(asdict(one) for one in results)
        return
    incomplete = [_cells(one) for one in results if one.outcome != "complete"]
    if incomplete:
        show_table(_INCOMPLETE, incomplete)
        show_line("")
    totals = list[list[Text]]()
    for outcome in OUTCOMES:
        those = [one for one in results if one.outcome == outcome]
        if those or outcome not in _RARE:
            totals.append([_styled(outcome), cell(f"{len(those):,}"), cell(f"{sum(one.count for one in those):,}")])
    show_table(_TOTALS, totals)
