"""`face-audit regions`: their names and hosts."""

from __future__ import annotations

import click

from ..regions import Place, places, probe
from .screen import Form, cell, find_form, form_option, note, write_json
from .table import Column, show_table

_COLUMNS = (Column("region"), Column("name", spare=True), Column("host"), Column("connect", 12, wraps=True))
Row = tuple[Place, "float | str | None"]


@click.command(
    "regions",
    epilog="""Exit codes: 0 the regions are shown; 1 with --probe, no host could be connected to.

\b
Example:
  face-audit regions --probe""",
)
@click.option("--probe", "is_probed", is_flag=True, help="Connect to each once, and show how long that takes.")
@form_option
@click.pass_context
def command(ctx: click.Context, is_probed: bool, form: Form | None) -> None:
    """Show the regions, their names and their hosts; a key works only in the region of its resource.

    Without --probe, nothing is sent. With it, each host is looked up and connected to, without a request.
    """
    known = places()
    times = probe(one.host for one in known) if is_probed else [None] * len(known)
    rows: list[Row] = list(zip(known, times, strict=True))
    if is_probed:
        rows.sort(key=lambda row: row[1] if isinstance(row[1], float) else float("inf"))
    _show(rows, find_form(form))
    if is_probed and not any(isinstance(time, float) for time in times):
        note("no host could be reached; check the network, DNS, or whether a proxy is needed")
        ctx.exit(1)


def _show(rows: list[Row], form: Form) -> None:
    if form == "json":
        write_json(
            {"region": one.region.value, "name": one.name, "host": one.host}
            | ({} if time is None else {"seconds": time} if isinstance(time, float) else {"error": time})
            for one, time in rows
        )
        return
    columns = _COLUMNS if rows[0][1] is not None else _COLUMNS[:-1]
    cells = [(one.region.value, one.name, one.host, _spell(time)) for one, time in rows]
    show_table(columns, [[cell(value) for value in row[: len(columns)]] for row in cells])


def _spell(time: float | str | None) -> str | None:
    return time if time is None or isinstance(time, str) else f"{time * 1000:.0f} ms"
