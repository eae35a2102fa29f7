"""The regions of the service, their hosts, and how far away they are."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from attrs import frozen
from face_audit import Region
from face_audit.testing import load_document

_PORT = 443
_AT_ONCE = 16


@frozen(kw_only=True)
class Place:
    """One region."""

    region: Region
    name: str
    """As people know it."""
    host: str


def places() -> list[Place]:
    """All regions, in the order of their names."""
    server = load_document()["servers"][0]
    names: dict[str, str] = server["variables"]["region"]["x-display-names"]
    url: str = server["url"]
    return [
        Place(region=one, name=names[one.value], host=urlsplit(url.format(region=one.value)).netloc) for one in Region
    ]


def probe(hosts: Iterable[str], *, timeout: float = 3.0, port: int = _PORT) -> list[float | str]:
    """For each host the seconds that a connection to it takes, its name looked up, or why there is none."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [one.result() for one in [pool.submit(_connect, host, port, timeout) for host in hosts]]


def _connect(host: str, port: int, timeout: float) -> float | str:
    began = time.monotonic()
    try:
        socket.create_connection((host, port), timeout=timeout).close()
    except OSError as error:
        return error.strerror or "no answer in time"
    return time.monotonic() - began
