"""Generates a package of each document, whole or in part, and lets the engine alone do the same."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from strict_clients import pipeline
from strict_clients.breaches import GenerationRefused
from strict_clients.source import Changes

from .document import Document, read

LONGEST = 600
"""Seconds for what runs in a process of its own."""


@dataclass(frozen=True)
class Generated:
    """What was generated of one document."""

    path: Path
    document: Document
    package: str
    output: Path
    reasons: tuple[str, ...] = ()
    """What is against the whole of it."""
    failure: str = ""
    """Why nothing at all was generated."""
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Operations that were left out, each with the reasons."""
    chosen: Counter[str] = field(default_factory=Counter[str])
    """By kind, the places where one of several readings was taken."""
    passed_over: Counter[str] = field(default_factory=Counter[str])
    """By kind, the places where something was passed over."""

    @property
    def name(self) -> str:
        """The name of the document's file."""
        return self.path.name

    @property
    def source(self) -> Path:
        """The folder that its package is in."""
        return self.output / "src"

    @property
    def operations(self) -> int:
        """How many operations the document has."""
        return sum(1 for _ in self.document.operations())

    @property
    def made(self) -> int:
        """How many of them the package has."""
        return 0 if self.failure else self.operations - len(self.left_out)


@dataclass(frozen=True)
class Stock:
    """What the engine alone generated of one document."""

    made: int
    """Operations."""
    warnings: int


def generate(path: Path, folder: Path) -> Generated:
    """Generate the package of a document in a folder; in part, where the whole is refused."""
    package = package_name(path)
    document, output = read(path), folder / package
    reasons: tuple[str, ...] = ()
    for partial in (False, True):
        try:
            examined = pipeline.generate(path, output, changes=Changes(package=package, partial=partial))
        except GenerationRefused as refused:
            found = tuple(map(str, refused.breaches))
            reasons = reasons or found
            failure = found[0]
        except Exception as error:  # noqa: BLE001  # a fault of the generator, which the page has to show
            failure = f"{type(error).__name__}: {error}"
            reasons = reasons or (failure,)
        else:
            left_out = tuple((str(one), tuple(map(str, one.reasons))) for one in examined.left_out)
            chosen, passed_over = (
                Counter(note.kind for note in notes) for notes in (examined.notes.chosen, examined.notes.passed_over)
            )
            return Generated(path, document, package, output, reasons, "", left_out, chosen, passed_over)
    return Generated(path, document, package, output, reasons, failure)


def package_name(path: Path) -> str:
    """A name for the package of a document, which no other file of its folder gives."""
    return f"of_{re.sub(r'[^a-z0-9]+', '_', path.name.lower())}"


def generate_stock(path: Path, folder: Path) -> Stock:
    """Let the engine alone generate from a document."""
    output = folder / path.name
    command = [str(Path(sys.executable).parent / "openapi-python-client"), "generate", "--path", str(path)]
    said = _run([*command, "--meta", "none", "--output-path", str(output)], folder)
    modules = list(output.glob("api/*/*.py"))
    made = sum("def sync_detailed(" in module.read_text(encoding="utf-8") for module in modules)
    # Of a document that it refuses, it names one error.
    return Stock(made, len(re.findall(r"^(?:WARNING |ERROR |Error\(s\) encountered)", said, re.MULTILINE)))


def _run(command: Sequence[str], folder: Path) -> str:
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=LONGEST)
    return ran.stdout + ran.stderr
