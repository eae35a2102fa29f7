"""Lists a session with another maker's client, in a process that may be killed: orders in, results out, as JSON."""

from __future__ import annotations

import json
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Entry: TypeAlias = tuple[Any, Any]
"""The ids of an entry and of its session."""
Fetch: TypeAlias = Callable[[Any], Sequence[Entry] | str]
"""A page after a cursor, or the name of what came instead of one."""

KEY = "canary0123456789abcdef0123456789"
MOST = 50
MUCH = 64
"""MiB."""
SESSION = "ebfc2ee4-197c-45ee-8c49-2eb08da57fc3"
TOP = 3


def stock(url: str) -> tuple[Fetch, Callable[[], object]]:
    """The output of openapi-python-client, which is in a folder on the path."""
    from stock_client.api.audit_entries import audit_entries_list  # noqa: PLC0415  # only where it is installed
    from stock_client.client import AuthenticatedClient  # noqa: PLC0415

    header = "Ocp-Apim-Subscription-Key"
    client = AuthenticatedClient(base_url=url, token=KEY, prefix="", auth_header_name=header)

    def fetch(start: Any) -> Sequence[Entry] | str:
        cursor = {} if start is None else {"start": start}
        page = audit_entries_list.sync(SESSION, client=client, top=TOP, **cursor)
        if not isinstance(page, list):
            return type(page).__name__.removesuffix("Type")
        return [(entry.id, entry.session_id) for entry in page]

    return fetch, client.get_httpx_client().close


def azure(url: str) -> tuple[Fetch, Callable[[], object]]:
    """The vendor's package."""
    from azure.ai.vision.face import FaceSessionClient  # noqa: PLC0415  # only where it is installed
    from azure.core.credentials import AzureKeyCredential  # noqa: PLC0415

    client = FaceSessionClient(endpoint=url, credential=AzureKeyCredential(KEY))

    def fetch(start: Any) -> Sequence[Entry] | str:
        page = client.get_liveness_session_audit_entries(SESSION, start=start, top=TOP)
        return [(entry.id, entry.session_id) for entry in page]

    return fetch, client.close


PEERS = {"stock": stock, "azure": azure}


def walk(fetch: Fetch, *, pause: float) -> str:
    """What comes of asking for page after page, as their users have to do by hand."""
    ids: list[Any] = []
    sessions: set[Any] = set()
    while len(ids) < MOST:
        page = fetch(ids[-1] if ids else None)
        if isinstance(page, str):
            return page
        if not page:
            break
        ids += [number for number, _ in page]
        sessions |= {owner for _, owner in page}
        time.sleep(pause)
    if [str(one) for one in ids] == [str(number) for number in range(7, 0, -1)]:
        return "all entries"
    if len(ids) >= MOST:
        return "pages without end"
    what = "entries of another session" if sessions - {SESSION} else f"{len(ids)} of 7 entries"
    return f"{what}, no error"


def run(  # one keyword for each thing of an order
    peer: str, *, url: str, pause: float = 0, close: bool = False, resolver: str = "", times: float = 0
) -> dict[str, Any]:
    """Carry out one order."""
    if resolver:
        _break_resolver(resolver, times)
    began, held = time.monotonic(), _most_memory()
    try:
        fetch, end = PEERS[peer](url)
        if close:
            fetch(None)
            end()
        result = walk(fetch, pause=pause)
    except Exception as error:  # noqa: BLE001  # any error is the result
        result = type(error).__name__
    seconds, grown = time.monotonic() - began, _most_memory() - held
    return {"result": result + (f", {grown} MiB of memory" if grown > MUCH else ""), "seconds": seconds}


def _most_memory() -> int:
    """MiB that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _break_resolver(trick: str, times: float) -> None:
    real, left = socket.getaddrinfo, [times]

    def look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        if host in {"localhost", b"localhost"} and left[0] > 0:
            left[0] -= 1
            if trick == "hangs":
                threading.Event().wait()
            raise socket.gaierror(socket.EAI_AGAIN if trick == "again" else socket.EAI_NONAME, "not known")
        return real(host, *arguments, **named)

    socket.getaddrinfo = look_up


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(sys.argv[1], **json.loads(line))) + "\n")
        sys.stdout.flush()
