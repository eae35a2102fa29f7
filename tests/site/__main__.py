"""Opens every page of the site in chromium, and says what is wrong with it: `nox -s docs_browser`.

Each page is looked at 360 and 1440 pixels wide, in light and in dark: nothing may be wider than the window, requested
from elsewhere, or reported by axe-core as serious. On the pages for beginners, the tab key has to lead to every link.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.shots.browser import Browser, Scheme, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

HTML = Path(__file__).parent.parent.parent / "build" / "site" / "html"
VIEWS: tuple[tuple[int, Scheme], ...] = ((360, "light"), (360, "dark"), (1440, "light"), (1440, "dark"))
WALKED = ("index", "getting-started", "errors")
"""Pages that the tab key is tried on; one after the other takes minutes."""
_IS_PAGE = "return document.querySelector('[role=main]') !== null"
_OVERFLOW = "return document.documentElement.scrollWidth - innerWidth"
_AXE = """
return axe.run(document, {resultTypes: ['violations'], preload: false}).then(result => result.violations
    .filter(one => one.impact === 'serious' || one.impact === 'critical')
    .map(one => `${one.id} (${one.impact}), ${one.nodes.length} times: ${one.nodes[0].target.join(' ')}`));
"""


def main(axe: str, *shots: str) -> None:
    """Look at all pages with this axe-core; ends with 1 if something is wrong. Pictures go into a folder, if named."""
    script = Path(axe).read_text(encoding="utf-8")
    pages = sorted(HTML.glob("*.html"))
    with chromium() as browser:
        wrong = [line for page in pages for line in _look(browser, page, script, *map(Path, shots))]
    print(*wrong, f"{len(pages)} pages, {len(VIEWS)} views of each, {len(wrong)} faults", sep="\n")
    if wrong or not pages:
        raise SystemExit(1)


def _look(browser: Browser, page: Path, axe: str, *shots: Path) -> Iterator[str]:
    for width, scheme in VIEWS:
        where = f"{page.name}, {width} pixels, {scheme}"
        browser.open(page, width=width, height=1000, scheme=scheme)
        if not browser.run(_IS_PAGE):
            yield f"{where}: did not load"
            continue
        for folder in shots:
            browser.shoot(folder / f"{page.stem}-{width}-{scheme}.png")
        overflow = browser.run(_OVERFLOW)
        if overflow > 0:
            yield f"{where}: is {overflow} pixels wider than the window"
        browser.run(axe)
        yield from (f"{where}: {fault}" for fault in browser.run(_AXE))
        if page.stem in WALKED:
            yield from _walk(browser, where)
        strange = {one for one in browser.requests() if not one.startswith((HTML.as_uri(), "data:"))}
        yield from (f"{where}: {fault}" for fault in (*strange, *browser.complaints()))


def _walk(browser: Browser, where: str) -> Iterator[str]:
    """What is wrong with the way of the tab key through the page."""
    for tag, text, in_sight, framed in browser.walk():
        if not in_sight or not framed:
            yield f"{where}: {tag} {text!r} {'has no frame' if in_sight else 'is out of sight'}"


if __name__ == "__main__":
    main(*sys.argv[1:])
