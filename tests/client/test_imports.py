"""What a fresh process has loaded once it has listed a session: nothing that only others need."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from .conftest import KEY
from .servers import SESSION, Service

BLOCKING = """
import sys
from face_audit import FaceAuditClient
with FaceAuditClient(sys.argv[1], endpoint=sys.argv[2]) as client:
    found = len(client.audit_entries.list_page(sys.argv[3]).items) + len(list(client.audit_entries.list(sys.argv[3])))
print(found, *sorted(sys.modules))
"""
AWAITING = """
import asyncio, sys
from face_audit import AsyncFaceAuditClient
async def run():
    async with AsyncFaceAuditClient(sys.argv[1], endpoint=sys.argv[2]) as client:
        page = await client.audit_entries.list_page(sys.argv[3])
        return len(page.items) + len([entry async for entry in client.audit_entries.list(sys.argv[3])])
print(asyncio.run(run()), *sorted(sys.modules))
"""
# What these processes do not do.
NEEDLESS = {
    "face_audit._runtime.pagination.many",
    "face_audit._runtime.pagination.stability",
    "face_audit._runtime.requests.asked",
    "face_audit.models.liveness_result",
}


@pytest.mark.parametrize(
    ("code", "needless"),
    [
        (BLOCKING, NEEDLESS | {"face_audit._runtime.aio.client"}),
        (AWAITING, NEEDLESS | {"face_audit._runtime.sync"}),
    ],
    ids=["sync", "async"],
)
def test_listing_loads_nothing_that_the_other_client_needs(code: str, needless: set[str]) -> None:
    """A client loads neither its twin nor what the process does not use."""
    with Service(3) as service:
        arguments = (KEY, service.url, SESSION)
        ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)

    found, *loaded = ran.stdout.split()
    assert found == "6"
    assert "face_audit._runtime.calls.attempts" in loaded
    assert needless & {*loaded} == set()


@pytest.mark.parametrize(
    ("module", "name"),
    [("face_audit.client", "FaceAuditClient"), ("face_audit.resources.audit_entries", "AuditEntries")],
)
def test_class_is_imported_from_the_package_of_both_halves(module: str, name: str) -> None:
    """Release 0.1.0 had both classes in one module; a misspelled name is an AttributeError, as anywhere."""
    package = import_module(module)

    assert getattr(package, name) is getattr(import_module(f"{module}.sync"), name)
    assert getattr(package, f"Async{name}") is getattr(import_module(f"{module}.aio"), f"Async{name}")
    with pytest.raises(AttributeError, match=f"module '{module}' has no attribute 'Misspelled'"):
        _ = package.Misspelled
