"""`generate` writes packages, and `check` compares them with what would be written."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from strict_clients.breaches import GenerationRefused
from strict_clients.clients import Client
from strict_clients.command.options import Commands, add_changes, add_list, clients_of
from strict_clients.drift import find_drift
from strict_clients.examine import examine
from strict_clients.files import Files
from strict_clients.model import build_model
from strict_clients.pipeline import build, generate
from strict_clients.render import GenerationFailed
from strict_clients.report import shortened, summary, whole_report
from strict_clients.samples.folder import is_folder_of_samples, make_folder
from strict_clients.source import read
from strict_clients.write import SUMS, compare, replace


def add_generate(commands: Commands) -> None:
    """Add `generate`."""
    parser = _add(commands, "generate", "write the package of a document, or those of a list of clients")
    parser.add_argument(
        "--report", type=Path, help="write everything that was chosen, passed over and left out to this file"
    )
    parser.add_argument(
        "--sums", action="store_true", help="write nothing; print the hashes that the package's files would have"
    )
    parser.set_defaults(run=_generate)


def add_check(commands: Commands) -> None:
    """Add `check`."""
    parser = _add(
        commands, "check", "write nothing; report what has changed since packages were written, and what differs"
    )
    parser.set_defaults(run=_compare)


def add_samples(commands: Commands) -> None:
    """Add `samples`."""
    what = "write samples of each operation that reads in nine languages, and a page of the API, for a site"
    parser = _add(commands, "samples", what)
    parser.set_defaults(run=_samples)


def _add(commands: Commands, name: str, what: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=f"{what.capitalize()}.", allow_abbrev=False)
    parser.add_argument("names", metavar="NAME", nargs="*", help="a client of the list (default: all)")
    add_list(parser)
    parser.add_argument("--document", type=Path, help="an OpenAPI document, YAML or JSON, instead of the list")
    parser.add_argument("--output", type=Path, help="with --document: the folder of the package; replaced as a whole")
    add_changes(parser)
    parser.set_defaults(error=parser.error)
    return parser


def _generate(given: argparse.Namespace) -> int:
    return _run(given, _print_sums if given.sums else _write)


def _samples(given: argparse.Namespace) -> int:
    return _run(given, _write_samples)


def _compare(given: argparse.Namespace) -> int:
    return _run(given, _check)


def _run(given: argparse.Namespace, act: Callable[[Client, argparse.Namespace], bool]) -> int:
    """0 if all clients are done or equal, 1 if one is refused or differs."""
    if given.document is not None and given.output is None and act is not _print_sums:
        given.error("--output: is missing; name the folder of the package")
    try:
        clients = clients_of(given)
    except (GenerationRefused, OSError) as error:
        print(f"nothing was written\n{error}", file=sys.stderr)
        return 1
    done = [_try(act, client, given) for client in clients]
    return 0 if all(done) else 1


def _try(act: Callable[[Client, argparse.Namespace], bool], client: Client, given: argparse.Namespace) -> bool:
    try:
        return act(client, given)
    except (GenerationRefused, GenerationFailed, OSError) as error:
        print(f"{client.document}: nothing was written\n{shortened(error)}", file=sys.stderr)
        return False


def _write(client: Client, given: argparse.Namespace) -> bool:
    examined = generate(client.document, client.output, changes=client.changes, lock=client.lock)
    print(summary(examined), end="")
    if client.samples is not None:
        replace(client.samples, make_folder(build_model(examined)), is_ours=is_folder_of_samples)
    if given.report is not None:
        given.report.write_text(whole_report(examined), encoding="utf-8", newline="\n")
    return True


def _print_sums(client: Client, _: argparse.Namespace) -> bool:
    print(build(client.document, changes=client.changes)[SUMS], end="")
    return True


def _check(client: Client, _: argparse.Namespace) -> bool:
    differences = find_drift(client.document, client.output, changes=client.changes, lock=client.lock)
    if client.samples is not None:
        differences += compare(client.samples, _samples_of(client), {})
    print(*differences, sep="\n", end="\n" if differences else "", file=sys.stderr)
    return not differences


def _write_samples(client: Client, given: argparse.Namespace) -> bool:
    target = client.samples if given.document is None else client.output
    if target is None:
        print(f"{client.document}: no folder for samples; add the key samples to the list of clients", file=sys.stderr)
        return False
    replace(target, _samples_of(client), is_ours=is_folder_of_samples)
    return True


def _samples_of(client: Client) -> Files:
    document = read(client.document, client.changes).document
    return make_folder(build_model(examine(document, package=client.changes.package, partial=client.changes.partial)))
