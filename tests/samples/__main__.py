"""Installs what the samples need, runs all of them, and writes docs/samples.md: `nox -s samples`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

from strict_clients.samples.languages import LANGUAGES
from tests.figures import ROOT, origin, table, write_page

from .scenarios import SCENARIOS
from .tools import IN_EVERY_RUN, PYPI, TOOLS

INTRODUCTION = """# The samples, run

`nox -s samples` installs Debian's packages for all languages, builds the samples of two documents, and runs them
against the emulator: [ours](api/README.md), and the invented one of the tests, which has another path, key
header, cursor and limit. `nox -s tests` runs a part of this, with the languages that need no compiler."""
NOTES = """A test is skipped where it is about a kind of list that the document does not have, or, for the package,
where the package repeats a request that a sample gives up. C# was compiled by Mono and run by .NET Core 3.1.
Objective-C was compiled by clang for GNUstep, with a shim for `NSURLSession` and for semaphores, and not with Apple's
Foundation."""
_NAME = re.compile(r"test_sample_lists_everything_or_says_why_not\[(?:ours|golden)-[\w.]+?\.[a-z]+-(.*)\]")


def main() -> None:
    """Run everything; ends with 1 if a test fails."""
    install()
    source = origin("samples.md", "dotnetcore2")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "tests/samples", "-n", str(os.cpu_count() or 2)]
        environment = os.environ | {"ALL_SAMPLES": "1"}
        code = subprocess.run([*command, f"--junitxml={report}"], cwd=ROOT, env=environment, check=False).returncode
        if code:
            raise SystemExit(code)
        cases = [*ET.parse(report).getroot().iter("testcase")]
    write_page("samples.md", INTRODUCTION, languages(cases), scenarios(cases), NOTES, source)


def install() -> None:
    """Install the packages of Debian that are missing.

    Raises:
        SystemExit: this is no Debian, or the user may not install packages; the message names them.
    """
    missing = sorted({name for tool in TOOLS.values() for name in tool.missing} - PYPI)
    if not missing:
        return
    if os.geteuid() or shutil.which("apt-get") is None:
        raise SystemExit(f"samples: packages of Debian are missing; install {' '.join(missing)}")
    print("installing", *missing)
    settings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *missing]):
        subprocess.run(["apt-get", *command], env=settings, stdout=subprocess.DEVNULL, check=True)


def languages(cases: list[ET.Element]) -> str:
    """A row for each language: its tool, how many tests passed, and how long they took."""
    rows = []
    for language in LANGUAGES:
        own = [case for case in cases if re.search(rf"[\[-]{re.escape(language.file)}[\]-]", case.attrib["name"])]
        skipped = sum(case.find("skipped") is not None for case in own)
        seconds = sum(float(case.attrib["time"]) for case in own)
        often = "yes" if language.file in IN_EVERY_RUN else "no"
        rows.append([language.label, _version(language.file), len(own) - skipped, skipped, seconds, often])
    return "## Languages\n\n" + table(["language", "tool", "passed", "skipped", "seconds", "in `nox -s tests`"], rows)


def _version(file: str) -> str:
    ran = subprocess.run([*map(str, TOOLS[file].version)], capture_output=True, text=True, check=True)
    found = re.search(r"\d+(\.\d+)+", ran.stdout)
    return f"{Path(TOOLS[file].version[0]).name} {found[0] if found else ''}"


def scenarios(cases: list[ET.Element]) -> str:
    """A row for each scenario: with how many samples of the two documents it passed."""
    found = [_NAME.fullmatch(case.attrib["name"]) for case in cases if case.find("skipped") is None]
    passed = Counter(one[1] for one in found if one)
    rows = [[one.name, passed[one.name.replace(" ", "-")]] for one in SCENARIOS]
    texts = sum("test_text_of_a_document" in case.attrib["name"] for case in cases)
    rows.append(["hostile documents: no text becomes code", texts])
    return "## Scenarios\n\n" + table(["scenario", "passed"], rows)


if __name__ == "__main__":
    main()
