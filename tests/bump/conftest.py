"""A release in an archive, as a bump finds it, and bumps of it with Redocly's recorded reports."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bump import released
from bump.__main__ import main
from generator.pipeline import generate

from .cases import RELEASED, stand_in

ROOT = Path(__file__).parents[2]
CALLER = '''"""What a caller of the release writes."""

from face_audit import AuditEntry, FaceAuditClient, Region


def list_digests(client: FaceAuditClient, session_id: str) -> list[str | None]:
    """The digests of a session."""
    entries: list[AuditEntry] = list(client.audit_entries.list(session_id, top=10))
    return [entry.digest for entry in entries]


def connect(key: str) -> FaceAuditClient:
    """A client of the nearest region."""
    return FaceAuditClient(key, region=Region.NORWAY_EAST)
'''
INSIDER = '''"""A test that reaches inside; what it uses was never promised."""

from face_audit import AuditEntry
from face_audit._runtime.values.models import Model

assert issubclass(AuditEntry, Model)
DIGEST = AuditEntry(id="1").digest
'''


def lay_out(root: Path) -> Path:
    """A repository as it was at the release: its document, its package, its sources and the code of callers."""
    for name, text in (("examples/digests.py", CALLER), ("tests/client/test_inside.py", INSIDER)):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / released.DOCUMENT).parent.mkdir()
    shutil.copy(RELEASED, root / released.DOCUMENT)
    generate(root / released.DOCUMENT, root / released.PACKAGE)
    for part in released.SOURCES:
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository at the release."""
    return lay_out(tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="session")
def archive(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the release."""
    return released.write(repository, tmp_path_factory.mktemp("releases"))


@pytest.fixture
def bump(archive: Path, tmp_path: Path) -> Callable[..., tuple[int, Path]]:
    """Runs the command on a document with more arguments; gives its exit code and the folder of the report."""

    def run(document: Path, *more: str) -> tuple[int, Path]:
        output = tmp_path / "report"
        arguments = [str(document), "--release", str(archive), "--output", str(output), *more]
        return main(arguments, redocly=stand_in()), output

    return run
