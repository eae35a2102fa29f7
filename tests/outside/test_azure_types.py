"""The types of credentials fit those of azure-core and azure-identity, for both type checkers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import face_audit
import pytest

SOURCE = Path(face_audit.__file__).parents[1]
# Mypy finds what is installed by itself, and refuses to be pointed at it.
SEARCHED = {} if SOURCE.name == "site-packages" else {"MYPYPATH": str(SOURCE)}
REFUSED = "  # refused"
PROGRAM = f"""
import azure.identity.aio
from azure.core.credentials import AzureKeyCredential, SupportsTokenInfo, TokenCredential, TokenProvider
from azure.core.credentials_async import AsyncSupportsTokenInfo, AsyncTokenCredential, AsyncTokenProvider
from azure.identity import ChainedTokenCredential, DefaultAzureCredential
from face_audit import AsyncFaceAuditClient, FaceAuditClient


async def key() -> str:
    return "key"


def blocking(
    one: TokenCredential, newer: SupportsTokenInfo, either: TokenProvider, other: AsyncTokenCredential
) -> None:
    FaceAuditClient(credential=one)
    FaceAuditClient(credential=newer)
    FaceAuditClient(credential=either)
    FaceAuditClient(credential=ChainedTokenCredential(DefaultAzureCredential()))
    FaceAuditClient(AzureKeyCredential("key"))
    FaceAuditClient(lambda: "key")
    FaceAuditClient(credential=other){REFUSED}
    FaceAuditClient(credential=azure.identity.aio.DefaultAzureCredential()){REFUSED}
    FaceAuditClient(credential=AzureKeyCredential("key")){REFUSED}
    FaceAuditClient(credential="key"){REFUSED}
    FaceAuditClient(one){REFUSED}
    FaceAuditClient(key){REFUSED}


def awaiting(
    one: AsyncTokenCredential, newer: AsyncSupportsTokenInfo, either: AsyncTokenProvider, other: TokenCredential
) -> None:
    AsyncFaceAuditClient(credential=one)
    AsyncFaceAuditClient(credential=newer)
    AsyncFaceAuditClient(credential=either)
    AsyncFaceAuditClient(credential=azure.identity.aio.ChainedTokenCredential(azure.identity.aio.AzureCliCredential()))
    AsyncFaceAuditClient(AzureKeyCredential("key"))
    AsyncFaceAuditClient(lambda: "key")
    AsyncFaceAuditClient(key)
    AsyncFaceAuditClient(credential=other){REFUSED}
    AsyncFaceAuditClient(credential=DefaultAzureCredential()){REFUSED}
    AsyncFaceAuditClient(one){REFUSED}
"""


@pytest.mark.parametrize(
    "checker",
    [["mypy", "--strict", "--config-file="], ["basedpyright", "--pythonpath", sys.executable, "--level", "error"]],
    ids=lambda command: command[0],
)
def test_client_takes_the_credentials_of_its_kind(tmp_path: Path, checker: list[str]) -> None:
    """azure-core's own protocols fit, and what the client would refuse is an error of the types, too."""
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "pyrightconfig.json").write_text(f'{{"extraPaths": ["{SOURCE.as_posix()}"]}}', encoding="utf-8")

    ran = subprocess.run(
        [sys.executable, "-m", *checker, "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=SEARCHED | {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )

    refused = {int(line) for line in re.findall(r"program\.py:(\d+)(?::\d+(?: -)?)?:? error", ran.stdout)}
    assert refused == {line for line, text in enumerate(PROGRAM.split("\n"), 1) if text.endswith(REFUSED)}, ran.stdout
