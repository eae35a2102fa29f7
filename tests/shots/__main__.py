"""Opens pages of `face-audit report` in a browser and writes docs/report.md: `nox -s report_shots`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from face_audit_tools import write_report

from tests.figures import ROOT, origin, table, write_page
from tests.tools.sample import export_sample

from .browser import Browser, Scheme, chromium
from .converting import HEADS, convert_all

if TYPE_CHECKING:
    from collections.abc import Iterator

INTRODUCTION = """# The page for a reviewer, and typed columns

`nox -s report_shots` exports 2,000 typical sessions, writes the page of `face-audit report`, and opens it in Debian's
chromium, at 360 and at 1440 pixels, in light and in dark. It fails if the page is wider than the window, folded or
unfolded; if the tab key misses an element, leads out of sight or shows no frame; if texts of charts are too small; if
anything but the page itself is requested; or if the console reports an error. Then it converts an export to each
format, each in its own process, writes this page, and keeps the pictures."""
PICTURES = """![The page at 1440 pixels](report-wide-light.png)
![The same, dark](report-wide-dark.png)

![The page at 360 pixels](report-narrow-light.png)
![The same, dark](report-narrow-dark.png)

The page of evidence in which one byte was changed:

![The page of evidence that fails verification](report-not-verified.png)"""
CONVERTED = """## Typed columns

`face-audit convert` of 100 sessions of 2,000 entries each, including the verification that runs first."""
DOCS = ROOT / "docs"
SESSIONS = 2_000
_MOST_BYTES = 200_000
"""Of a picture."""
_SHOTS: tuple[tuple[str, int, int, Scheme], ...] = (
    ("wide", 1440, 1180, "light"),
    ("wide", 1440, 1180, "dark"),
    ("narrow", 360, 1500, "light"),
    ("narrow", 360, 1500, "dark"),
)
_SMALLEST = 9
"""CSS pixels of a chart's text."""
_TEXT = """
return Math.min(...[...document.querySelectorAll('svg')].map(one =>
    12 * one.getBoundingClientRect().width / one.viewBox.baseVal.width));
"""
_OVERFLOW = "return document.documentElement.scrollWidth - innerWidth"


def main() -> None:
    """Check a page of many sessions and one that fails verification; ends with 1 if something is wrong."""
    source = origin("report.md", "face-audit-tools", "jinja2", "pygal", "pyarrow", "duckdb", "selenium")
    with tempfile.TemporaryDirectory() as given, chromium() as browser:
        folder, html = Path(given) / "liveness-2024-04", Path(given) / "report.html"
        recorded = export_sample(folder, sessions=SESSIONS)
        began = time.monotonic()
        made = write_report(folder, html=html, expected=recorded)
        rows: list[list[Any]] = [
            ["sessions", made.sessions],
            ["attempts", made.attempts],
            ["seconds to verify, count and write", time.monotonic() - began],
            ["bytes of the page", html.stat().st_size],
        ]
        wrong = [*_look(browser, html, rows), *_look_at_damage(browser, folder)]
    for one in wrong:
        print(f"wrong: {one}")
    if wrong:
        raise SystemExit(1)
    with tempfile.TemporaryDirectory() as given:
        converted = convert_all(Path(given))
    page, files = table(["", ""], rows), table(HEADS, converted)
    print(f"{page}\n\n{files}")
    write_page("report.md", INTRODUCTION, page, PICTURES, CONVERTED, files, "## Origin", source)


def _look(browser: Browser, html: Path, rows: list[list[Any]]) -> Iterator[str]:
    for name, width, height, scheme in _SHOTS:
        where = f"{name}, {scheme}"
        loaded = browser.open(html, width=width, height=height, scheme=scheme)
        rows.append([f"milliseconds until it is laid out ({width} pixels, {scheme})", round(loaded)])
        yield from _shoot(browser, f"report-{name}-{scheme}.png")
        smallest = browser.run(_TEXT)
        if smallest < _SMALLEST:
            yield f"{where}: texts of charts are {smallest:.1f} pixels high"
        yield from _walk(browser, where)
        browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")
        if browser.run(_OVERFLOW) > 0:
            yield f"{where}: wider than the window once all is unfolded"
        yield from _heard(browser, html, where)


def _walk(browser: Browser, where: str) -> Iterator[str]:
    """What is wrong with the way of the tab key through the page."""
    if browser.run(_OVERFLOW) > 0:
        yield f"{where}: wider than the window"
    expected, found = browser.stops(), browser.walk()
    if len(found) != expected:
        yield f"{where}: the tab key stops {len(found)} times, not {expected}"
    if found[0][1] != "Skip to the contents":
        yield f"{where}: the first stop is {found[0]}"
    for tag, text, in_sight, framed in found:
        if not in_sight or not framed:
            yield f"{where}: {tag} {text!r} {'has no frame' if in_sight else 'is out of sight'}"


def _look_at_damage(browser: Browser, folder: Path) -> Iterator[str]:
    path = max(folder.glob("*.entries.jsonl"), key=lambda one: one.stat().st_size)
    path.write_bytes(path.read_bytes().replace(b"spoofface", b"realface", 1))
    html = folder.with_name("damaged.html")
    write_report(folder, html=html)
    browser.open(html, width=1440, height=620, scheme="light")
    yield from _shoot(browser, "report-not-verified.png")
    yield from _heard(browser, html, "not verified")


def _shoot(browser: Browser, name: str) -> Iterator[str]:
    path = DOCS / name
    browser.shoot(path)
    size = path.stat().st_size
    if size > _MOST_BYTES:
        yield f"{path.name}: {size:,} bytes are too many"


def _heard(browser: Browser, html: Path, where: str) -> Iterator[str]:
    """What the page requested, and what the console reported; both should be nothing."""
    asked = {one.partition("#")[0] for one in browser.requests()} - {html.as_uri()}
    for one in (*asked, *browser.complaints()):
        yield f"{where}: {one}"


if __name__ == "__main__":
    main()
