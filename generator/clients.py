"""The command for listed clients: `python -m generator.clients [NAME ...] [--check] [--list FILE]`."""

import argparse
import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from generator.__main__ import carry_out
from generator.breaches import Breach, GenerationRefused
from generator.check.shapes import listing, record, text
from generator.check.specification import violations
from generator.load import read_text
from generator.lock import lock_of
from generator.pointers import escape
from generator.select import Selection
from generator.source import Changes

LIST = Path("openapi", "clients.toml")

_TEXTS = listing(text())
_CLIENT = record(
    {"document": text(), "output": text()},
    {"overlays": _TEXTS, "include": _TEXTS, "exclude": _TEXTS, "lock": text()},
)
_CLIENTS = {"type": "object", "minProperties": 1, "additionalProperties": _CLIENT}


@frozen
class Client:
    """A package, and what it is made from; without a lock of its own, it has that of the document, if there is one."""

    document: Path
    output: Path
    changes: Changes
    lock: Path | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the named clients of the list, or all, or with `--check` compare; 1 where one is refused or different."""
    parser = argparse.ArgumentParser(
        prog="python -m generator.clients", description="Render the clients of a list.", allow_abbrev=False
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="a client of the list; all without one")
    parser.add_argument("--list", type=Path, default=LIST, help=f"the list, {LIST} without this option")
    parser.add_argument("--check", action="store_true", help="write nothing, say what has moved and differs")
    given = parser.parse_args(arguments)
    try:
        chosen = _chosen(given.list, given.names)
    except GenerationRefused as error:
        print(f"nothing was written\n{error}", file=sys.stderr)
        return 1
    return max(
        carry_out(one.document, one.output, changes=one.changes, check=given.check, lock=one.lock) for one in chosen
    )


def _chosen(path: Path, names: Sequence[str]) -> list[Client]:
    clients = read_clients(path)
    unknown = [name for name in names if name not in clients]
    if unknown:
        known = ", ".join(clients)
        raise GenerationRefused(Breach("", f"{path}: has no client {name!r}; name one of {known}") for name in unknown)
    return [clients[name] for name in names or clients]


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
    changes = Changes(overlays=[place(name) for name in table.get("overlays", ())], selection=selection)
    lock = place(table["lock"]) if "lock" in table else lock_of(document)
    return Client(document, place(table["output"]), changes, lock)


def _shared(clients: dict[str, Client]) -> list[Breach]:
    """Where a client would be written over another one."""
    owners: dict[Path, str] = {}
    breaches: list[Breach] = []
    for name, client in clients.items():
        for key, path in (("output", client.output), ("lock", client.lock)):
            owner = owners.setdefault(path, name) if path else name
            if owner != name:
                breaches.append(Breach(f"/{escape(name)}", f"{key} {path} is that of {owner!r} too; give it its own"))
    return breaches


if __name__ == "__main__":
    sys.exit(main())
