"""`face-audit list`: the entries of one session."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import click
from face_audit import AuditEntry, DecodeError, FaceAuditClient, MalformedItem, Page
from rich.text import Text

from ..chain import id_of
from ..errors import InputError
from ..record import number_of
from .connection import client_arguments, connection_options, refuse_key
from .screen import Form, cell, console, find_form, form_option, note
from .table import Column, Sheet

_COLUMNS = (
    *(Column("time", 19), Column("id", 6), Column("decision", 10), Column("status", 6)),
    *(Column("latency", 9, spare=True), Column("digest", 12, spare=True)),
)
_STYLES = {"realface": "green", "spoofface": "bold red", "uncertain": "yellow"}
_GOOD = 400
"""Statuses below it are not errors."""
Row = tuple[bytes, "AuditEntry | MalformedItem"]


@click.command(
    "list",
    epilog="""\b
Examples:
  face-audit list ebfc2ee4-197c-45ee-8c49-2eb08da57fc3 --limit 20
  face-audit list ebfc2ee4-197c-45ee-8c49-2eb08da57fc3 | jq -r .digest""",
)
@click.argument("session")
@click.option("--since-id", metavar="ID", help="Only entries after the one with this id.")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many entries.")
@click.option(
    "--top",
    type=click.IntRange(1, 1000),
    envvar="FACE_AUDIT_TOP",
    help="At most this many entries per page (default: 1000, or --limit if that is smaller).",
)
@form_option
@connection_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    session: str,
    since_id: str | None,
    limit: int | None,
    top: int | None,
    form: Form | None,
    **_: Any,
) -> None:
    """Show the audit entries of SESSION, in the order of the service: newest first.

    In a terminal they are a table. Elsewhere each is one line: its JSON as the service sent it.
    """
    if since_id is not None and number_of(since_id) is None:
        raise click.BadParameter("is not a number; entries are compared by ids of digits", param_hint="--since-id")
    size = min(limit, 1000) if top is None and limit and since_id is None else top
    told = client_arguments(ctx)
    refuse_key([session], told)
    with FaceAuditClient(**told) as client:
        pages = client.audit_entries.list(session, top=size, on_invalid="keep").pages()
        rows = islice(_since(_rows(pages), since_id), limit)
        if find_form(form) == "json":
            _write(rows)
        else:
            _show(rows)


def _rows(pages: Iterator[Page[Any]]) -> Iterator[Row]:
    for page in pages:
        yield from zip(page.raw_items(), page.items, strict=True)


def _since(rows: Iterator[Row], since_id: str | None) -> Iterator[Row]:
    """Those with a greater id; in a descending list, nothing after the first smaller one is requested."""
    if since_id is None:
        yield from rows
        return
    last, since = None, number_of(since_id) or (0, "")
    for row in rows:
        number = number_of(id_of(row[0]))
        if number is None:
            raise InputError("--since-id: an entry has an id that is not a number; leave it out and choose by time")
        if number > since:
            yield row
        elif last is not None and number < last:
            return
        last = number


def _write(rows: Iterator[Row]) -> None:
    out = sys.stdout.buffer
    for raw, _ in rows:
        # JSON may have line ends between tokens, where blanks have the same meaning, but not within texts.
        out.write(raw.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n")
    out.flush()


def _show(rows: Iterator[Row]) -> None:
    """A table for this many rows at a time, so that the first are shown before the last are requested."""
    sheet, size = Sheet(*_COLUMNS), console().height or 1
    while several := list(islice(rows, size)):
        sheet.show([_cells(raw, item) for raw, item in several])
        for raw, item in several:
            if isinstance(item, MalformedItem):
                note(f"{id_of(raw)}: {item.place}: {item.reason}")


def _cells(raw: bytes, item: AuditEntry | MalformedItem) -> list[Text]:
    if isinstance(item, MalformedItem):
        return [cell(None), cell(id_of(raw)), cell("malformed", "red"), *[cell(None)] * 3]
    response = item.response
    status = None if response is None else response.status_code
    latency = (
        None
        if response is None or response.latency_in_milliseconds is None
        else f"{response.latency_in_milliseconds} ms"
    )
    decision = _decision(item)
    time = None if item.received_date_time is None else f"{item.received_date_time:%Y-%m-%d %H:%M:%S}"
    return [
        cell(time),
        cell(item.id),
        cell(decision, _STYLES.get(decision or "", "")),
        cell(status, "" if status is None or status < _GOOD else "red"),
        cell(latency),
        cell(None if item.digest is None else item.digest[:12]),
    ]


def _decision(entry: AuditEntry) -> str | None:
    try:
        result = None if entry.response is None else entry.response.liveness_result
    except DecodeError:
        return "malformed"
    return None if result is None or result.liveness_decision is None else str(result.liveness_decision)
