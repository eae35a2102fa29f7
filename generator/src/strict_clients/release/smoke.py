"""Uses the installed package as its consumers do; run by the Python of an environment that holds nothing else."""

from __future__ import annotations

import asyncio
import sys
from importlib.metadata import files
from importlib.metadata import version as installed_version
from pathlib import Path

import face_audit
from face_audit import AsyncFaceAuditClient, AuthenticationError, FaceAuditClient, FaceAuditError, SessionNotFoundError
from face_audit.testing import Emulator

SESSION = "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"
COUNT = 250


def main(version: str) -> None:
    """Raises: AssertionError if the installed package is not this version, is incomplete, or does not work."""
    is_whole(version)
    works()


def is_whole(version: str) -> None:
    """The imported package is the installed one: this version, with types, bill of materials and all names."""
    folder = Path(face_audit.__file__).parent
    assert installed_version("face-audit") == face_audit.__version__ == version
    assert folder.is_relative_to(sys.prefix), folder
    assert (folder / "py.typed").is_file()
    assert any("sboms" in path.parts for path in files("face-audit") or [])
    assert [name for name in face_audit.__all__ if getattr(face_audit, name) is None] == []


def works() -> None:
    """Both clients list every entry, newest first; a wrong session and a wrong key are the errors they should be."""
    emulator = Emulator(key="a-key")
    emulator.add(SESSION, count=COUNT)
    with emulator.serve() as url:
        listed = list_entries(url)
        assert listed == [str(number) for number in range(COUNT, 0, -1)]
        assert asyncio.run(list_entries_async(url)) == listed
        assert isinstance(error_of(url, session="00000000-0000-0000-0000-000000000000"), SessionNotFoundError)
        refused = error_of(url, key="another-key")
        assert isinstance(refused, AuthenticationError)
        assert "another-key" not in f"{refused} {refused!r}"


def list_entries(url: str) -> list[str]:
    """The ids of all entries, by the blocking client."""
    with FaceAuditClient("a-key", endpoint=url) as client:
        return [entry.id for entry in client.audit_entries.list(SESSION, top=100)]


async def list_entries_async(url: str) -> list[str]:
    """The same by the client for asyncio."""
    async with AsyncFaceAuditClient("a-key", endpoint=url) as client:
        return [entry.id async for entry in client.audit_entries.list(SESSION, top=100)]


def error_of(url: str, *, key: str = "a-key", session: str = SESSION) -> FaceAuditError:
    """The error that listing ends with."""
    with FaceAuditClient(key, endpoint=url) as client:
        try:
            client.audit_entries.list_page(session)
        except FaceAuditError as error:
            return error
    raise AssertionError(f"{session}: was listed")


if __name__ == "__main__":
    main(*sys.argv[1:])
