"""The page with the verdict on each module, and the reason for each change that no test notices."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

from attrs import frozen

from .trial import ENDLESS, KILLED, PATIENCE, SURVIVED

GROUPS = {
    "calls": ("calls.retry", "calls.attempts", "calls.settings", "calls.service", "calls.telemetry"),
    "pagination": (
        *("pagination.position", "pagination.pager", "pagination.stability"),
        *("pagination.many", "sync.pager", "aio.pager", "sync.prefetch", "aio.prefetch"),
    ),
    "responses": ("responses.pages", "responses.model_reader", "responses.status_errors"),
    "values": ("values.strict_json",),
    "http": ("http.body", "http.protocol"),
    "requests": ("requests.credentials", "requests.asked", "requests.headers"),
}
LOWEST = 0.95


@frozen
class Reasons:
    """Why changes may survive, from a file kept by hand."""

    by_name: dict[str, str]

    @classmethod
    def load(cls) -> Reasons:
        """Read `reasons.toml`."""
        path = Path(__file__).with_name("reasons.toml")
        entries = tomllib.loads(path.read_text("utf-8")).get("survivors", [])
        return cls({name: entry["why"] for entry in entries for name in entry["changes"]})


def render(
    counts: dict[str, Counter[str]], survivors: list[str], reasons: Reasons, *, seconds: float, source: str
) -> str:
    """The text of docs/mutation.md."""
    head = (
        Path(__file__)
        .with_name("head.md")
        .read_text("utf-8")
        .format(lowest=LOWEST, figures=_figures(counts), source=source, minutes=seconds / 60, patience=PATIENCE)
    )
    by_reason: dict[str, list[str]] = {}
    for name in survivors:
        by_reason.setdefault(reasons.by_name.get(name, "**No reason yet.**"), []).append(name)
    parts = ("\n".join([f"{why}\n", *(f"- `{name}`" for name in names)]) for why, names in by_reason.items())
    return head + "\n" + "\n\n".join(parts) + "\n"


def _figures(counts: dict[str, Counter[str]]) -> str:
    lines = [
        "| group | module | changes | noticed | of them endless | survivors | noticed |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    rows = [(group, module, counts[module]) for group, modules in GROUPS.items() for module in modules]
    for group, module, count in [*rows, ("all", "", sum(counts.values(), Counter()))]:
        noticed = count[KILLED] + count[ENDLESS]
        numbers = (count.total(), noticed, count[ENDLESS], count[SURVIVED], f"{noticed / count.total():.1%}")
        lines.append("| " + " | ".join((group, module and f"`{module}`", *map(str, numbers))) + " |")
    return "\n".join(lines)
