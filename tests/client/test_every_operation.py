"""Every operation of the document through both clients: a new one is tried before it has tests of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from face_audit import Page
from face_audit.resources.audit_entries.sync import AuditEntries
from face_audit.testing import Emulator

from .conftest import Walk
from .servers import SESSION

if TYPE_CHECKING:
    from .conftest import Driver

METHODS = {name for name in vars(AuditEntries) if not name.startswith("_")}
LISTS = sorted(name for name in METHODS if f"{name}_page" in METHODS)


def test_every_operation_is_a_list() -> None:
    """Operations of another kind have to be called in this file, too."""
    assert {f"{name}{form}" for name in LISTS for form in ("", "_page", "_many")} == METHODS


@pytest.mark.parametrize("name", LISTS)
def test_operation_lists_what_the_emulator_holds(driver: Driver, name: str) -> None:
    """Each entry once: by the pager, by single pages, and beside other lists."""
    emulator = Emulator()
    emulator.add(SESSION, count=3)

    with emulator.serve() as url:
        entries = driver.client(url, key="emulator-key").made.audit_entries
        walked = Walk(getattr(entries, name)(SESSION, top=2), driver.runner).take()
        page = getattr(entries, f"{name}_page")(SESSION, top=2)
        page = page if driver.runner is None else driver.runner.run(page)
        many = Walk(getattr(entries, f"{name}_many")([SESSION], top=2), driver.runner).take()

    pages = [listed.outcome for listed in many if isinstance(listed.outcome, Page)]
    assert [entry.id for entry in walked] == ["3", "2", "1"]
    assert [entry.id for entry in page.items] == ["3", "2"]
    assert [entry.id for page in pages for entry in page.items] == ["3", "2", "1"]
