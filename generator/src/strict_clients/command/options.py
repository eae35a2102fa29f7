"""Options that several commands share: which clients, and the changes to their documents."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from strict_clients.breaches import Breach, GenerationRefused
from strict_clients.clients import LIST, Client, read_clients
from strict_clients.lock import lock_of
from strict_clients.select import Selection
from strict_clients.source import UNCHANGED, Changes

NAME = "strict-clients"
"""The name of the command."""

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # it has no other name
else:
    Commands = Any


def add_list(parser: argparse.ArgumentParser) -> None:
    """Add the option for the list of clients."""
    parser.add_argument("--list", type=Path, default=LIST, help=f"the list of clients (default: {LIST})")


def add_changes(parser: argparse.ArgumentParser) -> None:
    """Add the options for overlays and for a part of the document."""
    parser.add_argument(
        "--overlay", type=Path, action="append", default=[], help="an OpenAPI Overlay 1.0 to apply; may be repeated"
    )
    for option, meaning in (("--include", "only these operations"), ("--exclude", "all but these operations")):
        forms = "a path such as /things/*, tag:NAME or operationId:NAME"
        parser.add_argument(option, action="append", default=[], help=f"{meaning}: {forms}; may be repeated")
    parser.add_argument("--package", help="the name of the package, instead of the document's")
    parser.add_argument(
        "--partial", action="store_true", help="leave out operations that would lose their meaning, and list them"
    )


def changes_of(given: argparse.Namespace) -> Changes:
    """What these options change in a document."""
    selection = Selection(include=given.include, exclude=given.exclude)
    return Changes(overlays=given.overlay, selection=selection, package=given.package, partial=given.partial)


def listed(path: Path, names: list[str]) -> list[Client]:
    """The clients of the list with these names, or all of them.

    Raises:
        GenerationRefused: the list is wrong, or has no such client.
    """
    clients = read_clients(path)
    unknown = [name for name in names if name not in clients]
    if unknown:
        known = ", ".join(clients)
        raise GenerationRefused(Breach("", f"{path}: has no client {name!r}; name one of {known}") for name in unknown)
    return [clients[name] for name in names or clients]


def clients_of(given: argparse.Namespace) -> list[Client]:
    """The client that the options describe, or those of the list.

    Raises:
        GenerationRefused: the list is wrong, or has no such client.
    """
    if given.document is None:
        if given.output is not None or changes_of(given) != UNCHANGED:
            given.error("--document: is missing; give it, or leave out the options that describe a client")
        return listed(given.list, given.names)
    if given.names:
        given.error(f"{given.names[0]}: is a client of the list; give it without --document")
    return [Client(given.document, given.output or Path(), changes_of(given), lock_of(given.document))]
