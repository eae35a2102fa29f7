"""Writes pages of `face-audit report`, looks at them in chromium, and keeps pictures: `nox -s report_shots`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from face_audit_tools import write_report

from tests.tools.sample import export_sample

from .browser import Browser, Scheme, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parent.parent.parent / "docs"
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
    """Look at a page of many sessions and at one that does not verify; ends with 1 where something is wrong."""
    with tempfile.TemporaryDirectory() as given, chromium() as browser:
        folder = Path(given) / "liveness-2024-04"
        began = time.monotonic()
        recorded = export_sample(folder, sessions=SESSIONS)
        exported = time.monotonic()
        html = Path(given) / "report.html"
        made = write_report(folder, html=html, expected=recorded)
        print(f"{SESSIONS:,} sessions exported in {exported - began:.0f} s")
        print(f"page of {made.attempts:,} attempts written in {time.monotonic() - exported:.1f} s")
        print(f"{html.stat().st_size:,} bytes")
        wrong = [*_look(browser, html), *_look_at_damage(browser, folder)]
    for one in wrong:
        print(f"wrong: {one}")
    raise SystemExit(1 if wrong else 0)


def _look(browser: Browser, html: Path) -> Iterator[str]:
    for name, width, height, scheme in _SHOTS:
        where = f"{name}, {scheme}"
        loaded = browser.open(html, width=width, height=height, scheme=scheme)
        print(f"{where}: laid out after {loaded:.0f} ms")
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
    """Whether the tab key leads everywhere, and shows where it is."""
    if browser.run(_OVERFLOW) > 0:
        yield f"{where}: wider than the window"
    expected, found = browser.stops(), browser.walk()
    print(f"{where}: the tab key stops {len(found)} times")
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
    print(f"{path.name}: {size:,} bytes")
    if size > _MOST_BYTES:
        yield f"{path.name}: {size:,} bytes are too many"


def _heard(browser: Browser, html: Path, where: str) -> Iterator[str]:
    """What the page asked for, and what the console says: nothing."""
    asked = {one.partition("#")[0] for one in browser.requests()} - {html.as_uri()}
    for one in (*asked, *browser.complaints()):
        yield f"{where}: {one}"


if __name__ == "__main__":
    main()
