"""Finds all reasons against a release."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from packaging.version import Version

from strict_clients.bump import released, snapshot
from strict_clients.drift import find_drift
from strict_clients.load import load
from strict_clients.release.place import Checkout

_VERSION = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}((a|b|rc)[0-9]+)?")
_FRAGMENT = re.compile(r"\+[a-z0-9-]+\.(breaking|feature|fix|misc)\.md")


def stated_version(checkout: Checkout) -> str:
    """The version that the document gives the package."""
    return str(load(checkout.document).raw["info"]["x-sdk"]["version"])


def last_version(checkout: Checkout) -> str:
    """The version of the last release.

    Raises: NoRelease if its archive is missing.
    """
    return released.find(checkout.releases).name.removesuffix(".tar.gz")


def refusals(checkout: Checkout, version: str | None) -> Iterator[str]:
    """Each reason against releasing the checkout as this version; without one, against building what it holds."""
    yield from _changes_of_the_tree(checkout)
    if version is not None:
        yield from faults_of_the_version(version, last_version(checkout))
        yield from faults_of_the_fragments(checkout.changes)
    yield from find_drift(checkout.document, checkout.package, lock=checkout.lock)
    if snapshot.main([str(checkout.modules), str(checkout.surface), "--check"]) != 0:
        yield f"openapi/{checkout.surface.name}: is not the list of the public names; regenerate it"


def _changes_of_the_tree(checkout: Checkout) -> Iterator[str]:
    command = ("git", "status", "--porcelain")
    status = subprocess.run(command, cwd=checkout.root, check=True, capture_output=True, text=True).stdout
    for line in status.splitlines():
        yield f"{line[3:]}: is not committed; commit it, or remove it"


def faults_of_the_version(version: str, last: str) -> Iterator[str]:
    """The fault of a version that is invalid, or not greater than the last one."""
    if not _VERSION.fullmatch(version):
        yield f"version {version!r}: is not a version; write it as 1.2.3, 1.2.3a1, 1.2.3b1 or 1.2.3rc1"
    elif Version(version) <= Version(last):
        yield f"version {version}: is not greater than {last}, the last release; ask `nox -s bump` for the next one"


def faults_of_the_fragments(folder: Path) -> Iterator[str]:
    """The fragments that the changelog would silently leave out, and their absence."""
    names = sorted(path.name for path in folder.iterdir() if path.name != "README.md")
    for name in names:
        if not _FRAGMENT.fullmatch(name):
            yield f"changes/{name}: is not the name of a fragment; write it as changes/README.md says"
    if not names:
        yield "changes: holds no fragment; write one for each change that users notice, as changes/README.md says"
