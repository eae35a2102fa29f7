"""Faults that lie in how a client is used: closing, loops, cancellation, forks, clocks, and leaving while one hangs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .catalogue import CATALOGUE
from .life import PLAYS, close, complaints_of_use
from .ours import CANARY
from .secrets_shown import shown

if TYPE_CHECKING:
    from .fault import Fault
    from .ours import Kind

USES = [fault for fault in CATALOGUE if fault.place == "client"]
HANGING = """
import asyncio, socket, sys, threading, time
from face_audit import *
socket.getaddrinfo = lambda *arguments, **named: threading.Event().wait()
settings = {"endpoint": "https://nowhere.invalid", "timeouts": Timeouts(connect=0.1, attempt=0.2, call=0.3)}
async def run():
    async with AsyncFaceAuditClient("key", **settings) as client:
        await client.audit_entries.list_page("0")
def run_sync():
    with FaceAuditClient("key", **settings) as client:
        client.audit_entries.list_page("0")
began = time.monotonic()
try:
    asyncio.run(run()) if sys.argv[1] == "async" else run_sync()
except ConnectError as error:
    print(f"{time.monotonic() - began:.1f} {error}")
"""


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("fault", USES, ids=lambda fault: fault.name)
def test_use_of_a_client_has_the_outcome_of_the_catalogue(fault: Fault, kind: Kind) -> None:
    """Used in an unusual way, a client says so by a class of its own, or does what it would do otherwise."""
    found = complaints_of_use(fault, kind)

    assert found == []


def test_every_use_of_the_catalogue_is_played() -> None:
    """The catalogue and the plays name the same uses."""
    assert [fault.name for fault in USES] == list(PLAYS)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_closed_client_shows_no_key(kind: Kind) -> None:
    """The error of a closed client has a traceback, too."""
    error = next(iter(close(kind, "default")))

    assert isinstance(error, Exception)
    assert CANARY not in shown(error)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_process_ends_where_the_resolver_hangs(kind: Kind) -> None:
    """A lookup that never ends holds neither the call, nor the event loop, nor the process."""
    command = [sys.executable, "-c", HANGING, kind]

    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)

    assert ran.stderr == ""
    seconds, _, text = ran.stdout.partition(" ")
    assert float(seconds) < 1
    assert "'nowhere.invalid'" in text
