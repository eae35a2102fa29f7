"""Redocly CLI as it is run and read; with_node.py compares its recorded answers with fresh ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from attrs import evolve

from strict_clients.bump.differ import SETTINGS, DifferUnavailable, Finding, Redocly, read
from strict_clients.bump.rating import Rating

EMPTY = {"openapi": "3.1.0"}


def program(folder: Path, text: str) -> Redocly:
    """A program instead of Redocly CLI."""
    path = folder / "cli.py"
    path.write_text(text, encoding="utf-8")
    return Redocly(program=path, command=(sys.executable,))


def test_differ_that_is_not_installed_says_how_it_is(tmp_path: Path) -> None:
    """A machine without Node or without the npm registry is told the one command that installs both."""
    with pytest.raises(DifferUnavailable, match="Redocly CLI is not installed; run `strict-clients redocly`"):
        Redocly(program=tmp_path / "none.js").report(EMPTY, EMPTY)


def test_differ_that_fails_is_quoted(tmp_path: Path) -> None:
    """Its own words and exit code reach the maintainer."""
    differ = program(tmp_path, "import sys; sys.exit('boom')")

    with pytest.raises(DifferUnavailable, match="Redocly CLI: exit 1; boom"):
        differ.report(EMPTY, EMPTY)


def test_differ_that_writes_nothing_is_no_verdict(tmp_path: Path) -> None:
    """Silence is never taken for "no change"."""
    with pytest.raises(DifferUnavailable, match="wrote no report"):
        program(tmp_path, "").report(EMPTY, EMPTY)


def test_differ_that_hangs_is_given_up(tmp_path: Path) -> None:
    """A maintainer waits for two minutes and no longer."""
    differ = evolve(program(tmp_path, "import time; time.sleep(60)"), seconds=0.2)

    with pytest.raises(DifferUnavailable, match="no answer after 0.2 s"):
        differ.report(EMPTY, EMPTY)


def test_differ_runs_quietly_with_the_rules_for_differences(tmp_path: Path) -> None:
    """It gets both documents and our settings, fails on nothing, and is told not to call home."""
    differ = program(
        tmp_path,
        "import json, os, pathlib, sys\n"
        "told = {name: os.environ[name] for name in ('REDOCLY_TELEMETRY', 'REDOCLY_SUPPRESS_NOTIFICATIONS')}\n"
        "texts = [json.loads(pathlib.Path(side).read_text()) for side in sys.argv[2:4]]\n"
        "pathlib.Path('report.json').write_text(json.dumps({'told': told, 'texts': texts, 'argv': sys.argv[1:]}))\n",
    )

    report = differ.report(EMPTY, EMPTY | {"info": {}})

    assert report["told"] == {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_NOTIFICATIONS": "true"}
    assert report["texts"] == [EMPTY, EMPTY | {"info": {}}]
    assert report["argv"][:5] == ["diff", "old.json", "new.json", "--config", str(SETTINGS)]
    assert report["argv"][5:] == ["--fail-on", "none", "--format", "json", "--output", "report.json"]
    assert "extends: [diff-recommended]" in SETTINGS.read_text(encoding="utf-8")


def test_report_is_read_by_places_ratings_and_words() -> None:
    """A change has a place in one document or in both, and the reasons of all its rules."""
    place = {"pointer": "#/paths/~1a"}
    report = {
        "reportVersion": "1",
        "changes": [
            {"impact": "minor", "revision": place},
            {"impact": "major", "base": place, "revision": place, "verdicts": [{"message": "A."}, {"message": "B."}]},
        ],
    }

    assert read(report) == (
        Finding(("/paths/~1a",), Rating.MINOR, ""),
        Finding(("/paths/~1a",), Rating.MAJOR, "A. B."),
    )


def test_report_of_another_form_is_refused() -> None:
    """Another version of Redocly may mean other things by the same words."""
    with pytest.raises(DifferUnavailable, match="its report has version '2'"):
        read({"reportVersion": "2", "changes": []})
