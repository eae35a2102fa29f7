"""The whole way from a document to a package: load, overlay, select, upgrade, check, model, render, write."""

from pathlib import Path

from generator.check import check
from generator.files import Files
from generator.load import Document
from generator.lock import describe, refuse_link, written
from generator.model import build_model
from generator.render import render
from generator.runtime import TEMPLATES
from generator.source import UNCHANGED, Changes, read
from generator.upgrade import upgrade
from generator.write import add_sums, replace


def generate(
    path: Path,
    output: Path,
    *,
    changes: Changes = UNCHANGED,
    templates: Path = TEMPLATES,
    lock: Path | None = None,
) -> None:
    """Build the package of a document after the changes, put it in place of `output`, and write the lock.

    The old package is touched last, so a failure leaves it as it was.

    Raises:
        GenerationRefused: the document or a change is wrong, or uses what is not supported.
        GenerationFailed: a template is wrong, `output` is not a generated package, or the lock is a link.
    """
    if lock is not None:
        refuse_link(lock)
    source = read(path, changes)
    files = assemble(source.document, templates=templates)
    replace(output, files)
    if lock is not None:
        facts = describe(source.facts, files, templates=templates)
        lock.write_text(written(facts), encoding="utf-8", newline="\n")


def build(path: Path, *, changes: Changes = UNCHANGED, templates: Path = TEMPLATES) -> Files:
    """All files of the package of a document after the changes, in memory."""
    return assemble(read(path, changes).document, templates=templates)


def assemble(document: Document, *, templates: Path) -> Files:
    """The same of a document that was read before."""
    document = upgrade(document)
    check(document)
    package = build_model(document)
    return add_sums(render(package, templates=templates), package)
