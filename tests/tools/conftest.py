"""A service in memory, and what was exported of it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from face_audit_tools import export_session

from .service import Service, serving
from .shelf import FIRST, MALFORMED, PRETTY, SECOND, Shelf, entries

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so a shell starts what runs beside it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def service() -> Iterator[Service]:
    """A service that is not the emulator."""
    with serving() as made:
        yield made


@pytest.fixture
def shelf() -> Shelf:
    """Two sessions: one of seven entries, one with line ends between tokens and with an entry that is malformed."""
    return Shelf({FIRST: entries(7), SECOND: [*entries(5)[:3], PRETTY, MALFORMED]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the export goes."""
    return tmp_path / "evidence"


@pytest.fixture
def exported(shelf: Shelf, folder: Path) -> Path:
    """Both sessions, exported in pages of three."""
    with shelf.client() as client:
        for session in (FIRST, SECOND):
            assert export_session(client, session, folder, top=3).outcome == "complete"
    return folder
