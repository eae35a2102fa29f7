"""All steps from a document to a package: load, overlay, select, normalize, check, model, render, write."""

from pathlib import Path

from attrs import evolve

from strict_clients.examine import Examined, examine
from strict_clients.files import Files
from strict_clients.lock import describe, refuse_link, written
from strict_clients.model import build_model
from strict_clients.render import render
from strict_clients.runtime import TEMPLATES
from strict_clients.source import UNCHANGED, Changes, Source, read
from strict_clients.write import add_sums, replace


def generate(
    path: Path,
    output: Path,
    *,
    changes: Changes = UNCHANGED,
    templates: Path = TEMPLATES,
    lock: Path | None = None,
) -> Examined:
    """Build the package of a document after the changes, replace `output` with it, and write the lock.

    The old package is touched last, so a failure leaves it as it was. Returns how the document was read.

    Raises:
        GenerationRefused: the document or a change is wrong, or uses what is not supported.
        GenerationFailed: a template is wrong, `output` is not a generated package, or the lock is a link.
    """
    if lock is not None:
        refuse_link(lock)
    source, examined, files = make(path, changes, templates=templates)
    replace(output, files)
    if lock is not None:
        facts = describe(source.facts, files, templates=templates)
        lock.write_text(written(facts), encoding="utf-8", newline="\n")
    return examined


def make(path: Path, changes: Changes, *, templates: Path = TEMPLATES) -> tuple[Source, Examined, Files]:
    """The document after the changes, what was made of it, and all files of its package, in memory."""
    source = read(path, changes)
    examined = examine(source.document, package=changes.package, partial=changes.partial)
    facts = {"left-out": {str(one): one.reason for one in examined.left_out}} if examined.left_out else {}
    return evolve(source, facts=source.facts | facts), examined, _files(examined, templates)


def build(path: Path, *, changes: Changes = UNCHANGED, templates: Path = TEMPLATES) -> Files:
    """All files of the package of a document after the changes, in memory."""
    return make(path, changes, templates=templates)[2]


def _files(examined: Examined, templates: Path) -> Files:
    package = build_model(examined)
    return add_sums(render(package, templates=templates), package)
