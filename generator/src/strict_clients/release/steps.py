"""The steps of a release: what is written before it is built, and what is kept after it was verified."""

import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from strict_clients.bump import released
from strict_clients.pipeline import generate
from strict_clients.release.building import run
from strict_clients.release.place import Checkout
from strict_clients.release.tool import write_tool_version
from strict_clients.release.version import write_version


@contextmanager
def copied(checkout: Checkout, folder: Path) -> Generator[Checkout]:
    """A working tree of the last commit, in `folder`: failures there leave the checkout as it was."""
    run(["git", "worktree", "add", "--quiet", "--detach", str(folder)], folder=checkout.root)
    try:
        yield Checkout(folder)
    finally:
        run(["git", "worktree", "remove", "--force", str(folder)], folder=checkout.root)


def prepare(checkout: Checkout, version: str, day: date) -> None:
    """Write the version into document and tool, the fragments into the changelog, the package anew, and its archive."""
    write_version(checkout.document, version)
    write_tool_version(checkout, version)
    towncrier = [sys.executable, "-m", "towncrier", "build", "--yes", "--version", version, "--date", day.isoformat()]
    run(towncrier, folder=checkout.root)
    generate(checkout.document, checkout.package, lock=checkout.lock)
    released.write(checkout.client, checkout.releases)


def keep(checkout: Checkout, copy: Checkout, version: str, distributions: list[Path]) -> None:
    """Commit what was prepared in the copy, take the commit over, and lay the distributions into `dist/`."""
    run(["git", "add", "--all"], folder=copy.root)
    run(["git", "commit", "--quiet", "--message", f"Release {version}"], folder=copy.root)
    commit = run(["git", "rev-parse", "HEAD"], folder=copy.root).strip()
    run(["git", "merge", "--quiet", "--ff-only", commit], folder=checkout.root)
    put_into(checkout.distributions, distributions)


def put_into(folder: Path, distributions: list[Path]) -> None:
    """Copy distributions into a folder."""
    folder.mkdir(exist_ok=True)
    for path in distributions:
        shutil.copy(path, folder)
