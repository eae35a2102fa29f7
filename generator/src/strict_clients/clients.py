"""The list of clients in TOML: which packages are made from which documents."""

import os
import tomllib
from pathlib import Path
from typing import Any

from attrs import frozen

from strict_clients.breaches import Breach, GenerationRefused
from strict_clients.check.shapes import listing, record, text
from strict_clients.check.specification import violations
from strict_clients.load import read_text
from strict_clients.lock import lock_of
from strict_clients.pointers import escape
from strict_clients.select import Selection
from strict_clients.source import UNCHANGED, Changes

LIST = Path("openapi", "clients.toml")

_TEXTS = listing(text())
_CLIENT = record(
    {"document": text(), "output": text()},
    {
        "overlays": _TEXTS,
        "include": _TEXTS,
        "exclude": _TEXTS,
        "lock": text(),
        "package": text(),
        "releases": text(),
        "callers": _TEXTS,
        "samples": text(),
    },
)
_CLIENTS = {"type": "object", "minProperties": 1, "additionalProperties": _CLIENT}


@frozen
class Client:
    """A package and its sources; without its own lock, it uses that of the document, if there is one."""

    document: Path
    output: Path
    changes: Changes = UNCHANGED
    lock: Path | None = None
    releases: Path | None = None
    """The folder with the archive of its last release."""
    callers: tuple[Path, ...] = ()
    """Folders of example code of callers, which releases keep."""
    samples: Path | None = None
    """The folder of its samples and of the page of its API."""


def read_clients(path: Path) -> dict[str, Client]:
    """The clients of the list by name, in its order; their paths are relative to its folder.

    Raises: GenerationRefused with everything that is wrong with the list.
    """
    try:
        tables = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise GenerationRefused([Breach("", f"{path}: {error}; correct the TOML")]) from error
    breaches = list(violations("", tables, _CLIENTS, "see docs/openapi.md"))
    if not breaches:
        clients = {name: _client(table, path.parent) for name, table in tables.items()}
        breaches = _shared(clients)
        if not breaches:
            return clients
    raise GenerationRefused(Breach(one.pointer, f"{path}: {one.message}") for one in breaches)


def _client(table: dict[str, Any], folder: Path) -> Client:
    def place(name: str) -> Path:
        return Path(os.path.normpath(folder / name))

    document = place(table["document"])
    selection = Selection(include=table.get("include", ()), exclude=table.get("exclude", ()))
    overlays = [place(name) for name in table.get("overlays", ())]
    changes = Changes(overlays=overlays, selection=selection, package=table.get("package"))
    lock = place(table["lock"]) if "lock" in table else lock_of(document)
    releases = place(table["releases"]) if "releases" in table else None
    callers = tuple(place(name) for name in table.get("callers", ()))
    samples = place(table["samples"]) if "samples" in table else None
    return Client(document, place(table["output"]), changes, lock, releases, callers, samples)


def _places(client: Client) -> tuple[tuple[str, Path | None], ...]:
    """What is written of a client."""
    places = ("output", client.output), ("lock", client.lock), ("releases", client.releases)
    return (*places, ("samples", client.samples))


def _shared(clients: dict[str, Client]) -> list[Breach]:
    """The clients that would overwrite another one."""
    owners: dict[Path, str] = {}
    breaches: list[Breach] = []
    for name, client in clients.items():
        for key, path in _places(client):
            owner = owners.setdefault(path, name) if path else name
            if owner != name:
                breaches.append(Breach(f"/{escape(name)}", f"{key} {path} is also that of {owner!r}; give it its own"))
    return breaches
