"""`face-audit regions`: their names and hosts."""

from __future__ import annotations

import click

from ..regions import places, probe
from .screen import Form, cell, console, find_form, form_option, make_table, write_json


@click.command(
    "regions",
    epilog="""\b
Example:
  face-audit regions --probe""",
)
@click.option("--probe", "is_probed", is_flag=True, help="Connect to each once, and show how long that takes.")
@form_option
def command(is_probed: bool, form: Form | None) -> None:
    """Show the regions, their names and their hosts; a key works in the region of its resource only.

    Without --probe nothing is sent. With it, each host is looked up and connected to, and nothing is asked.
    """
    known = places()
    times = probe(one.host for one in known) if is_probed else [None] * len(known)
    rows = list(zip(known, times, strict=True))
    if is_probed:
        rows.sort(key=lambda row: row[1] if isinstance(row[1], float) else float("inf"))
    if find_form(form) == "json":
        write_json(
            {"region": one.region.value, "name": one.name, "host": one.host}
            | ({} if not is_probed else {"seconds": time} if isinstance(time, float) else {"error": time})
            for one, time in rows
        )
        return
    table = make_table(("region", 10), ("name", 10), ("host", None), *([("connect", 7)] if is_probed else []))
    for one, time in rows:
        spent = f"{time * 1000:.0f} ms" if isinstance(time, float) else time
        table.add_row(cell(one.region.value), cell(one.name), cell(one.host), *([cell(spent)] if is_probed else []))
    console().print(table)
