"""A release in an archive, as a bump finds it, and bumps of it with Redocly's recorded reports."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from strict_clients.bump import released
from strict_clients.clients import Client
from strict_clients.command.bump import main
from strict_clients.pipeline import generate

from .cases import RELEASED, stand_in

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


def lay_out(root: Path, document: Path = RELEASED) -> Client:
    """A client as it was at the release: its document, its package and the code of callers."""
    for name, text in (("examples/digests.py", CALLER), ("tests/client/test_inside.py", INSIDER)):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(text, encoding="utf-8")
    kept, package = root / "api.yaml", root / "package"
    shutil.copy(document, kept)
    generate(kept, package)
    return Client(kept, package, callers=(root / "examples", root / "tests" / "client"))


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The client at the release."""
    return lay_out(tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="session")
def archive(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the release."""
    return released.write(client, tmp_path_factory.mktemp("releases"))


@pytest.fixture
def bump(archive: Path, tmp_path: Path) -> Callable[..., tuple[int, Path]]:
    """Runs the command on a document with more arguments; gives its exit code and the folder of the report."""

    def run(document: Path, *more: str) -> tuple[int, Path]:
        output = tmp_path / "report"
        arguments = [str(document), "--release", str(archive), "--output", str(output), *more]
        return main(arguments, redocly=stand_in()), output

    return run
