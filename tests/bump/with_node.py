"""What needs Node: Redocly still says what was recorded, and each row's package has the names that the table says."""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from strict_clients.bump import names_changed
from strict_clients.bump.differ import Redocly, read
from strict_clients.bump.rating import Rating
from strict_clients.bump.removals import live
from strict_clients.bump.surface import Surface, read_surface
from strict_clients.bump.uses import Uses
from strict_clients.command.bump import main
from strict_clients.examine import examine
from strict_clients.files import put
from strict_clients.load import Document
from strict_clients.model import build_model
from strict_clients.render import render
from strict_clients.runtime import TEMPLATES

from .cases import GENERAL, PREVIEW, Recordings, pairs
from .changes import rows
from .record import fresh

ROWS = rows()
SURFACES: dict[str, Surface] = {}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Redocly's reports of today."""
    return fresh(pairs(tmp_path_factory.mktemp("pairs")))


def test_recorded_reports_are_those_of_today(reports: dict[str, Any]) -> None:
    """The tests that read recordings test what Redocly says; another version of it has to be recorded anew."""
    recorded = Recordings.kept().reports

    assert sorted(reports) == sorted(recorded)
    assert [name for name in reports if reports[name] != recorded[name]] == []


def rate_surface(index: int, folder: Path) -> str:
    """The rating of one row by the public names of both packages alone."""
    row = ROWS[index]
    made = Uses.of(*row.forms).made_by_callers()
    changes = names_changed.compare(surface(row.old, folder), surface(row.new, folder), made_by_callers=made)
    return max((one.rating for one in changes), default=Rating.NOTHING).word


def surface(document: Document, folder: Path) -> Surface:
    """The public names of a document's package, made once for all rows of a process."""
    if document.digest not in SURFACES:
        package = build_model(examine(document))
        target = folder / f"{os.getpid()}-{document.digest}"
        put(render(package, templates=TEMPLATES), target)
        SURFACES[document.digest] = read_surface(target / "src", package.name)
    return SURFACES[document.digest]


def test_surface_is_rated_as_the_table_says(tmp_path: Path) -> None:
    """What the generator makes of each change, and so that no name changes more than the document's rules say."""
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(rate_surface, range(len(ROWS)), [tmp_path] * len(ROWS), chunksize=10))

    assert {row.name: rating for row, rating in zip(ROWS, found, strict=True)} == {
        row.name: row.surface for row in ROWS
    }


def test_known_break_is_seen_by_the_rules_for_differences_alone(tmp_path: Path) -> None:
    """A configuration with rules for linting alone passes everything: a trap that our settings must not fall into."""
    row = next(one for one in ROWS if one.name == "required parameter added")
    settings = tmp_path / "redocly.yaml"
    settings.write_text("rules: {no-unused-components: warn}\n", encoding="utf-8")
    sides = tuple(map(live, row.forms))

    ours, trapped = (read(differ.report(*sides)) for differ in (Redocly(), Redocly(settings=settings)))

    assert max(one.rating for one in ours) is Rating.MAJOR
    assert max(one.rating for one in trapped) < Rating.MAJOR


@pytest.mark.parametrize(
    ("document", "more", "code"),
    [(PREVIEW, (), 20), (GENERAL, (), 1), (GENERAL, ("--accept-removal",), 30)],
    ids=["preview", "stop", "accepted"],
)
def test_command_gives_its_exit_code_with_the_real_differ(
    tmp_path: Path, archive: Path, document: Path, more: tuple[str, ...], code: int
) -> None:
    """From the document to the report, with no part replaced by a stub."""
    output = tmp_path / "report"

    assert main([str(document), "--release", str(archive), "--output", str(output), *more]) == code

    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert code in {1, Rating.of(report["rating"])}
