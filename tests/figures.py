"""Figures of long runs: as a table, and in a page of `docs/` with their origin."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.pages import PAGES, ROOT, sums_of, write_sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The rows as a table of Markdown; numbers with separators of thousands."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def origin(page: str, *packages: str) -> str:
    """The origin of the figures of `docs/page`: command, versions, machine, commit, sums of the sources, and date.

    A session asks for it before it measures, because sources may change while it runs.
    """
    versions = [f"Python {platform.python_version()}", *map(_version, packages)]
    rows = [
        ["command", f"`nox -s {PAGES[page].session}`"],
        ["versions", ", ".join(versions)],
        ["machine", f"{platform.system()} {platform.machine()}, {_cores()}{_processor()}"],
        ["commit", commit()],
        ["sources", write_sums(sums_of(page))],
        ["date", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"],
    ]
    return table(["", ""], rows)


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:  # as in a short run on the sources, which writes no page
        return f"{package}, not installed"


def _cores() -> str:
    # What this process may use, where the system tells.
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return "1 core" if count == 1 else f"{count} cores"


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f", {names[0]}" if names else ""


def commit() -> str:
    """The short name of the commit that is checked out, and whether something differs from it."""
    try:
        name = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive, or no git
        return "unknown"
    return f"`{name}`" + (" with uncommitted changes" if changed else "")


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def write_page(name: str, *parts: str) -> None:
    """Write `docs/name`, its parts with empty lines between them."""
    page = ROOT / "docs" / name
    page.parent.mkdir(exist_ok=True)
    page.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")
