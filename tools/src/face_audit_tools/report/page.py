"""Lays out the page: one file that needs nothing else, runs nothing, and shows what it was given as text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import frozen
from face_audit.provenance import API_VERSION

from ..digests import Comparison
from ..errors import DamagedError
from ..optional import load
from ..version import VERSION
from .charts import Chart, draw_bars, draw_columns
from .contents import Row, distributions, over_time, quantile, rows_of, suspects
from .patterns import patterns
from .tally import ANOTHER, DECISIONS, NONE, Tally

MOST_LISTED = 2_500
"""Sessions in the list of all."""
_MOST_SHOWN = 25
"""Rows of every other table."""
_MOST_MARKED = 500
"""Sessions with a pattern, the first of which are shown and the others folded away."""
_IN_GROUP = 100
_LONGEST = 300
"""Characters of a text that came from elsewhere."""


@frozen(kw_only=True)
class Contents:
    """What the page is about."""

    folder: Path
    tally: Tally
    entries: int
    """That are as they were exported."""
    problems: Sequence[DamagedError]
    """What is not."""
    against_store: bool
    comparison: Comparison | None
    not_compared: str
    """Why there is no comparison."""


def lay_out(contents: Contents) -> str:
    """The page."""
    jinja2: Any = load("jinja2", extra="report")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_resource),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": "{:,}".format, "cut": _cut, "utc": _utc, "written": _written}
    style = _resource("page.css")
    return str(
        environment.get_template("page.html.jinja").render(
            **_values(contents),
            charts=[(one, environment.filters["safe"](_draw(one))) for one in _charts(contents.tally)],
            style=environment.filters["safe"](style),
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii"),
        )
    )


def _values(contents: Contents) -> dict[str, Any]:
    tally = contents.tally
    known = patterns(tally.thresholds)
    rows = rows_of(tally, known)
    suspicious = suspects(rows)
    incomplete = [row for row in rows if row.session.outcome not in ("complete", "deleted")]
    return {
        "api_version": API_VERSION,
        "contents": contents,
        "decisions": DECISIONS,
        "deleted": [row for row in rows if row.session.outcome == "deleted"],
        "first": min((one.first for one in tally.sessions if one.first), default=None),
        "folder": contents.folder.resolve().name,
        "groups": _grouped(rows[:MOST_LISTED]),
        "incomplete": incomplete,
        "last": max((one.last for one in tally.sessions if one.last), default=None),
        "made_decisions": [name for name in DECISIONS if tally.decisions[name] or name not in (ANOTHER, NONE)],
        "malformed": sum(one.malformed for one in tally.sessions),
        "made": datetime.now(UTC),
        "models": tally.models.most_common(),
        "most_listed": MOST_LISTED,
        "most_marked": _MOST_MARKED,
        "most_shown": _MOST_SHOWN,
        "patterns": [(one, sum(any(each.name == one.name for each in row.found) for row in rows)) for one in known],
        "quantiles": [(name, quantile(tally.latencies, share)) for name, share in _SHARES],
        "refused": [row for row in rows if row.session.refused],
        "rows": rows,
        "suspicious": suspicious,
        "tally": tally,
        "version": VERSION,
    }


_SHARES = (("median", 0.5), ("95\u00a0% within", 0.95), ("99\u00a0% within", 0.99))


def _charts(tally: Tally) -> list[Chart]:
    return [over_time(tally), *distributions(tally)]


def _draw(chart: Chart) -> str:
    if not chart.labels:
        return ""
    return draw_columns(chart) if chart.key == "over-time" else draw_bars(chart)


def _grouped(rows: list[Row]) -> list[tuple[int, list[Row]]]:
    """A number at once, each with the number of its first one."""
    return [(start + 1, rows[start : start + _IN_GROUP]) for start in range(0, len(rows), _IN_GROUP)]


def _resource(name: str) -> str:
    return files(__name__.rpartition(".")[0]).joinpath(name).read_text(encoding="utf-8")


def _cut(text: object) -> str:
    """A text that came from elsewhere: bounded, and without control characters."""
    shown = "".join(one if one.isprintable() else "\ufffd" for one in str(text)[: _LONGEST + 1])
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}\u2026"


def _written(moment: str) -> str:
    """A time of a record, without its fraction."""
    return moment[:19].replace("T", " ")


def _utc(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"
