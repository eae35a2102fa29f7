"""Single changes of real documents get the rating that their callers would give them, none a lower one.

`nox -s tests_bump` and `nox -s gate` run it, and not `nox -s tests`: under coverage it takes minutes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from strict_clients.bump import names_changed
from strict_clients.bump.documents import compare
from strict_clients.bump.rating import Rating
from strict_clients.bump.same import same_package
from strict_clients.bump.surface import read_surface
from strict_clients.bump.uses import Uses
from strict_clients.examine import examine
from strict_clients.files import Files, put
from strict_clients.load import Document
from strict_clients.model import build_model
from strict_clients.render import render
from strict_clients.runtime import TEMPLATES

from .changes import Judged, judged

ROWS = judged()
PACKAGES: dict[str, Files] = {}


def highest(ratings: list[Rating]) -> Rating:
    """The highest of these ratings."""
    return max(ratings, default=Rating.NOTHING)


def package(document: Document) -> Files:
    """The files of a document's package, made once for all rows."""
    if document.digest not in PACKAGES:
        PACKAGES[document.digest] = render(build_model(examine(document)), templates=TEMPLATES)
    return PACKAGES[document.digest]


@pytest.mark.parametrize("row", [row for row in ROWS if not row.is_of_package], ids=lambda row: row.name)
def test_change_is_rated_as_callers_would(row: Judged) -> None:
    """Our own rules and the table of raised classes find it, without another differ and without the packages."""
    found = compare(*row.forms, [])

    assert highest([one.rating for one in found]).word == row.want


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_of_package], ids=lambda row: row.name)
def test_change_is_rated_as_callers_of_the_packages_would(row: Judged, tmp_path: Path) -> None:
    """The public names raise the rating, and two equal packages lower it to a patch."""
    files = package(row.old), package(row.new)
    surfaces = []
    for side, one in zip(("old", "new"), files, strict=True):
        put(one, tmp_path / side)
        name = next((tmp_path / side / "src").iterdir()).name
        surfaces.append(read_surface(tmp_path / side / "src", name))

    told = highest([one.rating for one in compare(*row.forms, [])])
    told = min(told, Rating.PATCH) if same_package(*files, *row.forms) else told
    made = Uses.of(*row.forms).made_by_callers()
    names = highest([one.rating for one in names_changed.compare(*surfaces, made_by_callers=made)])

    assert max(told, names).word == row.want


def test_table_holds_more_than_a_hundred_changes_of_each_rating() -> None:
    """Every change is another one, each with its source, and every rating is wanted of many."""
    assert len({row.name for row in ROWS}) == len(ROWS) >= 120
    assert all(row.source for row in ROWS)
    for rating in (Rating.PATCH, Rating.MINOR, Rating.MAJOR):
        assert sum(row.want == rating.word for row in ROWS) >= 25
