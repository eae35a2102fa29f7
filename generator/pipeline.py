"""The whole way from a document to a package: load, upgrade, check, model, render, write."""

from pathlib import Path

from generator.examine import examine
from generator.files import Files
from generator.load import Document, load
from generator.lock import describe, written
from generator.model import build_model
from generator.render import render
from generator.runtime import TEMPLATES
from generator.write import add_sums, replace


def generate(path: Path, output: Path, *, templates: Path = TEMPLATES, lock: Path | None = None) -> None:
    """Build the package of a document from scratch, put it in place of `output`, and write the lock.

    The old package is touched last, so a failure leaves it as it was.

    Raises:
        GenerationRefused: the document is wrong, or uses what is not supported.
        GenerationFailed: a template is wrong, or `output` is not a generated package.
    """
    document = load(path)
    files = assemble(document, templates=templates)
    replace(output, files)
    if lock is not None:
        facts = describe(document, files, name=path.name, templates=templates)
        lock.write_text(written(facts), encoding="utf-8", newline="\n")


def build(path: Path, *, templates: Path = TEMPLATES) -> Files:
    """All files of the package of a document, in memory."""
    return assemble(load(path), templates=templates)


def assemble(document: Document, *, templates: Path, partial: bool = False) -> Files:
    """The same of a document that was read before; with `partial`, of those operations that can be generated."""
    package = build_model(examine(document, partial=partial))
    return add_sums(render(package, templates=templates), package)
