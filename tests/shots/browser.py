"""Debian's chromium without a screen, and what it says about a page."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

Scheme = Literal["light", "dark"]
_FLAGS = (
    "--headless",
    "--hide-scrollbars",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_STOPS = "a[href], summary, [tabindex='0']"
_FOCUSED = """
const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
const inSight = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
const framed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
return one === document.body ? null : [one.tagName, one.textContent.trim().slice(0, 40), inSight, framed];
"""


class Browser:
    """One page at a time."""

    def __init__(self, driver: Any) -> None:
        """Drive this one."""
        self._driver = driver

    def open(self, page: Path, *, width: int, height: int, scheme: Scheme) -> float:
        """Show a page in a window of this size; gives the milliseconds until it was laid out."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self._driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        self._driver.get(page.as_uri())
        return float(self.run("return performance.getEntriesByType('navigation')[0].loadEventEnd"))

    def run(self, script: str) -> Any:
        """What a script gives that is not a part of the page."""
        return self._driver.execute_script(script)

    def shoot(self, path: Path) -> None:
        """Write what is in the window."""
        self._driver.save_screenshot(str(path))

    def requests(self) -> set[str]:
        """The addresses that were asked for since the last call."""
        told = [json.loads(one["message"])["message"] for one in self._driver.get_log("performance")]
        return {one["params"]["request"]["url"] for one in told if one["method"] == "Network.requestWillBeSent"}

    def complaints(self) -> list[str]:
        """What is in the console since the last call."""
        return [one["message"] for one in self._driver.get_log("browser")]

    def walk(self) -> list[tuple[str, str, bool, bool]]:
        """Where the tab key leads, to the end: element, text, whether it is in sight, and whether a frame shows it."""
        found = list[tuple[str, str, bool, bool]]()
        most = 2 * self.stops()
        self.run("document.documentElement.style.scrollBehavior = 'auto'")
        while len(found) <= most:
            ActionChains(self._driver).send_keys(Keys.TAB).perform()
            stop = self.run(_FOCUSED)
            if stop is None:
                break
            found.append(tuple(stop))
        return found

    def stops(self) -> int:
        """How many elements of the page the tab key should lead to."""
        script = f'return [...document.querySelectorAll("{_STOPS}")].filter(one => one.checkVisibility()).length'
        return int(self.run(script))


@contextmanager
def chromium() -> Generator[Browser]:
    """A browser; ends the process where the machine has none."""
    binary, server = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or server is None:
        raise SystemExit("report_shots: there is no chromium; run: apt-get install chromium chromium-driver")
    options = Options()
    options.binary_location = binary
    for flag in _FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(server))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
